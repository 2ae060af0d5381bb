"""The words of fast leader election: what servers tell each other until they agree on whom to follow.

The names are ZooKeeper's own, as its election writes them into a notification. What follows an election there (ZAB) is
stood for by three plain words at the end. Nothing here is ever written to disk.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from consensus_lab.kernel import Address, message


class State(Enum):
    """Where a server stands. An observer goes from LOOKING to OBSERVING, a voter to one of the other two."""

    LOOKING = "looking"
    FOLLOWING = "following"
    LEADING = "leading"
    OBSERVING = "observing"


# -- what votes are made of: numbers that are compared --------------------------------------------------------------


class Zxid(NamedTuple):
    """The number of a transaction: the epoch of the leader that proposed it, and that leader's count."""

    epoch: int
    counter: int


UNTRUSTED = Zxid(-1, 0xFFFFFFFF)
"""The zxid -1: an empty database that may have lost what it held. Whoever has it takes no part (ZOOKEEPER-261)."""


class Vote(NamedTuple):
    """For whom, and what that server's disk held when it began to look. A later vote in this order is a better one."""

    peer_epoch: int  # the epoch that it last followed a leader into: its currentEpoch
    zxid: Zxid  # the last transaction in its log
    sid: int  # its number, the n of "server n"


NOBODY = Vote(-1, Zxid(-1, 0), -1)
"""Below every vote: what an observer says, for it is for nobody (on ZooKeeper's wire, the least of all numbers)."""


def address_of(sid: int) -> Address:
    """Server 3 is called n3."""
    return f"n{sid}"


# -- the one message of the election -----------------------------------------------------------------------------------


@message
class Notification:
    """Anyone to anyone: I am in this state, and for this server, in this round.

    To a server that is LOOKING it is a vote; from one that is not, the news that a leader is there already.
    """

    state: State
    vote: Vote
    election_epoch: int  # the round: the sender's logical clock


@message
class Elected:
    """Announced as a decision: the leader that this server leads, follows or observes from now on."""

    leader: Address
    election_epoch: int


# -- what follows it, in place of ZAB ----------------------------------------------------------------------------------


@message
class Follow:
    """Learner to leader: I follow (or observe) you."""


@message
class Welcome:
    """Leader to learner: I lead, and you are mine."""


@message
class Closed:
    """Leader to learner, or learner to leader: I do not go on with you, and look for a leader anew."""


@message
class LeaderLost:
    """From a server's surroundings: its leader, or a leader's quorum, was silent for too long (ZAB's syncLimit)."""


# -- timers ------------------------------------------------------------------------------------------------------------


@message
class FinalizeWait:
    """A quorum is for my candidate, and no better vote has come for a while."""


@message
class NotificationTimeout:
    """LOOKING, and nobody has said anything for a while."""


@message
class ConnectTimeout:
    """Learner: my leader has not welcomed me."""


@message
class InitLimit:
    """Leader: too long without a quorum that follows me."""
