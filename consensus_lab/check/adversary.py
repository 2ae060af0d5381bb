"""The adversary of Fischer, Lynch and Paterson: a picker that neglects nothing, and lets nobody decide if it can.

Impossibility of Distributed Consensus with One Faulty Process (1985): while a world can still come to either of two
decisions, every message can be delivered in such an order that this remains so (their lemma 3). The adversary delivers
what is oldest; if that would settle the matter, it lets others act first, until it does not. Whether a world is still
open is seen, as in the paper, by what becomes of it when one node is silent. It refuses to know any protocol.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Address, Cast
from consensus_lab.kernel.notation import render
from consensus_lab.sim import Choice, Deliver, Fire, Sync, World
from consensus_lab.sim.moves import every_move
from consensus_lab.sim.pickers import Rounds
from consensus_lab.sim.world import Pick

PATIENCE = 150
"""How many steps those who are left are given to decide without the silent one."""
AHEAD = 40
"""How many steps of others it looks ahead for a moment at which the oldest message does no harm."""
KEPT = 1_000
"""How many moments it remembers."""


Silence = tuple[tuple[Choice, ...], str | None]
"""What happens while a node is silent, and which decision, as text, the others come to by that; None: they do not."""


@dataclass
class Adversary:
    """Picks for ever and nobody decides, where two decisions are possible; None when it finds no way any more.

    What it has found out of a world it keeps for the next: it may be asked about any, and picks the same again.
    """

    cast: Cast
    _plan: dict[Hashable, Choice] = field(default_factory=dict, repr=False)  # by the moment
    _silences: dict[tuple[Hashable, Address], Silence] = field(default_factory=dict, repr=False)
    _silent: tuple[Address, ...] = field(default=(), repr=False)  # whose silences showed last that all is open

    def pick(self, world: World) -> Pick | None:
        """The next choice."""
        planned = self._plan.get(moment(world))
        if planned is None or world.refusal(planned):
            self._make_plan(world)
            planned = self._plan.get(moment(world))
        return None if planned is None else Pick(planned)

    def __str__(self) -> str:
        return "flp"

    def _make_plan(self, world: World) -> None:
        """What to do here: what has waited longest, if that leaves all open; else first what lets it do so."""
        owed = oldest(world)
        if owed is None:
            return
        if len(self._plan) > KEPT:
            self._plan.clear()
            self._silences.clear()
        for choice in self._best(world, owed):
            self._plan[moment(world)] = choice
            world = world.take(choice)

    def _best(self, world: World, owed: Choice) -> tuple[Choice, ...]:
        """What leaves all open and ends with what is owed; nothing when there is no such plan."""
        if self.stays_open(world, owed):
            return (owed,)
        if not self._silent:  # nor was it open before
            return ()
        plans = (self._way(world, owed, silent) for silent in (*self._silent, *self.cast.addresses))
        plan = next(filter(None, plans), ())
        if plan:
            return plan
        self._silent = ()  # perhaps it is the silence of others that shows it
        return self._best(world, owed)

    def _way(self, world: World, owed: Choice, silent: Address) -> tuple[Choice, ...] | None:
        """What the others may do first, so that what is owed, which comes last, does no harm."""
        way: list[Choice] = []
        for choice, after in without(world, silent, owed):
            way.append(choice)
            if len(way) > AHEAD or after.decisions:
                return None
            if after.refusal(owed) is None and self.stays_open(after, owed):
                return (*way, owed)
        return None

    def stays_open(self, world: World, choice: Choice) -> bool:
        """Whether two different decisions are seen to be possible after this: each by the silence of some node."""
        after = world.take(choice)
        seen: dict[str, Address] = {}
        for silent in self._silent or self.cast.addresses:
            silence = self._after(world, choice, after, silent)
            self._silences[moment(after), silent] = silence
            if silence[1] is not None:
                seen.setdefault(silence[1], silent)
            if len(seen) == 2:
                self._silent = tuple(seen.values())
                return True
        return False

    def _after(self, world: World, choice: Choice, after: World, silent: Address) -> Silence:
        """What a silence comes to after a choice: the same if the silent one makes it, or if it comes next anyway."""
        run, decision = self._silences.get((moment(world), silent), ((), None))
        if decision is not None and choice.actor == silent:
            return run, decision
        if decision is not None and run[:1] == (choice,):
            return run[1:], decision
        return decided_without(after, silent)


def moment(world: World) -> Hashable:
    """Tells the worlds of a run, and of its branches, from each other."""
    return (world.steps, world.now, world.serial, world.timeouts, world.faults, *map(str, by_age(world)))


# -- what is owed ----------------------------------------------------------------------------------------------------


def by_age(world: World) -> list[Choice]:
    """What can happen by itself, in the order in which it could first."""
    return sorted(every_move(world), key=lambda choice: _since(world, choice))


def oldest(world: World) -> Choice | None:
    """What has been possible for longest."""
    return next(iter(by_age(world)), None)


def _since(world: World, choice: Choice) -> int:
    match choice:
        case Deliver():
            return choice.envelope(world).sent
        case Sync(node):
            return world.machines[node].dirty
        case Fire():
            return choice.earliest(world)
    return 0  # a client has waited from the beginning


# -- silence ---------------------------------------------------------------------------------------------------------


def without(world: World, silent: Address, owed: Choice | None = None) -> Iterator[tuple[Choice, World]]:
    """What happens in rounds while one node neither acts nor is heard, and what is owed waits: choices, and worlds."""
    while True:
        moves = [move for move in every_move(world) if move != owed and silent not in involved(move)]
        choice = Rounds().among(world, moves)
        if choice is None:
            return
        world = world.take(choice)
        yield choice, world


def involved(choice: Choice) -> tuple[Any, ...]:
    """Who acts, and who is heard."""
    return (choice.actor, choice.sender) if isinstance(choice, Deliver) else (choice.actor,)


def decided_without(world: World, silent: Address) -> Silence:
    """What becomes of a world when one node is silent."""
    run: list[Choice] = []
    for choice, after in without(world, silent):
        run.append(choice)
        if after.decisions:
            return tuple(run), render(after.decisions[0].value)
        if len(run) > PATIENCE:
            break
    return (), None
