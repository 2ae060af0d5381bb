"""The leader: one phase 1 for all slots, and from then on only phase 2, slot after slot.

The acceptor and the replica of the same server are part of it: it promises to itself first, votes for its own
proposals, and begins where its own log ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from consensus_lab.kernel import Address, Context, upon
from consensus_lab.kernel.quorum import Quorum
from consensus_lab.protocols.multi_paxos.acceptor import Acceptor
from consensus_lab.protocols.multi_paxos.messages import (
    BOTTOM,
    NOOP,
    Accept,
    Accepted,
    Ballot,
    Command,
    Commit,
    Decisions,
    Prepare,
    Promise,
    Snapshot,
    State,
)
from consensus_lab.protocols.multi_paxos.replica import Replica


@dataclass(kw_only=True)
class Leader(Acceptor, Replica):
    """Multi-Paxos, a leader. Lamport, Paxos Made Simple (2001), section 3.

    Van Renesse and Altinbuken (2015), section 2: phase 1 is the work of their scout, each slot that of a commander.
    """

    quorum: Quorum
    state: State = State.FOLLOWING
    ballot: Ballot = BOTTOM  # the last of its own
    seen: Ballot = BOTTOM  # the highest that it has heard of
    promises: dict[Address, Promise] = field(default_factory=dict)
    next_slot: int = 1  # the first that it has proposed nothing for
    recovered: int = 0  # what earlier leaders may have begun ends with this slot
    proposals: dict[int, Accept] = field(default_factory=dict)  # by slot: what it asks to accept, until it is chosen
    voters: dict[int, frozenset[Address]] = field(default_factory=dict)  # by slot: who has accepted that

    def others(self, ctx: Context) -> frozenset[Address]:
        """All servers but this one."""
        return self.quorum.members - {ctx.me}

    # -- phase 1 ------------------------------------------------------------------------------------------------------

    def prepare(self, ctx: Context) -> None:
        """Phase 1a, for every slot from the first that is not applied here, in a ballot that nobody has used."""
        self.ballot = max(self.promised, self.seen).next(ctx.me)
        self.state, self.promises = State.PREPARING, {}
        prepare = Prepare(self.ballot, self.applied + 1)
        self.promise(prepare, ctx)  # to itself first: so no crash can make it use this ballot again
        ctx.broadcast(self.others(ctx), prepare)

    @upon(Promise, when=State.PREPARING)
    def count_promise(self, promise: Promise, ctx: Context) -> None:
        """A quorum of promises ends phase 1, for this and all slots to come."""
        if promise.ballot == self.ballot:
            self.promises[ctx.sender] = promise
            if self.quorum.reached(self.promises):
                self.lead(ctx)

    def lead(self, ctx: Context) -> None:
        """Phase 2a for all that was begun: also for what may be chosen already, because only that shows it."""
        for promise in self.promises.values():
            if promise.snapshot is not None:
                self.install(promise.snapshot, ctx)
        self.state = State.LEADING
        self.next_slot = self.applied + 1
        for command in self.commands_begun(self.votes_told()):
            self.propose(command, ctx)
        self.recovered = self.next_slot - 1

    def commands_begun(self, told: Mapping[int, list[Accept]]) -> list[Command]:
        """For each slot from the first that is not applied to the last that anybody has voted in: what to propose."""
        last = max(told, default=self.applied)
        return [self.choose_command(told.get(slot, [])) for slot in range(self.applied + 1, last + 1)]

    def votes_told(self) -> dict[int, list[Accept]]:
        """By slot: the votes that the promises tell of, beyond what is applied."""
        told: dict[int, list[Accept]] = defaultdict(list)
        for promise in self.promises.values():
            for vote in promise.votes:
                if vote.slot > self.applied:
                    told[vote.slot].append(vote)
        return told

    def choose_command(self, told: list[Accept]) -> Command:
        """P2c for one slot: the command of the highest vote told; a no-op where nobody voted, lest it stay a hole."""
        return max(told, key=lambda vote: vote.ballot).command if told else NOOP

    # -- phase 2 ------------------------------------------------------------------------------------------------------

    def propose(self, command: Command, ctx: Context) -> None:
        """Phase 2a, for the next slot.

        Eager: while its own disk writes one vote, the next proposal may leave, for nothing of it rests on that disk.
        """
        accept = Accept(self.ballot, self.next_slot, command, self.applied)
        self.next_slot += 1
        self.proposals[accept.slot], self.voters[accept.slot] = accept, frozenset()
        ctx.broadcast(self.others(ctx), accept, eager=True)
        self.accept(accept, ctx)

    @upon(Accepted, when=State.LEADING)
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        """With a quorum the command is chosen; its own vote counts once its disk holds it, as everyone's."""
        if accepted.ballot == self.ballot and accepted.slot in self.proposals:
            self.voters[accepted.slot] |= {ctx.sender}
            if self.quorum.reached(self.voters[accepted.slot]):
                self.decide(accepted.slot, ctx)

    def decide(self, slot: int, ctx: Context) -> None:
        """Chosen. The next proposal will say so; if there is none on its way to be answered, say it now."""
        self.decisions[slot] = self.proposals.pop(slot).command
        del self.voters[slot]
        self.apply_decisions(ctx)
        if not self.proposals:
            self.tell_committed(self.others(ctx), ctx)

    def tell_committed(self, replicas: Iterable[Address], ctx: Context) -> None:
        """All that it has applied is chosen."""
        ctx.broadcast(replicas, Commit(self.ballot, self.applied), eager=True)

    @upon(Decisions)
    def learn_missed(self, decisions: Decisions, ctx: Context) -> None:
        """Not while it leads: what it says to be committed must be what it has proposed."""
        if self.state is not State.LEADING:
            super().learn_missed(decisions, ctx)

    @upon(Snapshot)
    def install(self, snapshot: Snapshot, ctx: Context) -> None:
        """The same."""
        if self.state is not State.LEADING:
            super().install(snapshot, ctx)

    def step_down(self, ctx: Context) -> None:
        """Somebody has a higher ballot. What was proposed and not chosen is theirs to find."""
        self.state = State.FOLLOWING
        self.promises, self.proposals, self.voters = {}, {}, {}
