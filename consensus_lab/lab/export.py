"""A performance as JSON, for the site's player: every frame with what changed, so that a page needs no Python."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.lab.scenario import Performance
from consensus_lab.lab.spacetime import Arrow, SpaceTime
from consensus_lab.sim import World, WorldStep

VERSION = 1


def export(performance: Performance) -> dict[str, Any]:
    """The whole performance: lanes, the world at the start, and a frame for each step.

    A frame's ``states`` holds only nodes that changed; arrows are numbered by the serial of their message, and those
    of messages that were sent when the cast was switched on, before any frame, stand in ``sent``.
    """
    diagram = SpaceTime(performance.start.cast.addresses, performance.start)
    begun = [_arrow(arrow) for arrow in diagram.arrows]
    refuted = {index: [str(violation)] for index, violation in performance.violations}
    frames, before = [], performance.start
    for index, step in enumerate(performance.trace):
        diagram.add(step)
        frames.append(_frame(step, before, diagram) | _notes(index, performance.captions, refuted))
        before = step.world
    return {
        "format": "consensus-lab-trace",
        "version": VERSION,
        "protocol": performance.header.protocol,
        "scenario": performance.scenario.name,
        "title": performance.scenario.title,
        "summary": performance.scenario.summary,
        "cast": dict(performance.header.cast),
        "lanes": [{"id": a, "role": p.role or type(p).__name__} for a, p in performance.start.cast.processes.items()],
        "start": {address: _state(performance.start, address) for address in performance.start.machines},
        "sent": begun,
        "frames": frames,
        "closing": list(performance.captions.get(len(performance.trace), [])),
        "invariants": [{"name": i.name, "sentence": i.sentence} for i in performance.start.cast.invariants],
    }


def _notes(index: int, captions: Mapping[int, list[str]], refuted: Mapping[int, list[str]]) -> dict[str, Any]:
    return {"captions": list(captions.get(index, [])), "violations": refuted.get(index, [])}


def _frame(step: WorldStep, before: World, diagram: SpaceTime) -> dict[str, Any]:
    row = diagram.rows[-1]
    changed = [a for a in step.world.machines if step.world.machines[a] is not before.machines[a]]
    return {
        "time": step.now / MICROSECOND,
        "node": row.actor,
        "verb": row.verb,
        "choice": str(step.choice),
        "label": row.label,
        "rule": step.rule,
        "why": _first_sentence(step),
        "fault": step.choice.fault,
        "outcome": step.outcome,
        "sent": [_arrow(arrow) for arrow in row.sent],
        "arrived": [arrow.serial for arrow in row.ended if not arrow.lost],
        "lost": [arrow.serial for arrow in row.ended if arrow.lost],
        "states": {address: _state(step.world, address) for address in changed},
        "cuts": [f"{sender} -> {to}" for (sender, to), _ in step.world.network.cuts],
        "decisions": [
            {"node": d.node, "value": render(d.value)} for d in step.world.decisions[len(before.decisions) :]
        ],
    }


def _first_sentence(step: WorldStep) -> str:
    """What the rule that ran says of itself."""
    process = step.world.processes.get(step.choice.actor or "")
    rule = getattr(process, step.rule, None) if step.rule else None
    return (inspect.getdoc(rule) or "").partition("\n")[0] if rule else ""


def _arrow(arrow: Arrow) -> dict[str, Any]:
    return {"id": arrow.serial, "from": arrow.sender, "to": arrow.to, "label": arrow.label}


def _state(world: World, address: str) -> dict[str, Any]:
    machine = world.machines[address]
    facts = machine.node.process.facts() if machine.node else {}
    return {
        "up": machine.up,
        "paused": machine.paused,
        "facts": {name: render(value) for name, value in facts.items()},
        "journal": [render(record) for record in machine.disk.records],
        "unwritten": [render(record) for record in machine.unwritten],
        "timers": [render(armed.timer) for armed in machine.timers],
    }
