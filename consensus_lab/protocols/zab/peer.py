"""A ZAB server: looks for a leader, and then leads, follows or observes, until it has to look again.

Each role is in a file of its own; a server has all three, and plays the one that its last election gave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from consensus_lab.kernel import Address, Context, Recovered, Start, upon
from consensus_lab.protocols.zab.follower import Follower
from consensus_lab.protocols.zab.leader import Leader
from consensus_lab.protocols.zab.learner import LEARNING, Learner
from consensus_lab.protocols.zab.messages import PACKETS, State, SyncRequest, Txn, WriteRequest, ZabState
from consensus_lab.protocols.zab.observer import Observer


@dataclass
class Peer(Leader, Follower, Observer):
    """Apache ZooKeeper 3.9, QuorumPeer. States LOOKING, FOLLOWING, LEADING and OBSERVING."""

    role: ClassVar[str] = "server"

    @upon(Start)
    @upon(Recovered)
    def begin(self, switched_on: Start | Recovered, ctx: Context) -> None:
        """Whatever it was before, it is nobody's follower now. What it may not have announced it will."""
        self.delivered = self.history.certain
        self.look_for_leader(ctx)

    def take_office(self, ctx: Context) -> None:
        """The election is over."""
        if self.state is State.LEADING:
            self.lead(ctx)
        else:
            self.find_leader(ctx)

    def give_up(self, reason: str, ctx: Context) -> None:
        """Leave the role, with all that hung on it, and look again. What is logged is processed, as after a crash."""
        ctx.note(reason)
        if self.state is State.LEADING:
            self.resign(ctx)
        else:
            self.hang_up(ctx)
        self.lose_clients(ctx)
        self.history.fast_forward()
        self.zab_state = ZabState.ELECTION
        self.look_for_leader(ctx)

    # -- by role -------------------------------------------------------------------------------------------------------

    def receive(self, message: Any, ctx: Context) -> bool:
        """Packets count on the connection that stands, and on no earlier one."""
        if isinstance(message, PACKETS) and not self.is_connected_with(ctx.sender, ctx):
            ctx.note(f"ignored: {ctx.sender} said so on a connection that is no more")
            return False
        return super().receive(message, ctx)

    def is_connected_with(self, sender: Address, ctx: Context) -> bool:
        """Whether there is a connection for packets of this sender. What it says to itself needs none."""
        if self.state is State.LEADING:
            return sender in self.handlers or sender == ctx.me
        return self.state in LEARNING and self.connected and sender == self.leader

    def submit(self, request: WriteRequest | SyncRequest, ctx: Context) -> None:
        role = Leader if self.state is State.LEADING else Learner
        role.submit(self, request, ctx)

    def keep(self, txn: Txn, ctx: Context) -> None:
        role = Observer if self.state is State.OBSERVING else Follower
        role.keep(self, txn, ctx)

    def take_over_the_rest(self, ctx: Context) -> None:
        role = Observer if self.state is State.OBSERVING else Follower
        role.take_over_the_rest(self, ctx)
