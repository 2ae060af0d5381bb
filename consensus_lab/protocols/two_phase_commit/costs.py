"""What the textbooks say a transaction costs, by variant and outcome, for n participants and no failure.

Mohan, Lindsay and Obermarck (1986), table 1; Lampson and Lomet (1993), table 1. Cooperative termination costs nothing
while nothing fails.
"""

from __future__ import annotations

from consensus_lab.kernel import Cost

COMMIT = {
    # variant: (messages per participant, forced writes of the coordinator, ... of each participant, round trips)
    "presumed-nothing": (4, 1, 2, 2),
    "presumed-abort": (4, 1, 2, 2),
    "presumed-commit": (3, 2, 1, 1),
    "cooperative": (4, 1, 2, 2),
}
ABORT = {
    # variant: (messages per yes-voter, forced by the coordinator, ... by a yes-voter, ... by a no-voter, round trips)
    "presumed-nothing": (4, 1, 2, 1, 2),
    "presumed-abort": (3, 0, 1, 0, 1),
    "presumed-commit": (4, 1, 2, 1, 2),
    "cooperative": (4, 1, 2, 1, 2),
}
UNTIL_VOTED = 2  # message delays: request, vote
UNTIL_DECIDED = 3  # message delays: request, vote, verdict


def commit_cost(variant: str, participants: int) -> Cost:
    """All vote yes."""
    messages, coordinator, participant, trips = COMMIT[variant]
    return Cost(messages * participants, coordinator + participant * participants, UNTIL_DECIDED, trips)


def abort_cost(variant: str, participants: int) -> Cost:
    """Exactly one votes no, and its vote is counted last: the no-voter is sent a request and no verdict."""
    messages, coordinator, yes_voter, no_voter, trips = ABORT[variant]
    yes_voters = participants - 1
    forced = coordinator + yes_voter * yes_voters + no_voter
    if not yes_voters:
        return Cost(2, forced, UNTIL_VOTED, 1)  # its no was the last message: nobody waits for a verdict
    return Cost(messages * yes_voters + 2, forced, UNTIL_DECIDED, trips)
