"""What must be true of your answers, in the words of two-phase commit. Read it; you need not change it.

A script is a story, one line a step: what is left open is played in calm weather. A storm plays two hundred seeds with
messages lost, repeated and late, nodes crashed and paused, and links cut. After every step of either, AC1 to AC4 and
LOCKS must hold (see the README); a claim that falls comes with its witness and with a trace to look at.
"""

import pytest

from consensus_lab.kernel import View, invariant
from consensus_lab.lab.games import TWO_PHASE_COMMIT
from consensus_lab.lab.schedules import played
from consensus_lab.lab.trials import crash_at_every_point, script, storm
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.messages import State

points = pytest.mark.points


@invariant("AC5", "once failures are mended, every participant decides")
def everyone_decides(view: View) -> str | None:
    decided = {decision.node for decision in view.decisions} | {"coordinator"}
    waiting = [address for address in view.cast.addresses if address not in decided]
    return f"{waiting[0]} has not decided, and would wait for ever" if waiting else None


@invariant("COMPLETION", "once failures are mended, a coordinator that has decided hears from everyone")
def everyone_acknowledges(view: View) -> str | None:
    coordinator = view.processes["coordinator"]
    owing = coordinator.state in (State.COMMIT, State.ABORT)
    return f"the coordinator is still in {coordinator.state.name}, and not DONE" if owing else None


