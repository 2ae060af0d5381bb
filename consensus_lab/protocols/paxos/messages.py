"""The words of single-decree Paxos: what travels, what is remembered on disk, and what wakes a node up later.

Lamport, The Part-Time Parliament (1998), and Paxos Made Simple (2001), whose words these are: a proposal is a number
and a value. Its number is called a ballot here, as in the parliament. One value is chosen, once and for all.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from consensus_lab.kernel import Address, message


class Ballot(NamedTuple):
    """A proposal's number, and its proposer's name so that no two share one. Every real number is at least 1."""

    number: int = 0
    proposer: Address = ""

    def next(self, proposer: Address) -> Ballot:
        """The lowest ballot of `proposer` with a higher number."""
        return Ballot(self.number + 1, proposer)


BOTTOM = Ballot()
"""The ballot below all ballots: of whoever has promised nothing yet."""


class State(Enum):
    """Where a proposer stands."""

    IDLE = "idle"
    DEFERRING = "deferring"  # it leaves the proposing to the distinguished proposer, for a while
    PREPARING = "preparing"  # phase 1: asking for promises
    PROPOSING = "proposing"  # phase 2: asking for acceptance
    DONE = "done"  # it was told what is chosen


# -- the client and its answer ----------------------------------------------------------------------------------------


@message
class Propose:
    """Client to proposer: have this value chosen, or tell me which was."""

    value: Any


@message
class Decided:
    """This value is chosen: learner to proposer, to learners who depend on its word; proposer to client."""

    value: Any


# -- phase 1 ----------------------------------------------------------------------------------------------------------


@message
class Prepare:
    """Phase 1a, proposer to acceptor: promise me to refuse all ballots below. On the acceptor's disk: it has promised.

    The answer also tells what the acceptor has accepted so far.
    """

    ballot: Ballot


@message
class Accept:
    """Phase 2a, proposer to acceptor: accept this proposal. On the acceptor's disk: it has accepted it, a vote cast."""

    ballot: Ballot
    value: Any


@message
class Promise:
    """Phase 1b, acceptor to proposer: I refuse what is below; and this is the highest that I have accepted, if any."""

    ballot: Ballot
    accepted: Accept | None


@message
class Nack:
    """Acceptor to proposer, an option: your ballot is too low, for I have promised this one. A matter of speed only."""

    ballot: Ballot
    promised: Ballot


# -- phase 2 and learning ---------------------------------------------------------------------------------------------


@message
class Accepted:
    """Phase 2b, acceptor to learner: I have accepted this proposal."""

    ballot: Ballot
    value: Any


@message
class Inquire:
    """Learner to proposer: nobody tells me anything. Find out, by a proposal of your own, what is chosen."""


# -- on disk only -----------------------------------------------------------------------------------------------------


@message
class Round:
    """Proposer: the highest ballot that it has used, lest it use one twice."""

    ballot: Ballot


# -- timers -----------------------------------------------------------------------------------------------------------


@message
class Overdue:
    """Proposer: this ballot takes too long."""


@message
class NothingLearned:
    """Learner: still in the dark."""
