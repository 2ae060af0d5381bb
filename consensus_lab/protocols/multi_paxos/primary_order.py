"""Primary order: what Multi-Paxos does not promise, and ZAB does.

Junqueira, Reed and Serafini (2011), sections 2 and 3: a primary whose later proposals build on its earlier ones must
have them delivered in its order, and none left out. In Multi-Paxos every slot is decided by itself, so when two
proposals are outstanding the second may survive the primary and the first not. For commands that depend on nothing
before them that does no harm. It is claimed only of a cast that asks for it.
"""

from __future__ import annotations

from collections import defaultdict

from consensus_lab.kernel import Address, View, invariant
from consensus_lab.protocols.multi_paxos.invariants import show
from consensus_lab.protocols.multi_paxos.ledger import Ledger
from consensus_lab.protocols.multi_paxos.messages import Ballot, Command, Request


@invariant("LocalPrimaryOrder", "what one primary proposed is delivered in its order, and nothing left out")
def order_of_each_primary(view: View) -> str | None:
    """As far as disks tell who proposed what: a command is the primary's in whose ballot it was voted for first."""
    ledger = Ledger.of(view)
    orders = proposed_by(ledger)
    for replica, commands in delivered_by(ledger).items():
        for ballot, order in orders.items():
            mine = [command for command in commands if command in order]
            missed = next((wanted for wanted, got in zip(order, mine, strict=False) if wanted != got), None)
            if missed is not None:
                later = next(command for command in mine if order.index(command) > order.index(missed))
                return f"{replica} delivers {show(later)}, before which {ballot.proposer} had proposed {show(missed)}"
    return None


def proposed_by(ledger: Ledger) -> dict[Ballot, list[Command]]:
    """By ballot: the requests that its primary was the first to propose, in the order of its slots."""
    orders: dict[Ballot, list[Command]] = defaultdict(list)
    seen: set[Command] = set()
    for accept in sorted(ledger.voters, key=lambda accept: (accept.ballot, accept.slot)):
        if isinstance(accept.command, Request) and accept.command not in seen:
            seen.add(accept.command)
            orders[accept.ballot].append(accept.command)
    return orders


def delivered_by(ledger: Ledger) -> dict[Address, list[Command]]:
    """By replica: what it has applied, each command once however often it was switched on since."""
    delivered: dict[Address, dict[Command, None]] = defaultdict(dict)
    for node, chosen in ledger.announced:
        delivered[node].setdefault(chosen.command)
    return {node: list(commands) for node, commands in delivered.items()}
