"""The claims can fail: bad weather alone, without a script, tells many wrong answers from the reference."""

from dataclasses import replace

import pytest

from consensus_lab.kernel import Cast
from consensus_lab.lab.mutants import Mutant, bank
from consensus_lab.protocols.multi_paxos import cast
from consensus_lab.sim import World
from consensus_lab.sim.chance import Exponential
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded, steps_of

WEATHER = replace(STORMY, latency=Exponential(0.06, low=0.005), crash=0.03, pause=0.02, cut=0.02, most_faults=25)
STEPS, SEEDS = 350, 40
RARE = {
    "TakesTheLowestVote": "two votes in one slot, of which the higher is chosen",
    "TakesTheFirstVoteTold": "two votes in one slot, of which the higher is chosen",
    "ClosesTheGap": "a hole below what is chosen, and a leader lost",
    "TrustsItsOwnLog": "a vote that came to nothing, at whoever leads next",
    "ForgetsItsNumbers": "a client that crashes between two requests",
    "AnswersFromItsStore": "a read at a leader that is deposed, after a write elsewhere",
    "ForgetsEarlierLeaders": "a read in the moment in which somebody begins to lead",
    "ReliesOnAnOldRound": "a second read at a leader that is deposed",
}
"""What it takes, which forty storms seldom have; the bank's stories tell these from the reference."""
FOUND = [mutant for mutant in bank("multi-paxos") if mutant.refutes != "expect" and mutant.name not in RARE]


def falls(players: Cast, seed: int) -> bool:
    """Whether some claim is refuted in this storm."""
    steps = steps_of(World.of(players), Seeded(seed, WEATHER), steps=STEPS)
    return any(step.world.violations() for step in steps)


@pytest.mark.parametrize("mutant", FOUND, ids=lambda mutant: mutant.name)
def test_a_storm_finds_it_and_not_the_reference(mutant: Mutant):
    parameters = {"clients": 3, "snapshot_every": 2, **mutant.cast, "wishes": ("add", "red", "get")}
    wrong, right = cast(**parameters, server=mutant.kind), cast(**parameters)
    caught = next((seed for seed in range(1, SEEDS + 1) if falls(wrong, seed)), None)
    assert caught is not None, "forty storms were not enough"
    assert not falls(right, caught)


def test_the_rare_ones_are_in_the_bank():
    assert {mutant.name for mutant in bank("multi-paxos")} >= RARE.keys()