class TestCountingCoordinator:
    """When may the coordinator commit?"""

    @points(1, rubric="safety")
    def test_two_votes_of_three_commit_nothing(self, exercise):
        script(
            cast(3, coordinator=exercise.CountingCoordinator),
            """
            submit coordinator Begin
            pause p3                       # it does not answer
            run for 1 s                    # the votes of p1 and p2 arrive
            expect coordinator undecided
            expect p1 undecided
            expect p2 undecided
            """,
        )

    @points(1, rubric="progress")
    def test_the_last_yes_commits(self, exercise):
        script(
            cast(3, coordinator=exercise.CountingCoordinator),
            """
            submit coordinator Begin
            run for 60 s
            expect coordinator decided Commit(T1)
            expect p1 decided Commit(T1)
            expect p2 decided Commit(T1)
            expect p3 decided Commit(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_a_vote_that_arrives_twice_counts_once(self, exercise):
        script(
            cast(2, coordinator=exercise.CountingCoordinator),
            """
            submit coordinator Begin
            pause p2
            deliver coordinator -> p1 VoteRequest
            sync p1
            duplicate p1 -> coordinator Yes
            run for 1 s
            expect coordinator undecided
            """,
        )

    @points(1, rubric="durability")
    def test_nobody_hears_of_a_commit_before_the_disk_holds_it(self, exercise):
        script(
            cast(2, coordinator=exercise.CountingCoordinator),
            """
            submit coordinator Begin
            run until coordinator.state = COMMIT
            crash coordinator              # the power fails before the disk has caught up
            run for 10 s
            expect p1 undecided
            expect p2 undecided
            recover coordinator            # it remembers nothing, and presumes what can be no lie
            run for 60 s
            expect p1 decided Abort(T1)
            expect p2 decided Abort(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """AC1 to AC5 hold in 200 storms, and after a crash at every point"""
        players = cast(3, coordinator=exercise.CountingCoordinator)
        crash_at_every_point(players, eventually=[everyone_decides])
        storm(players, seeds=200, eventually=[everyone_decides])


class TestPromisingParticipant:
    """What must be true before a participant says yes?"""

    @points(1, rubric="durability")
    def test_no_yes_leaves_before_the_promise_is_on_disk(self, exercise):
        script(
            cast(2, participant=exercise.PromisingParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            crash p1                       # the power fails before the disk has caught up
            recover p1                     # it remembers nothing of a promise
            run for 60 s
            expect p1 decided Abort(T1)
            expect coordinator decided Abort(T1)
            """,
        )

    @points(1, rubric="durability")
    def test_a_promise_survives_a_crash_and_so_does_the_new_value(self, exercise):
        script(
            cast(2, participant=exercise.PromisingParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1                        # now the promise is on disk, and the yes leaves
            crash p1
            recover p1
            expect p1.state = READY
            expect p1.lock = T1
            run for 60 s
            expect p1 decided Commit(T1)
            expect p1.value = T1
            """,
        )

    @points(1, rubric="safety")
    def test_the_resource_is_locked_from_execution_until_the_verdict(self, exercise):
        script(
            cast(2, participant=exercise.PromisingParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1
            expect p1.state = READY
            expect p1.lock = T1
            run for 60 s
            expect p1 decided Commit(T1)
            expect p1.lock = nothing
            """,
        )

    @points(1, rubric="safety")
    def test_a_rollback_gives_the_old_value_back(self, exercise):
        script(
            cast(2, participant=exercise.PromisingParticipant, unwilling=["p2"]),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1
            expect p1.value = T1           # executed ...
            run for 60 s
            expect p1 decided Abort(T1)
            expect p1.value = old          # ... and undone
            expect p1.lock = nothing
            """,
        )

    @points(1, rubric="progress")
    def test_in_every_weather(self, exercise):
        """AC1 to AC5 hold in 200 storms, and after a crash at every point"""
        players = cast(2, participant=exercise.PromisingParticipant)
        crash_at_every_point(players, eventually=[everyone_decides])
        storm(players, seeds=200, eventually=[everyone_decides])


class TestDoubtfulParticipant:
    """It said yes, and hears nothing. What may it do?"""

    @points(1, rubric="safety")
    def test_who_gave_its_word_never_aborts_alone(self, exercise):
        script(
            cast(2, participant=exercise.DoubtfulParticipant),
            """
            submit coordinator Begin
            run until coordinator decided Commit(T1)
            drop coordinator -> p1 Commit  # p1 does not hear of it
            fire p1 DecisionOverdue
            run for 60 s
            expect p1 decided Commit(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_nor_does_it_commit_alone(self, exercise):
        script(
            cast(2, participant=exercise.DoubtfulParticipant, unwilling=["p2"]),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1
            run until coordinator decided Abort(T1)
            drop coordinator -> p1 Abort
            fire p1 DecisionOverdue
            run for 60 s
            expect p1 decided Abort(T1)
            """,
        )

    @points(1, rubric="progress")
    def test_it_asks_until_somebody_answers(self, exercise):
        script(
            cast(1, participant=exercise.DoubtfulParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1
            crash coordinator
            recover coordinator            # it remembers nothing, and will tell nobody unasked
            fire p1 DecisionOverdue
            drop p1 -> coordinator DecisionRequest
            run for 60 s
            expect p1 decided Abort(T1)
            expect p1.lock = nothing
            """,
        )

    @points(1, rubric="progress")
    def test_back_from_a_crash_it_asks_at_once(self, exercise):
        script(
            cast(1, participant=exercise.DoubtfulParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1
            crash coordinator
            crash p1
            recover coordinator
            recover p1
            run for 1 s
            expect p1 decided Abort(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """AC1 to AC5 hold in 200 storms, and after a crash at every point"""
        players = cast(2, participant=exercise.DoubtfulParticipant)
        crash_at_every_point(players, eventually=[everyone_decides])
        storm(players, seeds=200, eventually=[everyone_decides])


class TestRecoveringCoordinator:
    """The coordinator is back from a crash, and its disk holds a verdict. What does it owe?"""

    @points(1, rubric="durability")
    def test_what_the_disk_holds_is_decided(self, exercise):
        script(
            cast(2, coordinator=exercise.RecoveringCoordinator),
            """
            submit coordinator Begin
            run until coordinator.state = COMMIT
            crash coordinator keeping 1    # the record reached the disk, and nobody has heard of it
            recover coordinator
            run for 60 s
            expect coordinator decided Commit(T1)
            expect p1 decided Commit(T1)
            expect p2 decided Commit(T1)
            """,
        )

    @points(1, rubric="progress")
    def test_everyone_is_told_without_having_to_ask(self, exercise):
        script(
            cast(2, coordinator=exercise.RecoveringCoordinator),
            """
            submit coordinator Begin
            run until coordinator decided Commit(T1)
            drop coordinator -> p1 Commit
            drop coordinator -> p2 Commit
            crash coordinator
            recover coordinator
            run for 1 s                    # nobody is in doubt for long enough to ask
            expect p1 decided Commit(T1)
            expect p2 decided Commit(T1)
            """,
        )

    @points(1, rubric="progress")
    def test_everyone_is_told_again_until_all_have_acknowledged(self, exercise):
        script(
            cast(2, coordinator=exercise.RecoveringCoordinator),
            """
            submit coordinator Begin
            run until coordinator decided Commit(T1)
            deliver coordinator -> p1 Commit
            deliver coordinator -> p2 Commit
            sync p1
            sync p2
            crash coordinator
            drop p1 -> coordinator Ack
            drop p2 -> coordinator Ack
            recover coordinator            # all have committed, and it does not know
            drop coordinator -> p1 Commit
            run for 60 s
            expect coordinator.state = DONE
            """,
        )

    @points(1, rubric="progress")
    def test_an_abort_is_told_as_well(self, exercise):
        script(
            cast(2, coordinator=exercise.RecoveringCoordinator, unwilling=["p2"]),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1
            run until coordinator decided Abort(T1)
            crash coordinator
            drop coordinator -> p1 Abort
            recover coordinator
            run for 1 s
            expect p1 decided Abort(T1)
            run for 60 s
            expect coordinator.state = DONE
            """,
        )

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """AC1 to AC5 and COMPLETION hold in 200 storms, and after a crash at every point"""
        players = cast(2, coordinator=exercise.RecoveringCoordinator)
        crash_at_every_point(players, eventually=[everyone_decides, everyone_acknowledges])
        storm(players, seeds=200, eventually=[everyone_decides, everyone_acknowledges])


class TestHelpfulParticipant:
    """A peer in doubt asks you, and you have not voted yet. How can you free it?"""

    @points(2, rubric="progress")
    def test_a_peer_in_doubt_is_freed_while_the_coordinator_is_down(self, exercise):
        script(
            cast(2, variant="cooperative", participant=exercise.HelpfulParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1                        # p1 has said yes; p2 has not been asked yet
            crash coordinator
            drop coordinator -> p2 VoteRequest
            fire p1 DecisionOverdue
            deliver p1 -> p2 DecisionRequest
            run for 0.1 s
            expect coordinator down
            expect p2 decided Abort(T1)
            expect p1 decided Abort(T1)
            expect p1.lock = nothing
            """,
        )

    @points(2, rubric="safety")
    def test_what_it_told_its_peer_binds_it_too(self, exercise):
        script(
            cast(2, variant="cooperative", participant=exercise.HelpfulParticipant),
            """
            submit coordinator Begin
            deliver coordinator -> p1 VoteRequest
            sync p1
            deliver p1 -> coordinator Yes
            crash p1
            recover p1                     # in doubt, it asks at once: the inquiry is still on its way to p2
            deliver p1 -> p2 DecisionRequest
            run for 60 s
            expect p1 decided Abort(T1)
            expect p2 decided Abort(T1)
            expect coordinator decided Abort(T1)
            """,
        )

    @points(1, rubric="safety")
    def test_in_every_weather(self, exercise):
        """AC1 to AC5 hold in 200 storms"""
        players = cast(3, variant="cooperative", participant=exercise.HelpfulParticipant)
        storm(players, seeds=200, eventually=[everyone_decides])


class TestBlockingAdversary:
    """You pick what happens next. How do you bring two-phase commit to a standstill?"""

    @points(2, rubric="adversary", seconds=120)
    @pytest.mark.parametrize("game", TWO_PHASE_COMMIT, ids=lambda game: game.name)
    def test_your_schedule_wins_the_game(self, exercise, game, record_property):
        played(exercise.BlockingAdversary(), game).award(record_property, 2)
