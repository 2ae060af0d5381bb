"""What a command costs while one leader leads and nothing fails: phase 1 was once, so each command costs a phase 2.

Lamport, Paxos Made Simple (2001), section 3: the cost of a command is "the cost of executing phase 2". That the others
are told what is chosen costs a message each, or nothing where the next proposal tells them.
"""

from __future__ import annotations

from consensus_lab.kernel import Cost

PHASE_2_DELAYS = 2  # a proposal there, a vote back
PHASE_2_ROUND_TRIPS = 1


def command_cost(servers: int) -> Cost:
    """One more command, after the one before is chosen: a proposal, a vote and the news, to and from each other server.

    Each server forces its vote.
    """
    return Cost(3 * (servers - 1), servers, PHASE_2_DELAYS, PHASE_2_ROUND_TRIPS)


def pipelined_command_cost(servers: int) -> Cost:
    """One more command at the same time: the next proposal brings the news, and all wait for one another's messages."""
    return Cost(2 * (servers - 1), servers, delays=0, round_trips=0)


def read_cost(servers: int) -> Cost:
    """A read by read index: a question to each other server and its answer; no disk."""
    return Cost(2 * (servers - 1), forced=0, delays=0, round_trips=1)


def lease_read_cost(servers: int) -> Cost:
    """A read while the lease holds: nothing. What keeps the lease are the heartbeats, read or not."""
    return Cost(0, 0, 0, 0)
