"""Cooperative termination: a participant in doubt asks its peers too, and one that knows, or has not voted, frees it.

Bernstein, Hadzilacos and Goodman (1987), section 7.4. It cannot help when everyone who is up is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consensus_lab.kernel import Address, Context, upon
from consensus_lab.protocols.two_phase_commit.messages import Abort, Commit, DecisionRequest, State
from consensus_lab.protocols.two_phase_commit.participant import Participant


@dataclass
class CooperativeParticipant(Participant):
    """A participant that asks, and answers, its peers."""

    peers: frozenset[Address] = field(kw_only=True)

    def ask(self, request: DecisionRequest, ctx: Context) -> None:
        ctx.broadcast(self.peers | {self.coordinator}, request)

    @upon(DecisionRequest, when=State.COMMIT)
    def confirm_commit(self, request: DecisionRequest, ctx: Context) -> None:
        """It knows, so everyone may know."""
        ctx.reply(Commit(request.tx))

    @upon(DecisionRequest, when=State.ABORT)
    def confirm_abort(self, request: DecisionRequest, ctx: Context) -> None:
        """It refused, gave up or was told: the transaction cannot commit any more."""
        ctx.reply(Abort(request.tx))

    @upon(DecisionRequest, when=State.INIT)
    def abort_for_peer(self, request: DecisionRequest, ctx: Context) -> None:
        """It has not voted yet, so it may abort alone, and thereby free the one in doubt."""
        self.conclude(Abort(request.tx), ctx)
        ctx.reply(Abort(request.tx))
