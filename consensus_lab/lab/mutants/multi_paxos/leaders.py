"""Leaders and acceptors that go wrong: in what they propose, in what they vote, and in what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from consensus_lab.kernel import Address, Context, Recovered
from consensus_lab.protocols.multi_paxos.messages import (
    NOOP,
    Accept,
    Accepted,
    Command,
    Commit,
    HeartbeatDue,
    Prepare,
    Promise,
    State,
)
from consensus_lab.protocols.multi_paxos.server import HEARTBEAT, Server

# -- what earlier leaders have begun ----------------------------------------------------------------------------------


class TakesTheLowestVote(Server):
    def choose_command(self, told: list[Accept]) -> Command:
        return min(told, key=lambda vote: vote.ballot).command if told else NOOP


class TakesTheFirstVoteTold(Server):
    def choose_command(self, told: list[Accept]) -> Command:
        return told[0].command if told else NOOP


class ForgetsWhatItWasTold(Server):
    def choose_command(self, told: list[Accept]) -> Command:
        return NOOP


class ClosesTheGap(Server):
    def commands_begun(self, told: Mapping[int, list[Accept]]) -> list[Command]:
        return [self.choose_command(told[slot]) for slot in sorted(told)]


class LeavesTheHole(Server):
    def propose(self, command: Command, ctx: Context) -> None:
        if command == NOOP:
            self.next_slot += 1
        else:
            super().propose(command, ctx)


class TrustsItsOwnLog(Server):
    def lead(self, ctx: Context) -> None:
        self.decisions |= {slot: vote.command for slot, vote in self.votes.items()}
        self.apply_decisions(ctx)
        super().lead(ctx)


class LeadsOnAfterACrash(Server):
    def begin_again(self, recovered: Recovered, ctx: Context) -> None:
        if self.promised.proposer == ctx.me:
            self.state, self.ballot = State.LEADING, self.promised
            self.beat(HeartbeatDue(), ctx)
        else:
            super().begin_again(recovered, ctx)


# -- what is chosen ---------------------------------------------------------------------------------------------------


class CommitsWhatItProposes(Server):
    def tell_committed(self, replicas: Iterable[Address], ctx: Context) -> None:
        ctx.broadcast(replicas, Commit(self.ballot, self.next_slot - 1), eager=True)


class CountsMessages(Server):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        if accepted.ballot == self.ballot and accepted.slot in self.proposals:
            if self.voters[accepted.slot]:
                self.decide(accepted.slot, ctx)
            else:
                self.voters[accepted.slot] |= {ctx.sender}


class NeverRepeats(Server):
    def beat(self, due: HeartbeatDue, ctx: Context) -> None:
        self.tell_committed(self.others(ctx), ctx)
        ctx.set_timer(HeartbeatDue(), HEARTBEAT)


# -- the acceptor -----------------------------------------------------------------------------------------------------


class VotesBeforeTheDisk(Server):
    def accept(self, accept: Accept, ctx: Context) -> None:
        if accept.ballot >= self.promised:
            ctx.send(accept.ballot.proposer, Accepted(accept.ballot, accept.slot))
            ctx.force(accept)
            self.restore(accept)


class TellsOnlyItsLastVote(Server):
    def promise_for(self, prepare: Prepare) -> Promise:
        told = super().promise_for(prepare)
        return Promise(told.ballot, told.votes[-1:], told.snapshot)


class WithholdsItsSnapshot(Server):
    def promise_for(self, prepare: Prepare) -> Promise:
        return Promise(prepare.ballot, self.votes_from(prepare.from_slot), None)
