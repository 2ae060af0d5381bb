"""Three-phase commit as most courses tell it: a coordinator that misses an acknowledgement of PreCommit aborts.

Skeen's coordinator commits there, and this module shows why: a participant that has been told PreCommit commits when
it hears no more, so an abort that does not reach it splits the transaction, without any partition.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context
from consensus_lab.protocols.three_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.three_phase_commit.messages import Abort, PreAcksOverdue


@dataclass
class CautiousCoordinator(Coordinator):
    """Aborts in phase 3 unless everyone has executed. Its abort must reach all before their patience ends."""

    def proceed(self, overdue: PreAcksOverdue, ctx: Context) -> None:
        """Somebody may have failed to execute: roll back everywhere."""
        self.conclude(Abort(overdue.tx), ctx)
