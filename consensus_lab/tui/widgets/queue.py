"""The queue: everything that may happen next, to be taken in any order; and what may not, with the reason."""

from __future__ import annotations

from rich.text import Text

from consensus_lab.kernel.notation import render
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.offers import Offer
from consensus_lab.tui.painting import spellings
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane, styled
from consensus_lab.tui.widgets.space_time import fitting

GROUP_TONES = {"timers": "timer", "disks": "disk", "client": "client", "repairs": "mended", "next": "fault"}


class Queue(Pane):
    """▸ is chosen (Enter takes it), → happens next if nobody chooses."""

    def __init__(self, id: str = "queue") -> None:
        super().__init__(id, "what may happen")

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        lines: list[Line] = []
        group = ""
        for offer in desk.offers:
            if offer.group != group:
                group = offer.group
                lines.append((Text(f" {group}", tones["dim"]), None))
            lines.append((_entry(desk, offer, tones, width), offer))
        return lines or [(Text(" nothing: the world is quiet", tones["dim"]), None)]

    def show(self, desk: Desk, tones: Tones) -> None:
        super().show(desk, tones)
        if desk.chosen in self.meanings:
            line = self.meanings.index(desk.chosen)
            self.reveal(0 if line == 1 else line)  # with the heading above the first


def _entry(desk: Desk, offer: Offer, tones: Tones, width: int) -> Text:
    chosen = offer == desk.chosen
    marks = ("▸" if chosen else " ") + ("→" if offer.choice == desk.session.suggestion else " ")
    detail = "not now" if offer.refusal else offer.detail
    room = width - 4 - (len(detail) + 1 if detail else 0)
    tone = "dim" if offer.refusal else _tone(offer)
    text = styled((f"{marks} {fitting(_brief(offer, room), room)}", tones[tone]))
    if detail:
        text.append(" " * max(width - 1 - len(text) - len(detail), 1)).append(detail, tones["dim"])
    if chosen:
        text.append(" " * (width - len(text)))
        text.stylize(tones.cursor)
    return text


def _tone(offer: Offer) -> str:
    if offer.message is not None:
        return f"message {type(offer.message.message).__name__}"
    return GROUP_TONES.get(offer.group, "text")


def _brief(offer: Offer, room: int) -> str:
    """The offer; where there is no room, without the message's fields, and then with a shorter name."""
    about = offer.message.message if offer.message else getattr(offer.choice, "timer", None)
    if about is None:
        return offer.text
    shorter = (offer.text.replace(render(about), name) for name in spellings(type(about).__name__))
    return next((text for text in (offer.text, *shorter) if len(text) <= room), offer.text)


class Hint(Pane, can_focus=False):
    """The queue in one line, for a screen that has no room for it."""

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        chosen, count = desk.chosen, len(desk.offers)
        if chosen is None:
            return [(Text(" nothing may happen by itself", tones["dim"]), None)]
        place = desk.offers.index(chosen) + 1
        text = styled((f" ↑↓ {place} of {count}  ", tones["dim"]))
        text.append("▸", tones["strong"])
        text.append("→ " if chosen.choice == desk.session.suggestion else "  ", tones["strong"])
        rest = f"{chosen.group}: {chosen.text}  {'not now' if chosen.refusal else chosen.detail}"
        text.append(fitting(rest, width - len(text) - 1), tones["dim" if chosen.refusal else _tone(chosen)])
        return [(text, chosen)]
