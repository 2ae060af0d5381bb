"""What must be true of your five rules, in the words of ZooKeeper. Read it; you need not change it.

A script is a story, one line a step: what is left open is played in calm weather. A storm plays many seeds in which
servers crash and pause, connections break and links are cut. After every step of either, the invariants of the README
must hold; a claim that falls comes with its witness and with a trace to look at.
"""

import pytest

from consensus_lab.lab.trials import crash_at_every_point, script, storm
from consensus_lab.protocols.election import cast, everyone_agrees

points = pytest.mark.points

COMES_LATE = """
    crash n1                       # it is not switched on yet
    run
    submit n2 LeaderLost           # n2 and n3 elect once more: theirs is round 2
    run
    recover n1
    run for 10 s
    expect n1.leader = n3
    expect n1.state = FOLLOWING
    expect n1.logical_clock = 2
"""
DEAD_LEADER = """
    run
    expect n5.state = LEADING
    crash n5
    deliver n5 -> n4 Disconnected  # n4 is the first to notice
    deliver n4 -> n1 Notification
    deliver n4 -> n2 Notification
    deliver n4 -> n3 Notification
    deliver n1 -> n4 Notification
    deliver n2 -> n4 Notification
    deliver n3 -> n4 Notification
    expect n4.state = LOOKING      # three of five say n5, but n5 says nothing
    run
    expect n4.leader = n3
"""


class TestAnsweringPeer:
    """n2 has a leader, and hears from n1, which is looking for one. What will n2 answer?"""

    @points(1, rubric="prediction")
    def test_what_n2_answers_and_what_n3_answers(self, exercise):
        script(
            cast(3, peer=exercise.AnsweringPeer, zxids=("1.1", "1.1", "1.5")),
            """
            crash n1
            run
            expect n3.state = LEADING
            recover n1
            deliver n1 -> n2 Notification
            deliver n1 -> n3 Notification
            deliver n2 -> n1 Notification(state=State.FOLLOWING, vote=Vote(1, Zxid(1, 5), 3), election_epoch=1)
            deliver n3 -> n1 Notification(state=State.LEADING, vote=Vote(1, Zxid(1, 5), 3), election_epoch=1)
            expect n1.leader = n3
            """,
        )

    @points(1, rubric="progress")
    def test_who_comes_late_is_told(self, exercise):
        script(cast(3, peer=exercise.AnsweringPeer), COMES_LATE)

    @points(1, rubric="safety")
    def test_news_of_a_leader_is_no_vote(self, exercise):
        script(
            cast(5, peer=exercise.AnsweringPeer),
            """
            run
            crash n4
            run for 1 s
            cut n5 -> n1
            cut n5 -> n2
            cut n5 -> n3
            crash n5                       # those three do not notice
            recover n4                     # n4 asks them, in round 1 like theirs
            run for 0.35 s
            expect n4.state = LOOKING
            """,
        )

    @points(1, rubric="progress")
    def test_who_is_not_looking_is_not_answered(self, exercise):
        script(
            cast(5, peer=exercise.AnsweringPeer),
            """
            crash n1
            run for 1 s
            recover n1
            run for 10 s
            expect n1.leader = n5
            expect quiet
            """,
        )

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """in 10 storms the invariants hold, and in the end all have one leader"""
        storm(cast(3, peer=exercise.AnsweringPeer), seeds=10, eventually=[everyone_agrees])


class TestJudgingPeer:
    """When is one vote better than another?"""

    @points(1, rubric="safety")
    def test_who_misses_what_others_have_does_not_win_by_a_larger_number(self, exercise):
        script(
            cast(3, peer=exercise.JudgingPeer, zxids=("1.7", "1.9", "1.4")),
            """
            run 60
            expect n2.state = LEADING
            """,
        )

    @points(1, rubric="safety")
    def test_a_longer_log_of_an_earlier_epoch_does_not_win(self, exercise):
        script(
            cast(3, peer=exercise.JudgingPeer, epochs=("3", "3", "2"), zxids=("2.1", "2.1", "2.9")),
            """
            run 60
            expect n2.state = LEADING
            """,
        )

    @points(1, rubric="progress")
    def test_of_any_two_votes_one_is_better_and_the_other_is_not(self, exercise):
        """equal zxids in unequal epochs: the larger number must not bring back the earlier epoch (ZOOKEEPER-1419)"""
        script(
            cast(3, peer=exercise.JudgingPeer, epochs=("2", "1", "1"), zxids=("1.5", "1.5", "1.5")),
            """
            run 60
            expect n1.state = LEADING
            """,
        )

    @points(1, rubric="progress")
    def test_with_equal_logs_the_largest_number_wins_and_nobody_says_it_again(self, exercise):
        script(
            cast(3, peer=exercise.JudgingPeer),
            """
            run 60
            expect n3.state = LEADING
            expect quiet
            """,
        )

    @points(1, rubric="safety")
    def test_a_server_of_weight_0_never_wins(self, exercise):
        script(
            cast(4, peer=exercise.JudgingPeer, weights=("2", "1", "1", "0"), zxids=("1.1", "1.2", "1.1", "1.9")),
            """
            run 90
            expect n2.state = LEADING
            expect n4.leader = n2
            """,
        )


