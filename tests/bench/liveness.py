"""Searches for runs without end: states a second, loops found or excluded, and components beside networkx's."""

import time
from collections.abc import Callable

import networkx

from consensus_lab.check import Exploration, Verdict
from consensus_lab.check.adversary import Adversary
from consensus_lab.check.bounds import Bound, Budget, Timers
from consensus_lab.check.components import tarjan
from consensus_lab.check.goals import everyone_decides
from consensus_lab.check.liveness import Eventually, Pursuit
from consensus_lab.kernel import Cast
from consensus_lab.protocols import paxos, three_phase_commit, two_phase_commit
from consensus_lab.sim import World
from consensus_lab.sim.pickers import play

QUESTIONS: dict[str, Callable[[], Verdict]] = {
    "2PC blocks, 3 participants, a crash": lambda: asked(two_phase_commit.cast(3), crashes=1),
    "3PC does not, 3 participants, 2 crashes": lambda: asked(
        three_phase_commit.cast(3, variant="termination"), crashes=2
    ),
    "Paxos' duel, timers at any time": lambda: asked(paxos.cast(2, 1, 1), timers="any"),
    "Paxos' eager duel, timers late": lambda: asked(paxos.cast(2, 1, 1, retry="eager", nack=True)),
    "a distinguished proposer ends it": lambda: asked(paxos.cast(2, 3, 1, retry="distinguished")),
}
STATES = 200_000
PICKS = 500


def asked(cast: Cast, *, crashes: int = 0, timers: Timers = "late") -> Verdict:
    """Whether everybody decides, where nobody comes back."""
    bound = Bound(crashes, timers=timers, recover=False)
    return Exploration(cast, bound).judge(Eventually(everyone_decides(cast)))


def main() -> None:
    """Print the figures."""
    for name, ask in QUESTIONS.items():
        begun = time.process_time()
        verdict = ask()
        taken = time.process_time() - begun
        states = verdict.progress.distinct
        print(f"{name:<40} {verdict.ruling.value:<10} {states:>7,} states {states / taken:>8,.0f} per CPU second")
    components()
    cast = paxos.cast(learners=1)
    begun = time.process_time()
    play(World.of(cast), Adversary(cast), steps=PICKS)
    print(f"FLP's adversary against Paxos            {(time.process_time() - begun) / PICKS * 1e3:.1f} ms a step")


def components() -> None:
    """The strongly connected components of a large graph, by ours and by networkx."""
    cast = paxos.cast(2, 3, 1)
    pursuit = Pursuit(cast, Bound(), Eventually(everyone_decides(cast)), frozenset(), Budget(STATES))
    pursuit.run()
    rows = pursuit.graph.successors
    begun = time.process_time()
    ours = sum(1 for _ in tarjan(rows))
    between = time.process_time()
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(len(rows)))
    graph.add_edges_from((a, b) for a, row in enumerate(rows) for b in row if 0 <= b < len(rows))
    theirs = sum(1 for _ in networkx.strongly_connected_components(graph))
    ratio = (time.process_time() - between) / (between - begun)
    print(f"components of {len(rows):,} states: {ours:,} and {theirs:,}; networkx takes {ratio:.1f} times as long")
