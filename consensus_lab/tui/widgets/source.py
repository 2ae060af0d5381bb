"""The source of the rule that the last step ran."""

from __future__ import annotations

import inspect
import textwrap
from functools import lru_cache

from rich.text import Text

from consensus_lab.sim import World, WorldStep
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane


class Source(Pane):
    """What `inspect` finds of it, or why there is none."""

    def __init__(self, id: str = "source") -> None:
        super().__init__(id, "rule")

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        step = desk.session.step
        found = rule_source(step, desk.session.start) if step else None
        if found is None:
            return [(Text(" No rule ran in this step.", tones["dim"]), None)]
        kind, name = found
        where, lines = _highlighted(kind, name, self.app.current_theme.dark)
        return [(Text(f" {where}", tones["dim"]), None), *((line, None) for line in lines)]


def rule_source(step: WorldStep, start: World) -> tuple[type, str] | None:
    """The class and the method that ran, if any did."""
    actor = step.choice.actor
    if not step.rule or step.rule == "no rule" or actor is None or actor not in start.cast.processes:
        return None
    return type(start.cast.processes[actor]), step.rule


@lru_cache(maxsize=256)
def _highlighted(kind: type, name: str, dark: bool) -> tuple[str, tuple[Text, ...]]:
    from rich.syntax import Syntax  # only now: it is slow to import, and the screen should be painted first

    method = getattr(kind, name)
    try:
        code = textwrap.dedent(inspect.getsource(method))
    except (OSError, TypeError):
        return f"{kind.__name__}.{name}: its source is not here", ()
    syntax = Syntax("", "python", theme="ansi_dark" if dark else "ansi_light", background_color="default")
    text = syntax.highlight(code.rstrip())
    return f"{method.__qualname__}", tuple(Text(" ").append_text(line) for line in text.split("\n"))
