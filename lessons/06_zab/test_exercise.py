"""What must be true of your rules, in the words of the paper on ZAB and of ZooKeeper. Read it; you need not change it.

A script is a story, one line a step: what is left open is played in calm weather. A storm plays many seeds in bad
weather. After every step of either the invariants must hold; a claim that falls leaves a trace to look at.
"""

import pytest

from consensus_lab.lab.predictions import Story, foretold
from consensus_lab.lab.trials import script, storm
from consensus_lab.protocols.zab import cast

points = pytest.mark.points

DIFF_TRUNC_SNAP = ("n1.sync_mode = DIFF", "n1.sync_mode = TRUNC", "n1.sync_mode = SNAP")
WRITE = "WriteRequest(session=3, cxid=1, operation=Increment(1))"
WRITTEN = "Txn(zxid=Zxid(1, 1), session=3, cxid=1, body=Total(1))"

N1_COMES_LATE = """
    crash n1
    run for 3 s
    expect n3.zab_state = BROADCAST
    recover n1
    run until n1.zab_state = SYNCHRONIZATION
"""
N1_COMES_BACK = f"""
    run for 3 s
    submit n3 {WRITE}
    cut n3 -> n2
    deliver n3 -> n1 PROPOSAL
    sync n1
    deliver n1 -> n3 ACK              # n1 has acknowledged (1,1); n3's own disk is busy
    reset n1 -> n3
    deliver n1 -> n3 Disconnected
    deliver n3 -> n1 Disconnected
    deliver n1 -> n3 Notification     # n1 looks for a leader, and finds n3 again
    deliver n1 -> n2 Notification
    deliver n2 -> n1 Notification
    sync n3
    deliver n3 -> n1 Notification
    deliver n1 -> n3 Connect
    deliver n3 -> n1 Connected
    deliver n1 -> n3 FOLLOWERINFO
    deliver n3 -> n1 LEADERINFO
    deliver n1 -> n3 ACKEPOCH
"""
N1_IS_SENT_TWO_MORE = """
    crash n2
    run until n1.sync_mode = DIFF     # n3 leads, with n1 alone, which lacks 1.2 and 1.3
    deliver n3 -> n1 PROPOSAL
    deliver n3 -> n1 COMMIT
    deliver n3 -> n1 PROPOSAL
    deliver n3 -> n1 COMMIT
    deliver n3 -> n1 NEWLEADER
"""
BEHIND = {"logs": ("1.1", "1.3", "1.3")}
TOO_LONG = {"epochs": ("3", "3", "2"), "logs": ("2.1", "2.1", "2.4")}
STORM = {"seeds": 8, "steps": 400}


def calm(**others):
    """An ensemble in which nobody pings."""
    return cast(ticking=False, **others)


def stormy(**others):
    """One that is busy."""
    return calm(writes=4, **others)


def meeting(name, beginning="run until n3.zab_state = SYNCHRONIZATION", **disks):
    """n1 comes to n3; the story ends as the first packet has arrived."""
    return Story(name, calm(**disks), beginning, "run until not n1.sync_mode = NONE", DIFF_TRUNC_SNAP)


STORIES = {
    story.name: story
    for story in (
        meeting("two behind", logs=("1.1", "1.3", "1.3")),
        meeting("three too many", epochs=("2", "3", "3"), logs=("2.4", "2.1", "2.1")),
        meeting("long ago", window=2, logs=("1.1", "1.4", "1.4")),
        meeting("another epoch", logs=("2.4", "2.2/3.1", "2.2/3.1")),
        meeting("still outstanding", N1_COMES_BACK),
    )
}


class TestForecast:
    """A follower has this, its leader that. With which packet will the leader begin?"""

    @points(1, rubric="understanding")
    @pytest.mark.parametrize("name", STORIES)
    def test_you_foresee_with_which_packet_the_leader_begins(self, exercise, name):
        foretold(exercise.Forecast(), STORIES[name])


class TestNumberingLeader:
    """You are elected, and hear which epochs others have accepted. Which is the new one?"""

    @points(1, rubric="progress")
    def test_the_first_epoch_is_1_and_the_next_is_2(self, exercise):
        story = """
            run for 3 s
            expect n3.epoch = 1
            crash n3
            run until n2.epoch_chosen = True
            expect n2.epoch = 2
        """
        script(calm(peer=exercise.NumberingLeader), story)

    @points(2, rubric="safety")
    def test_it_is_later_than_what_a_follower_has_accepted(self, exercise):
        """whoever has accepted epoch 5 obeys no leader of epoch 5 or below"""
        story = """
            crash n1
            run until n2.epoch_chosen = True
            expect n2.epoch = 6
            run for 3 s
            expect n3.current_epoch = 6
        """
        script(calm(logs=("4.2", "4.3", "3.2"), accepted=("4", "4", "5"), peer=exercise.NumberingLeader), story)

    @points(2, rubric="safety")
    def test_it_is_later_than_all_that_were_heard_not_only_than_the_last(self, exercise):
        story = """
            run until n3.epoch_chosen = True
            expect n3.epoch = 6
            run for 3 s
            expect n1.current_epoch = 6
        """
        script(calm(logs=("4.1", "4.1", "4.1"), accepted=("4", "4", "5"), peer=exercise.NumberingLeader), story)

    @points(1, rubric="safety")
    def test_in_a_storm(self, exercise):
        """no epoch has two leaders, in storms"""
        storm(stormy(peer=exercise.NumberingLeader), **STORM)