class TestComparingPeer:
    """A vote arrives from somebody who is looking too. What does it change?"""

    @points(1, rubric="progress")
    def test_a_better_vote_is_adopted_and_told(self, exercise):
        script(
            cast(3, peer=exercise.ComparingPeer),
            """
            run for 0.15 s
            expect n3.finalizing = True    # the others have told it that they are for it
            run for 0.5 s
            expect n3.state = LEADING
            """,
        )

    @points(1, rubric="progress")
    def test_a_later_round_is_followed(self, exercise):
        script(
            cast(2, peer=exercise.ComparingPeer),
            """
            run
            crash n1
            run for 1 s
            expect n2.logical_clock = 2
            recover n1                     # it begins with round 1
            run for 100 s
            expect n1.leader = n2
            """,
        )

    @points(2, rubric="safety")
    def test_votes_of_two_rounds_are_not_mixed(self, exercise):
        script(
            cast(3, peer=exercise.ComparingPeer),
            """
            cut n3 -> n1
            cut n3 -> n2
            run until n1.established = True
            submit n2 LeaderLost           # n1 and n2 begin round 2
            deliver n2 -> n1 Closed
            heal all
            deliver n3 -> n1 Notification  # spoken in round 1
            expect n1.candidate = n1
            run
            expect n3.state = LEADING
            """,
        )

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """in 30 storms, and after a crash at every point, the invariants hold, and in the end all have one leader"""
        players = cast(3, peer=exercise.ComparingPeer, zxids=("1.1", "1.2", "1.1"))
        crash_at_every_point(players, eventually=[everyone_agrees])
        storm(players, seeds=30, eventually=[everyone_agrees])


class TestCheckingPeer:
    """A quorum says that there is a leader. When do you believe it?"""

    @points(2, rubric="safety")
    def test_a_leader_that_does_not_speak_is_not_followed(self, exercise):
        script(cast(5, peer=exercise.CheckingPeer), DEAD_LEADER)

    @points(1, rubric="safety")
    def test_nobody_leads_in_a_round_that_is_not_its_own(self, exercise):
        """ZOOKEEPER-975"""
        script(
            cast(3, peer=exercise.CheckingPeer),
            """
            run
            submit n3 LeaderLost           # all begin round 2 ...
            run for 0.1 s
            expect n3.finalizing = True
            crash n3                       # ... in which n3 is elected, but is down
            run until n1.state = FOLLOWING
            run until n2.state = FOLLOWING
            recover n3                     # back, it is in round 1
            deliver n3 -> n1 Notification
            deliver n3 -> n2 Notification
            deliver n1 -> n3 Notification
            deliver n2 -> n3 Notification
            expect n3.logical_clock = 1
            expect n3.state = LOOKING
            run
            expect n3.state = LEADING
            """,
        )

    @points(1, rubric="progress")
    def test_a_leader_that_speaks_is_followed(self, exercise):
        script(cast(3, peer=exercise.CheckingPeer), COMES_LATE)

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """in 30 storms the invariants hold, and in the end all have one leader"""
        storm(cast(5, peer=exercise.CheckingPeer), seeds=30, eventually=[everyone_agrees])


class TestJoiningPeer:
    """You come late, and everyone else has a leader. How do you find it?"""

    @points(2, rubric="progress")
    def test_who_comes_late_joins_and_takes_over_the_round(self, exercise):
        script(cast(3, peer=exercise.JoiningPeer), COMES_LATE)

    @points(1, rubric="safety")
    def test_a_leader_without_a_quorum_is_not_joined(self, exercise):
        script(
            cast(3, peer=exercise.JoiningPeer),
            """
            crash n1
            run
            recover n1
            deliver n1 -> n3 Notification
            deliver n3 -> n1 Notification
            expect n1.state = LOOKING      # only n3 itself has spoken
            run
            expect n1.leader = n3
            """,
        )

    @points(1, rubric="safety")
    def test_a_quorum_without_the_leaders_word_is_not_joined(self, exercise):
        script(cast(5, peer=exercise.JoiningPeer), DEAD_LEADER)

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """in 30 storms, and after a crash at every point, the invariants hold, and in the end all have one leader"""
        players = cast(3, peer=exercise.JoiningPeer)
        crash_at_every_point(players, eventually=[everyone_agrees])
        storm(players, seeds=30, eventually=[everyone_agrees])
