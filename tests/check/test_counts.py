"""The space that is searched is pinned: it has exactly the states, transitions and depth that others have counted.

Figures in TLC's convention: (distinct states, generated states, depth); depth counts states, and the initial state and
steps that change nothing are generated too.
"""

from dataclasses import replace

import pytest

from consensus_lab.check import Exploration, Falsified, explore
from consensus_lab.check.bounds import Budget
from consensus_lab.check.claims import Always, Judge
from consensus_lab.check.engines import Engine, run
from consensus_lab.check.search import Progress
from consensus_lab.kernel import Cast, Links, Process
from tests.check.models import abd, paxos, paxos_node, paxos_tla, single_copy, two_phase
from tests.check.models.registers import commute


def counts_of(progress: Progress) -> tuple[int, int, int]:
    return progress.distinct, progress.generated, progress.depth


@pytest.mark.parametrize(
    ("managers", "counts"),
    [
        (3, (288, 1_146, 11)),  # published with TwoPhase.tla
        (4, (1_568, 8_258, 14)),
        (5, (8_832, 58_146, 17)),  # Stateright's 2pc.rs asserts the first
        (6, (50_816, 402_306, 20)),
        (7, (296_448, 2_744_706, 23)),
    ],
)
@pytest.mark.parametrize("engine", ["python", "numpy"])
def test_two_phase_of_the_tla_examples(managers: int, counts: tuple[int, int, int], engine: Engine) -> None:
    assert counts_of(explore(two_phase.cast(managers), network="set", engine=engine).always().progress) == counts


@pytest.mark.parametrize(
    ("values", "ballots", "counts"),
    [
        (1, 1, (41, 168, 9)),
        (1, 2, (1_681, 9_903, 17)),
        (2, 2, (3_921, 23_563, 17)),  # published as PaxosHowToWinATuringAward/MCPaxosTiny
        (2, 3, (185_369, 1_361_380, 25)),  # MCPaxosSmall
    ],
)
def test_paxos_of_the_tla_examples(values: int, ballots: int, counts: tuple[int, int, int]) -> None:
    space = paxos_tla.space(values, ballots)
    search = run("auto", space, Judge(space, Always(space.cast.invariants)), Budget())
    assert search.found is None
    assert counts_of(search.progress) == counts


def stateright(cast: Cast) -> Exploration:
    """Its unordered network without duplicates, its steps that do nothing left out, its tester's history."""
    return explore(cast, skip_ignored=True, commute=commute, sees=nothing)


def nothing(process: Process) -> None:
    """nothing, for what counts is what its clients were told"""


@pytest.mark.parametrize(
    ("cast", "counts"),
    [
        pytest.param(single_copy.cast(2, 1), (93, 121, 9), id="single-copy-register.rs"),
        pytest.param(abd.cast(2, 2), (544, 875, 25), id="linearizable-register.rs"),
        pytest.param(paxos.cast(2), (16_668, 32_971, 21), id="paxos.rs"),
        pytest.param(paxos.cast(3), (1_194_428, 2_420_477, 28), id="paxos.rs with 3 clients"),
    ],
)
def test_examples_of_stateright(cast: Cast, counts: tuple[int, int, int]) -> None:
    """Stateright's own tests assert the first of each; generated and depth as others' engines counted them here."""
    verdict = stateright(cast).always()
    assert counts_of(verdict.progress) == counts
    assert not verdict.progress.met_copies, "no message is ever in flight twice"


def test_a_register_on_two_servers_that_do_not_talk_falls_in_four_steps() -> None:
    """Stateright finds the same: the second server never heard of the write."""
    with pytest.raises(Falsified, match="LINEARIZABLE") as refused:
        stateright(single_copy.cast(2, 2)).always()
    story = refused.value.verdict.story
    assert story is not None
    assert len(story.trace) == 4


def test_the_same_register_over_connections() -> None:
    fifo = replace(abd.cast(2, 2), links=Links.FIFO)
    assert counts_of(explore(fifo, commute=commute).always().progress) == (620, 883, 25)


def test_paxos_with_a_crash_of_every_server() -> None:
    """No published figure; two independent engines counted as many."""
    verdict = explore(paxos_node.cast(1), network="set", sees=paxos_node.learned).always()
    assert counts_of(verdict.progress) == (582_280, 2_246_105, 27)
    assert verdict.progress.steps == 4_647, "a rule runs once for each distinct pair of local state and event"
