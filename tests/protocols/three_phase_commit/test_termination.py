"""The termination protocol: elected by messages alone, it ends what a crash left open, and alike whoever leads.

First its rules, TR1 to TR4 of Bernstein, Hadzilacos and Goodman (1987), section 7.5; then every world that crashes can
lead to, where silence means a crash.
"""

import pytest

from consensus_lab.check import Explored, reachable
from consensus_lab.kernel import Context, Decide, Effect, Force, Send
from consensus_lab.protocols.three_phase_commit import cast
from consensus_lab.protocols.three_phase_commit.messages import (
    Abort,
    Commit,
    CommitOverdue,
    DecisionRequest,
    Election,
    ElectionOverdue,
    Part,
    PreAck,
    PreAcksOverdue,
    PreCommit,
    PreCommitOverdue,
    Prepared,
    Promised,
    ReportsOverdue,
    Standing,
    State,
    StateReport,
    StateRequest,
)
from consensus_lab.protocols.three_phase_commit.termination import TerminatingParticipant
from consensus_lab.sim import Deliver, Submit, Sync, World
from tests.protocols.three_phase_commit.running import PRECOMMIT_SENT, silence_means_a_crash, undecided
from tests.protocols.two_phase_commit.running import after

PREPARED = Prepared("T", undo="old", redo="T")
READY = (Promised("T"),)
PRECOMMIT = (Promised("T"), PREPARED)
JOURNALS = pytest.mark.parametrize("journal", [READY, PRECOMMIT], ids=["uncertain", "prepared"])


class Site:
    """One participant under test, by its own address: election compares it."""

    def __init__(self, me: str, *journal: object) -> None:
        self.me = me
        self.process = TerminatingParticipant("c", "T", True, frozenset({"p1", "p2", "p3"}) - {me})
        for record in journal:
            self.process.restore(record)

    def hears(self, message: object, sender: str = "") -> tuple[Effect, ...]:
        ctx = Context(self.me, sender or self.me)
        assert self.process.receive(message, ctx), f"no rule for {message} in {self.process.state}"
        return ctx.effects

    def leads(self) -> "Site":
        self.hears(PreCommitOverdue("T") if self.process.state is State.READY else CommitOverdue("T"))
        if self.process.part is Part.CANDIDATE:
            self.hears(ElectionOverdue("T"))
        assert self.process.part is Part.BACKUP
        return self


def sent(effects: tuple[Effect, ...]) -> dict[str, object]:
    return {effect.to: effect.message for effect in effects if isinstance(effect, Send)}


# -- election ----------------------------------------------------------------------------------------------------------


@JOURNALS
def test_out_of_patience_it_decides_nothing_but_asks_those_before_it(journal: tuple):
    site = Site("p3", *journal)
    effects = site.hears(PreCommitOverdue("T") if journal is READY else CommitOverdue("T"))
    assert sent(effects) == {"p1": Election("T"), "p2": Election("T")}
    assert not any(isinstance(effect, Decide) for effect in effects)


@JOURNALS
def test_the_first_of_all_leads_at_once(journal: tuple):
    site = Site("p1", *journal)
    effects = site.hears(PreCommitOverdue("T") if journal is READY else CommitOverdue("T"))
    assert sent(effects) == {"p2": StateRequest("T"), "p3": StateRequest("T")}
    assert site.process.part is Part.BACKUP


def test_nobody_before_it_answers_so_it_leads():
    site = Site("p2", *READY)
    site.hears(PreCommitOverdue("T"))
    assert sent(site.hears(ElectionOverdue("T"))) == {"p1": StateRequest("T"), "p3": StateRequest("T")}


def test_asked_by_one_after_it_it_objects_and_stands_itself():
    assert sent(Site("p2", *READY).hears(Election("T"), "p3")) == {"p3": Standing("T"), "p1": Election("T")}


def test_a_candidate_that_hears_of_one_before_it_follows_and_is_patient_again():
    site = Site("p3", *READY)
    site.hears(PreCommitOverdue("T"))
    effects = site.hears(Standing("T"), "p1")
    assert site.process.part is Part.FOLLOWER
    assert [e.timer for e in effects if type(e).__name__ == "SetTimer"] == [PreCommitOverdue("T")]


def test_who_came_back_from_a_crash_takes_no_part():
    site = Site("p1", *PRECOMMIT)
    site.process.state = State.RECOVERING
    for message in (Election("T"), StateRequest("T"), PreCommit("T")):
        assert site.process.rule_for(message) is None


