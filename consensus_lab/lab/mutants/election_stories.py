"""The stories in which wrong answers to fast leader election show: each goes as told with the reference."""

A_SHORTER_LOG_WITH_A_LARGER_NUMBER = """
    run
    expect n2.state = LEADING
"""
A_LONGER_LOG_OF_AN_OLD_EPOCH = """
    run
    expect n2.state = LEADING
"""
EQUAL_LOGS_OF_UNEQUAL_EPOCHS = """
    run 60
    expect n1.state = LEADING
    expect n2.leader = n1
    expect n3.leader = n1
"""
ONE_WEIGHS_NOTHING = """
    run
    expect n2.state = LEADING
    expect n4.leader = n2
"""
NOBODY_HAS_MORE_TO_SAY = """
    run 60
    expect n3.state = LEADING
    expect quiet
"""
ALL_AGREE_AT_ONCE = """
    run for 0.15 s
    expect n3.finalizing = True
    run for 0.5 s
    expect n3.state = LEADING
"""
TWO_IN_DIFFERENT_ROUNDS = """
    run
    crash n1
    run for 1 s
    expect n2.logical_clock = 2
    recover n1
    run for 100 s
    expect n1.leader = n2
"""
A_VOTE_OF_AN_EARLIER_ROUND = """
    cut n3 -> n1
    cut n3 -> n2
    run until n1.established = True
    submit n2 LeaderLost
    deliver n2 -> n1 Closed
    expect n1.logical_clock = 2
    heal all
    deliver n3 -> n1 Notification
    expect n1.candidate = n1
    run
    expect n3.state = LEADING
"""
A_BETTER_VOTE_COMES_LATE = """
    cut n3 -> n1
    cut n3 -> n2
    deliver n2 -> n1 Notification
    deliver n1 -> n2 Notification
    deliver n1 -> n2 Notification
    expect n2.state = LOOKING
    heal all
    run
    expect n3.state = LEADING
"""
NOBODY_HEARS_IT = """
    cut n3 -> n1
    cut n3 -> n2
    cut n2 -> n1
    cut n1 -> n2
    run for 1 s
    expect n3.state = LOOKING
    heal all
    run
    expect n3.state = LEADING
"""
FOUR_IN_HALVES = """
    partition n1 n2 | n3 n4
    run for 1 s
    expect n2.state = LOOKING
    expect n4.state = LOOKING
"""
A_DEAD_LEADER_IS_FOLLOWED = """
    run
    expect n5.state = LEADING
    crash n5
    deliver n5 -> n4 Disconnected
    deliver n4 -> n1 Notification
    deliver n4 -> n2 Notification
    deliver n4 -> n3 Notification
    deliver n1 -> n4 Notification
    deliver n2 -> n4 Notification
    deliver n3 -> n4 Notification
    expect n4.state = LOOKING
    run
    expect n3.state = LEADING
"""
A_LEADER_CAME_BACK_EMPTY = """
    run
    submit n3 LeaderLost
    run for 0.1 s
    expect n3.finalizing = True
    crash n3
    run until n1.state = FOLLOWING
    run until n2.state = FOLLOWING
    recover n3
    deliver n3 -> n1 Notification
    deliver n3 -> n2 Notification
    deliver n1 -> n3 Notification
    deliver n2 -> n3 Notification
    expect n3.logical_clock = 1
    expect n3.state = LOOKING
    run
    expect n3.state = LEADING
"""
A_LATE_JOINER = """
    crash n1
    run
    submit n2 LeaderLost
    run
    recover n1
    run for 10 s
    expect n1.state = FOLLOWING
    expect n1.logical_clock = 2
    expect n1.leader = n3
"""
THE_LEADER_ALONE_HAS_SPOKEN = """
    crash n1
    run
    recover n1
    deliver n1 -> n3 Notification
    deliver n3 -> n1 Notification
    expect n1.state = LOOKING
    run
    expect n1.state = FOLLOWING
"""
ANSWERS_TO_A_RESTARTED_FOLLOWER = """
    run
    crash n4
    run for 1 s
    cut n5 -> n1
    cut n5 -> n2
    cut n5 -> n3
    crash n5
    recover n4
    run for 0.35 s
    expect n4.state = LOOKING
"""
QUIET_AT_THE_END = """
    crash n1
    run for 1 s
    recover n1
    run for 10 s
    expect n1.leader = n5
    expect quiet
"""
EPOCHS_THAT_NEVER_BEGAN = """
    run
    expect n2.state = LEADING
"""
WITH_AN_OBSERVER = """
    run
    expect n3.state = LEADING
    expect n4.state = OBSERVING
"""
A_LATE_QUORUM = """
    crash n2
    crash n3
    run for 1 s
    recover n2
    run for 30 s
    expect n1.state = LEADING
"""
A_LEADER_IN_VAIN = """
    cut n3 -> n1
    cut n3 -> n2
    deliver n2 -> n1 Notification
    deliver n1 -> n2 Notification
    deliver n1 -> n2 Notification
    heal n3 -> n1
    deliver n3 -> n1 Notification
    cut n1 -> n2
    run until n2.state = LEADING
    run until n3.state = LEADING
    heal all
    run for 60 s
    expect n2.leader = n3
"""
