"""Presumed commit: what nobody remembers has committed, so the common case costs participants one forced write less.

The price is a forced record before the votes are asked for: without it a crash would turn "never decided" into commit.
Mohan, Lindsay and Obermarck (1986), section 4; costs as tabled by Lampson and Lomet, A New Presumed Commit
Optimization for Two Phase Commit (1993).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import Context, Recovered, upon
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import Abort, Begin, Collecting, Commit, DecisionRequest, State
from consensus_lab.protocols.two_phase_commit.participant import Participant


@dataclass
class PresumedCommitCoordinator(Coordinator):
    """Remembers what it still collects, and forgets a commit once it is on disk. Mohan et al. (1986), section 4."""

    forces = (Commit,)
    awaits_acks = (Abort,)
    presumes = Commit

    tx: str = ""

    @upon(Begin, when=State.INIT)
    def request_votes(self, begin: Begin, ctx: Context) -> None:
        """First of all, remember that this transaction must not be presumed committed."""
        ctx.force(Collecting(begin.tx))
        super().request_votes(begin, ctx)

    @upon(Recovered, when=State.WAIT)
    def abort_undecided(self, recovered: Recovered, ctx: Context) -> None:
        """Votes were being collected when it crashed."""
        self.conclude(Abort(self.tx), ctx)

    @upon(DecisionRequest, when=State.INIT)
    def presume(self, request: DecisionRequest, ctx: Context) -> None:
        """Not remembered: committed, for an abort is remembered until all have acknowledged it."""
        ctx.reply(self.presumes(request.tx))

    def restore(self, record: Any) -> None:
        match record:
            case Collecting(tx):
                self.state, self.tx = State.WAIT, tx
            case Commit():
                self.state, self.verdict = State.INIT, None  # forgotten: the presumption says the same
            case _:
                super().restore(record)


@dataclass
class PresumedCommitParticipant(Participant):
    """Writes a commit lazily, and does not acknowledge it."""

    forces = (Abort,)
    acknowledges = (Abort,)
