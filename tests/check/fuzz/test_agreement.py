"""Ways to run the same step: what a seed does, by heart or in place, a World does too, choice by choice.

`tests/check/test_agreement.py` ties the World to the explorer in the same way, and so the three.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.check.freeze import freeze_message, freeze_process
from consensus_lab.check.fuzz.inplace import InPlace
from consensus_lab.check.fuzz.reflexes import Reflexes
from consensus_lab.check.fuzz.run import Ending, Run
from consensus_lab.check.fuzz.watching import Grown, Lookout
from consensus_lab.check.fuzz.weather import menu_of, weather_of
from consensus_lab.kernel import Cast
from consensus_lab.lab.catalogue import protocol, protocols
from consensus_lab.sim import Pick, World

STEPS = 120
SEEDS = st.integers(0, 2**32)


class Observed(Run):
    """Takes down what it looks like after every event: by then so many choices were made."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.looks: list[tuple[int, Any]] = []
        super().__init__(*given, **named)

    def check(self) -> None:
        super().check()
        if self.trail:
            self.looks.append((len(self.trail), looks(self)))


def looks(run: Run) -> Any:
    """All that can be told of it, but for when things will happen."""
    processes = {me: standing.process for me, standing in run.standings.items() if standing.process}
    unwritten = {me: standing.unwritten for me, standing in run.standings.items()}
    journals = {me: run.journals[me].items for me in run.standings}
    return _all_of(processes, unwritten, journals, run.decisions.items, (run.faults, run.timeouts, run.at_rest))


def looks_of_world(world: World) -> Any:
    unwritten = {me: len(machine.unwritten) for me, machine in world.machines.items()}
    journals = {me: world.journal(me) for me in world.machines}
    return _all_of(world.processes, unwritten, journals, world.decisions, (world.faults, world.timeouts, world.at_rest))


def _all_of(processes: Any, unwritten: Any, journals: Any, decisions: Any, counts: Any) -> Any:
    return (
        {me: freeze_process(process) for me, process in processes.items()},
        unwritten,
        {me: tuple(map(freeze_message, journal)) for me, journal in journals.items()},
        [(me, freeze_message(value)) for me, value in decisions],
        counts,
    )


def observed(cast: Cast, seed: int, kind: type[Reflexes] | type[InPlace]) -> tuple[list[Pick], list[tuple[int, Any]]]:
    """A seed's choices, and what the run looked like after so many of them; of faults of every kind."""
    trail: list[Pick] = []
    calm = cast.claiming()
    weather = weather_of(seed, cast, menu_of(replace(cast, withstands=None)))
    run = Observed(seed, kind(calm, Lookout(calm)), weather, steps=STEPS, trail=trail)
    run.endure()
    run.mend()
    return trail, run.looks


@pytest.mark.parametrize("kind", [Reflexes, InPlace])
@pytest.mark.parametrize("name", protocols())
@settings(max_examples=8)
@given(seed=SEEDS)
def test_a_run_and_a_world_agree_state_by_state(name: str, kind: type[Reflexes] | type[InPlace], seed: int) -> None:
    cast = protocol(name).cast(**({"writes": 3} if name == "zab" else {}))
    trail, after = observed(cast, seed, kind)
    expected = dict(after)  # the last look after so many choices
    world = World.of(cast)
    for number, pick in enumerate(trail, 1):
        assert world.refusal(pick.choice) is None, f"a World cannot {pick.choice}"
        world = world.take(pick.choice, pick.at)
        if number in expected:
            assert looks_of_world(world) == expected[number], f"after '{pick.choice}', choice {number}"
    assert after, "something happened"


@pytest.mark.parametrize("name", ["paxos", "zab"])
def test_a_seed_ends_alike_by_heart_and_in_place(name: str) -> None:
    cast = protocol(name).cast(**({"writes": 3} if name == "zab" else {}))
    endings = [[ending(cast, seed, kind) for seed in range(1, 9)] for kind in (Reflexes, InPlace)]
    assert endings[0] == endings[1]


def ending(cast: Cast, seed: int, kind: type[Reflexes] | type[InPlace]) -> Ending:
    lookout = Lookout(cast)
    nodes = kind(cast, lookout)
    while True:
        try:
            return Run(seed, nodes, weather_of(seed, cast, menu_of(cast)), steps=STEPS).play()
        except Grown:
            lookout.forget()
            nodes.look_again()
