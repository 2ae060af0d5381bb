"""The words of Multi-Paxos: one Paxos for every slot of a log, with a single phase 1 for all of them.

Lamport, Paxos Made Simple (2001), section 3; van Renesse and Altinbuken, Paxos Made Moderately Complex (2015), whose
slots, commands and decisions these are. Ballots are those of single-decree Paxos, and so is the Nack.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from consensus_lab.kernel import Address, message
from consensus_lab.protocols.multi_paxos.key_value import Add, Get, Operation, Put
from consensus_lab.protocols.paxos.messages import BOTTOM, Ballot, Nack

__all__ = ["BOTTOM", "NOOP", "Add", "Ballot", "Command", "Get", "Nack", "Operation", "Put"]


class State(Enum):
    """Where a server stands."""

    FOLLOWING = "following"  # it leaves the proposing to whoever leads
    PREPARING = "preparing"  # phase 1: asking for promises
    LEADING = "leading"  # phase 2, slot after slot


# -- clients ----------------------------------------------------------------------------------------------------------


@message
class Call:
    """User to client: have this done."""

    operation: Operation


@message
class Request:
    """Client to server: do this. Its number makes it one and the same, however often it is sent.

    In a slot of the log: a command. On the client's disk: this number is used.
    """

    client: Address
    number: int
    operation: Operation


@message
class Reply:
    """Server to client: done, with this result, in the state after this slot. In the client table: what was replied."""

    client: Address
    number: int
    result: Any
    slot: int


@message
class Redirect:
    """Server to client: I do not lead; as far as I know, this server does."""

    number: int
    leader: Address


@message
class Noop:
    """In a slot of the log: a command that does nothing, so that nothing else can ever be chosen there."""


NOOP = Noop()

Command = Request | Noop


# -- phase 1, for every slot from one on ------------------------------------------------------------------------------


@message
class Prepare:
    """Phase 1a, candidate to acceptor: promise me to refuse all ballots below, in every slot. On disk: it has promised.

    The answer also tells what the acceptor has accepted from this slot on.
    """

    ballot: Ballot
    from_slot: int


@message
class Accept:
    """Phase 2a, leader to acceptor: accept this command in this slot; and up to `committed` all is chosen.

    On the acceptor's disk: it has accepted it, a vote cast.
    """

    ballot: Ballot
    slot: int
    command: Command
    committed: int


@message
class Snapshot:
    """What all slots up to this one made: the store, and the last reply to each client. Replica to replica; on disk."""

    slot: int
    store: tuple[tuple[str, Any], ...]
    replies: tuple[Reply, ...]


@message
class Promise:
    """Phase 1b, acceptor to candidate: I refuse what is below. This is what I have accepted, in one slot or another.

    If a snapshot stands where slots that were asked for have been, here it is.
    """

    ballot: Ballot
    votes: tuple[Accept, ...]
    snapshot: Snapshot | None


# -- phase 2 and learning ---------------------------------------------------------------------------------------------


@message
class Accepted:
    """Phase 2b, acceptor to leader: I have accepted what you proposed for this slot."""

    ballot: Ballot
    slot: int


@message
class Commit:
    """Leader to replica: I lead, and up to this slot all is chosen."""

    ballot: Ballot
    committed: int


@message
class CatchUp:
    """Replica to leader: I miss what was chosen from this slot on."""

    from_slot: int


@message
class Decisions:
    """Leader to replica: what was chosen from this slot on; there may be more, up to `committed`."""

    from_slot: int
    commands: tuple[Command, ...]
    committed: int


# -- reads that do not go through the log -----------------------------------------------------------------------------


@message
class Confirm:
    """Leader to server: do I still lead, as far as you know? Rounds are numbered."""

    ballot: Ballot
    round: int


@message
class Confirmed:
    """Server to leader: I have promised no higher ballot."""

    ballot: Ballot
    round: int


# -- announced as decisions -------------------------------------------------------------------------------------------


@message
class Chosen:
    """A replica: this command is chosen in this slot, and I have applied it."""

    slot: int
    command: Command


@message
class Installed:
    """A replica: a snapshot brought me to the state after this slot."""

    slot: int


@message
class Invoked:
    """A client: from now on this is asked for."""

    request: Request


@message
class Returned:
    """A client: this came of it."""

    request: Request
    reply: Reply


# -- timers -----------------------------------------------------------------------------------------------------------


@message
class HeartbeatDue:
    """Leader: say that you still lead, and say again what nobody answered."""


@message
class LeaderSilent:
    """Follower or candidate: nobody has led for a while."""


@message
class Unanswered:
    """Client: ask again."""


@message
class LeaseEnds:
    """Leader: what was granted to this round need not be granted any more."""

    round: int


@message
class GrantEnds:
    """Server: the leader to whom I granted a lease does not rely on it any more."""
