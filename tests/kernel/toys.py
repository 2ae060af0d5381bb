"""Processes small enough to show one law each."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from consensus_lab.kernel import Context, Process, message, upon


@message
class Ask:
    n: int = 0


@message
class Answer:
    n: int = 0


@message
class Kept:
    n: int = 0


@message
class Said:
    text: str


@message
class Alarm:
    n: int = 0


class Mood(Enum):
    CALM = "calm"
    BUSY = "busy"
    SORE = "sore"


@dataclass
class Reader(Process):
    """Performs, upon Ask, exactly what the test wrote: a list of (verb, arguments ...)."""

    script: tuple[tuple[Any, ...], ...]
    records: list[Any] = field(default_factory=list)

    @upon(Ask)
    def perform(self, ask: Ask, ctx: Context) -> None:
        for verb, *arguments in self.script:
            getattr(ctx, verb)(*arguments)

    def restore(self, record: Any) -> None:
        self.records.append(record)


@dataclass
class ToyAcceptor(Process):
    """Promises the first number that it is asked about, and repeats the promise when it is asked again."""

    promised: int | None = None

    @upon(Ask)
    def promise(self, ask: Ask, ctx: Context) -> None:
        if self.promised is None:
            ctx.force(Kept(ask.n))
            self.promised = ask.n
        # A duplicate needs no new record, but its answer leans on the record of the first.
        ctx.reply(Answer(self.promised))

    def restore(self, record: Kept) -> None:
        self.promised = record.n
