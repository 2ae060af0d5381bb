"""The ledger: what the disks of all acceptors say together. From it follows what is chosen, whoever knows it or not.

An acceptor forces each vote before it tells anybody, so its journal holds every vote that it ever cast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from consensus_lab.kernel import Address, View
from consensus_lab.kernel.quorum import Quorum
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import BOTTOM, Accept, Ballot, Prepare
from consensus_lab.protocols.paxos.proposer import Proposer


@dataclass(frozen=True)
class Ledger:
    """Every promise and vote on disk, by acceptor and in the order made; and the proposals of those who are up."""

    journals: Mapping[Address, tuple[Prepare | Accept, ...]]
    proposals: Mapping[Address, Accept]  # by proposer: what it asks to accept in its present ballot
    promise_quorum: Quorum
    accept_quorum: Quorum

    @classmethod
    def of(cls, view: View) -> Ledger:
        """What this view shows."""
        return view.derive(_read)

    @cached_property
    def votes(self) -> list[tuple[Address, Accept]]:
        """Every vote ever cast, with its acceptor."""
        return [(a, record) for a, journal in self.journals.items() for record in journal if isinstance(record, Accept)]

    @property
    def issued(self) -> Iterator[tuple[str, Accept]]:
        """Every proposal known to have been issued, with whoever shows it."""
        yield from ((f"{acceptor} accepted", vote) for acceptor, vote in self.votes)
        yield from ((f"{proposer} issued", proposal) for proposer, proposal in self.proposals.items())

    @cached_property
    def chosen(self) -> list[Accept]:
        """Every proposal that a quorum has accepted, the lowest ballot first. Safety says that all have one value."""
        distinct = dict.fromkeys(vote for _, vote in self.votes)
        return sorted(filter(self.is_chosen, distinct), key=lambda proposal: proposal.ballot)

    def is_chosen(self, proposal: Accept) -> bool:
        return self.accept_quorum.reached(acceptor for acceptor, vote in self.votes if vote == proposal)

    def voted(self, acceptor: Address) -> list[Accept]:
        return [record for record in self.journals[acceptor] if isinstance(record, Accept)]

    def promised(self, acceptor: Address) -> Ballot:
        """The highest ballot that it takes part in."""
        return max((record.ballot for record in self.journals[acceptor]), default=BOTTOM)

    def last_below(self, acceptor: Address, ballot: Ballot) -> Accept | None:
        """The highest-numbered proposal below `ballot` that it has accepted."""
        below = (vote for vote in self.voted(acceptor) if vote.ballot < ballot)
        return max(below, key=lambda vote: vote.ballot, default=None)

    def is_safe_at(self, ballot: Ballot, value: Any) -> bool:
        """SafeAt(b, v): no other value was or can ever be chosen below b. Lamport's module Voting (2014)."""
        below = {vote.ballot for _, vote in self.votes if vote.ballot < ballot}
        return all(self._closed_to_others(lower, value) for lower in below)

    def _closed_to_others(self, ballot: Ballot, value: Any) -> bool:
        def is_harmless(acceptor: Address) -> bool:
            votes = [vote for vote in self.voted(acceptor) if vote.ballot == ballot]
            if votes:
                return all(vote.value == value for vote in votes)
            return self.promised(acceptor) > ballot

        return self.promise_quorum.reached(filter(is_harmless, self.journals))


def _read(view: View) -> Ledger:
    everyone = view.cast.processes
    return Ledger(
        {me: _promises_and_votes(view, me) for me, process in everyone.items() if isinstance(process, Acceptor)},
        {address: proposer.proposal for address, proposer in proposers(view) if proposer.proposal},
        next(process.promise_quorum for process in everyone.values() if isinstance(process, Proposer)),
        next(process.accept_quorum for process in everyone.values() if isinstance(process, Learner)),
    )


def _promises_and_votes(view: View, acceptor: Address) -> tuple[Prepare | Accept, ...]:
    return tuple(record for record in view.journal(acceptor) if isinstance(record, Prepare | Accept))


def proposers(view: View) -> Iterator[tuple[Address, Proposer]]:
    """The proposers that are up."""
    return ((address, process) for address, process in view.processes.items() if isinstance(process, Proposer))
