"""Every wrong answer of the bank is falsified by a search, by a trail of known length; the reference survives them all.

Where a search kills whom is in `tests.check.killing`.
"""

from typing import Any

import pytest

from consensus_lab.check import Falsified, explore
from consensus_lab.lab.mutants import bank
from consensus_lab.lab.mutants.paxos import EQUIVALENT, Equivalent
from consensus_lab.protocols import paxos
from tests.check.killing import TABLES, Beyond, Kill, alone, mutant_of, searched, table
from tests.check.killing.paxos import NOT_ALWAYS_EQUIVALENT

KILLS = [
    pytest.param(protocol, kill, id=f"{protocol}-{kill.mutant}") for protocol in TABLES for kill in table(protocol)[0]
]
BEYOND = [
    pytest.param(protocol, each, id=f"{protocol}-{each.mutant}") for protocol in TABLES for each in table(protocol)[1]
]


def configurations() -> list[Any]:
    """Each bound in which mutants are killed, once, and as far as the longest of their trails."""
    longest: dict[tuple[Any, ...], tuple[str, Kill]] = {}
    for protocol in TABLES:
        for kill in table(protocol)[0]:
            cast = {**mutant_of(protocol, kill.mutant).cast, **kill.cast}
            key = (protocol, tuple(cast.items()), tuple(kill.bound.items()), kill.ask)
            if key not in longest or longest[key][1].steps < kill.steps:
                longest[key] = (protocol, kill)
    return [pytest.param(*found, id=f"{found[0]}-{found[1].mutant}") for found in longest.values()]


@pytest.mark.parametrize("protocol", TABLES)
def test_every_mutant_has_its_record(protocol: str) -> None:
    kills, beyond = table(protocol)
    names = [each.mutant for each in (*kills, *beyond)]
    assert sorted(names) == sorted(mutant.name for mutant in bank(protocol))


@pytest.mark.parametrize(("protocol", "kill"), KILLS)
def test_a_mutant_is_killed_by_the_shortest_trail(protocol: str, kill: Kill) -> None:
    with pytest.raises(Falsified) as refused:
        kill.ask(searched(protocol, kill, mutant=True))
    story = refused.value.verdict.story
    assert story is not None
    assert len(story.trace) == kill.steps


@pytest.mark.parametrize(("protocol", "kill"), configurations())
def test_the_reference_survives_the_same_bound(protocol: str, kill: Kill) -> None:
    """Where claims are of every state, as far as the longest trail that kills a mutant there."""
    try:
        verdict = kill.ask(searched(protocol, kill, mutant=False, steps=kill.steps))
    except ValueError:  # what comes in the end is not seen in so many steps
        verdict = kill.ask(searched(protocol, kill, mutant=False))
    assert verdict.proved


@pytest.mark.parametrize(("protocol", "beyond"), BEYOND)
def test_what_is_beyond_a_search_survives_it(protocol: str, beyond: Beyond) -> None:
    """Were it not so, it would belong among the killed."""
    assert searched(protocol, beyond, mutant=True).always().proved


@pytest.mark.parametrize("equivalent", EQUIVALENT, ids=lambda equivalent: equivalent.name)
def test_an_equivalent_mutant_is_killed_in_the_cast_in_which_it_is_none(equivalent: Equivalent) -> None:
    survives = explore(paxos.cast(**{"learners": 1, **equivalent.parameters}), timeouts=0, steps=13)
    assert alone("Agreement")(survives).proved
    with pytest.raises(Falsified) as refused:
        explore(paxos.cast(**{"learners": 1, **equivalent.killed_in}), timeouts=0).always()
    story = refused.value.verdict.story
    assert story is not None
    assert len(story.trace) == NOT_ALWAYS_EQUIVALENT[equivalent.name]
