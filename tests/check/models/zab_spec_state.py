"""A state of Apache's protocol-spec/Zab.tla as one immutable value, and the changes that its actions are made of.

Servers are numbered from 0. The variables are the specification's, gathered by server; sets of records that hold at
most one record a server are tuples with one place for each. It knows nothing of when anything may happen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

LOOKING, FOLLOWING, LEADING = "looking", "following", "leading"
ELECTION, DISCOVERY, SYNCHRONIZATION, BROADCAST = "election", "discovery", "synchronization", "broadcast"

Item = TypeVar("Item")
Zxid = tuple[int, int]
NO_ZXID: Zxid = (0, 0)


class Transaction(NamedTuple):
    zxid: Zxid
    value: int
    acks: frozenset[int]  # ackSid: who has acknowledged it, as far as the holder knows
    epoch: int


History = tuple[Transaction, ...]


class Message(NamedTuple):
    """In a channel. What a kind does not carry stays at its default."""

    kind: str
    epoch: int = 0
    zxid: Zxid = NO_ZXID
    value: int = 0
    history: History = ()


class Heard(NamedTuple):
    """What a leader has heard from one learner in cepochRecv, ackeRecv or ackldRecv."""

    connected: bool = True
    epoch: int = 0
    history: History = ()


Received = tuple[Heard | None, ...]


class Committed(NamedTuple):
    index: int = 0
    zxid: Zxid = NO_ZXID


class Server(NamedTuple):
    state: str
    phase: str  # zabState
    accepted_epoch: int  # f.p
    current_epoch: int  # f.a
    history: History
    committed: Committed  # lastCommitted
    learners: frozenset[int]
    cepochs: Received
    ackes: Received
    acklds: Received
    sent: int  # sendCounter: how many transactions of this epoch have been proposed
    leader: int | None  # connectInfo

    @property
    def last_zxid(self) -> Zxid:
        return last_zxid(self.history)


class Proposal(NamedTuple):
    """An entry of proposalMsgsLog, kept for the properties only."""

    source: int
    epoch: int
    zxid: Zxid
    value: int


class Recorder(NamedTuple):
    """What the bounds are laid on; pc is left out, as in the VIEW under which the states were counted."""

    timeouts: int = 0
    transactions: int = 0
    max_epoch: int = 0
    restarts: int = 0
    requests: int = 0


class State(NamedTuple):
    servers: tuple[Server, ...]
    oracle: int | None
    channels: tuple[tuple[tuple[Message, ...], ...], ...]  # channels[i][j]: from i to j, oldest first
    proposals: frozenset[Proposal] = frozenset()
    epoch_leaders: frozenset[tuple[int, int]] = frozenset()  # (epoch, server)
    violated: frozenset[str] = frozenset()
    recorder: Recorder = Recorder()

    def is_quorum(self, members: Iterable[int]) -> bool:
        return 2 * len(set(members)) > len(self.servers)

    def change(self, i: int, **fields: Any) -> State:
        """Server i with these fields changed."""
        return self._replace(servers=replace_at(self.servers, i, self.servers[i]._replace(**fields)))

    def record(self, **fields: int) -> State:
        """The recorder with these fields changed."""
        return self._replace(recorder=self.recorder._replace(**fields))

    def flag(self, violation: str, *, when: bool = True) -> State:
        """violatedInvariants with this one raised, where it is."""
        return self._replace(violated=self.violated | {violation}) if when else self

    def propose(self, proposals: Iterable[Proposal]) -> State:
        return self._replace(proposals=self.proposals.union(proposals))

    # -- channels

    def send(self, i: int, j: int, message: Message) -> State:
        return self._channel(i, j, (*self.channels[i][j], message))

    def discard(self, i: int, j: int) -> State:
        """Without the oldest message from i to j."""
        return self._channel(i, j, self.channels[i][j][1:])

    def broadcast(self, i: int, received: Received, message: Message) -> State:
        """Sent to every learner of i that is in `received` and connected."""
        state = self
        for j in sorted(self.servers[i].learners - {i}):
            heard = received[j]
            if heard is not None and heard.connected:
                state = state.send(i, j, message)
        return state

    def clean(self, i: int, j: int) -> State:
        return self._channel(i, j, ())._channel(j, i, ())

    def clean_input(self, members: Iterable[int]) -> State:
        state = self
        for j in members:
            for i in range(len(self.servers)):
                state = state._channel(i, j, ())
        return state

    def _channel(self, i: int, j: int, content: tuple[Message, ...]) -> State:
        return self._replace(channels=replace_at(self.channels, i, replace_at(self.channels[i], j, content)))


def initial(size: int) -> State:
    unheard: Received = (None,) * size
    server = Server(LOOKING, ELECTION, 0, 0, (), Committed(), frozenset(), unheard, unheard, unheard, 0, None)
    return State((server,) * size, None, (((),) * size,) * size)


def replace_at(items: tuple[Item, ...], place: int, item: Item) -> tuple[Item, ...]:
    return (*items[:place], item, *items[place + 1 :])


def last_zxid(history: History) -> Zxid:
    return history[-1].zxid if history else NO_ZXID


def index_of(history: History, zxid: Zxid) -> int:
    """Counted from 1; 0 for no zxid at all, one past the end for an unknown one, -1 for one that stands there twice."""
    if zxid == NO_ZXID:
        return 0
    places = [place for place, transaction in enumerate(history, start=1) if transaction.zxid == zxid]
    if not places:
        return len(history) + 1
    return places[0] if len(places) == 1 else -1


def heard_from(received: Received) -> list[int]:
    """Whoever was heard from, still connected or not."""
    return [server for server, heard in enumerate(received) if heard is not None]
