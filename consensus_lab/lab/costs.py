"""The cost meter: what a trace cost, in messages, forced writes, delays and round trips. It knows no protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from consensus_lab.kernel import Address, Cost, Decide, Effect, Force, Send
from consensus_lab.sim import World, WorldStep


def left(step: WorldStep) -> Iterator[Effect]:
    """The effects that really happened in this step: not what is held back, but what a sync set free."""
    yield from (effect for effect in step.asked if not any(effect is held for held in step.held))
    yield from step.freed


def messages_by_name(steps: Iterable[WorldStep]) -> Counter[str]:
    """How many messages of each name were sent from one node to another."""
    return Counter(
        type(effect.message).__name__
        for step in steps
        for effect in left(step)
        if isinstance(effect, Send) and effect.to in step.world.machines and effect.to != step.choice.actor
    )


def forced_by_node(steps: Iterable[WorldStep]) -> Counter[Address]:
    """How many records each node forced."""
    return Counter(
        step.choice.actor
        for step in steps
        for effect in step.asked
        if isinstance(effect, Force) and step.choice.actor is not None
    )


def deepest(world: World) -> int:
    """The longest chain of messages, each caused by the one before, that has reached anybody."""
    return max((machine.depth for machine in world.machines.values()), default=0)


def measure(steps: Iterable[WorldStep]) -> Cost:
    """The cost of everything that happened in these steps."""
    steps = list(steps)
    decided_at = [
        step.world.machines[step.choice.actor].depth
        for step in steps
        if step.choice.actor is not None and any(isinstance(effect, Decide) for effect in left(step))
    ]
    return Cost(
        messages=messages_by_name(steps).total(),
        forced=forced_by_node(steps).total(),
        delays=max(decided_at, default=0),
        round_trips=deepest(steps[-1].world) // 2 if steps else 0,
    )
