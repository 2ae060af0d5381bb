"""What Multi-Paxos promises: of its slots, of its replicas, and of what clients see.

Lamport, Paxos Made Simple (2001), section 3: every slot is an instance of its own, so what was promised of one decision
is promised of each. Van Renesse and Altinbuken (2015), section 2: R1 to R5 on replicas and A1 to A5 on acceptors.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from consensus_lab.kernel import Address, View, invariant
from consensus_lab.kernel.notation import render
from consensus_lab.protocols.multi_paxos.client import Client
from consensus_lab.protocols.multi_paxos.history import operations
from consensus_lab.protocols.multi_paxos.key_value import Get, execute
from consensus_lab.protocols.multi_paxos.ledger import Ledger, advance, bare, servers
from consensus_lab.protocols.multi_paxos.machine import Machine
from consensus_lab.protocols.multi_paxos.messages import (
    BOTTOM,
    Accept,
    Ballot,
    Chosen,
    Command,
    Installed,
    Request,
    Returned,
)
from consensus_lab.protocols.multi_paxos.server import Server

# -- slots ------------------------------------------------------------------------------------------------------------


@invariant("Agreement", "in each slot only one command is chosen, and no other is applied")
def agreement(view: View) -> str | None:
    """Chosen by disks or applied by replicas, whenever."""
    ledger = Ledger.of(view)
    facts = [(slot, "a quorum accepted", accept.command) for slot, all in ledger.chosen.items() for accept in all]
    facts += [(chosen.slot, f"{node} applied", chosen.command) for node, chosen in ledger.announced]
    first: dict[int, tuple[str, Command]] = {}
    for slot, who, command in facts:
        whose, other = first.setdefault(slot, (who, command))
        if command != other:
            return f"in slot {slot} {whose} {show(other)}, but {who} {show(command)}"
    return None


@invariant("Chosen", "nobody applies a command unless it is chosen")
def applied_is_chosen(view: View) -> str | None:
    """Checked against the acceptors' disks. It is also why no commit index runs ahead of what is committed."""
    ledger = Ledger.of(view)
    for node, chosen in ledger.announced:
        if all(accept.command != chosen.command for accept in ledger.chosen.get(chosen.slot, ())):
            return f"{node} applied {show(chosen.command)} in slot {chosen.slot}, and no quorum has that on its disks"
    return None


@invariant("P2b", "if a command is chosen in a slot, every higher proposal for that slot is for it")
def p2b(view: View) -> str | None:
    """What anybody voted for, or proposes now."""
    ledger = Ledger.of(view)
    for proposal, who in proposed(view, ledger):
        lower = (accept for accept in ledger.chosen.get(proposal.slot, ()) if accept.ballot < proposal.ballot)
        for accept in lower:
            if accept.command != proposal.command:
                return f"{show(accept)} is chosen, but {who} {show(proposal)}"
    return None


@invariant("OneCommandPerBallot", "no two commands are proposed for one slot in one ballot")
def one_command_per_ballot(view: View) -> str | None:
    first: dict[tuple[Ballot, int], tuple[str, Accept]] = {}
    for proposal, who in proposed(view, Ledger.of(view)):
        whose, other = first.setdefault((proposal.ballot, proposal.slot), (who, proposal))
        if other.command != proposal.command:
            return f"{whose} {show(other)}, but {who} {show(proposal)}"
    return None


@invariant("Promise", "an acceptor accepts a proposal only if it has promised no higher ballot")
def promises_are_kept(view: View) -> str | None:
    """A journal is in order of time."""
    for acceptor, journal in Ledger.of(view).journals.items():
        for earlier, later in pairwise(journal):
            if isinstance(later, Accept) and later.ballot < earlier.ballot:
                return f"{acceptor} promised {show(earlier.ballot)} and then accepted {show(later)}"
    return None


@invariant("Memory", "an acceptor never forgets what it promised, nor a vote that no snapshot stands for")
def memory(view: View) -> str | None:
    """Also not across a crash: what its disk holds, it knows."""
    ledger = Ledger.of(view)
    for address, server in servers(view).items():
        promised = max((record.ballot for record in ledger.journals[address]), default=BOTTOM)
        if server.promised < promised:
            return f"{address} promised {show(promised)}, but knows of {show(server.promised)}"
        for record in ledger.journals[address]:
            known = isinstance(record, Accept) and record.slot > server.snapshot.slot and server.votes.get(record.slot)
            if known is None or (known and known.ballot < record.ballot):
                return f"{address} accepted {show(record)}, but knows of {show(known)}"
    return None


def proposed(view: View, ledger: Ledger) -> Iterator[tuple[Accept, str]]:
    """Every proposal known to have been made, with whoever shows it."""
    yield from ((accept, f"{min(who)} accepted") for accept, who in ledger.voters.items())
    for address, server in servers(view).items():
        yield from ((bare(accept), f"{address} proposed") for accept in server.proposals.values())


# -- replicas ---------------------------------------------------------------------------------------------------------


@invariant("Prefix", "of two replicas' logs one is a prefix of the other, where both still have them")
def prefix(view: View) -> str | None:
    """Applied logs only: beyond, each may know of decisions that the other does not."""
    for (one, a), (other, b) in combinations(servers(view).items(), 2):
        for slot in range(max(a.snapshot.slot, b.snapshot.slot) + 1, min(a.applied, b.applied) + 1):
            mine, theirs = a.decisions.get(slot), b.decisions.get(slot)
            if mine != theirs:
                return f"in slot {slot} {one} has applied {show(mine)}, and {other} {show(theirs)}"
    return None


