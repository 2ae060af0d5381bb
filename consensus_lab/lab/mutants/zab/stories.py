"""The stories in which those wrong answers show that no scenario of ZAB shows; with the reference each goes as told."""

CAUGHT_UP = """
    crash n2
    run until n1.sync_mode = DIFF
"""
"""n3 leads, with n1 alone; with logs=1.1+1.3+1.3 that lacks something."""

A_FOLLOWER_IS_RESTARTED = """
    run
    crash n1
    recover n1
    expect n1.accepted_epoch = 1
    expect n1.current_epoch = 1
"""
NO_EPOCH_BEFORE_A_QUORUM_ACCEPTS_IT = """
    run until n3.epoch_chosen = True
    expect n3.current_epoch = 0
"""
AN_EPOCH_THAT_IS_OVER = """
    crash n1
    run until n3.zab_state = BROADCAST
    recover n1
    run for 3 s
    expect n1.accepted_epoch = 5
"""
N3_HAS_ACCEPTED_A_LATER_EPOCH_THAN_ITS_FOLLOWERS = """
    run until n3.epoch_chosen = True
    expect n3.epoch = 6
"""
ALL_SERVE_WITHIN_THREE_SECONDS = """
    run for 3 s
    expect n1.zab_state = BROADCAST
"""
NOBODY_SERVES_BEFORE_ITS_LEADER = """
    run until n1.zab_state = BROADCAST
    expect n3.zab_state = BROADCAST
"""
THE_DISK_OF_N1_STANDS_STILL_AT_NEWLEADER = f"""
    {CAUGHT_UP}
    deliver n3 -> n1 NEWLEADER
    pause n1
    run for 1 s
    expect n3.zab_state = SYNCHRONIZATION
"""
N1_IS_RESTARTED_BEFORE_UPTODATE = f"""
    {CAUGHT_UP}
    deliver n3 -> n1 PROPOSAL
    deliver n3 -> n1 COMMIT
    deliver n3 -> n1 PROPOSAL
    deliver n3 -> n1 COMMIT
    deliver n3 -> n1 NEWLEADER
    sync n1
    crash n1
    recover n1
    expect n1.current_epoch = 2
    expect n1.log = (Zxid(1, 1), Zxid(1, 2), Zxid(1, 3))
"""
THE_CONNECTION_BREAKS_AFTER_DIFF = f"""
    {CAUGHT_UP}
    reset n3 -> n1
    run
    recover n2
    run
    expect n1.log = (Zxid(1, 1), Zxid(1, 2), Zxid(1, 3))
"""
THE_DISK_OF_N1_STANDS_STILL_AT_A_PROPOSAL = """
    run
    cut n3 -> n2
    submit n3 WriteRequest(session=3, cxid=1, operation=Increment(1))
    deliver n3 -> n1 PROPOSAL
    pause n1
    run for 1 s
    expect n3.last_committed = Zxid(1, 0)
"""
THE_DISK_OF_N1_STANDS_STILL_AND_N2_HAS_IT = """
    run
    pause n1
    submit n3 WriteRequest(session=3, cxid=1, operation=Increment(1))
    run for 1 s
    expect n3.last_committed = Zxid(1, 1)
"""
TWO_DISKS_OF_FOUR = """
    run
    submit n4 WriteRequest(session=4, cxid=1, operation=Increment(1))
    deliver n4 -> n3 PROPOSAL
    sync n3
    deliver n3 -> n4 ACK
    sync n4
    deliver n4 -> n4 ACK
    expect n4.last_committed = Zxid(1, 0)
"""
CUT_AND_RESTARTED = """
    run until n3.sync_mode = TRUNC
    run
    crash n3
    recover n3
    expect n3.log = (Zxid(2, 1),)
"""
PROPOSED_WHILE_N1_IS_WELCOMED = """
    crash n1
    run until n3.zab_state = BROADCAST
    run
    recover n1
    run until n1.zab_state = SYNCHRONIZATION
    submit n3 WriteRequest(session=3, cxid=1, operation=Increment(1))
    sync n1
    deliver n1 -> n3 ACKEPOCH
    run
    expect n1.log = (Zxid(1, 1),)
"""
RESTARTED_AFTER_UPTODATE = f"""
    {PROPOSED_WHILE_N1_IS_WELCOMED}
    crash n1
    recover n1
    expect n1.log = (Zxid(1, 1),)
"""
PROPOSED_WHILE_N1_IS_SYNCHRONISED = """
    crash n1
    run until n3.zab_state = BROADCAST
    run
    recover n1
    run until n1.sync_mode = SNAP
    submit n3 WriteRequest(session=3, cxid=1, operation=Increment(1))
    deliver n3 -> n2 PROPOSAL
    deliver n3 -> n1 NEWLEADER
    sync n1
    run
    expect n1.log = (Zxid(1, 1),)
"""