# -- TR1 to TR4 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [Commit("T"), Abort("T")])
@pytest.mark.parametrize("question", [StateRequest("T"), Election("T"), DecisionRequest("T")])
def test_tr1_tr2_one_who_knows_the_verdict_says_so_and_a_backup_tells_all(verdict, question):
    assert sent(Site("p1", verdict).hears(question, "p2")) == {"p2": verdict}
    backup = Site("p1", *READY).leads()
    assert sent(backup.hears(verdict, "p2")) == {"p2": verdict, "p3": verdict}


@pytest.mark.parametrize("question", [StateRequest("T"), Election("T")])
def test_one_that_has_not_voted_aborts_and_says_so(question):
    effects = Site("p1").hears(question, "p2")
    assert effects[0] == Force(Abort("T"))
    assert sent(effects) == {"p2": Abort("T")}


def test_tr3_if_all_who_answer_are_uncertain_it_aborts_for_all():
    backup = Site("p1", *READY).leads()
    assert sent(backup.hears(StateReport("T", State.READY), "p2")) == {}
    effects = backup.hears(StateReport("T", State.READY), "p3")
    assert Decide(Abort("T")) in effects
    assert sent(effects) == {"p2": Abort("T"), "p3": Abort("T")}


def test_tr3_who_does_not_answer_counts_as_crashed():
    assert Decide(Abort("T")) in Site("p1", *READY).leads().hears(ReportsOverdue("T"))


def test_tr4_if_one_knows_that_all_voted_yes_all_are_told_before_anyone_commits():
    backup = Site("p1", *READY).leads()
    backup.hears(StateReport("T", State.PRECOMMIT), "p2")
    effects = backup.hears(StateReport("T", State.READY), "p3")
    assert sent(effects) == {"p3": PreCommit("T")}, "p2 knows already"
    assert Force(PREPARED) in effects, "it tells itself first"
    assert not any(isinstance(effect, Decide) for effect in effects)
    assert backup.hears(PreAck("T"), "p2") == (), "nobody waits for this one"
    effects = backup.hears(PreAck("T"), "p3")
    assert Decide(Commit("T")) in effects
    assert sent(effects) == {"p2": Commit("T"), "p3": Commit("T")}


def test_tr4_who_does_not_acknowledge_counts_as_crashed():
    backup = Site("p1", *PRECOMMIT).leads()
    backup.hears(StateReport("T", State.READY), "p3")
    backup.hears(ReportsOverdue("T"))
    assert Decide(Commit("T")) in backup.hears(PreAcksOverdue("T"))


def test_tr4_when_all_know_already_it_commits_at_once():
    backup = Site("p1", *PRECOMMIT).leads()
    backup.hears(StateReport("T", State.PRECOMMIT), "p2")
    assert Decide(Commit("T")) in backup.hears(StateReport("T", State.PRECOMMIT), "p3")


# -- every world that crashes can lead to ------------------------------------------------------------------------------


ONE_HEARD = """
    crash coordinator
    drop coordinator -> p1 PreCommit
    drop coordinator -> p3 PreCommit
    deliver coordinator -> p2 PreCommit
    sync p2
    fire p1 PreCommitOverdue
"""


def explore(world: World, **budgets: int) -> Explored:
    return reachable(world, budgets, allowed=silence_means_a_crash)


def is_over(world: World) -> bool:
    """Nothing is under way, and no participant waits; a coordinator may still tell one that has crashed."""
    waiting = any(machine.timers for address, machine in world.machines.items() if address != "coordinator")
    under_way = any(isinstance(move, Deliver | Sync | Submit) for move in world.moves())
    return not waiting and not under_way


def assert_safe_and_never_blocked(explored: Explored) -> None:
    """No invariant falls, and where nobody's patience can end any more whoever is up has decided: AC5, and nobody
    need recover for it."""
    assert explored.complete
    assert next(explored.violations(), None) is None
    ends = [world for world in explored.worlds if is_over(world)]
    assert len(ends) > 20
    for world in ends:
        assert not undecided(world)


def test_with_two_participants_any_one_crash_in_the_middle_of_a_broadcast_blocks_nobody_and_splits_nothing():
    assert_safe_and_never_blocked(explore(World.of(cast(2, variant="termination")), crash=1, drop=2, fire=9))


def test_with_three_participants_the_backup_may_crash_too_between_any_two_messages():
    one_heard = after(World.of(cast(3, variant="termination")), PRECOMMIT_SENT + ONE_HEARD)
    assert_safe_and_never_blocked(explore(one_heard, crash=1, drop=1, fire=9))


def test_timeouts_alone_do_not_survive_a_crash_in_the_middle_of_a_broadcast():
    fallen = {v.invariant.name for _, v in explore(World.of(cast(2)), crash=1, drop=1, fire=4).violations()}
    assert fallen == {"NB", "AC1"}


def test_timeouts_alone_survive_a_crash_between_broadcasts():
    assert_safe_and_never_blocked(explore(World.of(cast(2)), crash=1, fire=9))
