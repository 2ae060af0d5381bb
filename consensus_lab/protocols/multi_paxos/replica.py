"""The replica: learns what is chosen, applies it in the order of slots, and fetches what it missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import Context, upon
from consensus_lab.protocols.multi_paxos.log import Log
from consensus_lab.protocols.multi_paxos.machine import Machine
from consensus_lab.protocols.multi_paxos.messages import (
    Accept,
    CatchUp,
    Chosen,
    Command,
    Commit,
    Decisions,
    Installed,
    Reply,
    Request,
    Snapshot,
)

MOST_AT_ONCE = 256  # decisions in one message


@dataclass(kw_only=True)
class Replica(Log, Machine):
    """Multi-Paxos, a replica of the key-value machine. Van Renesse and Altinbuken (2015), section 2; on snapshots 4.

    What it knows to be chosen is not on its disk: votes are, and from those of a quorum it can be found out again.
    """

    snapshot_every: int  # slots; 0: never

    # -- learning -----------------------------------------------------------------------------------------------------

    @upon(Commit)
    def learn(self, commit: Commit, ctx: Context) -> None:
        """What is chosen: apply what is known of it, and ask for what is not."""
        self.learn_own_votes(commit, ctx)
        if self.applied < commit.committed:
            ctx.reply(CatchUp(self.applied + 1))

    def learn_own_votes(self, news: Commit | Accept, ctx: Context) -> None:
        """What this very leader proposed and I accepted is what was chosen; an older vote may be for something else."""
        for slot in range(self.applied + 1, news.committed + 1):
            vote = self.votes.get(slot)
            if vote is not None and vote.ballot == news.ballot:
                self.decisions[slot] = vote.command
        self.apply_decisions(ctx)

    @upon(Decisions)
    def learn_missed(self, decisions: Decisions, ctx: Context) -> None:
        """These are chosen, whatever I voted for. Ask on while there is more."""
        for slot, command in enumerate(decisions.commands, decisions.from_slot):
            if slot > self.applied:
                self.decisions[slot] = command
        before = self.applied
        self.apply_decisions(ctx)
        if before < self.applied < decisions.committed:
            ctx.reply(CatchUp(self.applied + 1))

    @upon(CatchUp)
    def help_out(self, catch_up: CatchUp, ctx: Context) -> None:
        """Tell what was chosen; begin with the snapshot where that is all there is."""
        if catch_up.from_slot <= self.snapshot.slot:
            ctx.reply(self.snapshot)
        first = max(catch_up.from_slot, self.snapshot.slot + 1)
        last = min(self.applied, first + MOST_AT_ONCE - 1)
        if first <= last:
            commands = tuple(self.decisions[slot] for slot in range(first, last + 1))
            ctx.reply(Decisions(first, commands, self.applied))

    # -- applying -----------------------------------------------------------------------------------------------------

    def apply_decisions(self, ctx: Context) -> None:
        """Slot after slot, up to the first whose decision is not known: whatever is beyond has to wait."""
        while self.applied + 1 in self.decisions:
            self.apply(self.decisions[self.applied + 1], ctx)

    def apply(self, command: Command, ctx: Context) -> None:
        """One command, in the next slot."""
        self.applied += 1
        ctx.decide(Chosen(self.applied, command))
        if isinstance(command, Request):
            self.answer(command, self.perform(command), ctx)
        if self.snapshot_every and self.applied % self.snapshot_every == 0:
            self.take_snapshot(ctx)

    def answer(self, request: Request, reply: Reply, ctx: Context) -> None:
        """Whoever leads answers the client; a replica only remembers."""

    # -- snapshots ----------------------------------------------------------------------------------------------------

    def take_snapshot(self, ctx: Context) -> None:
        """Write down the state, and let go of the log that led to it.

        Nothing waits for this record: until it is durable the journal still holds the votes that it replaces.
        """
        self.snapshot = self.make_snapshot()
        ctx.append(self.snapshot)
        self.forget_up_to(self.applied)

    @upon(Snapshot)
    def install(self, snapshot: Snapshot, ctx: Context) -> None:
        """Skip what the sender does not have any more, and go on from there."""
        if snapshot.slot > self.applied:
            ctx.append(snapshot)
            self.restore(snapshot)
            ctx.decide(Installed(self.applied))
            self.apply_decisions(ctx)

    def restore(self, record: Any) -> None:
        """Replay the journal: of the state, only its snapshots are there."""
        if not isinstance(record, Snapshot):
            super().restore(record)
            return
        self.snapshot = record
        self.adopt(record)
        self.forget_up_to(record.slot)
