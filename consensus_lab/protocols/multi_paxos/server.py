"""A server: takes the lead when nobody has it, keeps it by heartbeats, gives way to a higher ballot, serves clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from consensus_lab.kernel import Address, Context, Recovered, Start, upon
from consensus_lab.protocols.multi_paxos.leader import Leader
from consensus_lab.protocols.multi_paxos.messages import (
    Accept,
    Ballot,
    Commit,
    HeartbeatDue,
    LeaderSilent,
    Nack,
    Prepare,
    Redirect,
    Reply,
    Request,
    State,
)

HEARTBEAT = 0.1  # seconds
PATIENCE = (0.4, 0.8)  # seconds without a leader: a range, so that two seldom stand at once


@dataclass(kw_only=True)
class Server(Leader):
    """Multi-Paxos, all roles of a server. Chandra, Griesemer and Redstone, Paxos Made Live (2007), section 4.

    That two take themselves for the leader does no harm; that nobody does, costs time. So silence is enough to try.
    """

    role: ClassVar[str] = "server"

    first: Address  # who leads at first, so that it need not be found out
    waiting: dict[Request, Address] = field(default_factory=dict)  # whom to answer when it is applied
    overdue: int = 0  # proposals below this slot have waited for a heartbeat's time

    # -- who leads ----------------------------------------------------------------------------------------------------

    @upon(Start)
    def begin(self, start: Start, ctx: Context) -> None:
        """One of them need not wait for silence."""
        if ctx.me == self.first:
            self.prepare(ctx)
        else:
            self.await_leader(ctx)

    @upon(Recovered)
    def begin_again(self, recovered: Recovered, ctx: Context) -> None:
        """Whatever it was before, it leads no more: what it had proposed is not all on its disk."""
        self.await_leader(ctx)

    @upon(LeaderSilent, when=(State.FOLLOWING, State.PREPARING))
    def take_over(self, silence: LeaderSilent, ctx: Context) -> None:
        """The leader is down or slow, and nobody can tell which; or its own candidacy was in vain."""
        self.prepare(ctx)

    def await_leader(self, ctx: Context) -> None:
        ctx.set_timer(LeaderSilent(), *PATIENCE)

    def promise(self, prepare: Prepare, ctx: Context) -> None:
        """Whoever promises to a candidate, itself included, gives it time."""
        super().promise(prepare, ctx)
        self.heed(prepare.ballot, ctx)
        if prepare.ballot == self.promised:
            self.await_leader(ctx)

    def accept(self, accept: Accept, ctx: Context) -> None:
        """A proposal also tells what is committed."""
        super().accept(accept, ctx)
        if accept.ballot.proposer != ctx.me:
            self.heed(accept.ballot, ctx)
            self.learn_own_votes(accept, ctx)

    def learn(self, commit: Commit, ctx: Context) -> None:
        """Somebody leads."""
        super().learn(commit, ctx)
        self.heed(commit.ballot, ctx)
        if commit.ballot == self.seen:
            self.await_leader(ctx)

    @upon(Nack)
    def be_refused(self, nack: Nack, ctx: Context) -> None:
        """Somebody has promised a higher ballot."""
        self.heed(nack.promised, ctx)

    def heed(self, ballot: Ballot, ctx: Context) -> None:
        """The highest ballot leads, or is about to."""
        self.seen = max(self.seen, ballot)
        if ballot > self.ballot and self.state is not State.FOLLOWING:
            self.step_down(ctx)

    def step_down(self, ctx: Context) -> None:
        """Its clients will ask again, and will be told whom."""
        ctx.cancel_timer(HeartbeatDue())
        super().step_down(ctx)
        self.waiting = {}
        self.await_leader(ctx)

    # -- leading ------------------------------------------------------------------------------------------------------

    def lead(self, ctx: Context) -> None:
        """First what others have begun, then what clients have asked for meanwhile."""
        super().lead(ctx)
        under_way = {accept.command for accept in self.proposals.values()}
        for request in self.waiting:
            if request not in under_way:
                self.propose(request, ctx)
        ctx.cancel_timer(LeaderSilent())
        self.overdue = 0
        self.beat(HeartbeatDue(), ctx)

    @upon(HeartbeatDue, when=State.LEADING)
    def beat(self, due: HeartbeatDue, ctx: Context) -> None:
        """Say that it leads; and say again what has been proposed for a heartbeat's time and is not chosen."""
        self.tell_committed(self.others(ctx), ctx)
        for slot, accept in self.proposals.items():
            if slot < self.overdue:
                ctx.broadcast(self.quorum.members - self.voters[slot], accept, eager=True)
        self.overdue = self.next_slot
        ctx.set_timer(HeartbeatDue(), HEARTBEAT)

    # -- clients ------------------------------------------------------------------------------------------------------

    @upon(Request, when=State.LEADING)
    def serve(self, request: Request, ctx: Context) -> None:
        """Propose it, once: it may have been done, or be under way, when its client asks again."""
        if self.is_done(request):
            self.repeat_reply(request, ctx)
        elif request in self.waiting:
            self.waiting[request] = ctx.sender
        else:
            self.waiting[request] = ctx.sender
            self.propose(request, ctx)

    def repeat_reply(self, request: Request, ctx: Context) -> None:
        """The same answer as the first time; none to a request that its client does not wait for any more."""
        last = self.client_table[request.client]
        if last.number == request.number:
            ctx.reply(last)

    @upon(Request, when=State.PREPARING)
    def put_off(self, request: Request, ctx: Context) -> None:
        """It may soon lead."""
        self.waiting[request] = ctx.sender

    @upon(Request, when=State.FOLLOWING)
    def redirect(self, request: Request, ctx: Context) -> None:
        """Ask the leader instead. Who knows of none says nothing, and is asked again."""
        if self.seen.proposer not in ("", ctx.me):
            ctx.reply(Redirect(request.number, self.seen.proposer))

    def answer(self, request: Request, reply: Reply, ctx: Context) -> None:
        """It has taken effect, now or earlier: tell whoever waits for it here."""
        client = self.waiting.pop(request, None)
        if client is not None and reply.number == request.number:
            ctx.send(client, reply)
