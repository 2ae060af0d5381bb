"""Presumed abort: what nobody remembers has aborted, so an abort costs no forced write and no acknowledgement.

Mohan, Lindsay and Obermarck, Transaction Management in the R* Distributed Database Management System (1986), section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context, upon
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import Commit, DecisionRequest, State
from consensus_lab.protocols.two_phase_commit.participant import Participant


@dataclass
class PresumedAbortCoordinator(Coordinator):
    """Forgets an abort as soon as it was sent. Mohan et al. (1986), section 3, the Presumed Abort protocol."""

    forces = (Commit,)
    awaits_acks = (Commit,)

    @upon(DecisionRequest, when=State.INIT)
    def presume(self, request: DecisionRequest, ctx: Context) -> None:
        """Not remembered: aborted, then or now."""
        ctx.reply(self.presumes(request.tx))


@dataclass
class PresumedAbortParticipant(Participant):
    """Writes an abort lazily: if a crash loses it, the coordinator will be asked, and will presume it again."""

    forces = (Commit,)
    acknowledges = (Commit,)
