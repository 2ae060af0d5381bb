"""Opens what there is to play: a scenario by name or file, or a trace file. Raises BadInput with a sentence."""

from __future__ import annotations

import re
from pathlib import Path

from consensus_lab.kernel import Cast
from consensus_lab.kernel.notation import Vocabulary
from consensus_lab.kernel.trace import Record
from consensus_lab.lab.catalogue import scenario_files, words_of
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.replaying import load_trace
from consensus_lab.lab.scenario import Performance, load_scenario
from consensus_lab.lab.stage import switched_on
from consensus_lab.sim.conditions import CALM
from consensus_lab.sim.pickers import Picker, Replay, Seeded, steps_of
from consensus_lab.tui.session import Session

AT_ONCE = 100
"""So many steps of a trace are read before the screen is opened, more than fit on one; the rest while it is used."""


def open_session(name: str | None = None, *, step: int | None = None) -> Session:
    """The session of a scenario's name, of a scenario file or of a trace file; the first scenario when not said.

    It opens after `step` steps; else at the beginning; else, where script or trace could not be followed, where that
    was. Raises BadInput, with what is allowed, for anything that is not there.
    """
    name = name or next(iter(scenario_files()))
    path = Path(name)
    if path.suffix == ".trace" and path.is_file():
        session = of_record(*load_trace(path), name=path.name)
    else:
        session = of_performance(load_scenario(name).perform())
    session.load(AT_ONCE)
    if step is None:
        session.goto(len(session.steps) if session.failure else 0)
    else:
        _goto(session, step, name)
    return session


def _goto(session: Session, step: int, name: str) -> None:
    session.goto(step)
    if step < 0 or (session.cursor < step and session.failure is None):
        session.end()
        known = len(session.steps)
        raise BadInput(f"{name} has {known} steps: --step takes 0 to {known}, not {step}")


def of_performance(performance: Performance) -> Session:
    """A scenario as played: its steps, its narration, and its picker for what comes after."""
    scenario = performance.scenario
    return Session(
        performance.start,
        scenario.picker(),
        script=iter(performance.trace),
        captions=performance.captions,
        name=scenario.name or scenario.cast.protocol,
        title=scenario.title,
        failure=performance.failure,
    )


def of_record(record: Record, cast: Cast, *, words: Vocabulary | None = None, name: str = "") -> Session:
    """A trace as it goes today: read step by step, so that a long one need not be waited for.

    `words` are the messages that its lines may name: those of the cast's protocol unless said otherwise.
    """
    start = switched_on(cast)
    words = words_of(cast.protocol) if words is None else words
    return Session(
        start,
        picker_of(record),
        script=steps_of(start, Replay(record.lines, words), steps=len(record.lines)),
        captions=record.captions,
        name=f"{record.header.protocol}/{name}",
        title=record.header.scenario,
    )


def picker_of(record: Record) -> Picker:
    """Who went on when the trace was made, as far as its header says."""
    header = record.header
    seed = re.search(r"seeded (\d+)", header.picker)
    conditions = CALM
    if header.scenario in scenario_files():
        conditions = load_scenario(header.scenario).conditions
    return Seeded(int(seed[1]) if seed else 1, conditions)
