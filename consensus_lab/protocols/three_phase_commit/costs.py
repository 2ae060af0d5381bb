"""What the textbooks say a transaction costs, whichever the variant, for n participants and no failure.

Skeen (1981); Bernstein, Hadzilacos and Goodman (1987), section 7.5: five rounds and 5n messages until all
have decided. As in two-phase commit, n acknowledgements follow, so that the coordinator may forget. Every change of
state is forced: a participant's promise, its execution and its verdict; the coordinator's PreCommit and its verdict.
The variants differ only once something fails.
"""

from __future__ import annotations

from consensus_lab.kernel import Cost

UNTIL_COMMITTED = 5  # message delays: canCommit, yes, preCommit, acknowledgement, doCommit
UNTIL_VOTED = 2  # canCommit, vote
UNTIL_ABORTED = 3  # canCommit, vote, abort


def commit_cost(variant: str, participants: int) -> Cost:
    """All vote yes."""
    return Cost(6 * participants, 2 + 3 * participants, UNTIL_COMMITTED, 3)


def abort_cost(variant: str, participants: int) -> Cost:
    """Exactly one votes no, and its vote is counted last: it is sent a question and no verdict."""
    yes_voters = participants - 1
    forced = 1 + 2 * yes_voters + 1
    if not yes_voters:
        return Cost(2, forced, UNTIL_VOTED, 1)  # its no was the last message: nobody waits for a verdict
    return Cost(4 * yes_voters + 2, forced, UNTIL_ABORTED, 2)
