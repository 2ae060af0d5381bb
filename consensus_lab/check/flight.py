"""What is in flight, as fields of a state: messages counted on a bag, marked on a set, in line on FIFO links.

Each kind of network says which messages can arrive at a node, and what a node's taking one and sending others adds to
the state. All it may read of the state is what that node sees. It refuses to know what the messages mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from consensus_lab.check.bounds import Bound
from consensus_lab.check.layout import Field, Layout
from consensus_lab.check.local import Parcel
from consensus_lab.kernel import Address, Cast, Disconnected

Link = tuple[Address, Address]
Line = tuple[Parcel, ...]

QUEUE_BITS = 20
"""Each FIFO link may have a million contents."""


class Full(Exception):
    """There is more of something than a field can number: a limit like any other, in its words."""


class Change(NamedTuple):
    """What happens to the network in one step."""

    delta: int  # what it adds to the state
    fits: bool = True  # whether no more equal messages are in flight than the bound allows, as far as the node sees
    again: tuple[int, ...] | None = None  # fields that, all being not 0, show that nothing new is sent; None: it is


class Ground:
    """What every kind of network stands on: the layout of the states, and what of them each node sees."""

    def __init__(self, cast: Cast, bound: Bound, parcel: Callable[[Address, Address, Any], Parcel]) -> None:
        self.cast = cast
        self.bound = bound
        self.parcel = parcel  # the one parcel that is like this
        self.layout = Layout()
        self.masks = [0 for _ in cast.addresses]  # by node: the fields it sees
        self.index = {address: node for node, address in enumerate(cast.addresses)}

    def show(self, field: Field, *nodes: Address) -> Field:
        """Let these nodes see this field."""
        for address in nodes:
            self.masks[self.index[address]] |= field.mask
        return field


class Bag:
    """Messages are counted, and arrive in any order. Requests of a client are counted here on every kind of network."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.most = ground.bound.copies  # equal messages in flight at once, duplicates not counted
        self.mask = 0  # of all that is in flight
        self.guard = 0  # bits that show only in a state with too many equal messages, once `bias` is added
        self.bias = 0
        self._places: dict[Parcel, Field] = {}
        self._spares: dict[Parcel, Field] = {}  # where what is duplicated beyond that is counted
        self._inboxes = [0 for _ in ground.masks]  # by node: the places of what may be in flight to it
        self._standing: dict[int, tuple[Parcel, int]] = {}  # by bit: whose place it is in, and all of that place
        self._sendings: dict[tuple[Parcel, ...], Change] = {}

    @property
    def is_additive(self) -> bool:
        """Whether a step adds the same to a state whatever else is in flight."""
        return not self.ground.bound.duplicates

    def place(self, parcel: Parcel) -> Field:
        """Where a state counts this message; made when it is first asked for."""
        if parcel not in self._places:
            field = self._new_request(parcel) if parcel.is_request else self._new_place(parcel)
            self._places[parcel] = self.ground.show(field, parcel.to)
            self._inboxes[self.ground.index[parcel.to]] |= field.mask
            self._standing |= {field.offset + bit: (parcel, field.mask) for bit in range(field.width)}
            self.mask |= field.mask
        return self._places[parcel]

    def _new_request(self, parcel: Parcel) -> Field:
        asked = self.ground.cast.requests.count((parcel.to, parcel.message))
        return self.ground.layout.field(asked.bit_length())

    def _new_place(self, parcel: Parcel) -> Field:
        width = self.most.bit_length()
        field = self.ground.layout.field(width + 1)
        self.guard |= 1 << (field.offset + width)
        self.bias += ((1 << width) - 1 - self.most) * field.unit
        return field

    def _spare(self, parcel: Parcel) -> Field:
        if not self.ground.bound.duplicates:
            raise Full(f"the limit of {self.most} equal messages in flight, met before the first step,")
        if parcel not in self._spares:
            field = self.ground.layout.field(self.ground.bound.duplicates.bit_length())
            self._spares[parcel] = self.ground.show(field, parcel.to)
            self.mask |= field.mask
        return self._spares[parcel]

    def encode(self, parcels: Iterable[Parcel], down: Iterable[Address]) -> int:
        """These messages in flight, oldest first, and these requests not submitted, as part of a state."""
        state = 0
        for parcel in parcels:
            state += self.place(parcel).unit if parcel.is_request else self.repeat(state, parcel).delta
        return state

    def arriving(self, node: int, seen: int) -> Iterator[Parcel]:
        """What may arrive next at this node: whatever has a bit set in its place."""
        waiting = seen & self._inboxes[node]
        while waiting:
            parcel, place = self._standing[(waiting & -waiting).bit_length() - 1]
            waiting &= ~place
            yield parcel

    def inbox(self, node: int, seen: int) -> Iterator[tuple[Parcel, int]]:
        """What is counted as on its way to this node, and how many of each: nothing that a FIFO link holds."""
        return ((parcel, self._places[parcel].read(seen)) for parcel in Bag.arriving(self, node, seen))

    def exchange(self, seen: int, taken: Parcel | None, sent: Sequence[Parcel]) -> Change:
        """A node takes a message, or none, and sends others."""
        sending = self._sendings.get(tuple(sent))
        if sending is None:
            sending = self._sendings[tuple(sent)] = self._sending(sent)
        return sending._replace(delta=sending.delta + self.lose(seen, taken).delta) if taken else sending

    def _sending(self, sent: Sequence[Parcel]) -> Change:
        too_many = self.most + 1  # however many more, the guard bit shows
        delta = sum(min(count, too_many) * self.place(parcel).unit for parcel, count in Counter(sent).items())
        return Change(delta, again=tuple(self.place(parcel).mask for parcel in sent))

    def parcels(self, state: int) -> list[Parcel]:
        """All that is in flight in this state, what is on its way twice twice; and the requests not submitted."""
        waiting = (parcel for node in range(len(self._inboxes)) for parcel in Bag.arriving(self, node, state))
        return [parcel for parcel in waiting for _ in range(self._count(state, parcel))]

    def _count(self, state: int, parcel: Parcel) -> int:
        spare = self._spares.get(parcel)
        return self._places[parcel].read(state) + (spare.read(state) if spare else 0)

    def hides(self, seen: int, parcel: Parcel) -> bool:
        """Whether something else can arrive only after this."""
        return False

    def lose(self, seen: int, parcel: Parcel) -> Change:
        """One such message is in flight no more."""
        spare = self._spares.get(parcel)
        return Change(-(spare if spare and spare.read(seen) else self.place(parcel)).unit)

    def repeat(self, seen: int, parcel: Parcel) -> Change:
        """One such message will arrive once more: others may be sent as before, so that it counts apart."""
        room = self.place(parcel).read(seen) < self.most
        return Change((self.place(parcel) if room else self._spare(parcel)).unit)

    def crash(self, seen: int, me: Address) -> int:
        """What a crash does to the network: datagrams are on their way already."""
        return 0

    def recover(self, seen: int, me: Address) -> int:
        """What switching on does to the network."""
        return 0

    def reset(self, seen: int, one: Address, other: Address) -> Change | None:
        """What losing their connection does; None when there is none."""
        return None


