"""The words of three-phase commit: what travels, what is remembered on disk, and what wakes a node up later.

Skeen, Nonblocking Commit Protocols (1981); Bernstein, Hadzilacos and Goodman (1987), section 7.5. The phases have the
names under which most courses tell them: canCommit, preCommit, doCommit. A transaction's name is used once.
"""

from __future__ import annotations

from enum import Enum

from consensus_lab.kernel import message
from consensus_lab.protocols.commitment import Abort, Begin, Commit, Prepared, Verdict

__all__ = ["Abort", "Begin", "Commit", "Prepared", "Verdict"]  # the words of every commit protocol, offered again here


class State(Enum):
    """Where a coordinator (INIT, WAIT, PRECOMMIT, a verdict, DONE) or a participant (INIT, READY, ...) stands."""

    INIT = "init"
    WAIT = "wait"  # the coordinator has asked for votes
    READY = "ready"  # the participant has voted yes: it is uncertain, and nobody can have committed
    PRECOMMIT = "precommit"  # all have voted yes, and nobody can have aborted
    RECOVERING = "recovering"  # crashed in READY or PRECOMMIT: the others went on without it, so it may only ask
    COMMIT = "commit"
    ABORT = "abort"
    DONE = "done"  # the coordinator is owed nothing any more


class Part(Enum):
    """The termination protocol: what a participant does for the others."""

    FOLLOWER = "follower"
    CANDIDATE = "candidate"  # it has asked those before it whether they are there
    BACKUP = "backup"  # it coordinates in the coordinator's stead


# -- phase 1: canCommit -----------------------------------------------------------------------------------------------


@message
class CanCommit:
    """Coordinator to participant: could you commit? Nothing is executed yet, and nothing locked."""

    tx: str


@message
class Yes:
    """Participant to coordinator: I could, and I promise to."""

    tx: str


@message
class No:
    """Participant to coordinator: I could not, and have aborted."""

    tx: str


# -- phase 2: preCommit -----------------------------------------------------------------------------------------------


@message
class PreCommit:
    """Coordinator to participant: all have voted yes; execute. On the coordinator's disk: it was about to say so."""

    tx: str


@message
class PreAck:
    """Participant to coordinator: executed under a lock, undo and redo are on disk; I know that all voted yes."""

    tx: str


# -- phase 3: doCommit, which is Commit; or Abort, in any phase -----------------------------------------------------


@message
class Ack:
    """Participant to coordinator: your verdict is on my disk; you may forget the transaction."""

    tx: str


@message
class DecisionRequest:
    """Whoever was in doubt when it crashed, to everyone: what was decided?"""

    tx: str


# -- the termination protocol ---------------------------------------------------------------------------------------


@message
class Election:
    """Candidate to every participant before it: are you there? Then lead."""

    tx: str


@message
class Standing:
    """The answer: I am there, and come before you."""

    tx: str


@message
class StateRequest:
    """Backup to participant: how far did you come?"""

    tx: str


@message
class StateReport:
    """Participant to backup: so far."""

    tx: str
    state: State


# -- on disk only -----------------------------------------------------------------------------------------------------


@message
class Promised:
    """Participant: it has voted yes, and must be able to commit whatever happens to it."""

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
class PreAcksOverdue:
    """Coordinator or backup: somebody has not acknowledged its PreCommit."""

    tx: str


@message
class AcksOverdue:
    """Coordinator: an acknowledgement of its verdict is missing."""

    tx: str


@message
class RequestOverdue:
    """Participant: its work is done, but nobody asks for its vote."""

    tx: str


@message
class PreCommitOverdue:
    """Participant: it voted yes, but nobody says that all did."""

    tx: str


@message
class CommitOverdue:
    """Participant: all voted yes, but nobody says that it is done."""

    tx: str


@message
class DecisionOverdue:
    """Whoever was in doubt when it crashed: nobody has answered."""

    tx: str


@message
class ElectionOverdue:
    """Candidate: nobody before it has answered."""

    tx: str


@message
class ReportsOverdue:
    """Backup: somebody has not said how far it came."""

    tx: str
