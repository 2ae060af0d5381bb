"""What a dialog is: laid over the lab, closed by Escape, answered by Enter or a click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Any], Generic[Answer]):
    """A titled box. Dismissed with an answer, or with None by Escape."""

    BINDINGS = [Binding("escape,q", "dismiss(None)", "close")]
    DEFAULT_CLASSES = "dialog"

    def __init__(self, title: str, hint: str = "esc closes") -> None:
        super().__init__()
        self.heading = title
        self.hint = hint

    def compose(self) -> ComposeResult:
        box = Vertical(*self.content())
        box.border_title, box.border_subtitle = self.heading, self.hint
        yield box

    def content(self) -> list[Any]:
        """The widgets inside the box."""
        raise NotImplementedError


class Choose(Dialog[Answer]):
    """One of a list. An entry whose value is None is a heading, and a separator if it is empty."""

    def __init__(self, title: str, entries: Sequence[tuple[str | Text, Answer | None]], chosen: object = None) -> None:
        super().__init__(title, "↑↓ choose · ⏎ takes · esc closes")
        self.entries = entries
        self.chosen = chosen

    def content(self) -> list[Any]:
        options = [Option(words, disabled=value is None) for words, value in self.entries]
        values = [value for _, value in self.entries]
        listed = OptionList(*options, markup=False)
        listed.highlighted = values.index(self.chosen) if self.chosen in values else None
        return [listed]

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.entries[event.option_index][1])


class Ask(Dialog[int]):
    """A number, typed."""

    BINDINGS = [Binding("escape", "dismiss(None)", "close")]

    def __init__(self, title: str, question: str) -> None:
        super().__init__(title, "⏎ goes · esc closes")
        self.question = question

    def content(self) -> list[Any]:
        return [Static(self.question), Input(type="integer", select_on_focus=True)]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(int(event.value) if event.value.lstrip("-").isdigit() else None)