@invariant("NoHoles", "commands are applied in the order of slots, and none is left out")
def no_holes(view: View) -> str | None:
    """A replica goes on by one, or by a snapshot; after a crash it begins again at its own."""
    reached: dict[Address, int] = {}
    for node, value in view.decisions:
        if isinstance(value, Installed):
            reached[node] = max(reached.get(node, 0), value.slot)
        elif isinstance(value, Chosen):
            if value.slot > reached.get(node, 0) + 1:
                return f"{node} applied slot {value.slot} after slot {reached.get(node, 0)}"
            reached[node] = max(reached.get(node, 0), value.slot)
    return None


@invariant("State", "a replica's state is what its snapshot and its log since then make")
def state_is_folded_log(view: View) -> str | None:
    """By replay: the same commands again, in the order of slots."""
    for address, server in servers(view).items():
        machine = Machine()
        machine.adopt(server.snapshot)
        for slot in range(server.snapshot.slot + 1, server.applied + 1):
            advance(machine, server.decisions.get(slot))
        if not same_state(server, machine):
            return f"after slot {server.applied}, {address} {first_difference(server, machine)}"
    return None


@invariant("ExactlyOnce", "a request takes effect once, however often it is sent, proposed and chosen")
def exactly_once(view: View) -> str | None:
    """The state of a replica is what the whole log makes, from its beginning, with each request counted once."""
    up = servers(view)
    for machine in Ledger.of(view).states():
        for address, server in up.items():
            if server.applied == machine.applied and not same_state(server, machine):
                return f"after slot {machine.applied}, {address} {first_difference(server, machine)}"
    return None


def same_state(one: Machine, other: Machine) -> bool:
    return (one.store, one.client_table) == (other.store, other.client_table)


def first_difference(server: Server, machine: Machine) -> str:
    """What is not as it should be, in words."""
    if server.store != machine.store:
        return f"has {render(server.store)}, where each request once makes {render(machine.store)}"
    mine, right = server.client_table, machine.client_table
    client = next(client for client in sorted({*mine, *right}) if mine.get(client) != right.get(client))
    return f"knows {render(mine.get(client))} as the last reply to {client}, not {render(right.get(client))}"


# -- clients ----------------------------------------------------------------------------------------------------------


@invariant("Linearizable", "who asks after an answer was given sees at least what that answer saw")
def linearizable(view: View) -> str | None:
    """A read may see the last slot that was told of; a write must come after it.

    This is also all that a lease is for. Two servers may believe that they hold one, if one of them is stopped: it
    hears that its lease is over before it hears anything else.
    """
    for request, reply, told_before in operations(view):
        oldest = told_before if isinstance(request.operation, Get) else told_before + 1
        if reply.slot < oldest:
            seen = f"was answered from slot {reply.slot}"
            return f"{show(request)} {seen}, though slot {told_before} had been told of when it was asked"
    return None


@invariant("Result", "what a client is answered is what its operation results in, at the slot that the answer names")
def results(view: View) -> str | None:
    """Checked by replay of the whole log."""
    by_slot: dict[int, list[tuple[Request, object]]] = {}
    for _, value in view.decisions:
        if isinstance(value, Returned):
            by_slot.setdefault(value.reply.slot, []).append((value.request, value.reply.result))
    for machine in Ledger.of(view).states() if by_slot else ():
        for request, result in by_slot.get(machine.applied, ()):
            right = result_of(request, machine)
            if result != right:
                told = f"was answered {render(result)}, and results in {render(right)}"
                return f"{show(request)} {told} at slot {machine.applied}"
    return None


def result_of(request: Request, machine: Machine) -> object:
    """Of a read: what the store says now. Of a write: what the client table remembers."""
    if isinstance(request.operation, Get):
        return execute(machine.store, request.operation)
    reply = machine.client_table.get(request.client)
    return reply.result if reply is not None and reply.number == request.number else None


def show(thing: object) -> str:
    """A ballot, a command or a proposal for people: ``ballot 2.s1``, ``c1's request 3``, ``(2.s1, slot 4, no-op)``."""
    match thing:
        case None:
            return "nothing"
        case Ballot(number, proposer):
            return f"ballot {number}.{proposer}" if number else "no ballot"
        case Request(client, number, operation):
            return f"{client}'s request {number}, {render(operation)}"
        case Accept(ballot, slot, command, _):
            return f"({ballot.number}.{ballot.proposer}, slot {slot}, {show(command)})"
    return render(thing)


INVARIANTS = (
    agreement,
    applied_is_chosen,
    p2b,
    one_command_per_ballot,
    promises_are_kept,
    memory,
    prefix,
    no_holes,
    exactly_once,
    state_is_folded_log,
    linearizable,
    results,
)


@invariant("Answered", "once failures are mended, every client that asked is answered")
def every_client_is_answered(view: View) -> str | None:
    """A claim about the end, not about each moment. What a client forgot in a crash it does not ask for any more."""
    clients = {me: process for me, process in view.processes.items() if isinstance(process, Client)}
    waiting = ((me, client.request) for me, client in clients.items() if client.request is not None)
    return next((f"{me} waits for {show(request)}, and would for ever" for me, request in waiting), None)


EVENTUALLY = (every_client_is_answered,)
