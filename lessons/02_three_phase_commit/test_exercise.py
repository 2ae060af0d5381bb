"""What must be true of your answers, in the words of three-phase commit. Read it; you need not change it.

A script is a story, one line a step: what is left open is played in calm weather. The storms here are of crashes only,
for that is the weather that three-phase commit was made for. After every step AC1 to AC4, LOCKS and NB must hold (see
the README); a claim that falls comes with its witness and with a trace to look at.
"""

import pytest

from consensus_lab.kernel import View, invariant
from consensus_lab.lab.predictions import Story, foretold
from consensus_lab.lab.trials import crash_at_every_point, script, storm
from consensus_lab.protocols import two_phase_commit
from consensus_lab.protocols.three_phase_commit import cast
from consensus_lab.sim.conditions import read_conditions

points = pytest.mark.points
PRECOMMIT_SENT = """
    submit coordinator Begin
    run until coordinator.state = PRECOMMIT
    sync coordinator
"""
CRASHES = read_conditions("crash=0.05, outage=uniform:4:9, most_faults=2")


@invariant("AC5", "once failures are mended, every participant decides")
def everyone_decides(view: View) -> str | None:
    decided = {decision.node for decision in view.decisions} | {"coordinator"}
    waiting = [address for address in view.cast.addresses if address not in decided]
    return f"{waiting[0]} has not decided, and would wait for ever" if waiting else None


def in_crashes_only(players):
    """A crash at every point, and a hundred storms of up to two crashes."""
    crash_at_every_point(players, eventually=[everyone_decides])
    storm(players, seeds=100, conditions=CRASHES, eventually=[everyone_decides])


ALL_SAY_YES = """
    submit coordinator Begin
    deliver coordinator -> p1 {question}
    deliver coordinator -> p2 {question}
    sync p1
    sync p2
    deliver p1 -> coordinator Yes
"""
LAST_YES = """
    deliver p2 -> coordinator Yes
    sync coordinator
"""
CLAIMS = ("p1 undecided", "p1 decided Abort(T1)", "p2 decided Commit(T1)", "violated AC1")


def story(name: str, more: str, *, players=None, question: str = "CanCommit") -> Story:
    beginning = f"{ALL_SAY_YES.format(question=question)}\n{more}\ncrash coordinator"
    return Story(name, players or cast(2), beginning, "run for 60 s", CLAIMS)


class TestForecast:
    """The coordinator crashes and stays away. How does each of the four stories end?"""

    @points(1, rubric="understanding")
    def test_in_two_phase_commit_before_the_last_vote_arrives(self, exercise):
        players = two_phase_commit.cast(2)
        foretold(exercise.Forecast(), story("two-phase commit", "", players=players, question="VoteRequest"))

    @points(1, rubric="understanding")
    def test_in_three_phase_commit_before_the_last_vote_arrives(self, exercise):
        foretold(exercise.Forecast(), story("nobody has heard", ""))

    @points(1, rubric="understanding")
    def test_in_three_phase_commit_when_both_have_executed(self, exercise):
        heard = "deliver coordinator -> p1 PreCommit\ndeliver coordinator -> p2 PreCommit\nsync p1\nsync p2"
        foretold(exercise.Forecast(), story("both have heard", f"{LAST_YES}\n{heard}"))

    @points(1, rubric="understanding")
    def test_in_three_phase_commit_when_precommit_has_left_for_p1_alone(self, exercise):
        heard = "deliver coordinator -> p1 PreCommit\nsync p1\ndrop coordinator -> p2 PreCommit"
        foretold(exercise.Forecast(), story("only p1 has heard", f"{LAST_YES}\n{heard}"))


