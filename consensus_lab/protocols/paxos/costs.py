"""What the paper says a decision costs, by the way in which learners learn: one proposer, no failure.

Lamport, Paxos Made Simple (2001), sections 2.2 and 2.3: phase 1 and phase 2 take a message to every acceptor and one
from it; each acceptor tells each learner, or only the distinguished ones, each of whom tells all the others.
"""

from __future__ import annotations

from consensus_lab.kernel import Cost

FORCED = 2  # by each acceptor: its promise and its vote
ROUND_TRIPS = 2  # prepare and promise, accept and accepted; one message more, Decided, goes one way
VOTED = 4  # message delays until whoever hears the acceptors has learned: prepare, promise, accept, accepted


def learning_messages(tellers: int, learners: int, distinguished: int) -> int:
    """Section 2.3: acceptors times distinguished learners, and each of those to all learners who are not."""
    return tellers * distinguished + distinguished * (learners - distinguished)


def decision_cost(acceptors: int, learners: int, distinguished: int) -> Cost:
    """Roles in processes of their own. Each distinguished learner (all of them, perhaps) also tells the proposer."""
    messages = 3 * acceptors + learning_messages(acceptors, learners, distinguished) + distinguished
    return Cost(messages, 1 + FORCED * acceptors, VOTED + (learners > distinguished), ROUND_TRIPS)


def server_cost(servers: int, distinguished: int) -> Cost:
    """All roles in each server: what one tells itself costs nothing, and no proposer need be told."""
    messages = 3 * (servers - 1) + learning_messages(servers, servers, distinguished) - distinguished
    return Cost(messages, 1 + FORCED * servers, VOTED + (servers > distinguished), ROUND_TRIPS)
