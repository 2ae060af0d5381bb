"""Why: the narration, what the last step did and by which rule, what was refuted, and why something cannot be done."""

from __future__ import annotations

from rich.text import Text

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.session import Session
from consensus_lab.tui.telling import event, outcome
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane, styled, wrapped


class Why(Pane):
    """The most pressing first: a refusal, a refuted invariant, the narration, the step."""

    def __init__(self, id: str = "why") -> None:
        super().__init__(id, "why")

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        before = _pressing(desk, tones)
        after = [*_narration(desk.session, tones), *_happened(desk.session, tones)]
        lines = _lines([*before, *_refuted(desk.session, tones), *after], width)
        if len(desk.session.violations) > 1 and len(lines) > self.scrollable_content_region.height:
            lines = _lines([*before, *_refuted_in_short(desk.session, tones), *after], width)
        return lines


def _lines(told: list[Text], width: int) -> list[Line]:
    return [(Text(" ").append_text(line), None) for text in told for line in wrapped(text, width - 2, 2)]


def _pressing(desk: Desk, tones: Tones) -> list[Text]:
    session, chosen = desk.session, desk.chosen
    lines = []
    if chosen is not None and chosen.refusal and not session.notice:
        lines.append(Text(f"Not now: {chosen.text}, because {chosen.refusal}.", tones["strong"]))
    if session.notice:
        lines.append(Text(f"{session.notice}", tones["strong"]))
    if session.failed_here and not (session.notice and session.notice in f"{session.failure}"):
        lines.append(Text(f"✗ {session.failure}", tones["refuted"]))
    return lines


def _refuted(session: Session, tones: Tones) -> list[Text]:
    return [Text(f"✗ {violation}", tones["refuted"]) for violation in session.violations]


def _refuted_in_short(session: Session, tones: Tones) -> list[Text]:
    """The first in full, the others by name."""
    first, *others = _refuted(session, tones)
    names = " ".join(violation.invariant.name for violation in session.violations[1:])
    more = [Text(f"✗ and {len(others)} more: {names}  (i says why)", tones["refuted"])] if others else []
    return [first, *more]


def _narration(session: Session, tones: Tones) -> list[Text]:
    return [Text(f"¶ {sentence}", tones["narration"]) for sentence in session.narration()]


def _happened(session: Session, tones: Tones) -> list[Text]:
    step = session.step
    if step is None:
        title = session.title or session.start.cast.protocol
        return [styled((f"{title}.  ", tones["strong"]), ("→ steps, ] follows the story, ? helps.", tones["dim"]))]
    rule = f"  by its rule {step.rule}" if step.rule and step.rule != "no rule" else ""
    ignored = "  (it has no rule for that now)" if step.rule == "no rule" else ""
    effects = ": " + " · ".join(outcome(step))
    happened = (f"{session.cursor}  {event(step)}", tones["strong"])
    return [styled(happened, (rule + ignored, tones["dim"]), (effects.removesuffix(": "), tones["text"]))]
