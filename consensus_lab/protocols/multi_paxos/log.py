"""The log of one server: its votes, the decisions that it knows of, and the snapshot that stands for what was before.

Acceptor and replica are two views of it. It refuses to know who leads.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consensus_lab.kernel import Process
from consensus_lab.protocols.multi_paxos.messages import Accept, Command, Snapshot

EMPTY = Snapshot(0, (), ())
"""The state before the first slot, which has number 1."""


@dataclass(kw_only=True)
class Log(Process):
    """Slots, as far as this server knows them. Everything up to the snapshot's slot is in the snapshot, and only there.

    Lamport, Paxos Made Simple (2001), section 3; on snapshots Chandra, Griesemer and Redstone (2007), section 5.1.
    """

    votes: dict[int, Accept] = field(default_factory=dict)  # by slot: the latest vote cast there
    decisions: dict[int, Command] = field(default_factory=dict)  # by slot: what is known to be chosen there
    snapshot: Snapshot = EMPTY

    def votes_from(self, slot: int) -> tuple[Accept, ...]:
        """The votes cast in this slot and after it, in order."""
        return tuple(self.votes[voted] for voted in sorted(self.votes) if voted >= slot)

    def forget_up_to(self, slot: int) -> None:
        """A snapshot stands for these slots now."""
        self.votes = {voted: vote for voted, vote in self.votes.items() if voted > slot}
        self.decisions = {decided: command for decided, command in self.decisions.items() if decided > slot}
