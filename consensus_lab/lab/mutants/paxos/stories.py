"""The stories in which the wrong answers show; with the reference each goes as told.

Of the proposers, p1 wants red and p2 wants blue, unless the cast says otherwise.
"""

P1_PROPOSES = """
    pause p2
    submit p1 Propose
    run until p1.state = PROPOSING
"""
UNHEARD = """
    drop p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
"""
LATE = UNHEARD.replace("drop", "delay")
CRASHES = """
    crash a1
    recover a1
    crash a2
    recover a2
    crash a3
    recover a3
"""
ARRIVES_AFTER_ALL = """
    deliver p1 -> a1 Accept
    deliver p1 -> a2 Accept
    deliver p1 -> a3 Accept
    run for 1 s
    expect l1 decided blue
"""
A_HIGHER_PROMISE = f"""
    {P1_PROPOSES}
    crash p1
    {LATE}
    resume p2
    run until p2.state = PROPOSING
    pause p2
"""
AN_OLD_PROPOSAL = f"{A_HIGHER_PROMISE}{ARRIVES_AFTER_ALL}"
AN_OLD_PROPOSAL_FORESEEN = f"{AN_OLD_PROPOSAL}    expect a2.surprises = ()\n"
AN_OLD_PROPOSAL_AFTER_A_CRASH = f"{A_HIGHER_PROMISE}{CRASHES}{ARRIVES_AFTER_ALL}"
CRASH_BEFORE_THE_PROMISE = """
    pause p2
    submit p1 Propose
    sync p1
    deliver p1 -> a1 Prepare
    crash a1
    recover a1
    deliver p1 -> a2 Prepare
    crash a2
    recover a2
    drop p1 -> a3 Prepare
    run for 0.3 s
    expect p1.state = PREPARING
"""
A_LOWER_BALLOT_COMES_LATE = """
    pause p1
    submit p2 Propose
    run until p2.state = PROPOSING
    resume p1
    run for 20 s
    expect l1 decided
"""
RED_IS_CHOSEN = """
    pause p2
    submit p1 Propose
    run until l1 decided red
    resume p2
    run for 30 s
    expect l2 decided red
    expect p2.chosen = red
"""
ITS_PROPOSER_IS_LOST = f"""
    {P1_PROPOSES}
    {UNHEARD}
    crash p1
    resume p2
    run for 30 s
    expect l1 decided blue
"""
CRASH_BEFORE_THE_VOTE = f"""
    {P1_PROPOSES}
    deliver p1 -> a1 Accept
    crash a1
    recover a1
    deliver p1 -> a2 Accept
    crash a2
    recover a2
    drop p1 -> a3 Accept
    run for 0.3 s
    expect l1 undecided
"""
ALONE = """
    submit p1 Propose
    run for 30 s
    expect l1 decided red
"""
VOTES_ARE_SPLIT = f"""
    {P1_PROPOSES}
    deliver p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    crash p1
    run for 0.1 s
    pause a1
    resume p2
    run until p2.state = PROPOSING
    deliver p2 -> a2 Accept
    drop p2 -> a3 Accept
    drop p2 -> a1 Accept
    resume a1
    run for 60 s
    expect l1 decided
"""
THE_HIGHER_OF_TWO_VOTES = f"""
    {P1_PROPOSES}
    deliver p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    crash p1
    run for 0.1 s
    pause a1
    resume p2
    run until l1 decided
    drop p2 -> a1 Accept
    resume a1
    pause a3
    recover p1
    submit p1 Propose(green)
    run for 30 s
    expect p1.state = DONE
    expect p1.value = green
"""
AN_OLD_PROMISE_COMES_TWICE = """
    submit p1 Propose(red)
    pause a3
    run until a1.promised = Ballot(1, p1)
    sync a1
    duplicate a1 -> p1 Promise
    deliver a1 -> p1 Promise
    delay a1 -> p1 Promise
    run until l1 decided red
    crash p1
    run for 0.1 s
    drop p1 -> a3 Prepare
    drop p1 -> a3 Accept
    resume a3
    recover p1
    submit p1 Propose(blue)
    run for 0.1 s
    deliver a1 -> p1 Promise(ballot=Ballot(1, p1), accepted=None)
    run for 30 s
    expect p1.chosen = red
"""
A_SECOND_BALLOT = """
    submit p1 Propose(red)
    sync p1
    crash a1
    crash a2
    run for 0.1 s
    recover a1
    run for 30 s
    expect l1 decided red
"""
REFUSED = """
    pause p1
    submit p2 Propose
    sync p2
    fire p2 Overdue
    sync p2
    fire p2 Overdue
    run until l1 decided blue
    resume p1
    submit p1 Propose
    run until p1.seen = Ballot(3, p2)
    fire p1 Overdue
    expect p1.ballot = Ballot(4, p1)
"""
TWO_PROPOSERS_ASK = """
    pause p1
    submit p2 Propose
    run until p2.state = PROPOSING
    delay p2 -> a1 Accept
    delay p2 -> a2 Accept
    delay p2 -> a3 Accept
    resume p1
    submit p1 Propose
    run for 0.2 s
    fire p1 Overdue
    run for 30 s
    expect a1.surprises = ()
    expect a2.surprises = ()
    expect a3.surprises = ()
"""
TWO_WITH_A_PROMISE_EACH = """
    submit p1 Propose
    sync p1
    deliver p1 -> a1 Prepare
    sync a1
    deliver a1 -> p1 Promise
    submit p2 Propose
    sync p2
    deliver p2 -> a2 Prepare
    sync a2
    deliver a2 -> p2 Promise
    deliver p1 -> a1 Accept
    deliver p1 -> a2 Accept
    deliver p1 -> a3 Accept
    deliver p2 -> a1 Accept
    deliver p2 -> a2 Accept
    deliver p2 -> a3 Accept
    run for 30 s
    expect l1 decided blue
"""
THE_ONE_THAT_SLEPT_IS_ASKED_FIRST = """
    pause p2
    pause a3
    submit p1 Propose
    run until l1 decided red
    drop p1 -> a3 Prepare
    drop p1 -> a3 Accept
    pause a1
    pause a2
    resume a3
    resume p2
    run for 0.3 s
    resume a1
    resume a2
    run for 30 s
    expect p2.chosen = red
"""
HALF_OF_FOUR = """
    submit p1 Propose
    run until p1.state = PROPOSING
    drop p1 -> a3 Accept
    drop p1 -> a4 Accept
    run for 0.3 s
    expect l1 undecided
"""
A_VOTE_ARRIVES_TWICE = """
    submit p1 Propose
    run until p1.state = PROPOSING
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    deliver p1 -> a1 Accept
    sync a1
    duplicate a1 -> l1 Accepted
    run for 0.3 s
    expect l1 undecided
"""
TWO_VOTES_IN_TWO_BALLOTS = """
    submit p1 Propose
    run until p1.state = PROPOSING
    deliver p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    fire p1 Overdue
    run until p1.state = PROPOSING
    drop p1 -> a1 Accept
    deliver p1 -> a2 Accept
    drop p1 -> a3 Accept
    run for 0.3 s
    expect l1 undecided
"""
