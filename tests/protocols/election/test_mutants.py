"""The claims can fail: bad weather alone, without a script, tells most wrong answers from the reference."""

from dataclasses import replace

import pytest

from consensus_lab.lab.mutants import Mutant, bank
from consensus_lab.lab.trials import Run
from consensus_lab.protocols.election import cast, everyone_agrees
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded

WEATHER = replace(STORMY, latency=Uniform(0.005, 0.4), crash=0.04, reset=0.05, pause=0.03, cut=0.03, most_faults=20)
CHATTER = {"NoTotalOrder", "TakesEqualForBetter", "AnswersEveryone"}
"""They fill the network with words for ever; a script of so many steps is the kinder trial."""
HARMLESS_IN_STORMS = {
    "ChangesItsMindSilently": "what it does not say at once it says again when nobody speaks",
    "SettlesAtOnce": "waiting for a better vote spares work; without it another leader is as safe",
    "LeadsOnHearsay": "needs a leader that comes back before its voters have given up, and they do so soon",
    "KeepsItsOwnClock": "a round that nobody else is in is followed at the next election",
}
"""Equivalent to the reference as far as storms can see, and why; the bank's stories tell them apart."""
OTHERS = [mutant for mutant in bank("election") if mutant.name not in CHATTER | HARMLESS_IN_STORMS.keys()]


@pytest.mark.parametrize("mutant", OTHERS, ids=lambda mutant: mutant.name)
def test_a_storm_finds_it(mutant: Mutant):
    wrong, right = cast(**mutant.cast, peer=mutant.kind), cast(**mutant.cast)
    for seed in range(1, 41):
        picker = Seeded(seed, WEATHER)
        assert Run(right, picker, "").refuted_by([everyone_agrees]) is None
        if Run(wrong, picker, "").refuted_by([everyone_agrees]) is not None:
            return
    pytest.fail("forty storms were not enough")


@pytest.mark.parametrize("name", HARMLESS_IN_STORMS)
def test_what_storms_cannot_tell_from_the_reference_is_told_by_its_story(name: str):
    mutant = next(mutant for mutant in bank("election") if mutant.name == name)
    players = cast(**mutant.cast, peer=mutant.kind)
    assert all(Run(players, Seeded(seed, WEATHER), "").refuted_by([everyone_agrees]) is None for seed in range(1, 11))
    assert mutant.refutes == "expect", "no invariant falls"
