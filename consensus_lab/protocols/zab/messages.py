"""The words of ZAB, as ZooKeeper speaks it: each packet with the fields that its wire carries, in its wire's order.

Packets are written in capitals, as they are there; after Apache ZooKeeper 3.9, Leader and LearnerHandler. Where a wire
wants more bytes than are said here they are constants (a protocol version) or belong to the application (the time and
digest of a transaction). The two packets of a reconfiguration are missing, for the ensemble here does not change.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from consensus_lab.kernel import message
from consensus_lab.protocols.election.messages import (
    NOBODY,
    Elected,
    FinalizeWait,
    Notification,
    NotificationTimeout,
    State,
    Vote,
    Zxid,
    address_of,
)
from consensus_lab.protocols.zab.application import (
    CloseSession,
    Delete,
    Entered,
    Entry,
    Get,
    Increment,
    Put,
    Refused,
    Removed,
    Total,
)
from consensus_lab.protocols.zab.records import (
    ZERO,
    AcceptedEpoch,
    CurrentEpoch,
    Logged,
    Snapshot,
    Truncated,
    Txn,
)
from consensus_lab.protocols.zab.requests import (
    ConnectionLoss,
    ConnectRequest,
    ReadRequest,
    Response,
    SyncRequest,
    WriteRequest,
)

__all__ = [
    "NOBODY", "ZERO", "AcceptedEpoch", "CloseSession", "ConnectRequest", "ConnectionLoss", "CurrentEpoch", "Delete",
    "Elected", "Entered", "Entry", "FinalizeWait", "Get", "Increment", "Logged", "Notification",
    "NotificationTimeout", "Put", "ReadRequest", "Refused", "Removed", "Response", "Snapshot", "State", "SyncRequest",
    "Total", "Truncated", "Txn", "Vote", "WriteRequest", "Zxid", "address_of",
]  # fmt: skip


class ZabState(Enum):
    """How far a server has come with its leader, or as one (QuorumPeer.ZabState)."""

    ELECTION = "election"
    DISCOVERY = "discovery"
    SYNCHRONIZATION = "synchronization"
    BROADCAST = "broadcast"


class SyncMode(Enum):
    """In which way a learner is being brought up to date (QuorumPeer.SyncMode)."""

    NONE = "none"
    DIFF = "diff"
    TRUNC = "trunc"
    SNAP = "snap"


# -- a connection, which on Apache's wire is TCP's own affair ----------------------------------------------------------


@message
class Connect:
    """Learner to leader: a new connection. What either said on an earlier one is void from here on."""

    connection: int


@message
class Connected:
    """Leader to learner: accepted."""

    connection: int


@message
class Closed:
    """Learner to leader, or leader to learner: this connection is closed."""


# -- phase 1, discovery ------------------------------------------------------------------------------------------------


@message
class FOLLOWERINFO:
    """Follower to leader: I am server `sid`, and have accepted this epoch (paper: CEPOCH)."""

    zxid: Zxid  # (acceptedEpoch, 0)
    sid: int
    config_version: int = 0


@message
class OBSERVERINFO:
    """Observer to leader: the same, but do not count me."""

    zxid: Zxid
    sid: int
    config_version: int = 0


@message
class LEADERINFO:
    """Leader to learner: the new epoch, later than any that a quorum has accepted (paper: NEWEPOCH)."""

    zxid: Zxid  # (new epoch, 0)


@message
class ACKEPOCH:
    """Learner to leader: accepted; here is how far I have come (paper: ACK-E)."""

    zxid: Zxid  # the last one that it has logged
    current_epoch: int  # -1: I had accepted this epoch before, so do not count me


# -- phase 2, synchronisation ------------------------------------------------------------------------------------------


@message
class DIFF:
    """Leader to learner: what you have is good; proposals follow with their commits, up to this zxid."""

    zxid: Zxid


@message
class TRUNC:
    """Leader to learner: cut your log after this zxid, for what is behind it never happened."""

    zxid: Zxid


@message
class SNAP:
    """Leader to learner: forget all that you have; this is the state at this zxid."""

    zxid: Zxid
    state: Any


@message
class NEWLEADER:
    """Leader to learner: that is my history. Make it durable, then enter my epoch (paper: NEWLEADER)."""

    zxid: Zxid  # (new epoch, 0)


@message
class UPTODATE:
    """Leader to learner: a quorum has my history. Serve your clients (paper: COMMIT-LD)."""


# -- phase 3, broadcast ------------------------------------------------------------------------------------------------


@message
class PROPOSAL:
    """Leader to follower: log this. Sent while the leader's own disk still works on it."""

    txn: Txn


@message
class ACK:
    """Follower to leader: this transaction is on my disk. With the counter 0: I have entered your epoch."""

    zxid: Zxid


@message
class COMMIT:
    """Leader to follower: deliver the transaction of this zxid, which you hold."""

    zxid: Zxid


@message
class INFORM:
    """Leader to observer: deliver this, which you have not seen before."""

    txn: Txn


# -- what a learner's clients ask for ----------------------------------------------------------------------------------


@message
class REQUEST:
    """Learner to leader: a client of mine wishes this."""

    session: int
    cxid: int
    type: int  # ZooKeeper's number of the operation
    request: Any
    authinfo: tuple[tuple[str, str], ...] = ()


@message
class SYNC:
    """Leader to learner: you have received all that was committed when your client asked, the oldest of yours."""


@message
class REVALIDATE:
    """Learner to leader: a session has moved to me, is it still open? And back, with the answer."""

    session: int
    timeout: int  # milliseconds
    valid: bool | None = None


@message
class PING:
    """Leader to learner: are you there? And back, with the sessions that were heard of: (session, timeout) each."""

    zxid: Zxid  # the leader's last proposal
    sessions: tuple[tuple[int, int], ...] = ()


PACKETS = (
    FOLLOWERINFO, OBSERVERINFO, LEADERINFO, ACKEPOCH, DIFF, TRUNC, SNAP, NEWLEADER, UPTODATE, PROPOSAL, ACK, COMMIT,
    INFORM, REQUEST, SYNC, REVALIDATE, PING,
)  # fmt: skip
"""What is said on a connection, and void on any later one."""

SYNC_TYPE = 9
"""ZooKeeper's number of the operation sync, as REQUEST carries it."""


# -- timers ------------------------------------------------------------------------------------------------------------


@message
class ConnectTimeout:
    """Learner: nobody has accepted my connection."""


@message
class ReadTimeout:
    """Learner: my leader is silent for too long."""


@message
class InitLimit:
    """Leader: too long without a quorum for what comes next."""


@message
class Tick:
    """Leader: half a tick is over."""
