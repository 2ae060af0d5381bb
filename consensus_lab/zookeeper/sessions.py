"""Sessions: their ids and passwords, and when they end. (Apache: SessionTrackerImpl.java, ExpiryQueue.java.)

Sessions expire in buckets, one a tick: a touch only moves a session to a later bucket, and most touches not even that.
Times here are ms on a clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consensus_lab.zookeeper.ephemeral_type import CONTAINER_OWNER
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.numbers import int64

NO_PASSWORD = bytes(16)
"""What a client is told whose session is over."""

_SUPER_SECRET = 0xB3415C00


@dataclass(slots=True, eq=False)
class Session:
    """One client's life across its connections."""

    id: int
    timeout: int  # ms
    local: bool = False  # known to this server only, and to no log
    closing: bool = False
    owner: object = None  # the server whose connection speaks for it; None until somebody asks
    expiry: int = 0  # the bucket: expires when this time has come


class ExpiryQueue:
    """Sessions in buckets of one tick."""

    def __init__(self, tick: int, now: int) -> None:
        self._tick = tick
        self._buckets: dict[int, dict[Session, None]] = {}
        self._next = self._round_up(now)

    def update(self, session: Session, timeout: int, now: int) -> None:
        """Let a session live `timeout` ms from now, and then to the end of that tick."""
        expiry = self._round_up(now + timeout)
        if expiry != session.expiry:
            self.remove(session)
            session.expiry = expiry
            self._buckets.setdefault(expiry, {})[session] = None

    def remove(self, session: Session) -> None:
        """Take a session out, wherever it is."""
        bucket = self._buckets.get(session.expiry, {})
        bucket.pop(session, None)
        if not bucket:
            self._buckets.pop(session.expiry, None)

    def poll(self, now: int) -> Iterator[Session]:
        """Every session whose time has come, taken out, the earliest bucket first."""
        while self._next <= now:
            yield from list(self._buckets.pop(self._next, ()))
            self._next += self._tick

    def buckets(self) -> Mapping[int, Mapping[Session, None]]:
        """The sessions by the time they expire."""
        return self._buckets

    def _round_up(self, time: int) -> int:
        return (time // self._tick + 1) * self._tick


class SessionTracker:
    """Every session that lives, here or by its log. `server_id` goes into the ids that this server gives."""

    def __init__(self, tick: int, server_id: int, now: int) -> None:
        self.sessions: dict[int, Session] = {}
        self.expiry = ExpiryQueue(tick, now)
        self._next_id = first_id(server_id, now)

    def create(self, timeout: int, now: int, *, local: bool = False) -> Session:
        """A new session, with an id that no server gives again."""
        self._next_id, id = self._next_id + 1, self._next_id
        return self.track(id, timeout, now, local=local)

    def track(self, id: int, timeout: int, now: int, *, local: bool = False) -> Session:
        """A session by its id, learnt or known, with its whole timeout before it."""
        session = self.sessions.get(id)
        if session is None:
            session = self.sessions[id] = Session(id, timeout, local)
        self.expiry.update(session, timeout, now)
        return session

    def touch(self, id: int, timeout: int, now: int) -> bool:
        """The client lives. False if its session does not."""
        session = self.sessions.get(id)
        if session is None or session.closing:
            return False
        self.expiry.update(session, timeout, now)
        return True

    def check(self, id: int, owner: object) -> Session:
        """The session, if `owner` may speak for it.

        Raises KeeperError: SESSIONEXPIRED if it is not there or closing, SESSIONMOVED if another server owns it.
        """
        session = self.sessions.get(id)
        if session is None or session.closing:
            raise KeeperError(Code.SESSIONEXPIRED)
        if session.owner is owner:
            return session
        if session.owner is None:
            session.owner = owner
        else:
            raise KeeperError(Code.SESSIONMOVED)
        return session

    def close(self, id: int) -> None:
        """From now on its requests are refused; it is removed when its end is committed."""
        if id in self.sessions:
            self.sessions[id].closing = True

    def remove(self, id: int) -> None:
        """Its end is committed."""
        session = self.sessions.pop(id, None)
        if session is not None:
            self.expiry.remove(session)

    def expired(self, now: int) -> Iterator[Session]:
        """Every session whose time has come, closing from now on."""
        for session in self.expiry.poll(now):
            session.closing = True
            yield session


def first_id(server_id: int, now: int) -> int:
    """The first id that a server gives: its own number in the top byte, then 40 bits of the time it started."""
    id = int64((now << 24 & 0xFFFFFFFFFFFFFFFF) >> 8 | server_id << 56)
    return id + 1 if id == CONTAINER_OWNER else id


def password(id: int) -> bytes:
    """A session's password: 16 bytes that every server can work out, and none needs to keep."""
    random = JavaRandom(id ^ _SUPER_SECRET)
    return b"".join(random.next_int().to_bytes(4, "little") for _ in range(4))


class JavaRandom:
    """java.util.Random, whose numbers all servers of an ensemble must agree on: a generator of 48 bits."""

    _MULTIPLIER = 0x5DEECE66D
    _MASK = (1 << 48) - 1

    def __init__(self, seed: int) -> None:
        self._seed = (seed ^ self._MULTIPLIER) & self._MASK

    def next_int(self) -> int:
        """The next 32 bits, as an unsigned number."""
        self._seed = (self._seed * self._MULTIPLIER + 0xB) & self._MASK
        return self._seed >> 16
