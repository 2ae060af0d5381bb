"""The space of a cast under a bound: its global states as integers, and the moves that lead from one to the next.

A move belongs to the node it happens at, and depends only on what that node can see of the state: its local state, what
is in flight to it, the links to it that are cut, and how much of the bound is used up. So the moves of a node are found
once for each distinct such neighbourhood, which is the state under that node's mask, and kept as numbers to add.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, permutations
from typing import NamedTuple

from consensus_lab.check.bounds import FAULTS, Bound
from consensus_lab.check.flight import NETWORKS, Bag, Change, Full, Ground
from consensus_lab.check.history import Commute, History
from consensus_lab.check.layout import Field
from consensus_lab.check.local import Broken, Freezer, Local, Locals, Outcome, Parcel
from consensus_lab.kernel import CLIENT, Address, Cast, Decision
from consensus_lab.sim import Choice, Cut, Deliver, Drop, Duplicate, Fire, Heal, Reset, Submit, Sync, World

LOCAL_BITS = 20
"""Each node may have a million local states."""
HISTORY_BITS = 32
"""More sequences of decisions than there is memory for."""


class Move(NamedTuple):
    """One step out of a state."""

    choice: Choice
    delta: int  # what it adds to the state
    allowed: bool = True  # whether the bound still has room for it
    busy: bool = True  # whether it gets anywhere without a fault
    again: tuple[int, ...] = ()  # ... unless each of these fields shows its message in flight still
    told: tuple[int, ...] = ()  # what it adds to the history, where one is kept


class Memo(dict[int, tuple[int, ...]]):
    """What one node's moves add, by what it sees of the state; looks for them when it meets a state for the first time.

    A dict with a `__missing__`, because the search asks it more often than anything else.
    """

    def __init__(self, space: Space, node: int) -> None:
        self.space = space
        self.node = node
        self.telling: dict[int, tuple[tuple[int, tuple[int, ...]], ...]] = {}  # the moves that add to the history
        self.firing: dict[int, tuple[int, ...]] = {}  # those that must wait while anybody is acting, if timers are late
        self.acting: set[int] = set()

    def __missing__(self, seen: int) -> tuple[int, ...]:
        moves = [move for move in self.space.moves(self.node, seen) if move.allowed]
        if self.space.bound.timers == "late":
            moves = self._in_time(seen, moves)
        telling = tuple((move.delta, move.told) for move in moves if move.told)
        if telling:
            self.telling[seen] = telling
        deltas = self[seen] = tuple(move.delta for move in moves if not move.told)
        return deltas

    def _in_time(self, seen: int, moves: list[Move]) -> list[Move]:
        """The moves that need not wait until nothing else can happen."""
        self.firing[seen] = tuple(move.delta for move in moves if isinstance(move.choice, Fire))
        if any(isinstance(move.choice, Deliver | Submit | Sync) for move in moves):
            self.acting.add(seen)
        return [move for move in moves if not isinstance(move.choice, Fire)]


class Space:
    """All that can become of a cast within a bound."""

    def __init__(
        self,
        cast: Cast,
        bound: Bound,
        *,
        counts_timeouts: bool = False,
        commute: Commute | None = None,
        freeze: Freezer | None = None,
    ) -> None:
        self.cast = cast
        self.bound = bound
        self.locals = Locals(cast, remembers=commute is None, freeze=freeze)
        self.ground = Ground(cast, bound, self.locals.parcel)
        self.at = {address: self._field(LOCAL_BITS, address) for address in cast.addresses}
        self.used = {name: self._counter(getattr(bound, name)) for name in FAULTS}
        self.timeouts = self._counter(bound.timeouts if bound.timeouts is not None else int(counts_timeouts))
        pairs = permutations(sorted(cast.addresses), 2) if bound.cuts else ()
        self.cuts = {(sender, to): self._field(1, to) for sender, to in pairs}
        self.history = History(commute, self.ground.layout.field(HISTORY_BITS)) if commute else None
        self.flight: Bag = NETWORKS[bound.network](self.ground)
        self.crowded = False  # whether a step was refused because too many equal messages would wait
        self._stirring: dict[tuple[int, int], tuple[tuple[int, ...], ...]] = {}  # `Move.again` of a node's busy moves
        self._takings: dict[Local, dict[Parcel, Move | None]] = {}  # where nothing else matters
        self.memos = [Memo(self, node) for node in range(len(cast.addresses))]
        self.initial = self.encode(World.of(cast))

    @property
    def masks(self) -> list[int]:
        """What of a state each node sees. The list itself stays, and its masks grow."""
        return self.ground.masks

    def _field(self, width: int, *seen_by: Address) -> Field:
        return self.ground.show(self.ground.layout.field(width), *seen_by)

    def _counter(self, most: int) -> Field | None:
        """A field that counts up to `most` and that everyone sees; None when there is nothing to count."""
        return self._field(most.bit_length(), *self.cast.addresses) if most else None

    # -- reading and writing states -----------------------------------------------------------------------------------

    def local(self, address: Address, state: int) -> Local:
        """The local state of one node."""
        return self.locals.known[address][self.at[address].read(state)]

    def encode(self, world: World, used: Mapping[str, int] | None = None) -> int:
        """The state that this world is in, when so much of the bound was used to come there."""
        counters = {**self.used, "timeouts": self.timeouts}
        state = sum(count * field.unit for name, count in (used or {}).items() if (field := counters[name]))
        for address, machine in world.machines.items():
            announced = self.locals.announced(value for node, value in world.decisions if node == address)
            state += self.locals.find(address, machine, announced).index * self.at[address].unit
        parcels = [self.locals.parcel(e.sender, e.to, e.message) for e in world.network.flight]
        parcels += [self.locals.parcel(CLIENT, to, request) for to, request in world.requests]
        state += self.flight.encode(parcels, [address for address, machine in world.machines.items() if not machine.up])
        state += self.history.change(0, self.history.told(world.decisions)) if self.history else 0
        return state + sum(self.cuts[link].unit for link, _ in world.network.cuts)

    # -- moves --------------------------------------------------------------------------------------------------------

    def choices(self, state: int) -> Iterator[Move]:
        """Every move out of a state."""
        for node, mask in enumerate(self.masks):
            yield from self.moves(node, state & mask)

    def moves(self, node: int, seen: int) -> Iterator[Move]:
        """Every move of one node, which sees this much of the state."""
        me = self.cast.addresses[node]
        local = self.local(me, seen)
        if local.process is not None:
            yield from self._arrivals(node, local, seen)
            for choice, outcome in local.syncs:
                yield self._step(choice, local, outcome, seen)
            for choice, outcome in local.firings:
                if outcome.heard or not self.bound.skip_ignored:
                    yield self._fire(self._step(choice, local, outcome, seen), seen)
        yield from self._faults(node, local, seen)
        if self.bound.cuts or self.bound.resets:
            yield from self._links(me, seen)

    def _arrivals(self, node: int, local: Local, seen: int) -> Iterator[Move]:
        """Whatever may arrive next, arrives."""
        known = self._takings.setdefault(local, {})
        for parcel in self.flight.arriving(node, seen):
            cut = self.cuts.get(parcel.link) if self.cuts else None
            if cut and cut.read(seen):
                continue
            move = known[parcel] if parcel in known else self._taking(local, parcel, seen)
            if self.flight.is_additive:
                known[parcel] = move
            if move:
                yield move

    def _taking(self, local: Local, parcel: Parcel, seen: int) -> Move | None:
        """A node takes this message; None when it finds no rule and stays where it is."""
        outcome = local.receive(parcel)
        stays = not outcome.heard and self.bound.skip_ignored
        return None if stays else self._step(parcel.arrival, local, outcome, seen, parcel)

    def _step(self, choice: Choice, local: Local, outcome: Outcome, seen: int, taken: Parcel | None = None) -> Move:
        """A node becomes another, takes a message or none, and sends others."""
        change = self.flight.exchange(seen, taken, outcome.sent)
        delta = self._became(local, outcome) + change.delta
        fits = change.fits and outcome.most_alike <= self.flight.most
        self.crowded |= not fits
        told = self.history.told(Decision(local.me, value) for value in outcome.told) if self.history else ()
        if taken is not None:
            ignored = not outcome.heard and not self.flight.hides(seen, taken)
            return Move(choice, delta, fits, busy=bool(delta or told) and not ignored, told=told)
        if outcome.local is not local or change.again is None or told:
            return Move(choice, delta, fits, told=told)
        return Move(choice, delta, fits, busy=bool(change.again), again=change.again)

    def after(self, state: int, move: Move) -> int:
        """The state to which a move leads."""
        return state + move.delta + self.told(state, move.told)

    def told(self, state: int, told: tuple[int, ...]) -> int:
        """What these decisions add to the history of this state."""
        return self.history.change(state, told) if self.history else 0

    def _fire(self, move: Move, seen: int) -> Move:
        """The same move, counted as a timeout where those are counted."""
        if self.timeouts is None:
            return move._replace(allowed=move.allowed and self.bound.timeouts is None)
        most = 1 if self.bound.timeouts is None else self.bound.timeouts
        if self.timeouts.read(seen) < most:
            return move._replace(delta=move.delta + self.timeouts.unit)
        return move._replace(allowed=move.allowed and self.bound.timeouts is None)

    def _faults(self, node: int, local: Local, seen: int) -> Iterator[Move]:
        """What may be done to a node, and to the messages on their way to it."""
        if self.bound.losses or self.bound.duplicates:
            yield from self._mishaps(node, seen)
        if self.bound.crashes:
            for choice, outcome in local.crashes:
                change = Change(self._became(local, outcome) + self.flight.crash(seen, local.me))
                yield from self._strike("crashes", choice, change, seen)
            for choice, outcome in local.recoveries if self.bound.recover else ():
                move = self._step(choice, local, outcome, seen)
                yield move._replace(delta=move.delta + self.flight.recover(seen, local.me), busy=False)
        if self.bound.wipes:
            for choice, outcome in local.wipes:
                yield from self._strike("wipes", choice, Change(self._became(local, outcome)), seen)

    def _mishaps(self, node: int, seen: int) -> Iterator[Move]:
        """What may be done to the messages on their way to a node."""
        for parcel in self.flight.arriving(node, seen):
            if parcel.is_request:
                continue
            content = (parcel.sender, parcel.to, parcel.message)
            yield from self._strike("losses", Drop(*content), self.flight.lose(seen, parcel), seen)
            if self.bound.duplicates:
                yield from self._strike("duplicates", Duplicate(*content), self.flight.repeat(seen, parcel), seen)

    def _links(self, me: Address, seen: int) -> Iterator[Move]:
        """What may be done to the links to a node."""
        for (sender, to), field in self.cuts.items():
            if to == me and field.read(seen):
                yield Move(Heal(sender, to), -field.unit, busy=False)
            elif to == me:
                yield from self._strike("cuts", Cut(sender, to), Change(field.unit), seen)
        for one, other in combinations(sorted(self.cast.addresses), 2):
            change = self.flight.reset(seen, one, other) if one == me and self.bound.resets else None
            if change is not None:
                yield from self._strike("resets", Reset(one, other), change, seen)

    def _strike(self, name: str, choice: Choice, change: Change, seen: int) -> Iterator[Move]:
        """A fault, while the bound still has one of its kind."""
        field = self.used[name]
        if field is not None and field.read(seen) < getattr(self.bound, name):
            if self.locals.coverage is not None and name not in ("crashes", "wipes"):  # which nodes have seen to
                self.locals.coverage.verbs[choice.verb] += 1
            yield Move(choice, change.delta + field.unit, change.fits, busy=False)

    def _became(self, before: Local, outcome: Outcome) -> int:
        at = self.at[before.me]
        if outcome.local.index >> at.width:
            raise Full(f"the limit of {1 << at.width:,} local states of {before.me}")
        return (outcome.local.index - before.index) * at.unit

    def is_still(self, state: int) -> bool:
        """Whether only timers, faults and mending can change anything: then a timer that fires late may fire."""
        views = zip(self.memos, (state & mask for mask in self.masks), strict=True)
        return not any(seen in memo.acting for memo, seen in views)

    # -- quiet --------------------------------------------------------------------------------------------------------

    def quiescent(self, state: int) -> bool:
        """Whether nothing can happen any more that gets anywhere, without a fault or its mending.

        Taking a message for which there is no rule, or sending again what is in flight still, gets nobody anywhere: the
        processes stay as they are, whatever happens of this kind, and for ever.
        """
        try:
            return all(self._idle(node, state & mask, state) for node, mask in enumerate(self.masks))
        except Broken:
            return False  # something does happen: a rule raises

    def _idle(self, node: int, seen: int, state: int) -> bool:
        if (node, seen) not in self._stirring:
            self._stirring[node, seen] = tuple(move.again for move in self.moves(node, seen) if move.busy)
        stirring = self._stirring[node, seen]
        return all(again and all(state & field for field in again) for again in stirring)


def union(fields: Iterable[Field]) -> int:
    """The mask of several fields."""
    mask = 0
    for field in fields:
        mask |= field.mask
    return mask
