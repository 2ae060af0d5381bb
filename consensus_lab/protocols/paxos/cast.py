"""Who plays in single-decree Paxos: every role in a process of its own, or all three in each server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from consensus_lab.kernel import Address, Cast, Cost, Process, Recurrence
from consensus_lab.kernel.cast import numbered, refuse_unless, told
from consensus_lab.kernel.process import is_configuration
from consensus_lab.kernel.quorum import Majority
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.costs import decision_cost
from consensus_lab.protocols.paxos.distinguished import DistinguishedProposer
from consensus_lab.protocols.paxos.eager import EagerProposer
from consensus_lab.protocols.paxos.foresight import ForesightedAcceptor
from consensus_lab.protocols.paxos.invariants import EVENTUALLY, INVARIANTS
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import Ballot, Propose
from consensus_lab.protocols.paxos.proposer import Proposer
from consensus_lab.protocols.paxos.server import server_of

NAME = "paxos"
LEARNING = {"all": None, "distinguished": 1, "set": 2}
"""The three ways to learn, by how many learners the acceptors tell (None: every one)."""
RETRY: dict[str, type[Proposer]] = {
    "backoff": Proposer,
    "eager": EagerProposer,
    "distinguished": DistinguishedProposer,
}
"""What a proposer does that does not get through."""
RECURRENCE = Recurrence((Ballot,), frozenset({"tries"}))
"""Ballots are only compared and counted up; how often a proposer has tried says no more than how long it waits."""


def cast(
    proposers: int = 2,
    acceptors: int = 3,
    learners: int = 2,
    *,
    servers: int = 0,
    learning: str = "all",
    retry: str = "backoff",
    nack: bool = False,
    foresight: bool = False,
    promise_quorum: int = 0,
    accept_quorum: int = 0,
    values: tuple[str, ...] = ("red", "blue", "green"),
    proposer: type[Proposer] | None = None,
    acceptor: type[Acceptor] | None = None,
    learner: type[Learner] | None = None,
) -> Cast:
    """Proposers p1 ..., acceptors a1 ... and learners l1 ...; or servers s1 ..., each all three, if any are asked for.

    A client wishes for the first of `values` at the first proposer, and so on in turn. A quorum of 0 is a majority; a
    pair that does not meet is allowed, for it is to be seen. With `foresight` acceptors say beforehand what they will
    answer. Classes of your own play in their roles' stead.
    Raises ValueError, with a sentence, for numbers that make no cast and for words that are none.
    """
    parameters = told(cast, locals())
    refuse_unless(learning in LEARNING, f"learning must be one of {', '.join(LEARNING)}, not {learning}")
    refuse_unless(retry in RETRY, f"retry must be one of {', '.join(RETRY)}, not {retry}")
    refuse_unless(bool(values), "values must name at least one value")
    company = _company(proposers, acceptors, learners, servers, least=LEARNING[learning] or 1)
    for name, size in (("promise_quorum", promise_quorum), ("accept_quorum", accept_quorum)):
        most = len(company.acceptors)
        refuse_unless(0 <= size <= most, f"{name} must be from 1 to {most}, or 0 for a majority, not {size}")
    kinds = (proposer or RETRY[retry], acceptor or (ForesightedAcceptor if foresight else Acceptor), learner or Learner)
    configuration = {
        "promise_quorum": Majority(frozenset(company.acceptors), promise_quorum or None),
        "accept_quorum": Majority(frozenset(company.acceptors), accept_quorum or None),
        "learners": frozenset(company.learners[: LEARNING[learning]]),
        "nacks": bool(nack),
        "proposers": company.proposers,
    }
    requests = tuple((p, Propose(values[n % len(values)])) for n, p in enumerate(company.proposers))
    return Cast(
        NAME,
        dict(company.play(kinds, configuration)),
        requests,
        INVARIANTS,
        parameters=parameters,
        recurrence=RECURRENCE,
        eventually=EVENTUALLY,
    )


def _company(proposers: int, acceptors: int, learners: int, servers: int, least: int) -> Company:
    """Who plays which role: servers play all three. There are `least` learners at least."""
    if servers:
        return Company(*[numbered("servers", "s", servers, least)] * 3)
    return Company(
        numbered("proposers", "p", proposers),
        numbered("acceptors", "a", acceptors),
        numbered("learners", "l", learners, least),
    )


SHOWN = 4
"""The learners of the undisturbed decision that is measured."""


def one_decision(learning: str, acceptors: int) -> Cast:
    """A single proposer, so that nothing disturbs the decision: to be measured against `one_decision_cost`."""
    return cast(1, acceptors, SHOWN, learning=learning)


def one_decision_cost(learning: str, acceptors: int) -> Cost:
    """What it should cost to learn in this way."""
    return decision_cost(acceptors, SHOWN, LEARNING[learning] or SHOWN)


@dataclass(frozen=True)
class Company:
    """Who proposes, who accepts and who learns: different nodes, or in each role the same."""

    proposers: tuple[Address, ...]
    acceptors: tuple[Address, ...]
    learners: tuple[Address, ...]

    def play(
        self, kinds: tuple[type[Proposer], type[Acceptor], type[Learner]], configuration: dict[str, object]
    ) -> Iterator[tuple[Address, Process]]:
        """Every node's process."""
        separate = zip((self.proposers, self.acceptors, self.learners), kinds, strict=True)
        combined = self.proposers == self.acceptors
        roles: dict[tuple[Address, ...], type[Process]]
        roles = {self.acceptors: server_of(*kinds)} if combined else dict(separate)
        hearing = configuration["learners"]
        assert isinstance(hearing, frozenset)
        for addresses, kind in roles.items():
            for me in addresses:
                audience = frozenset(self.learners) - hearing if me in hearing else frozenset()
                yield me, configured(kind, {**configuration, "audience": audience})


def configured(kind: type[Process], configuration: dict[str, object]) -> Process:
    """A process of this kind, given what it declares to need."""
    needed = (field.name for field in fields(kind) if is_configuration(field))
    return kind(**{name: configuration[name] for name in needed})
