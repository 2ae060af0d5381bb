"""The stories in which the wrong answers show; with the reference each goes as told. No client has a wish by itself."""

LED_BY_S1 = """
    run until s1.state = LEADING
    run until s2.seen = Ballot(1, s1)
    run until s3.seen = Ballot(1, s1)
"""
RED_IS_PROPOSED = f"""
    {LED_BY_S1}
    submit c1 Call(Put(key=x, value=red))
    sync c1
    deliver c1 -> s1 Request
"""
ALONE = f"""
    {LED_BY_S1}
    submit c1 Call(Put(key=x, value=red))
    run for 0.2 s
    expect s3.store = {{x: red}}
"""
S2_TAKES_OVER = """
    fire s2 LeaderSilent
    sync s2
    deliver s2 -> s2 Promise
    deliver s2 -> s3 Prepare
    sync s3
    deliver s3 -> s2 Promise
"""
THREE_SLOTS_OF_WHICH_THE_SECOND_IS_A_HOLE = f"""
    {RED_IS_PROPOSED}
    deliver s1 -> s2 Accept
    drop s1 -> s3 Accept
    submit c2 Call(Put(key=y, value=green))
    sync c2
    deliver c2 -> s1 Request
    drop s1 -> s2 Accept
    drop s1 -> s3 Accept
    submit c3 Call(Put(key=z, value=blue))
    sync c3
    deliver c3 -> s1 Request
    deliver s1 -> s2 Accept
    drop s1 -> s3 Accept
    sync s1
    sync s2
    crash s1
    {S2_TAKES_OVER}
"""
A_HOLE_BELOW_WHAT_IS_CHOSEN = f"""
    {THREE_SLOTS_OF_WHICH_THE_SECOND_IS_A_HOLE}
    run for 2 s
    expect s3.store = {{x: red, y: green, z: blue}}
"""
RED_IN_ONE_LOG_BLUE_CHOSEN = f"""
    {RED_IS_PROPOSED}
    deliver s1 -> s3 Accept
    drop s1 -> s2 Accept
    sync s3
    crash s1
    drop s3 -> s1 Accepted
    pause s3
    recover s1
    fire s2 LeaderSilent
    sync s2
    deliver s2 -> s2 Promise
    deliver s2 -> s1 Prepare
    sync s1
    deliver s1 -> s2 Promise
    submit c2 Call(Put(key=x, value=blue))
    sync c2
    deliver c2 -> s1 Request
    deliver s1 -> c2 Redirect
    deliver c2 -> s2 Request
    deliver s2 -> s1 Accept
    sync s1
    sync s2
    deliver s2 -> s2 Accepted
    deliver s1 -> s2 Accepted
    crash s2
    resume s3
    fire s3 LeaderSilent
    sync s3
    drop s3 -> s2 Prepare
    deliver s3 -> s3 Promise
    deliver s3 -> s1 Prepare
    run for 3 s
    expect s3.store = {{x: red}}
    expect s3.applied = 2
"""
A_LEADER_IS_RESTARTED = f"""
    {RED_IS_PROPOSED}
    deliver s1 -> s2 Accept
    sync s2
    drop s1 -> s3 Accept
    crash s1
    recover s1
    submit c2 Call(Put(key=x, value=blue))
    run for 3 s
    expect s3.applied = 2
"""
ONE_VOTE_OF_FIVE_BESIDE_ITS_OWN = """
    run until s1.state = LEADING
    run for 0.03 s
    submit c1 Call(Put(key=x, value=red))
    sync c1
    deliver c1 -> s1 Request
    deliver s1 -> s2 Accept
    drop s1 -> s3 Accept
    drop s1 -> s4 Accept
    drop s1 -> s5 Accept
    run for 0.15 s
    expect s2.applied = 0
    run for 1 s
    expect s5.applied = 1
"""
A_VOTE_ARRIVES_TWICE = f"""
    {RED_IS_PROPOSED}
    deliver s1 -> s2 Accept
    drop s1 -> s3 Accept
    sync s2
    crash s2
    duplicate s2 -> s1 Accepted
    duplicate s2 -> s1 Accepted
    deliver s2 -> s1 Accepted
    deliver s2 -> s1 Accepted
    expect s1.applied = 0
"""
BOTH_PROPOSALS_ARE_LOST = f"""
    {RED_IS_PROPOSED}
    drop s1 -> s2 Accept
    drop s1 -> s3 Accept
    run for 2 s
    expect s3.applied = 1
"""
CRASH_BEFORE_THE_VOTE = f"""
    {RED_IS_PROPOSED}
    deliver s1 -> s2 Accept
    crash s2
    drop s1 -> s3 Accept
    run for 0.05 s
    expect s1.applied = 0
"""
THREE_SLOTS_CHOSEN_AND_THE_LEADER_LOST = f"""
    {LED_BY_S1}
    cut s1 -> s3
    submit c1 Call(Put(key=x, value=red))
    submit c2 Call(Put(key=y, value=green))
    submit c3 Call(Put(key=z, value=blue))
    run until s1.applied = 3
    crash s1
    heal all
    run for 2 s
    expect s3.store = {{x: red, y: green, z: blue}}
"""
ONLY_A_SNAPSHOT_IS_LEFT = f"""
    {LED_BY_S1}
    crash s3
    submit c1 Call(Put(key=x, value=red))
    run until s2.applied = 1
    run for 0.01 s
    crash s1
    recover s3
    fire s3 LeaderSilent
    submit c2 Call(Put(key=y, value=blue))
    run for 2 s
    expect s3.store = {{x: red, y: blue}}
"""
CUT_OFF_WITH_A_VOTE_OF_ITS_OWN = f"""
    {LED_BY_S1}
    partition s1 c1 | s2 s3 c2
    submit c1 Call(Put(key=x, value=red))
    submit c2 Call(Put(key=x, value=blue))
    run until c2.request = nothing
    heal all
    run for 2 s
    expect s1.store = {{x: red}}
    expect s1.applied = 2
"""
SLOT_1_NEVER_REACHES_S3 = f"""
    {RED_IS_PROPOSED}
    drop s1 -> s3 Accept
    run until s2.applied = 1
    submit c2 Call(Put(key=y, value=blue))
    cut s1 -> s3
    run until s1.next_slot = 3
    heal s1 -> s3
    deliver s1 -> s3 Accept
    sync s3
    run until s1.applied = 2
    deliver s1 -> s3 Commit(ballot=Ballot(1, s1), committed=2)
    expect s3.applied = 0
    deliver s3 -> s1 CatchUp
    deliver s1 -> s3 Decisions
    expect s3.applied = 2
    expect s3.store = {{x: red, y: blue}}
"""
THE_SAME_REQUEST_IN_TWO_SLOTS = f"""
    {LED_BY_S1}
    submit c1 Call(Add(key=x, amount=1))
    sync c1
    deliver c1 -> s1 Request
    deliver s1 -> s2 Accept
    drop s1 -> s3 Accept
    sync s2
    crash s1
    {S2_TAKES_OVER}
    fire c1 Unanswered
    deliver c1 -> s2 Request
    expect s2.next_slot = 3
    run for 0.2 s
    expect s3.applied = 2
    expect s3.store = {{x: 1}}
"""
TWO_CLIENTS_ADD = f"""
    {LED_BY_S1}
    submit c1 Call(Add(key=x, amount=1))
    submit c2 Call(Add(key=x, amount=1))
    run for 0.2 s
    expect s3.store = {{x: 2}}
"""
THE_ANSWER_IS_LOST = f"""
    {LED_BY_S1}
    cut s1 -> c1
    submit c1 Call(Add(key=x, amount=1))
    run until s2.applied = 1
    crash s1
    run until c1.request = nothing
    expect s2.store = {{x: 1}}
"""
ALL_ARE_RESTARTED_WITH_A_SNAPSHOT = f"""
    {LED_BY_S1}
    cut s1 -> c1
    submit c1 Call(Add(key=x, amount=1))
    run until s2.applied = 1
    run until s3.applied = 1
    run for 0.01 s
    crash s1
    crash s2
    crash s3
    recover s1
    heal s1 -> c1
    recover s2
    recover s3
    expect s2.applied = 1
    run until c1.request = nothing
    expect s2.store = {{x: 1}}
"""
RED_IS_READ = f"""
    {LED_BY_S1}
    submit c1 Call(Put(key=x, value=red))
    run until c1.request = nothing
    submit c2 Call(Get(x))
    run until c2.request = nothing
"""
DEPOSED_AND_ASKED = f"""
    {RED_IS_READ}
    partition s1 c2 | s2 s3 c1
    submit c1 Call(Put(key=x, value=blue))
    run until c1.request = nothing
    expect s1.state = LEADING
    submit c2 Call(Get(x))
    run for 0.3 s
    heal all
    run until c2.request = nothing
"""
A_NEW_LEADER_IS_ASKED_AT_ONCE = f"""
    {LED_BY_S1}
    submit c1 Call(Put(key=x, value=red))
    cut s1 -> s2
    cut s1 -> s3
    run until s1.next_slot = 2
    heal all
    deliver s1 -> s2 Accept
    sync s2
    sync s1
    deliver s1 -> s1 Accepted
    deliver s2 -> s1 Accepted
    deliver s1 -> c1 Reply
    crash s1
    {S2_TAKES_OVER}
    submit c2 Call(Get(x))
    sync c2
    fire c2 Unanswered
    deliver c2 -> s2 Request
    sync s2
    deliver s2 -> s3 Confirm
    deliver s3 -> s2 Confirmed
    run until c2.request = nothing
"""
ONE_SERVER_DOES_NOT_HEAR_THE_LEADER = f"""
    {LED_BY_S1}
    run for 0.2 s
    cut s1 -> s2
    cut s2 -> s1
    run for 2 s
    expect s3.promised = Ballot(1, s1)
    expect s1.state = LEADING
"""
A_GRANTOR_IS_RESTARTED = f"""
    {LED_BY_S1}
    run for 0.2 s
    crash s3
    recover s3
    expect s3.granted = True
"""
A_CLIENT_IS_RESTARTED = f"""
    {LED_BY_S1}
    submit c1 Call(Put(key=x, value=red))
    run until c1.request = nothing
    run until s3.applied = 1
    crash c1
    recover c1
    submit c1 Call(Put(key=x, value=blue))
    run for 0.3 s
    expect s3.store = {{x: blue}}
"""
