"""The space of a cast under a bound: its global states as integers, and the moves that lead from one to the next.

A move belongs to the node it happens at, and depends only on what that node can see of the state: its local state, what
is in flight to it, the links to it that are cut, and how much of the bound is used up. So the moves of a node are found
once for each distinct such neighbourhood, which is the state under that node's mask, and kept as numbers to add.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import NamedTuple

from consensus_lab.check.bounds import FAULTS, Bound
from consensus_lab.check.layout import Field, Layout
from consensus_lab.check.local import Local, Locals, Outcome, Parcel, announcing
from consensus_lab.kernel import CLIENT, Address, Cast
from consensus_lab.sim import Choice, Cut, Drop, Duplicate, Heal, World

LOCAL_BITS = 20
"""Each node may have a million local states."""


class Move(NamedTuple):
    """One step out of a state."""

    choice: Choice
    delta: int  # what it adds to the state
    allowed: bool = True  # whether the bound still has room for it
    busy: bool = True  # whether it gets anywhere without a fault
    again: tuple[int, ...] = ()  # ... unless each of these fields shows its message in flight still


class Full(Exception):
    """A node has more local states than a field can number: a limit like any other, in its words."""


class Memo(dict[int, tuple[int, ...]]):
    """What one node's moves add, by what it sees of the state; looks for them when it meets a state for the first time.

    A dict with a `__missing__`, because the search asks it more often than anything else.
    """

    def __init__(self, space: Space, node: int) -> None:
        self.space = space
        self.node = node

    def __missing__(self, seen: int) -> tuple[int, ...]:
        deltas = tuple(move.delta for move in self.space.moves(self.node, seen) if move.allowed)
        self[seen] = deltas
        return deltas


class Space:
    """All that can become of a cast within a bound."""

    def __init__(self, cast: Cast, bound: Bound, *, counts_timeouts: bool = False) -> None:
        self.cast = cast
        self.bound = bound
        self.locals = Locals(cast)
        self.layout = Layout()
        self.at: dict[Address, Field] = {address: self.layout.field(LOCAL_BITS) for address in cast.addresses}
        self.used = {name: self.layout.counter(getattr(bound, name)) for name in FAULTS}
        self.timeouts = self.layout.counter(bound.timeouts if bound.timeouts is not None else int(counts_timeouts))
        self.cuts = self._cut_fields()
        self.flight: dict[Parcel, Field] = {}
        self.on_flight = 0  # the mask of all of them
        self.guard = 0  # bits that show only in a state with too many copies of a message, once `bias` is added
        self.bias = 0
        self.crowded = False  # whether a step was refused because too many equal messages would wait for a disk
        self.masks = [self._initial_mask(address) for address in cast.addresses]
        self.memos = [Memo(self, node) for node in range(len(cast.addresses))]
        self._index = {address: node for node, address in enumerate(cast.addresses)}
        self._inboxes: list[list[Parcel]] = [[] for _ in cast.addresses]
        self.initial = self.encode(World.of(cast))

    def _cut_fields(self) -> dict[tuple[Address, Address], Field]:
        pairs = permutations(sorted(self.cast.addresses), 2) if self.bound.cuts else ()
        return {pair: self.layout.field(1) for pair in pairs}

    def _initial_mask(self, me: Address) -> int:
        shared = [*self.used.values(), self.timeouts]
        into = [field for (_, to), field in self.cuts.items() if to == me]
        return union([self.at[me], *filter(None, shared), *into])

    # -- reading and writing states -----------------------------------------------------------------------------------

    def local(self, address: Address, state: int) -> Local:
        """The local state of one node."""
        return self.locals.known[address][self.at[address].read(state)]

    def encode(self, world: World, used: dict[str, int] | None = None) -> int:
        """The state that this world is in, when so much of the bound was used to come there."""
        state = 0
        for address, machine in world.machines.items():
            announced: tuple[object, ...] = ()
            for decision in world.decisions:
                announced = announcing(announced, decision.value) if decision.node == address else announced
            state += self.locals.find(address, machine, announced).index * self.at[address].unit
        for envelope in world.network.flight:
            state += self.place(self.locals.parcel(envelope.sender, envelope.to, envelope.message)).unit
        for to, request in world.requests:
            state += self.place(self.locals.parcel(CLIENT, to, request)).unit
        for link, _ in world.network.cuts:
            state += self.cuts[link].unit
        return state + self._encode_used(used or {})

    def _encode_used(self, used: dict[str, int]) -> int:
        counters = {**self.used, "timeouts": self.timeouts}
        return sum(count * field.unit for name, count in used.items() if (field := counters[name]) is not None)

    def place(self, parcel: Parcel) -> Field:
        """Where a state counts this message."""
        if parcel not in self.flight:
            self.flight[parcel] = self._new_place(parcel)
        return self.flight[parcel]

    def _new_place(self, parcel: Parcel) -> Field:
        if parcel.is_request:
            field = self.layout.field(self.cast.requests.count((parcel.to, parcel.message)).bit_length())
        elif self.bound.network == "set":
            field = self.layout.field(1)
            self.masks[self._index[parcel.sender]] |= field.mask  # it must know what it has said already
        else:
            most = self.most_copies
            field = self.layout.field(most.bit_length() + 1)
            self.guard |= 1 << (field.offset + most.bit_length())
            self.bias += ((1 << most.bit_length()) - 1 - most) * field.unit
        self.masks[self._index[parcel.to]] |= field.mask
        self._inboxes[self._index[parcel.to]].append(parcel)
        self.on_flight |= field.mask
        return field

    @property
    def most_copies(self) -> int:
        """How many equal messages may be in flight at once."""
        return self.bound.copies + self.bound.duplicates

    # -- moves --------------------------------------------------------------------------------------------------------

    def choices(self, state: int) -> Iterator[Move]:
        """Every move out of a state."""
        for node, mask in enumerate(self.masks):
            yield from self.moves(node, state & mask)

    def moves(self, node: int, seen: int) -> Iterator[Move]:
        """Every move of one node, which sees this much of the state."""
        me = self.cast.addresses[node]
        local = self.local(me, seen)
        for parcel in tuple(self._inboxes[node]):
            if self.flight[parcel].read(seen):
                yield from self._moves_of(parcel, local, seen)
        for choice, outcome in local.syncs:
            yield Move(choice, self._change(local, outcome, seen))
        for choice, outcome in local.firings:
            yield from self._fire(choice, local, outcome, seen)
        yield from self._faults(local, seen)
        yield from self._links(me, seen)

    def _moves_of(self, parcel: Parcel, local: Local, seen: int) -> Iterator[Move]:
        """What may happen to a message: it arrives, or is lost or repeated."""
        cut = self.cuts.get((parcel.sender, parcel.to))
        gone = 0 if self.bound.network == "set" and not parcel.is_request else self.flight[parcel].unit
        if local.process is not None and not (cut and cut.read(seen)):
            outcome = local.receive(parcel)
            if outcome.heard or not self.bound.skip_ignored:
                delta = self._change(local, outcome, seen) - gone
                yield Move(parcel.arrival, delta, self._fits(outcome), busy=delta != 0)
        if not parcel.is_request:
            for kind, name, change in ((Drop, "losses", -gone), (Duplicate, "duplicates", gone)):
                yield from self._strike(name, kind(parcel.sender, parcel.to, parcel.message), change, seen)

    def _fire(self, choice: Choice, local: Local, outcome: Outcome, seen: int) -> Iterator[Move]:
        """A timer fires, when the bound has room. It gets nowhere if it only says again what is in flight still."""
        if self.bound.skip_ignored and not outcome.heard:
            return
        delta = self._change(local, outcome, seen)
        changed = outcome.local is not local
        again = () if changed else tuple(self.place(parcel).mask for parcel in outcome.sent)
        counted = self._counted(seen)
        in_time = self.bound.timeouts is None or counted is not None
        yield Move(choice, delta + (counted or 0), in_time and self._fits(outcome), changed or bool(again), again)

    def _fits(self, outcome: Outcome) -> bool:
        """Whether no more equal messages wait for the node's disk than may be in flight."""
        fits = outcome.most_alike <= self.most_copies
        self.crowded |= not fits
        return fits

    def _counted(self, seen: int) -> int | None:
        """What counts one more timeout; None when none more is counted."""
        if self.timeouts is None:
            return None
        most = 1 if self.bound.timeouts is None else self.bound.timeouts
        return self.timeouts.unit if self.timeouts.read(seen) < most else None

    def _faults(self, local: Local, seen: int) -> Iterator[Move]:
        if self.bound.crashes:
            for choice, outcome in local.crashes:
                yield from self._strike("crashes", choice, self._change(local, outcome, seen), seen)
            for choice, outcome in local.recoveries:
                yield Move(choice, self._change(local, outcome, seen), busy=False)

    def _links(self, me: Address, seen: int) -> Iterator[Move]:
        for (sender, to), field in self.cuts.items():
            if to == me and field.read(seen):
                yield Move(Heal(sender, to), -field.unit, busy=False)
            elif to == me:
                yield from self._strike("cuts", Cut(sender, to), field.unit, seen)

    def _strike(self, name: str, choice: Choice, delta: int, seen: int) -> Iterator[Move]:
        """A fault, while the bound still has one of its kind."""
        field = self.used[name]
        if field is not None and field.read(seen) < getattr(self.bound, name):
            yield Move(choice, delta + field.unit, busy=False)

    def _change(self, before: Local, outcome: Outcome, seen: int) -> int:
        """What a node's becoming another and sending adds to the state."""
        at = self.at[before.me]
        if outcome.local.index >> at.width:
            raise Full(f"the limit of {1 << at.width:,} local states of {before.me}")
        return (outcome.local.index - before.index) * at.unit + self._sent(outcome.sent, seen)

    def _sent(self, sent: Iterable[Parcel], seen: int) -> int:
        if self.bound.network == "set":
            return sum({parcel: self.place(parcel).unit & ~seen for parcel in sent}.values())
        too_many = self.most_copies + 1  # however many more, the guard bit shows
        return sum(min(count, too_many) * self.place(parcel).unit for parcel, count in Counter(sent).items())

    # -- quiet --------------------------------------------------------------------------------------------------------

    def quiescent(self, state: int) -> bool:
        """Whether nothing can happen any more that gets anywhere, without a fault or its mending."""
        return all(self._idle(move, state) for move in self.choices(state))

    @staticmethod
    def _idle(move: Move, state: int) -> bool:
        return not move.busy or (bool(move.again) and all(state & field for field in move.again))


def union(fields: Iterable[Field]) -> int:
    """The mask of several fields."""
    mask = 0
    for field in fields:
        mask |= field.mask
    return mask
