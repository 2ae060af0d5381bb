"""The stories in which the wrong answers show. With the reference each goes as told."""

ALL_COULD = """
    submit coordinator Begin
    deliver coordinator -> p1 CanCommit
    deliver coordinator -> p2 CanCommit
    sync p1
    sync p2
    deliver p1 -> coordinator Yes
    deliver p2 -> coordinator Yes
"""
ONE_TOLD = f"""
    {ALL_COULD}
    sync coordinator
    deliver coordinator -> p1 PreCommit
    sync p1
    delay coordinator -> p2 PreCommit
    run for 0.5 s
    expect p2.state = READY
    run for 10 s
    expect p2 decided Commit(T1)
"""
POWER_FAILS_BEFORE_PRECOMMIT_IS_WRITTEN = f"""
    {ALL_COULD}
    crash coordinator
    recover coordinator
    run for 10 s
    expect p1 decided Abort(T1)
    expect p2 decided Abort(T1)
"""
COORDINATOR_FORGOT = f"""
    {ALL_COULD}
    run until p1.state = PRECOMMIT
    run until p2.state = PRECOMMIT
    crash p2
    crash coordinator
    run until p1 decided Commit(T1)
    recover coordinator
    recover p2
    run for 10 s
    expect p2 decided Commit(T1)
"""
PREACK_LOST = f"""
    {ALL_COULD}
    run until p1.state = PRECOMMIT
    run until p2.state = PRECOMMIT
    sync p1
    sync p2
    deliver p1 -> coordinator PreAck
    drop p2 -> coordinator PreAck
    run for 2.5 s
    expect coordinator decided Commit(T1)
    expect p1 decided Commit(T1)
"""
PARTICIPANT_LOST = f"""
    {ALL_COULD}
    sync coordinator
    crash p2
    run for 20 s
    expect coordinator decided Commit(T1)
    expect p1 decided Commit(T1)
"""
PREACK_MISSING_AND_COORDINATOR_LOST = f"""
    {ALL_COULD}
    sync coordinator
    crash p2
    drop coordinator -> p2 PreCommit
    deliver coordinator -> p1 PreCommit
    sync p1
    deliver p1 -> coordinator PreAck
    fire coordinator PreAcksOverdue
    crash coordinator keeping 1
    run until p1 decided Commit(T1)
    recover coordinator
    run for 10 s
    expect coordinator decided Commit(T1)
"""
UNCERTAIN_AND_ALONE = """
    submit coordinator Begin
    deliver coordinator -> p1 CanCommit
    sync p1
    crash coordinator
    drop coordinator -> p2 CanCommit
    run for 10 s
    expect p1 decided Abort(T1)
    expect p2 decided Abort(T1)
"""
GAVE_UP_AND_CRASHED = """
    submit coordinator Begin
    deliver coordinator -> p1 CanCommit
    sync p1
    deliver p1 -> coordinator Yes
    delay coordinator -> p2 CanCommit
    fire p1 PreCommitOverdue
    crash p1
    recover p1
    deliver coordinator -> p2 CanCommit
    sync p2
    deliver p2 -> coordinator Yes
    run for 10 s
    expect coordinator decided Commit(T1)
    expect p1 decided Commit(T1)
"""
PREPARED_AND_ALONE = f"""
    {ALL_COULD}
    run until p1.state = PRECOMMIT
    run until p2.state = PRECOMMIT
    sync p1
    sync p2
    drop p1 -> coordinator PreAck
    crash coordinator
    run for 10 s
    expect p1 decided Commit(T1)
    expect p2 decided Commit(T1)
"""
EXECUTED_AND_CRASHED = f"""
    {ALL_COULD}
    run until p1.state = PRECOMMIT
    run until p2.state = PRECOMMIT
    crash p1
    recover p1
    run for 1 s
    expect coordinator.prepared = {{p2}}
"""
AWAY_WHILE_OTHERS_ABORTED = f"""
    {ALL_COULD}
    sync coordinator
    deliver coordinator -> p1 PreCommit
    sync p1
    crash p1
    crash coordinator
    drop coordinator -> p2 PreCommit
    drop p1 -> coordinator PreAck
    run until p2 decided Abort(T1)
    recover p1
    run for 10 s
    expect p1 decided Abort(T1)
"""
AWAY_WHILE_OTHERS_COMMITTED = f"""
    {ALL_COULD}
    sync coordinator
    crash p1
    drop coordinator -> p1 PreCommit
    run until p2 decided Commit(T1)
    recover p1
    run for 10 s
    expect p1 decided Commit(T1)
"""
FIRST_QUESTION_LOST = f"""
    {ALL_COULD}
    sync coordinator
    crash p1
    drop coordinator -> p1 PreCommit
    run until coordinator decided Commit(T1)
    drop coordinator -> p1 Commit
    crash coordinator
    recover p1
    drop p1 -> coordinator DecisionRequest
    drop p1 -> p2 DecisionRequest
    run for 10 s
    expect p1 decided Commit(T1)
"""
ALL_OF_THREE_COULD = """
    submit coordinator Begin
    deliver coordinator -> p1 CanCommit
    deliver coordinator -> p2 CanCommit
    deliver coordinator -> p3 CanCommit
    sync p1
    sync p2
    sync p3
    deliver p1 -> coordinator Yes
    deliver p2 -> coordinator Yes
    deliver p3 -> coordinator Yes
    sync coordinator
    crash coordinator
"""
ONLY_P2_HEARD = f"""
    {ALL_OF_THREE_COULD}
    drop coordinator -> p1 PreCommit
    drop coordinator -> p3 PreCommit
    deliver coordinator -> p2 PreCommit
    sync p2
    fire p1 PreCommitOverdue
    deliver p1 -> p2 StateRequest
    deliver p1 -> p3 StateRequest
    deliver p3 -> p1 StateReport
    deliver p2 -> p1 StateReport
    sync p1
"""
BACKUP_LOST_BETWEEN_ROUNDS = f"""
    {ONLY_P2_HEARD}
    crash p1
    crash p2
    drop p1 -> p3 PreCommit
    run until p3 decided Abort(T1)
    expect p1 undecided
"""
ONE_PREPARED_ONE_UNCERTAIN = f"""
    {ONLY_P2_HEARD}
    run for 10 s
    expect p1 decided Commit(T1)
    expect p3 decided Commit(T1)
"""
ONLY_THE_BACKUP_HEARD = f"""
    {ALL_OF_THREE_COULD}
    deliver coordinator -> p1 PreCommit
    sync p1
    drop coordinator -> p2 PreCommit
    drop coordinator -> p3 PreCommit
    run for 20 s
    expect p1 decided Commit(T1)
    expect p2 decided Commit(T1)
"""
NOBODY_HEARD = """
    submit coordinator Begin
    deliver coordinator -> p1 CanCommit
    deliver coordinator -> p2 CanCommit
    sync p1
    sync p2
    drop coordinator -> p3 CanCommit
    crash coordinator
    crash p3
    run for 20 s
    expect p1 decided Abort(T1)
    expect p2 decided Abort(T1)
"""
