"""What of a protocol was reached: by a search, by a run, by whatever takes steps; and what never was."""

from consensus_lab.check import explore
from consensus_lab.check.claims import Always
from consensus_lab.check.coverage import FAULTS, Coverage, Pair, ruled_pairs, watching
from consensus_lab.lab.mutants.two_phase_commit import CommitsAtTheFirstYes
from consensus_lab.lab.trials import script
from consensus_lab.protocols import paxos, two_phase_commit
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.participant import Participant
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Rounds, play


def run(steps: int = 100, **cast: object) -> Coverage:
    start = World.of(two_phase_commit.cast(2, **cast))  # type: ignore[arg-type]
    coverage = Coverage()
    coverage.follow(start, play(start, Rounds(), steps=steps))
    return coverage


def searched(**bound: int) -> Coverage:
    cast = two_phase_commit.cast(2)
    with watching() as coverage:
        explore(cast, states=20_000, **bound).judge(Always(cast.invariants))  # type: ignore[arg-type]
    return coverage


def test_a_pair_is_a_message_and_the_state_in_which_it_came() -> None:
    coverage = run()
    assert coverage.pairs[Pair("Coordinator", "INIT", "Begin")] == 1
    assert coverage.pairs[Pair("Coordinator", "WAIT", "Yes")] == 2
    assert coverage.pairs[Pair("Participant", "INIT", "Start")] == 2
    assert not coverage.pairs[Pair("Coordinator", "WAIT", "No")]


def test_a_branch_of_a_rule_shows_in_its_outcomes() -> None:
    outcomes = {outcome for _, rule, outcome in run().outcomes if rule == "count_vote"}
    assert outcomes == {
        "nothing to be seen",
        "force Commit, cancel VotesOverdue, decide Commit, send Commit, timer AcksOverdue, to COMMIT",
    }


def test_what_no_run_reached_is_named() -> None:
    told = "\n".join(run().summary())
    assert "never Coordinator.accept_refusal, Coordinator.give_up" in told
    assert "faults:   none" in told


def test_a_table_tells_no_rule_from_never() -> None:
    lines = list(searched(crashes=1).lines())
    head = next(line.split() for line in lines if line.startswith("Coordinator"))
    yes = next(line.split() for line in lines if line.startswith("Yes"))
    row = dict(zip(head, yes, strict=True))
    assert row["INIT"].startswith("(")  # it came after a crash, and found no rule
    assert row["WAIT"].isdigit()
    assert row["COMMIT"] == "·"


def test_a_search_counts_situations_and_its_faults() -> None:
    coverage = searched(crashes=1, losses=1, duplicates=1)
    assert {verb for verb in FAULTS if coverage.verbs[verb]} == {"crash", "drop", "duplicate"}
    assert coverage.rules["Coordinator", "resume"] > 0
    assert coverage.verbs["recover"] > 0


def test_nothing_is_counted_unless_somebody_watches() -> None:
    with watching() as coverage:
        pass
    script(two_phase_commit.cast(2), "submit coordinator Begin\nrun for 10 s")
    assert not coverage.verbs


def test_whatever_is_staged_or_tried_meanwhile_is_counted() -> None:
    with watching() as coverage:
        script(two_phase_commit.cast(2), "submit coordinator Begin\nrun for 10 s")
        script(two_phase_commit.cast(2), "submit coordinator Begin\ncrash p1")
    assert coverage.pairs[Pair("Coordinator", "INIT", "Begin")] == 2
    assert coverage.verbs["crash"] == 1


def test_what_happens_on_recovery_is_a_rule_like_any_other() -> None:
    with watching() as coverage:
        script(two_phase_commit.cast(2), "submit coordinator Begin\nrun for 10 s\ncrash p1\nrecover p1")
    assert coverage.pairs[Pair("Participant", "COMMIT", "Recovered")] == 1
    assert coverage.outcomes["Participant", "announce_again", "decide Commit"] == 1


def test_a_class_of_ones_own_is_counted_under_its_own_name() -> None:
    assert run(coordinator=CommitsAtTheFirstYes).rules["CommitsAtTheFirstYes", "count_vote"] == 1


def test_there_are_rules_for_states_and_rules_for_all() -> None:
    assert Pair("C", "WAIT", "Yes") in ruled_pairs("C", Coordinator)
    assert Pair("C", "INIT", "Yes") not in ruled_pairs("C", Coordinator)
    assert [pair for pair in ruled_pairs("P", Participant) if pair.kind == "Start"] == [Pair("P", "INIT", "Start")]
    assert ruled_pairs("A", Acceptor) == [Pair("A", "any", "Prepare"), Pair("A", "any", "Accept")]


def test_a_protocol_of_several_roles_has_a_table_each() -> None:
    coverage = Coverage()
    coverage.expect(paxos.cast(1, 3, 1))
    assert next(coverage.lines()).split()[:2] == ["Proposer", "IDLE"]
    assert list(coverage.roles) == ["Proposer", "Acceptor", "Learner"]