class TestLoggingFollower:
    """Your leader proposes a transaction. What is to be done, and in which order?"""

    @points(1, rubric="progress")
    def test_what_is_proposed_is_logged_and_acknowledged_and_then_committed(self, exercise):
        story = f"""
            run for 3 s
            crash n2
            submit n3 {WRITE}
            run for 3 s
            expect n1.log = (Zxid(1, 1),)
            expect n1 decided {WRITTEN}
        """
        script(calm(peer=exercise.LoggingFollower), story)

    @points(2, rubric="safety")
    def test_no_ack_leaves_before_the_record_is_on_disk(self, exercise):
        story = f"""
            run for 3 s
            cut n3 -> n2
            submit n3 {WRITE}
            deliver n3 -> n1 PROPOSAL
            pause n1                          # its disk stands still
            run for 1 s
            expect n3.last_committed = Zxid(1, 0)
        """
        script(calm(peer=exercise.LoggingFollower), story)

    @points(1, rubric="safety")
    def test_what_is_logged_is_not_delivered_yet(self, exercise):
        story = f"""
            run for 3 s
            cut n3 -> n2
            submit n3 {WRITE}
            deliver n3 -> n1 PROPOSAL
            sync n1
            expect n1.log = (Zxid(1, 1),)
            expect not n1 decided {WRITTEN}
        """
        script(calm(peer=exercise.LoggingFollower), story)

    @points(1, rubric="safety")
    def test_in_a_storm(self, exercise):
        """what was delivered is on the disks of a quorum, in storms"""
        storm(stormy(peer=exercise.LoggingFollower), **STORM)


class TestCommittingLeader:
    """One more server has acknowledged a proposal. Is it committed?"""

    @points(1, rubric="safety")
    def test_the_leaders_own_disk_is_not_enough(self, exercise):
        story = f"""
            run for 3 s
            submit n3 {WRITE}
            sync n3
            deliver n3 -> n3 ACK
            expect n3.last_committed = Zxid(1, 0)
            expect not n3 decided {WRITTEN}
        """
        script(calm(peer=exercise.CommittingLeader), story)

    @points(1, rubric="safety")
    def test_half_of_the_disks_are_not_enough(self, exercise):
        story = """
            run for 3 s
            submit n4 WriteRequest(session=4, cxid=1, operation=Increment(1))
            deliver n4 -> n3 PROPOSAL
            sync n3
            deliver n3 -> n4 ACK
            sync n4
            deliver n4 -> n4 ACK
            expect n4.last_committed = Zxid(1, 0)
        """
        script(calm(servers=4, peer=exercise.CommittingLeader), story)

    @points(1, rubric="progress")
    def test_a_quorum_of_disks_is_enough_and_nobody_waits_for_the_last(self, exercise):
        story = f"""
            run for 3 s
            pause n1
            submit n3 {WRITE}
            run for 1 s
            expect n3.last_committed = Zxid(1, 1)
            expect n2 decided {WRITTEN}
        """
        script(calm(peer=exercise.CommittingLeader), story)

    @points(1, rubric="safety")
    def test_in_a_storm(self, exercise):
        """what was delivered is on the disks of a quorum, in storms"""
        storm(stormy(peer=exercise.CommittingLeader), **STORM)


class TestTruncatingFollower:
    """Your leader says that the end of your log never happened. What is to be cut?"""

    @points(1, rubric="progress")
    def test_the_log_and_the_state_are_cut(self, exercise):
        story = """
            run until n3.sync_mode = TRUNC
            expect n3.log = (Zxid(2, 1),)
            expect n3.replica = 2001
            run for 3 s
            expect n3.current_epoch = 4
        """
        script(calm(**TOO_LONG, peer=exercise.TruncatingFollower), story)

    @points(2, rubric="safety")
    def test_what_was_cut_does_not_come_back_from_the_disk(self, exercise):
        """what was cut does not come back from the disk (ZOOKEEPER-3701)"""
        story = """
            run for 3 s
            crash n3
            recover n3
            expect n3.log = (Zxid(2, 1),)
            expect n3.replica = 2001
        """
        script(calm(**TOO_LONG, peer=exercise.TruncatingFollower), story)

    @points(1, rubric="safety")
    def test_a_snapshot_cannot_be_cut(self, exercise):
        """a snapshot cannot be cut: only another one helps, from a leader that is told so (ZOOKEEPER-1549)"""
        story = """
            crash n2
            run until n1.sync_mode = SNAP
            deliver n3 -> n1 NEWLEADER
            crash n1 keeping 1            # the snapshot of 2.4 is on its disk, the epoch is not
            crash n3
            recover n1
            recover n2
            run until n2.state = LEADING  # n2 has 2.1, and leads n3 as well
            recover n3
            run for 60 s
            expect n1.replica = 2001
        """
        script(
            calm(window=1, epochs=("1", "3", "2"), logs=("1.1", "2.1", "2.4"), peer=exercise.TruncatingFollower), story
        )


