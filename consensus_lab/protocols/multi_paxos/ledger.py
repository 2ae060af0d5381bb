"""The ledger: what all disks and all announcements say together. From it follows what is chosen in every slot.

An acceptor forces each vote before it tells anybody, so its journal holds every vote that it ever cast.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from consensus_lab.kernel import Address, View
from consensus_lab.kernel.quorum import Quorum
from consensus_lab.protocols.multi_paxos.machine import Machine
from consensus_lab.protocols.multi_paxos.messages import Accept, Chosen, Command, Prepare, Request
from consensus_lab.protocols.multi_paxos.server import Server

Proposal = tuple[int, Accept]


@dataclass(frozen=True)
class Ledger:
    """Every promise and vote on disk, by server and in the order made; and what replicas said to be chosen."""

    journals: Mapping[Address, tuple[Prepare | Accept, ...]]
    announced: tuple[tuple[Address, Chosen], ...]
    quorum: Quorum

    @classmethod
    def of(cls, view: View) -> Ledger:
        """What this view shows."""
        servers = {me: process for me, process in view.cast.processes.items() if isinstance(process, Server)}
        return cls(
            {me: tuple(r for r in view.journal(me) if isinstance(r, Prepare | Accept)) for me in servers},
            tuple((node, value) for node, value in view.decisions if isinstance(value, Chosen)),
            next(iter(servers.values())).quorum,
        )

    @cached_property
    def voters(self) -> dict[Accept, set[Address]]:
        """Who voted for what: for each proposal, its acceptors. What a proposal tells of commits is no part of it."""
        voters: dict[Accept, set[Address]] = defaultdict(set)
        for acceptor, journal in self.journals.items():
            for record in journal:
                if isinstance(record, Accept):
                    voters[bare(record)].add(acceptor)
        return voters

    @cached_property
    def chosen(self) -> dict[int, list[Accept]]:
        """By slot: every proposal that a quorum has accepted, the lowest ballot first."""
        chosen: dict[int, list[Accept]] = defaultdict(list)
        for proposal in sorted(self.voters, key=lambda accept: (accept.slot, accept.ballot)):
            if self.quorum.reached(self.voters[proposal]):
                chosen[proposal.slot].append(proposal)
        return chosen

    @cached_property
    def log(self) -> dict[int, Command]:
        """By slot: the command that somebody has applied first."""
        log: dict[int, Command] = {}
        for _, chosen in self.announced:
            log.setdefault(chosen.slot, chosen.command)
        return log

    def states(self) -> Iterator[Machine]:
        """What the log makes, slot after slot, from the beginning: one machine as it goes on."""
        machine = Machine()
        yield machine
        while machine.applied + 1 in self.log:
            advance(machine, self.log[machine.applied + 1])
            yield machine


def advance(machine: Machine, command: Command | None) -> None:
    """One slot further."""
    machine.applied += 1
    if isinstance(command, Request):
        machine.perform(command)


def bare(accept: Accept) -> Accept:
    """The proposal alone, to be compared with others."""
    return Accept(accept.ballot, accept.slot, accept.command, 0)


def servers(view: View) -> dict[Address, Server]:
    """The servers that are up."""
    return {address: process for address, process in view.processes.items() if isinstance(process, Server)}
