"""The roles of Paxos, one by one, for tests that look at a single process; and Paxos in bad weather."""

from dataclasses import replace
from typing import Any

from consensus_lab.kernel.quorum import Majority
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import Accept, Ballot
from consensus_lab.protocols.paxos.proposer import Proposer
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import STORMY

ACCEPTORS = frozenset({"a1", "a2", "a3"})

# Slow messages, many of them twice, and many crashes: what is late or forgotten is what Paxos can stumble over.
ROUGH = replace(
    STORMY,
    latency=Uniform(0.01, 1.0),
    outage=Uniform(0.05, 0.5),
    crash=0.06,
    loss=0.03,
    delay=0.02,
    duplication=0.15,
    pause=0.0,
    cut=0.0,
    partition=0.0,
    most_faults=20,
)


def RED(number: int, who: str = "p1") -> Accept:  # noqa: N802 - reads like the proposal that it is
    return Accept(Ballot(number, who), "red")


def BLUE(number: int, who: str = "p1") -> Accept:  # noqa: N802
    return Accept(Ballot(number, who), "blue")


def acceptor(*journal: Any, nacks: bool = False) -> Acceptor:
    fresh = Acceptor(learners=frozenset({"l1", "l2"}), nacks=nacks)
    for record in journal:
        fresh.restore(record)
    return fresh


def proposer(*journal: Any, kind: type[Proposer] = Proposer, **configuration: Any) -> Proposer:
    fresh = kind(promise_quorum=Majority(ACCEPTORS), **configuration)
    for record in journal:
        fresh.restore(record)
    return fresh


def learner(audience: frozenset[str] = frozenset()) -> Learner:
    return Learner(accept_quorum=Majority(ACCEPTORS), audience=audience, proposers=("p1", "p2"))