class TestEnteringFollower:
    """You have been sent the whole history of the epoch. How do you enter it?"""

    @points(1, rubric="progress")
    def test_it_enters_the_epoch_with_its_history(self, exercise):
        story = f"""
            {N1_IS_SENT_TWO_MORE}
            run for 3 s
            crash n1
            recover n1
            expect n1.log = (Zxid(1, 1), Zxid(1, 2), Zxid(1, 3))
            expect n1.current_epoch = 2
        """
        script(calm(**BEHIND, peer=exercise.EnteringFollower), story)

    @points(2, rubric="safety")
    def test_a_disk_never_has_the_epoch_without_its_history(self, exercise):
        """a disk never has the epoch without its history, or it would be elected without it (ZOOKEEPER-4643)"""
        story = f"""
            {N1_IS_SENT_TWO_MORE}
            crash n1 keeping 2            # of what it was writing, only so many records are there
            recover n1
            expect n1.log = (Zxid(1, 1), Zxid(1, 2), Zxid(1, 3))
            expect n1.current_epoch = 1
        """
        script(calm(**BEHIND, peer=exercise.EnteringFollower), story)

    @points(2, rubric="safety")
    def test_the_leader_is_told_when_both_are_on_disk(self, exercise):
        """the leader is told when both are on disk, not before (ZOOKEEPER-4646)"""
        story = f"""
            {N1_IS_SENT_TWO_MORE}
            pause n1                      # its disk stands still
            run for 1 s
            expect n3.zab_state = SYNCHRONIZATION
        """
        script(calm(**BEHIND, peer=exercise.EnteringFollower), story)

    @points(1, rubric="safety")
    def test_in_a_storm(self, exercise):
        """no server is behind its own epoch, in storms"""
        storm(stormy(**BEHIND, peer=exercise.EnteringFollower), **STORM)


class TestSynchronisingLeader:
    """A learner is to get your history, and to miss nothing from then on. What do you send?"""

    @points(1, rubric="progress")
    def test_whoever_lacks_something_gets_it_and_serves(self, exercise):
        story = """
            run for 3 s
            expect n1.log = (Zxid(1, 1), Zxid(1, 2), Zxid(1, 3))
            expect n1.zab_state = BROADCAST
        """
        script(calm(logs=("1.1", "1.3", "1.3"), peer=exercise.SynchronisingLeader), story)

    @points(2, rubric="safety")
    @pytest.mark.parametrize("late", ["n1", "n4"], ids=["a follower", "an observer"])
    def test_whoever_comes_late_misses_nothing_and_gets_nothing_twice(self, exercise, late):
        story = f"""
            {N1_COMES_LATE}
            submit n3 {WRITE}             # after its ACKEPOCH has left, and before that arrives
            sync n1
            deliver n1 -> n3 ACKEPOCH
            run for 3 s
            expect n1.zab_state = BROADCAST
            expect n1 decided {WRITTEN}
        """
        players = calm(servers=4, observers=("n4",), peer=exercise.SynchronisingLeader)
        script(players, story.replace("n1", late))

    @points(1, rubric="safety")
    def test_nobody_serves_before_a_quorum_has_entered_the_epoch(self, exercise):
        story = """
            run until n1.current_epoch = 1
            pause n3                      # it has heard of nobody
            run for 1 s
            expect n1.zab_state = SYNCHRONIZATION
        """
        script(calm(peer=exercise.SynchronisingLeader), story)

    @points(1, rubric="safety")
    def test_an_ack_of_an_earlier_connection_does_not_count(self, exercise):
        story = f"""
            {N1_COMES_BACK}
            deliver n3 -> n1 TRUNC        # n1 is to cut off (1,1), and will be sent it anew
            sync n1
            expect n1.log = ()
            deliver n3 -> n3 ACK          # only now is (1,1) on n3's disk: on no other
            expect n3.last_committed = Zxid(1, 0)
            heal all
            run for 3 s
            expect n1 decided {WRITTEN}
        """
        script(calm(peer=exercise.SynchronisingLeader), story)

    @points(1, rubric="safety")
    def test_in_a_storm(self, exercise):
        """of two servers one has delivered all that the other has, in storms"""
        storm(stormy(peer=exercise.SynchronisingLeader), **STORM)
