"""Scenarios as plain text: a header, an empty line, and one beat a line.

    title: The acknowledgement is lost
    protocol: two-phase-commit
    cast: participants=2

    > What the reader should notice next.
    submit coordinator Begin
    deliver coordinator -> p1 VoteRequest
    run until p1 decided Commit(T1)
    expect quiet

A beat is narration (``>``), a choice, ``run``, or ``expect``; ``#`` at the beginning or after a space starts a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from consensus_lab.kernel import Cast
from consensus_lab.kernel.trace import BadText, read_parameters
from consensus_lab.lab.catalogue import make_cast
from consensus_lab.lab.claims import BadClaim, read_claim
from consensus_lab.lab.loading import BadCast, BadInput, whole_number
from consensus_lab.lab.stage import Stage, Unmet
from consensus_lab.sim import Impossible, RuleFailed
from consensus_lab.sim.conditions import CALM, BadConditions, Conditions, read_conditions
from consensus_lab.sim.reading import USAGE, BadChoice

HEADER = ("title", "protocol", "cast", "seed", "conditions", "invariants", "summary")
RUN = re.compile(r"run(?: (?P<steps>[0-9]{1,9})| for (?P<seconds>[0-9]{1,9}(?:\.[0-9]{1,9})?) s| until (?P<until>.+))?")
COMMENT = re.compile(r"(?:^|\s)#")
FORMS = "'> narration', 'run [COUNT | for SECONDS s | until CLAIM]', 'expect CLAIM', or a choice: " + "; ".join(
    dict.fromkeys(USAGE.values())
)


class ScriptError(BadInput, Unmet):
    """A beat that cannot be read or cannot happen, with the file and the line."""

    def __init__(self, where: str, number: int, sentence: str) -> None:
        super().__init__(f"{where}, line {number}: {sentence}")
        self.line = number


@dataclass(frozen=True)
class Beat:
    """One line of a script."""

    number: int
    text: str


@dataclass(frozen=True)
class TextScript:
    """A text scenario as read."""

    where: str
    title: str
    cast: Cast
    summary: str = ""
    seed: int = 1
    conditions: Conditions = CALM
    beats: tuple[Beat, ...] = field(default_factory=tuple)

    def perform(self, stage: Stage) -> None:
        """Play every beat. Raises ScriptError at the first that cannot be."""
        for beat in self.beats:
            try:
                _play(beat.text, stage)
            except (Impossible, BadChoice, BadClaim, Unmet, RuleFailed) as error:
                raise ScriptError(self.where, beat.number, str(error)) from error


def _play(text: str, stage: Stage) -> None:
    run = RUN.fullmatch(text)
    if text.startswith(">"):
        stage.say(text[1:].strip())
    elif run:
        steps = int(run["steps"]) if run["steps"] else None
        seconds = float(run["seconds"]) if run["seconds"] else None
        stage.run(steps=steps, seconds=seconds, until=run["until"])
    elif text.startswith("expect "):
        stage.expect(text.removeprefix("expect "))
    else:
        stage.take(text)


def read_script(text: str, where: str) -> TextScript:
    """Read a text scenario. Raises ScriptError for the first line that is wrong."""
    lines = enumerate(text.splitlines(), 1)
    numbered = [(number, without_comment(line)) for number, line in lines if not line.startswith("#")]
    first = next((index for index, (_, line) in enumerate(numbered) if line), 0)
    blank = next((index for index, (_, line) in enumerate(numbered) if index > first and not line), len(numbered))
    header = _read_header(numbered[first:blank], where)
    beats = tuple(_beats(numbered[blank:]))
    for beat in beats:
        _check(beat, where)
    return replace(header, beats=beats)


def read_beats(text: str) -> tuple[Beat, ...]:
    """The beats of a script without a header, numbered by line."""
    return tuple(_beats((number, without_comment(line)) for number, line in enumerate(text.splitlines(), 1)))


def _beats(numbered: Iterable[tuple[int, str]]) -> Iterator[Beat]:
    return (Beat(number, line.strip()) for number, line in numbered if line.strip())


def without_comment(line: str) -> str:
    """A line up to its comment. Narration has none: it may well speak of transaction #1."""
    return line.rstrip() if line.lstrip().startswith(">") else COMMENT.split(line, maxsplit=1)[0].rstrip()


def _check(beat: Beat, where: str) -> None:
    """Refuse what is no beat before anything is played."""
    text = beat.text
    verb = text.split()[0]
    run = RUN.fullmatch(text)
    claim = run["until"] if run else text.removeprefix("expect ") if verb == "expect" else None
    if claim is None:
        if run or text.startswith(">") or (verb in USAGE and verb != text):
            return
        raise ScriptError(where, beat.number, f"expected {FORMS}; got {text!r}")
    try:
        read_claim(claim)
    except BadClaim as error:
        raise ScriptError(where, beat.number, str(error)) from None


def _read_header(numbered: list[tuple[int, str]], where: str) -> TextScript:
    words: dict[str, tuple[int, str]] = {}
    for number, line in numbered:
        key, colon, value = line.partition(":")
        if not colon or key.strip() not in HEADER:
            keys = ", ".join(f"{word}:" for word in HEADER)
            raise ScriptError(where, number, f"expected one of {keys} and then an empty line; got {line!r}")
        if key.strip() in words:
            raise ScriptError(where, number, f"the header says '{key.strip()}:' a second time")
        words[key.strip()] = (number, value.strip())
    last = numbered[-1][0] if numbered else 1
    for needed in ("title", "protocol"):
        if needed not in words:
            raise ScriptError(where, last, f"the header does not say '{needed}: ...'")
    return _interpret(words, where)


def _interpret(words: dict[str, tuple[int, str]], where: str) -> TextScript:
    def value(key: str, default: str = "") -> str:
        return words.get(key, (0, default))[1]

    try:
        cast = make_cast(value("protocol"), read_parameters(value("cast")))
    except (BadInput, BadText) as error:
        known = "cast" if isinstance(error, BadCast | BadText) else "protocol"
        raise ScriptError(where, words.get(known, words["protocol"])[0], str(error)) from None
    try:
        seed = whole_number("seed", value("seed", "1"))
    except BadInput as error:
        raise ScriptError(where, words["seed"][0], str(error)) from None
    try:
        conditions = of_nodes(cast, read_conditions(value("conditions")))
    except BadConditions as error:
        raise ScriptError(where, words["conditions"][0], str(error)) from None
    try:
        cast = claiming(cast, value("invariants", "all"))
    except BadInput as error:
        raise ScriptError(where, words["invariants"][0], str(error)) from None
    return TextScript(where, value("title"), cast, value("summary"), seed, conditions)


def of_nodes(cast: Cast, conditions: Conditions) -> Conditions:
    """The same conditions. Raises BadConditions when they are about a node that does not play."""
    strangers = sorted({*conditions.slow, *conditions.clocks} - set(cast.addresses))
    if strangers:
        raise BadConditions(f"conditions name {', '.join(strangers)}; here are {', '.join(cast.addresses)}")
    return conditions


def claiming(cast: Cast, names: str) -> Cast:
    """The cast held to the invariants of these names (``AC1, AC2``; ``all``). Raises BadInput for an unknown one."""
    if names.strip() == "all":
        return cast
    known = {invariant.name: invariant for invariant in cast.invariants}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    strangers = [name for name in wanted if name not in known]
    if strangers:
        raise BadInput(f"{cast.protocol} claims no invariant {strangers[0]!r}; it claims {', '.join(known)}, or all")
    return cast.claiming(*(known[name] for name in wanted))
