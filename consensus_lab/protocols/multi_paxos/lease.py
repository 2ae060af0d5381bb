"""Reads by lease: for a while after a quorum has confirmed the leader, none of it lets another lead.

So the leader just answers: no message, no disk. Gray and Cheriton, Leases (1989); Chandra, Griesemer and Redstone,
Paxos Made Live (2007), section 5.2. Nobody reads a clock: the leader's timer runs from when it asks, a grantor's from
when it is asked, which is later, and the grantor's is longer. So all is well as long as no grantor's timer runs faster
than the leader's by more than GRANT / LEASE.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context, Recovered, upon
from consensus_lab.protocols.multi_paxos.messages import (
    Confirm,
    GrantEnds,
    HeartbeatDue,
    LeaderSilent,
    LeaseEnds,
    Prepare,
    Request,
    State,
)
from consensus_lab.protocols.multi_paxos.read_index import ReadIndexServer

LEASE = 0.25  # seconds, from when the leader asks
GRANT = 0.3  # seconds, from when a server confirms


@dataclass(kw_only=True)
class LeaseServer(ReadIndexServer):
    """A server whose reads cost nothing while it holds a lease, and a round when it does not."""

    ended: int = 0  # the latest round whose lease is over
    granted: bool = False  # some leader may rely on this server's promise to let no other lead

    # -- the leader ---------------------------------------------------------------------------------------------------

    def read(self, request: Request, ctx: Context) -> None:
        """Answer at once, if nobody else can lead and all is applied that earlier leaders may have had chosen."""
        if self.holds_lease() and self.applied >= self.recovered:
            self.answer_read(request, ctx.sender, ctx)
        else:
            super().read(request, ctx)

    def holds_lease(self) -> bool:
        """Whether a quorum has confirmed a round whose time is not over."""
        return self.is_confirmed(self.ended + 1)

    @upon(HeartbeatDue, when=State.LEADING)
    def beat(self, due: HeartbeatDue, ctx: Context) -> None:
        """Every heartbeat renews the lease."""
        super().beat(due, ctx)
        self.begin_round(ctx)

    def begin_round(self, ctx: Context) -> None:
        """The time runs from here on. It grants to itself what it asks of others."""
        super().begin_round(ctx)
        ctx.set_timer(LeaseEnds(self.round), LEASE)
        self.grant(ctx)

    @upon(LeaseEnds)
    def end_lease(self, ends: LeaseEnds, ctx: Context) -> None:
        """Later rounds may still hold."""
        self.ended = max(self.ended, ends.round)

    # -- who grants it ------------------------------------------------------------------------------------------------

    @upon(Confirm)
    def confirm(self, confirm: Confirm, ctx: Context) -> None:
        """To confirm is to grant: no promise to anybody until the time is over."""
        if confirm.ballot >= self.promised:
            self.grant(ctx)
        super().confirm(confirm, ctx)

    def grant(self, ctx: Context) -> None:
        self.granted = True
        ctx.set_timer(GrantEnds(), GRANT)

    @upon(GrantEnds)
    def end_grant(self, ends: GrantEnds, ctx: Context) -> None:
        self.granted = False

    @upon(Prepare)
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        """Not while somebody relies on it; the candidate will ask again."""
        if not self.granted:
            super().promise(prepare, ctx)

    @upon(LeaderSilent, when=(State.FOLLOWING, State.PREPARING))
    def take_over(self, silence: LeaderSilent, ctx: Context) -> None:
        """Nor does it stand itself."""
        if self.granted:
            self.await_leader(ctx)
        else:
            super().take_over(silence, ctx)

    @upon(Recovered)
    def begin_again(self, recovered: Recovered, ctx: Context) -> None:
        """It may have granted just before it crashed: that is not on its disk, so it waits as if it had."""
        super().begin_again(recovered, ctx)
        self.grant(ctx)
