"""Each wrong answer is caught by its story, and those that break safety by storms too. The reference passes both."""

import pytest

from consensus_lab.check.keeping import Filing, filing
from consensus_lab.kernel import Cast
from consensus_lab.lab.mutants import Mutant
from consensus_lab.lab.mutants.paxos import (
    EQUIVALENT,
    MUTANTS,
    OTHERS,
    BallotReuse,
    Equivalent,
    FirstNotHighest,
    ForgetAccepted,
    ForgetPromise,
    NoPrepare,
    NoPromiseCheck,
    OwnValue,
    SmallPromiseQuorum,
    SmallQuorum,
)
from consensus_lab.lab.trials import Refuted, script
from consensus_lab.protocols.paxos import cast
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.proposer import Proposer
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Seeded, steps_of
from tests.protocols.paxos.casting import ROUGH

EVERY = pytest.mark.parametrize("mutant", [*MUTANTS, *OTHERS], ids=lambda mutant: mutant.name)


@EVERY
def test_its_story_tells_it_from_the_reference(mutant: Mutant, tmp_path):
    token = filing.set(Filing(tmp_path))
    try:
        script(cast(**mutant.cast), mutant.script)
        with pytest.raises(Refuted) as refuted:
            script(cast(**mutant.cast, **{mutant.role: mutant.kind}), mutant.script)
    finally:
        filing.reset(token)
    begins = "expected " if mutant.refutes == "expect" else f"{mutant.refutes} ("
    assert str(refuted.value).startswith(begins)


@EVERY
def test_it_is_one_rule_gone_wrong(mutant: Mutant):
    reference = mutant.kind.__mro__[1]
    overridden = {name for name in vars(mutant.kind) if name in vars(reference) and not name.startswith("__")}
    assert overridden - {"RULES"} == {mutant.rule}


def test_the_mistakes_that_the_course_names_are_all_here():
    named = {OwnValue, FirstNotHighest, NoPromiseCheck, ForgetAccepted, ForgetPromise, SmallQuorum, BallotReuse}
    assert named <= {mutant.kind for mutant in MUTANTS}


def fallen(players: Cast, seed: int) -> str | None:
    """The first invariant that falls in this storm."""
    for step in steps_of(World.of(players), Seeded(seed, ROUGH), steps=400):
        violations = step.world.violations()
        if violations:
            return violations[0].invariant.name
    return None


def held_to(claim: str, **parameters: object) -> Cast:
    """To this claim alone, and not to what leads to its fall."""
    players = cast(**parameters)
    return players.claiming(*(held for held in players.invariants if held.name == claim))


@pytest.mark.parametrize(
    ("kind", "claim", "parameters"),
    [
        (OwnValue, "Agreement", {}),
        (FirstNotHighest, "Agreement", {}),
        (NoPrepare, "Agreement", {}),
        (SmallPromiseQuorum, "Agreement", {}),
        (NoPromiseCheck, "Agreement", {}),
        (ForgetAccepted, "Agreement", {}),
        (ForgetPromise, "VotesSafe", {}),
        (SmallQuorum, "Learned", {"acceptors": 4}),
    ],
)
def test_one_of_sixty_storms_catches_it_and_none_the_reference(kind: type, claim: str, parameters: dict):
    role = next(role.__name__.lower() for role in kind.__mro__ if role in (Proposer, Acceptor, Learner))
    players = held_to(claim, **{role: kind}, **parameters)
    caught = next(seed for seed in range(1, 61) if fallen(players, seed))
    assert fallen(cast(**parameters), caught) is None


@pytest.mark.parametrize("equivalent", EQUIVALENT, ids=lambda equivalent: equivalent.name)
def test_an_equivalent_mutant_breaks_no_agreement_there_and_does_elsewhere(equivalent: Equivalent, tmp_path):
    assert {fallen(held_to("Agreement", **equivalent.parameters), seed) for seed in range(1, 31)} == {None}
    reference = {name: value for name, value in equivalent.killed_in.items() if name != "proposer"}
    token = filing.set(Filing(tmp_path))
    try:
        script(cast(**reference), equivalent.script)
        with pytest.raises(Refuted, match=r"^Agreement \("):
            script(held_to("Agreement", **equivalent.killed_in), equivalent.script)
    finally:
        filing.reset(token)
