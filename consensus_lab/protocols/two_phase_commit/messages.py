"""The words of two-phase commit: what travels, what is remembered on disk, and what wakes a node up later.

Gray, Notes on Data Base Operating Systems (1978), section 5.8.3.3; Bernstein, Hadzilacos, Goodman (1987), section 7.4.
A transaction's name is used once: a coordinator that has forgotten a transaction must never be asked to begin it again.
"""

from __future__ import annotations

from enum import Enum

from consensus_lab.kernel import message
from consensus_lab.protocols.commitment import Abort, Begin, Commit, Prepared, Verdict

__all__ = ["Abort", "Begin", "Commit", "Prepared", "Verdict"]  # the words of every commit protocol, offered again here


class State(Enum):
    """Where a coordinator (INIT, WAIT, a verdict, DONE) or a participant (INIT, READY, a verdict) stands."""

    INIT = "init"
    WAIT = "wait"  # the coordinator has asked for votes
    READY = "ready"  # the participant has voted yes, and can no longer decide alone
    COMMIT = "commit"
    ABORT = "abort"
    DONE = "done"  # the coordinator is owed nothing any more


# -- phase 1: the inquiry ---------------------------------------------------------------------------------------------


@message
class VoteRequest:
    """Coordinator to participant: can you commit?"""

    tx: str


@message
class Yes:
    """Participant to coordinator: executed, undo and redo are on disk; I will do what you say."""

    tx: str


@message
class No:
    """Participant to coordinator: I cannot, and have rolled back."""

    tx: str


# -- phase 2: the verdict ---------------------------------------------------------------------------------------------


@message
class Ack:
    """Participant to coordinator: your verdict is on my disk; you may forget the transaction."""

    tx: str


@message
class DecisionRequest:
    """A participant in doubt to the coordinator (cooperative termination: to its peers too): what was decided?"""

    tx: str


# -- on disk only -----------------------------------------------------------------------------------------------------


@message
class Collecting:
    """Coordinator, presumed commit only: votes are being collected, so without a verdict here this one aborted."""

    tx: str


@message
class End:
    """Coordinator: everybody has acknowledged; nobody will ever ask."""

    tx: str


# -- timers -----------------------------------------------------------------------------------------------------------


@message
class VotesOverdue:
    """Coordinator: a vote is missing."""

    tx: str


@message
class AcksOverdue:
    """Coordinator: an acknowledgement is missing."""

    tx: str


@message
class RequestOverdue:
    """Participant: its work is done, but nobody asks for its vote."""

    tx: str


@message
class DecisionOverdue:
    """Participant: it voted yes, but hears no verdict."""

    tx: str
