"""What came of a contrast: one row a protocol. Who decided what, who blocks, and what it cost until the last decided.

It reads all of it off the trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import Address, Cost, Violation
from consensus_lab.lab.contrast.players import PLAYERS, Player
from consensus_lab.lab.contrast.script import ContrastScript, Performance
from consensus_lab.lab.costs import measure
from consensus_lab.lab.script import ScriptError
from consensus_lab.lab.stage import Unmet
from consensus_lab.protocols.commitment import Abort, Commit
from consensus_lab.sim import WorldStep

HEADINGS = ("Protocol", "Decided", "Blocked", "Down", "Broken", "Messages", "Delays", "Forced writes")


@dataclass(frozen=True)
class Result:
    """One protocol's end. `cost` is counted from the request on: up to the last decision, if anything went wrong (for
    whoever waits goes on asking), else until nothing is owed to anybody.
    """

    player: Player
    leader: Address
    decided: Mapping[Address, Any]  # by node: the first thing that it decided
    blocked: tuple[Address, ...]  # up, and undecided
    down: tuple[Address, ...]
    cost: Cost
    disturbed: bool  # whether anything went wrong
    violations: tuple[Violation, ...]

    @property
    def costs_as_promised(self) -> bool:
        """What nothing disturbed costs what the textbook says; of anything else no textbook speaks."""
        return self.disturbed or self.cost == self.player.formula

    @property
    def row(self) -> tuple[str, ...]:
        """As text, in the order of HEADINGS."""
        figures = map(str, (self.cost.messages, self.cost.delays, self.cost.forced))
        return (self.player.name, self._decided(), listed(self.blocked), listed(self.down), self._broken(), *figures)

    def _broken(self) -> str:
        return listed(violation.invariant.name for violation in self.violations)

    def _decided(self) -> str:
        outcomes: dict[str, list[Address]] = {}
        for node, value in self.decided.items():
            outcome = value if value is BY_SNAPSHOT else type(value).__name__ if type(value) in VERDICTS else ""
            outcomes.setdefault(outcome, []).append(node)
        return "; ".join(f"{listed(nodes)} {outcome}".strip() for outcome, nodes in outcomes.items()) or "nobody"


BY_SNAPSHOT = "by snapshot"
"""How a server ends up that was behind: it is given the state, and is never told what led to it."""
VERDICTS = (Commit, Abort)


def listed(nodes: Any) -> str:
    return ", ".join(nodes) or "–"


def perform(script: ContrastScript, player: Player) -> Result:
    """Play a script on one protocol. Raises ScriptError, with the line, when it never comes to what is waited for."""
    performance = Performance(player)
    for number, beat in script.beats:
        try:
            performance.play(beat)
        except (Unmet, ValueError) as error:
            raise ScriptError(script.name, number, str(error)) from error
    return judge(performance)


def judge(performance: Performance) -> Result:
    """What it came to."""
    world = performance.world
    decided: dict[Address, Any] = {}
    for node, value in performance.decisions:
        decided.setdefault(node, value)
    informed = (me for me, process in world.processes.items() if performance.player.holds(process))
    decided |= {me: BY_SNAPSHOT for me in informed if me not in decided}
    down = tuple(me for me, machine in world.machines.items() if not machine.up)
    return Result(
        performance.player,
        performance.leader,
        decided,
        tuple(me for me in world.machines if me not in decided and me not in down),
        down,
        measure(_until_decided(performance)),
        world.faults > 0,
        world.violations(),
    )


def _until_decided(performance: Performance) -> list[WorldStep]:
    """The steps that count."""
    is_decision = performance.player.is_decision
    if not performance.world.faults:
        return performance.steps
    deciders = [len({node for node, value in step.world.decisions if is_decision(value)}) for step in performance.steps]
    return performance.steps[: deciders.index(deciders[-1]) + 1] if deciders and deciders[-1] else performance.steps


def rows(script: ContrastScript) -> Iterator[Result]:
    """Every protocol in the order of the course."""
    return (perform(script, player) for player in PLAYERS)
