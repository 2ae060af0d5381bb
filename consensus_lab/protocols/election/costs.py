"""What an election costs when all servers start at once with equal logs, nothing fails, and nothing is slow.

Reed and Junqueira (2008) give no formula; these count what the algorithm of section 4.1 sends: everyone tells everyone
else its vote, and tells it again whenever it changes. How often depends on the order in which votes happen to arrive.
"""

from __future__ import annotations

from consensus_lab.kernel import Cost

DELAYS = 2  # your better vote reaches me, and that I follow it reaches you; then finalizeWait passes


def best_cost(servers: int) -> Cost:
    """Everyone hears the best vote first: each server but one changes its mind once."""
    return _cost(servers, changes=servers - 1)


def worst_cost(servers: int) -> Cost:
    """Everyone hears the votes from the worst to the best: server i changes its mind for each that is better."""
    return _cost(servers, changes=servers * (servers - 1) // 2)


def _cost(servers: int, changes: int) -> Cost:
    alone = servers == 1
    return Cost(
        (servers + changes) * (servers - 1), forced=0, delays=0 if alone else DELAYS, round_trips=0 if alone else 1
    )