class Set(Bag):
    """A message stays in flight for ever: it may arrive any number of times, or never."""

    @property
    def is_additive(self) -> bool:
        return False  # what is in flight already is not sent anew

    def _new_place(self, parcel: Parcel) -> Field:
        return self.ground.show(self.ground.layout.field(1), parcel.sender)  # it must know what it has said already

    def exchange(self, seen: int, taken: Parcel | None, sent: Sequence[Parcel]) -> Change:
        gone = -self.place(taken).unit if taken and taken.is_request else 0
        fresh = {parcel: self.repeat(seen, parcel).delta for parcel in sent}
        return Change(gone + sum(fresh.values()), again=tuple(self.place(parcel).mask for parcel in sent))

    def repeat(self, seen: int, parcel: Parcel) -> Change:
        return Change(self.place(parcel).unit & ~seen)


class Queues(Bag):
    """FIFO links: the oldest of a link arrives next; a lost connection takes with it what is in flight either way.

    A field of each link holds the number of its contents. A node sees its links in both directions, and who is down.
    """

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._contents: list[tuple[Parcel, ...]] = [()]
        self._numbers: dict[tuple[Parcel, ...], int] = {(): 0}
        self._links: dict[tuple[Address, Address], Field] = {}
        everyone = ground.cast.addresses
        self._down = {address: ground.show(ground.layout.field(1), *everyone) for address in everyone}
        self._listens = {address: process.hears(Disconnected) for address, process in ground.cast.processes.items()}

    @property
    def is_additive(self) -> bool:
        return False  # a line's number says all that is in it

    def encode(self, parcels: Iterable[Parcel], down: Iterable[Address]) -> int:
        lines: dict[Link, Line] = {}
        state = sum(self._down[address].unit for address in down)
        for parcel in parcels:
            if parcel.is_request:
                state += self.place(parcel).unit
            else:
                lines[parcel.link] = (*lines.get(parcel.link, ()), parcel)
        return state + self._written(0, lines)

    def arriving(self, node: int, seen: int) -> Iterator[Parcel]:
        yield from super().arriving(node, seen)
        yield from (line[0] for line in self._lines_to(node, seen))

    def parcels(self, state: int) -> list[Parcel]:
        return [*super().parcels(state), *(parcel for link in self._links for parcel in self._line(state, link))]

    def exchange(self, seen: int, taken: Parcel | None, sent: Sequence[Parcel]) -> Change:
        lines: dict[Link, Line] = {}
        gone = -self.place(taken).unit if taken and taken.is_request else 0
        if taken and not taken.is_request:
            lines[taken.link] = self._line(seen, taken.link)[1:]
        arrived = [parcel for parcel in sent if not self._goes_nowhere(seen, lines, parcel)]
        for parcel in arrived:
            lines[parcel.link] = (*lines.get(parcel.link, self._line(seen, parcel.link)), parcel)
        old = all(parcel in self._line(seen, parcel.link) for parcel in arrived)
        return Change(gone + self._written(seen, lines), self._fit(lines), () if old else None)

    def hides(self, seen: int, parcel: Parcel) -> bool:
        return not parcel.is_request and len(self._line(seen, parcel.link)) > 1

    def crash(self, seen: int, me: Address) -> int:
        lines: dict[Link, Line] = {(me, me): ()}
        for peer in sorted(self.ground.cast.processes.keys() - {me}):
            lines |= self._disconnected(me, peer, told=() if self._down[peer].read(seen) else (peer,))
        return self._down[me].unit + self._written(seen, lines)

    def recover(self, seen: int, me: Address) -> int:
        return -self._down[me].unit

    def reset(self, seen: int, one: Address, other: Address) -> Change | None:
        if any(self._down[end].read(seen) for end in (one, other)):
            return None
        return Change(self._written(seen, self._disconnected(one, other, told=(one, other))))

    def _disconnected(self, one: Address, other: Address, told: Iterable[Address]) -> dict[Link, Line]:
        """Both directions empty, but for the news to those of `told` who listen for it."""
        lines: dict[Link, Line] = {(one, other): (), (other, one): ()}
        for me, peer in ((one, other), (other, one)):
            if me in told and self._listens[me]:
                lines[peer, me] = (self.ground.parcel(peer, me, Disconnected(peer)),)
        return lines

    def _goes_nowhere(self, seen: int, lines: dict[Link, Line], parcel: Parcel) -> bool:
        """To a node that is down, or on a connection whose loss its sender has not heard of yet (`sim.draft`)."""
        back = (parcel.to, parcel.sender)
        news = lines.get(back, self._line(seen, back))
        return bool(self._down[parcel.to].read(seen)) or any(isinstance(each.message, Disconnected) for each in news)

    def _lines_to(self, node: int, seen: int) -> Iterator[Line]:
        me = self.ground.cast.addresses[node]
        incoming = (self._line(seen, link) for link in tuple(self._links) if link[1] == me)
        return (line for line in incoming if line)

    def _line(self, seen: int, link: Link) -> Line:
        """What is in flight on this link, oldest first."""
        return self._contents[self._field(link).read(seen)]

    def _field(self, link: Link) -> Field:
        if link not in self._links:
            field = self.ground.show(self.ground.layout.field(QUEUE_BITS), *link)
            self._links[link] = field
            self.mask |= field.mask
        return self._links[link]

    def _written(self, seen: int, lines: dict[Link, Line]) -> int:
        """What is added to a state when these links come to hold this."""
        fields = ((self._field(link), self._number(line)) for link, line in lines.items())
        return sum((number - field.read(seen)) * field.unit for field, number in fields)

    def _number(self, line: Line) -> int:
        number = self._numbers.setdefault(line, len(self._contents))
        if number == len(self._contents):
            if number >> QUEUE_BITS:
                raise Full(f"the limit of {1 << QUEUE_BITS:,} contents of links")
            self._contents.append(line)
        return number

    def _fit(self, lines: dict[Link, Line]) -> bool:
        return all(count <= self.most for line in lines.values() for count in Counter(line).values())


NETWORKS: dict[str, type[Bag]] = {"bag": Bag, "set": Set, "fifo": Queues}