class TestKnowingCoordinator:
    """All have voted yes. Why not commit now?"""

    @points(1, rubric="safety")
    def test_nobody_commits_while_one_is_uncertain(self, exercise):
        script(
            cast(2, coordinator=exercise.KnowingCoordinator),
            f"""
            {PRECOMMIT_SENT}
            deliver coordinator -> p1 PreCommit
            sync p1
            delay coordinator -> p2 PreCommit
            run for 0.5 s                  # p2 does not know yet that all voted yes
            expect coordinator undecided
            expect p1 undecided
            run for 60 s
            expect p2 decided Commit(T1)
            """,
        )

    @points(1, rubric="durability")
    def test_nobody_hears_that_all_voted_yes_before_the_disk_holds_it(self, exercise):
        script(
            cast(2, coordinator=exercise.KnowingCoordinator),
            """
            submit coordinator Begin
            run until coordinator.state = PRECOMMIT
            crash coordinator              # the power fails before the disk has caught up
            recover coordinator            # it remembers nothing
            run for 60 s
            expect p1 decided Abort(T1)
            expect p2 decided Abort(T1)
            """,
        )

    @points(1, rubric="durability")
    def test_a_crash_does_not_make_it_forget_what_it_told(self, exercise):
        script(
            cast(2, coordinator=exercise.KnowingCoordinator),
            """
            submit coordinator Begin
            run until p1.state = PRECOMMIT
            run until p2.state = PRECOMMIT
            crash p2
            crash coordinator
            run until p1 decided Commit(T1)
            recover coordinator            # it is asked, and must not answer 'abort'
            recover p2
            run for 60 s
            expect p2 decided Commit(T1)
            """,
        )

    @points(1, rubric="progress")
    def test_one_that_never_acknowledges_is_not_waited_for(self, exercise):
        script(
            cast(2, coordinator=exercise.KnowingCoordinator),
            """
            submit coordinator Begin
            run until p1.state = PRECOMMIT
            run until p2.state = PRECOMMIT
            sync p1
            sync p2
            drop p2 -> coordinator PreAck
            run for 2.5 s
            expect coordinator decided Commit(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_whatever_crashes(self, exercise):
        """AC1 to AC5 and NB hold in 100 storms of crashes, and after a crash at every point"""
        in_crashes_only(cast(3, coordinator=exercise.KnowingCoordinator))


class TestUncertainParticipant:
    """It voted yes, and nobody says that all did. What may it do that two-phase commit forbids?"""

    @points(1, rubric="progress")
    def test_nobody_is_blocked(self, exercise):
        script(
            cast(2, participant=exercise.UncertainParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 CanCommit
            deliver coordinator -> p2 CanCommit
            sync p1
            sync p2
            crash coordinator
            run for 10 s
            expect p1 decided Abort(T1)
            expect p2 decided Abort(T1)
            """,
        )

    @points(1, rubric="durability")
    def test_what_it_decides_it_does_not_take_back(self, exercise):
        script(
            cast(2, participant=exercise.UncertainParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 CanCommit
            sync p1
            deliver p1 -> coordinator Yes
            delay coordinator -> p2 CanCommit
            fire p1 PreCommitOverdue
            crash p1                       # the power fails before the disk has caught up
            recover p1
            deliver coordinator -> p2 CanCommit
            sync p2
            deliver p2 -> coordinator Yes
            run for 60 s
            expect coordinator decided Commit(T1)
            expect p1 decided Commit(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_whatever_crashes(self, exercise):
        """AC1 to AC5 and NB hold in 100 storms of crashes, and after a crash at every point"""
        in_crashes_only(cast(3, participant=exercise.UncertainParticipant))


class TestRepairedCoordinator:
    """An acknowledgement of PreCommit is missing, and the rule of many courses splits. How is it repaired?"""

    @points(2, rubric="safety")
    def test_a_second_crash_does_not_split_the_transaction(self, exercise):
        script(
            cast(2, coordinator=exercise.RepairedCoordinator),
            f"""
            {PRECOMMIT_SENT}
            crash p2
            drop coordinator -> p2 PreCommit
            deliver coordinator -> p1 PreCommit
            sync p1
            deliver p1 -> coordinator PreAck
            run until coordinator.state = COMMIT
            crash coordinator keeping 1    # its decision is on disk, and nobody has heard it
            run until p1 decided Commit(T1)
            recover coordinator
            run for 60 s
            expect coordinator decided Commit(T1)
            """,
        )

    @points(1, rubric="progress")
    def test_whoever_is_gone_is_not_waited_for(self, exercise):
        script(
            cast(3, coordinator=exercise.RepairedCoordinator),
            f"""
            {PRECOMMIT_SENT}
            crash p2
            run for 10 s
            expect p1 decided Commit(T1)
            expect p3 decided Commit(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_whatever_crashes(self, exercise):
        """AC1 to AC5 and NB hold in 100 storms of crashes, and after a crash at every point"""
        in_crashes_only(cast(3, coordinator=exercise.RepairedCoordinator))


class TestReturningParticipant:
    """It is back from a crash, and was in doubt when it crashed. What may it decide?"""

    @points(1, rubric="safety")
    def test_it_had_executed_and_the_others_have_aborted(self, exercise):
        script(
            cast(2, participant=exercise.ReturningParticipant),
            f"""
            {PRECOMMIT_SENT}
            deliver coordinator -> p1 PreCommit
            sync p1
            crash p1
            crash coordinator
            drop coordinator -> p2 PreCommit
            drop p1 -> coordinator PreAck
            run until p2 decided Abort(T1)
            recover p1                     # it has executed, and knows that all voted yes
            run for 60 s
            expect p1 decided Abort(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_it_had_only_promised_and_the_others_have_committed(self, exercise):
        script(
            cast(2, participant=exercise.ReturningParticipant),
            f"""
            {PRECOMMIT_SENT}
            crash p1
            drop coordinator -> p1 PreCommit
            run until p2 decided Commit(T1)
            recover p1                     # it has promised, and heard no more
            run for 60 s
            expect p1 decided Commit(T1)
            expect p1.value = T1
            """,
        )

    @points(1, rubric="progress")
    def test_if_its_question_is_lost_it_asks_again(self, exercise):
        script(
            cast(2, participant=exercise.ReturningParticipant),
            f"""
            {PRECOMMIT_SENT}
            crash p1
            drop coordinator -> p1 PreCommit
            run until coordinator decided Commit(T1)
            drop coordinator -> p1 Commit
            crash coordinator              # it will not tell p1 again
            recover p1
            drop p1 -> coordinator DecisionRequest
            drop p1 -> p2 DecisionRequest
            run for 60 s
            expect p1 decided Commit(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_whatever_crashes(self, exercise):
        """AC1 to AC5 and NB hold in 100 storms of crashes, and after a crash at every point"""
        in_crashes_only(cast(3, participant=exercise.ReturningParticipant))


ONLY_P2_HAS_HEARD = f"""
    {PRECOMMIT_SENT}
    crash coordinator
    drop coordinator -> p1 PreCommit
    drop coordinator -> p3 PreCommit
    deliver coordinator -> p2 PreCommit
    sync p2
    fire p1 PreCommitOverdue
    deliver p1 -> p2 StateRequest
    deliver p1 -> p3 StateRequest
    deliver p3 -> p1 StateReport
    deliver p2 -> p1 StateReport
"""


def with_backup(exercise, **more):
    return cast(3, variant="termination", participant=exercise.BackupParticipant, **more)


class TestBackupParticipant:
    """The others have elected you, and said how far they came. How do you finish for all?"""

    @points(1, rubric="safety")
    def test_all_who_are_left_are_uncertain(self, exercise):
        script(
            with_backup(exercise),
            """
            submit coordinator Begin
            deliver coordinator -> p1 CanCommit
            deliver coordinator -> p2 CanCommit
            sync p1
            sync p2
            drop coordinator -> p3 CanCommit
            crash coordinator
            crash p3                       # it never voted
            run for 20 s
            expect p1 decided Abort(T1)
            expect p2 decided Abort(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_another_knows_that_all_voted_yes(self, exercise):
        script(
            with_backup(exercise),
            f"""
            {ONLY_P2_HAS_HEARD}
            run for 20 s
            expect p1 decided Commit(T1)
            expect p2 decided Commit(T1)
            expect p3 decided Commit(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_the_backup_itself_knows_that_all_voted_yes(self, exercise):
        script(
            with_backup(exercise),
            f"""
            {PRECOMMIT_SENT}
            crash coordinator
            deliver coordinator -> p1 PreCommit
            sync p1
            drop coordinator -> p2 PreCommit
            drop coordinator -> p3 PreCommit
            run for 20 s
            expect p1 decided Commit(T1)
            expect p2 decided Commit(T1)
            """,
        )

    @points(2, rubric="safety")
    def test_the_backup_crashes_too_and_one_is_left_alone_uncertain(self, exercise):
        script(
            with_backup(exercise),
            f"""
            {ONLY_P2_HAS_HEARD}
            sync p1                        # whatever it has begun
            crash p1
            crash p2
            run for 20 s
            """,
        )

    @points(1, rubric="safety")
    def test_whatever_crashes(self, exercise):
        """AC1 to AC5 and NB hold in 100 storms of crashes, and after a crash at every point"""
        in_crashes_only(with_backup(exercise))
