"""One seed: virtual time, one heap of what is due, and a walk over standings. Nothing of the past is kept.

Its steps are those of a `World` and its faults mean the same; played in one, its trail ends alike (a test ties the two,
and the explorer). It differs in who draws: `sim.pickers.Seeded` draws each number from what it is for, so that a person
can go back and branch; a run that never goes back draws one number after the other, which is many times as fast. It
looks as if checked after every event, and is: a claim whose sight did not change cannot have changed its answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from consensus_lab.check.fuzz import strikes
from consensus_lab.check.fuzz.events import Event, Letter
from consensus_lab.check.fuzz.network import Connections, Datagrams, Network
from consensus_lab.check.fuzz.reflexes import Nodes, Reaction, Setting
from consensus_lab.check.fuzz.strikes import Strike
from consensus_lab.check.fuzz.weather import CALM, STEPS, Weather
from consensus_lab.kernel import Address, Links, Violation
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.sim import Choice, Crash, HealAll, Pick, Recover, Resume
from consensus_lab.sim.chance import Stream
from consensus_lab.sim.network import Link

SAFETY = 10 * MICROSECOND
"""How long faults may strike, in virtual time."""
LIVENESS = 120 * MICROSECOND
"""How long all may take to converge once everything is mended."""
MOST_EVENTS = 4_000
"""And how many events."""


class Fallen(Exception):
    """A claim does not hold: one of the end, if everything was mended after so many choices."""

    def __init__(self, violation: Violation, mended: int | None = None) -> None:
        super().__init__(str(violation))
        self.violation = violation
        self.mended = mended


class Due(Protocol):
    """Whatever may lie on the heap."""

    def happen(self, run: Run, number: int) -> None: ...


class Ending(NamedTuple):
    """How a run went whose claims all held."""

    events: int
    struck: Counter[str]
    decisions: int
    timeouts: int


class Run:
    """A seed being played. `trail`, if given, takes down every choice."""

    def __init__(
        self, seed: int, nodes: Nodes, weather: Weather, *, steps: int, trail: list[Pick] | None = None
    ) -> None:
        self.cast = nodes.cast
        self.nodes = nodes
        self.lookout = nodes.lookout
        self.weather = weather
        self.steps = steps
        self.trail = trail
        self.stream = Stream(seed)
        self.hinders = True  # until all is mended for good
        self.now = 0
        self.events = self.faults = self.timeouts = 0
        self.struck: Counter[str] = Counter()
        self.flying = 0  # messages in flight
        self.pending = 0  # requests not submitted yet
        self.absent: set[Address] = set()  # who is down or paused
        self.cuts: set[Link] = set()
        self.running: dict[Event, int] = {}  # timers, with the number under which each is due
        self.network: Network = Datagrams(self) if self.cast.links is Links.BAG else Connections(self)
        self._heap: list[tuple[int, int, Due]] = []
        self._number = 0
        self._waiting: dict[Address, list[tuple[int, Due]]] = {}
        self._rests = False
        self._stale: list[int] = []
        self._begin()

    def _begin(self) -> None:
        """As the world in which this cast has just been switched on."""
        opening = self.nodes.opening
        self.standings = dict(opening.standings)
        self.journals = dict(opening.journals)
        self.decisions = opening.decisions
        self._fsyncs = opening.fsyncs
        for me, standing in self.standings.items():
            if standing.unwritten:
                self._write(me)
        self._set(opening.set)
        for letter in opening.sent:
            self.network.send(letter)
        for request in opening.requests:
            self.pending += 1
            self.push(request, self.stream.below(self.weather.patience))
        self._rests = self.at_rest
        self.sights = self.lookout.sights(self)
        self._stale = list(range(len(self.sights)))
        self.check()
        for me in self.weather.late:
            strikes.crash_node(self, me, "late")
        for kind, storm in self.weather.storms.items():
            Strike(kind, storm).draw(self)

    # -- time and chance ----------------------------------------------------------------------------------------------

    def push(self, due: Due, after: int) -> None:
        """It comes so many microseconds from now."""
        self._number = number = self._number + 1
        heappush(self._heap, (self.now + after, number, due))

    def latency(self, letter: Letter) -> int:
        """How long this letter takes."""
        latency = self.weather.latency[self.stream.bits() * STEPS >> 32]
        slow = self.weather.slow
        return round(latency * slow[letter.to]) if letter.to in slow else latency

    def outage(self) -> int:
        """How long something stays down, paused or cut."""
        return self.weather.outage[self.stream.below(STEPS)]

    def happens(self, odds: int) -> bool:
        """A coin, of so many parts of EVEN."""
        return self.stream.bits() < odds

    # -- what goes on -------------------------------------------------------------------------------------------------

    def play(self) -> Ending:
        """All of it. Raises Fallen at the first claim that does not hold, and local.Broken where a rule raises."""
        self.endure()
        if self.lookout.at_last:
            before = len(self.trail or ())
            self.mend()
            self._converge(self.now + LIVENESS, before)
        return Ending(self.events, self.struck, len(self.decisions.items), self.timeouts)

    def endure(self) -> None:
        """While faults may strike."""
        heap, steps = self._heap, self.steps
        while heap and heap[0][0] <= SAFETY and self.events < steps:
            self.now, number, due = heappop(heap)
            due.happen(self, number)
            if self._stale:
                self.check()

    def mend(self) -> None:
        """Everything works again, for good, and nothing is slow any more."""
        self.hinders = False
        self.weather = CALM
        if self.cuts:
            self.note(HealAll())
            healed, self.cuts = sorted(self.cuts), set()
            self.network.healed(healed)
        for me in self.cast.addresses:
            strikes.recover(self, me)
            strikes.resume(self, me)

    def _converge(self, until: int, mended: int) -> None:
        """Until all that is claimed of the end holds at once."""
        most = self.events + MOST_EVENTS
        missed = self.lookout.missed(self)
        while missed and self._heap and self._heap[0][0] <= until and self.events < most:
            self.now, number, due = heappop(self._heap)
            due.happen(self, number)
            missed = self.lookout.missed(self)
        if missed:
            raise Fallen(missed, mended)

    def take(self, me: Address, event: Event) -> None:
        """It happens to this node."""
        self.note(event.choice)
        before = self.standings[me]
        self._apply(me, before.reactions.get(event) or self.nodes.react(before, event))
        self.check()

    def _apply(self, me: Address, reaction: Reaction) -> None:
        self.events += 1
        self.standings[me] = reaction.after
        for alarm in reaction.stopped:
            self.running.pop(alarm, None)
        if reaction.set:
            self._set(reaction.set)
        if reaction.writes:
            self._write(me)
        for letter in reaction.sent:
            self.network.send(letter)
        if reaction.written:
            self._grow(me, reaction)
        if reaction.told:
            self._tell(reaction)
        for number, change in reaction.shifts:
            self.sights[number] += change
            self._stale.append(number)

    def _set(self, settings: Sequence[Setting]) -> None:
        for alarm, low, span in settings:
            wait = low + (self.stream.below(span + 1) if span else 0)
            fast = self.weather.clocks.get(alarm.me, 1.0)
            self.push(alarm, wait if fast == 1.0 else round(wait / fast))
            self.running[alarm] = self._number

    def _write(self, me: Address) -> None:
        latency = self.weather.disk[self.stream.below(STEPS)]
        self.push(self._fsyncs[me], round(latency * self.weather.slow.get(me, 1.0)))

    def _grow(self, me: Address, reaction: Reaction) -> None:
        before = self.journals[me]
        self.journals[me] = after = before.plus(reaction.written)
        self._shift(self.lookout.of_journal[me], self.lookout.journal_shift(me, after.number - before.number))

    def _tell(self, reaction: Reaction) -> None:
        before = self.decisions
        self.decisions = before.plus(reaction.told)
        self._shift(
            self.lookout.of_decisions, self.lookout.count_shift("decisions", self.decisions.number - before.number)
        )

    # -- faults -------------------------------------------------------------------------------------------------------

    def note(self, choice: Choice) -> None:
        """Take down what was chosen."""
        if self.trail is not None:
            self.trail.append(Pick(choice, self.now))

    def strike(self, kind: str, fault: Choice) -> None:
        """A fault of this kind has struck; of none, if it only follows from another."""
        self.note(fault)
        self.faults += 1
        if kind:
            self.struck[kind] += 1
        self._shift(self.lookout.of_faults, self.lookout.a_fault)

    def time_out(self) -> None:
        """A timer fires."""
        self.timeouts += 1
        self._shift(self.lookout.of_timeouts, self.lookout.a_timeout)

    def crash(self, crash: Crash) -> None:
        """A node loses its memory, its timers and most of what was not written yet."""
        me = crash.node
        self.absent.add(me)
        self._apply(me, self.nodes.crash(self.standings[me], crash))
        self.network.crashed(me, sorted(self.standings.keys() - {me}))
        self._release(me)
        self.check()

    def recover(self, recover: Recover) -> None:
        """It is switched on again."""
        me = recover.node
        self.note(recover)
        self.absent.discard(me)
        self._apply(me, self.nodes.recover(self.standings[me], self.journals[me]))
        self._release(me)
        self.check()

    def resume(self, resume: Resume) -> None:
        """It goes on."""
        self.note(resume)
        self.absent.discard(resume.node)
        self._release(resume.node)
        self.network.resumed(resume.node)

    def wait(self, me: Address, number: int, due: Due) -> None:
        """It is due, but its node is absent."""
        self._number += 1
        self._waiting.setdefault(me, []).append((number or self._number, due))

    def _release(self, me: Address) -> None:
        """What waited for a node is due now."""
        for number, due in self._waiting.pop(me, ()):
            heappush(self._heap, (self.now, number, due))

    # -- claims -------------------------------------------------------------------------------------------------------

    @property
    def at_rest(self) -> bool:
        """As in a World: nothing is in flight, unwritten or unsubmitted."""
        if self.flying or self.pending:
            return False
        return not any(standing.unwritten for standing in self.standings.values())

    def _shift(self, watches: Sequence[int], change: int) -> None:
        for number in watches:
            self.sights[number] += change
            self._stale.append(number)

    def check(self) -> None:
        """Ask every claim of which the sight is new."""
        lookout = self.lookout
        if lookout.of_rest and (self._rests or not (self.flying or self.pending)) and self.at_rest != self._rests:
            self._rests = not self._rests
            self._shift(lookout.of_rest, lookout.count_shift("at_rest", 1 if self._rests else -1))
        if not self._stale:
            return
        lookout.look_again()
        for number in self._stale:
            watch, sight = lookout.always[number], self.sights[number]
            violation = watch.answers[sight] if sight in watch.answers else lookout.ask(self, watch, sight)
            if violation is not None:
                raise Fallen(violation)
        self._stale.clear()
