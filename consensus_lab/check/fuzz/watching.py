"""Watches: what each claim has ever looked at, so that it is asked again only when some of that has changed.

A check is a pure function of what it reads. So its answer is kept under its *sight*: one number for all that it has
read in any view so far, be it a field of a process, a journal, or whether anything is in flight. A claim that reads
more than it ever did makes its earlier sights incomparable with later ones: then the run begins again. Nobody declares
what a claim depends on; the views that it is shown take note of it. What claims work out alike (`View.derive`) is
watched in the same way, and kept for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from consensus_lab.check.freeze import freeze
from consensus_lab.kernel import Address, Cast, Decision, Process, View, Violation
from consensus_lab.kernel.process import is_configuration

if TYPE_CHECKING:
    from consensus_lab.check.fuzz.reflexes import Standing
    from consensus_lab.check.fuzz.run import Run

T = TypeVar("T")
Aspect = Literal["processes", "decisions", "at_rest", "faults", "timeouts"]
Summary = Callable[[View], Any]
COUNTED: tuple[Aspect, ...] = ("decisions", "at_rest", "faults", "timeouts")
WIDTH = 24
"""Bits of a sight for each thing that may be seen: the memory is emptied long before so many were met."""
WHOLE = "__dict__"
"""What is read by whoever looks at all fields of a process at once."""


class Grown(BaseException):
    """More was read than ever before. No error: nobody but the campaign sees it."""


class Watch:
    """Questions that read the same, what was ever read to answer them, and the answers by sight."""

    def __init__(self, given: Mapping[Address, frozenset[str]], *questions: Summary) -> None:
        self.given = given  # the fields of each process that no rule changes
        self.questions = questions
        self.fields: dict[Address, set[str]] = {me: set() for me in given}
        self.known: dict[Address, set[str]] = {me: set(names) for me, names in given.items()}  # need not be noted
        self.journals: set[Address] = set()
        self.aspects: set[Aspect] = set()
        self.used: set[Watch] = set()
        self.grown = False
        self.answers: dict[int, Any] = {}

    def begin_anew(self) -> None:
        """Forget every answer, and keep what is known to be read."""
        self.answers.clear()
        self.used.clear()
        self.grown = False

    def answer(self, view: View) -> Any:
        """The first answer that is one."""
        for question in self.questions:
            answer = question(view)
            if answer is not None:
                return answer
        return None

    def note(self, me: Address, name: str, fields_now: Mapping[str, Any]) -> None:
        """An attribute of a process is read: it matters if it is a field, which is not given by the cast."""
        names = (fields_now.keys() if name == WHOLE else {name} & fields_now.keys()) - self.given[me]
        self.grown |= not names <= self.fields[me]
        self.fields[me] |= names
        self.known[me] |= {name}  # a method is none, and will be none: its fields are the whole state of a process

    def note_journal(self, me: Address) -> None:
        """The journal of a node is read."""
        self.grown |= me not in self.journals
        self.journals.add(me)

    def note_aspect(self, aspect: Aspect) -> None:
        """Something is read that belongs to no node."""
        self.grown |= aspect not in self.aspects
        self.aspects.add(aspect)

    def use(self, other: Watch) -> None:
        """To answer this, the answer to another question is read."""
        if other in self.used:
            return
        self.used.add(other)
        self.grown |= not (other.journals <= self.journals and other.aspects <= self.aspects)
        self.grown |= any(not names <= self.fields[me] for me, names in other.fields.items())
        for me, names in other.fields.items():
            self.fields[me] |= names
        self.journals |= other.journals
        self.aspects |= other.aspects

    @property
    def reads(self) -> Hashable:
        """What was read."""
        fields = tuple(frozenset(names) for names in self.fields.values())
        return fields, frozenset(self.journals), frozenset(self.aspects)


def merged(watches: Iterable[Watch]) -> list[Watch]:
    """Those that have read the same as one; those that were never asked as they are."""
    by_reads: dict[Hashable, Watch] = {}
    for watch in watches:
        reads = watch.reads if watch.aspects else id(watch)
        if reads in by_reads:
            by_reads[reads].questions += watch.questions
        else:
            by_reads[reads] = watch
    return list(by_reads.values())


class Scene:
    """A run at one moment (see `kernel.View`), for one watch, which takes note of whatever is looked at."""

    def __init__(self, run: Run, lookout: Lookout, watch: Watch) -> None:
        self._run = run
        self._lookout = lookout
        self._watch = watch

    @property
    def cast(self) -> Cast:
        return self._run.cast

    @property
    def processes(self) -> Mapping[Address, Process]:
        self._watch.note_aspect("processes")
        return {me: self._lookout.twin(standing) for me, standing in self._run.standings.items() if standing.process}

    @property
    def decisions(self) -> Sequence[Decision]:
        self._watch.note_aspect("decisions")
        return self._run.decisions.items

    @property
    def chronicle(self) -> Sequence[Decision]:
        return self.decisions

    def journal(self, address: Address) -> Sequence[Any]:
        self._watch.note_journal(address)
        return self._run.journals[address].items

    @property
    def at_rest(self) -> bool:
        self._watch.note_aspect("at_rest")
        return self._run.at_rest

    @property
    def faults(self) -> int:
        self._watch.note_aspect("faults")
        return self._run.faults

    @property
    def timeouts(self) -> int:
        self._watch.note_aspect("timeouts")
        return self._run.timeouts

    def derive(self, summary: Callable[[View], T]) -> T:
        return self._lookout.derive(self._run, self._watch, summary)


class Lookout:
    """All watches of a campaign: of what must always hold, of what must hold in the end, and of what these derive."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self._given = {me: _configuration(process) for me, process in cast.processes.items()}
        self.always = [Watch(self._given, claim.refute) for claim in cast.invariants]
        self.at_last = [Watch(self._given, claim.refute) for claim in cast.eventually]
        self.keeps = True  # whether what is derived at one moment holds at another that looks the same
        self._derived: dict[Summary, Watch] = {}
        self._place = {me: 2 * number * WIDTH for number, me in enumerate(cast.addresses)}
        self._counted_at = 2 * len(cast.addresses) * WIDTH
        self.a_fault, self.a_timeout = self.count_shift("faults", 1), self.count_shift("timeouts", 1)
        self._spies: dict[Address, type] = {}
        self._looking = Watch(self._given)
        self._current: dict[Watch, Any] = {}  # what is derived at this moment
        self.forget()

    def forget(self) -> None:
        """Begin anew with what the watches are known to read."""
        self.always = merged(self.always)
        self._watches = [*self.always, *self.at_last, *self._derived.values()]
        self._numbers: dict[Hashable, int] = {}
        self._seen: dict[Hashable, tuple[int, ...]] = {}
        for watch in self._watches:
            watch.begin_anew()
        everything = {me: set[str]().union(*(watch.fields[me] for watch in self._watches)) for me in self._place}
        self._read = {me: tuple(sorted(names)) for me, names in everything.items()}
        self.of_journal = {
            me: self._readers(watch for watch in self.always if me in watch.journals) for me in self._place
        }
        self.of_decisions, self.of_rest, self.of_faults, self.of_timeouts = (
            self._readers(watch for watch in self.always if aspect in watch.aspects) for aspect in COUNTED
        )

    def _readers(self, watches: Iterable[Watch]) -> tuple[int, ...]:
        return tuple(map(self.always.index, watches))

    @property
    def size(self) -> int:
        """How many answers are kept."""
        return sum(len(watch.answers) for watch in self._watches)

    # -- sights -------------------------------------------------------------------------------------------------------

    def seen(self, me: Address, process: Process | None) -> tuple[int, ...]:
        """What each watch sees of this process, as numbers."""
        values = None if process is None else tuple(freeze(vars(process).get(name)) for name in self._read[me])
        found = self._seen.get((me, values))
        if found is None:
            by_name = None if values is None else dict(zip(self._read[me], values, strict=True))
            found = tuple(self._number(watch, me, by_name) for watch in self._watches)
            self._seen[me, values] = found
        return found

    def _number(self, watch: Watch, me: Address, values: Mapping[str, Hashable] | None) -> int:
        if "processes" not in watch.aspects:
            return 0
        of_interest = None if values is None else tuple(values[name] for name in sorted(watch.fields[me]))
        return self._numbers.setdefault((id(watch), me, of_interest), len(self._numbers) + 1)

    def shifts(self, me: Address, before: Sequence[int], after: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """What a change of one process adds to the sights of those who must always hold."""
        if before is after:
            return ()
        place = self._place[me]
        changes = ((n, (after[n] - before[n]) << place) for n in range(len(self.always)))
        return tuple((number, change) for number, change in changes if change)

    def journal_shift(self, me: Address, more: int) -> int:
        """What is added to a sight when the number of a journal rises by so much."""
        return more << (self._place[me] + WIDTH)

    def count_shift(self, aspect: Aspect, more: int) -> int:
        """The same for decisions, rest, faults and timeouts."""
        return more << (self._counted_at + COUNTED.index(aspect) * WIDTH)

    def sights(self, run: Run) -> list[int]:
        """What those who must always hold see of a run."""
        return [self._sight(run, number, watch) for number, watch in enumerate(self.always)]

    def _sight(self, run: Run, number: int, watch: Watch) -> int:
        sight = sum(standing.seen[number] << self._place[me] for me, standing in run.standings.items())
        sight += sum(self.journal_shift(me, run.journals[me].number) for me in watch.journals)
        counts = (run.decisions.number, run.at_rest, run.faults, run.timeouts)
        counted = ((aspect, count) for aspect, count in zip(COUNTED, counts, strict=True) if aspect in watch.aspects)
        return sight + sum(self.count_shift(aspect, count) for aspect, count in counted)

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, run: Run, watch: Watch, sight: int) -> Any:
        """Put a question to a run that looks so; keep the answer. Raises Grown when more is read than ever before."""
        asking, self._looking = self._looking, watch
        try:
            answer = watch.answer(Scene(run, self, watch))
        finally:
            self._looking = asking
        if watch.grown:
            raise Grown
        watch.answers[sight] = answer
        return answer

    def look_again(self) -> None:
        """Something has happened since anything was asked."""
        self._current.clear()

    def missed(self, run: Run) -> Violation | None:
        """The first claim of the end that does not hold now."""
        self.look_again()
        for number, watch in enumerate(self.at_last, len(self.always)):
            sight = self._sight(run, number, watch)
            violation: Violation | None
            violation = watch.answers[sight] if sight in watch.answers else self.ask(run, watch, sight)
            if violation is not None:
                return violation
        return None

    def derive(self, run: Run, user: Watch, summary: Callable[[View], T]) -> T:
        """What a summary makes of a run, for whoever is asked now. Raises Grown when nobody has used it before."""
        if summary not in self._derived:
            self._derived[summary] = Watch(self._given, summary)
            raise Grown
        watch = self._derived[summary]
        if watch not in self._current:
            if not self.keeps:
                watch.answers.clear()
            sight = self._sight(run, self._watches.index(watch), watch)
            self._current[watch] = watch.answers[sight] if sight in watch.answers else self.ask(run, watch, sight)
        user.use(watch)
        answer: T = self._current[watch]
        return answer

    # -- looking at processes -----------------------------------------------------------------------------------------

    def twin(self, standing: Standing) -> Process:
        """The process of a standing, in a guise that takes note of the fields which are read."""
        if standing.twin is None:
            assert standing.process is not None
            twin: Process = object.__new__(self._spy(standing.me, type(standing.process)))
            object.__setattr__(twin, WHOLE, vars(standing.process))
            standing.twin = twin
        return standing.twin

    def _spy(self, me: Address, kind: type) -> type:
        if me not in self._spies:

            def __getattribute__(process: Any, name: str) -> Any:  # noqa: N807 - it is to be one
                if name not in self._looking.known[me]:
                    self._looking.note(me, name, object.__getattribute__(process, WHOLE))
                return object.__getattribute__(process, name)

            self._spies[me] = type(kind.__name__, (kind,), {"__getattribute__": __getattribute__})
        return self._spies[me]


def _configuration(process: Process) -> frozenset[str]:
    """The fields that the cast gives and no rule changes."""
    return frozenset(field.name for field in fields(process) if is_configuration(field))
