"""What ZAB costs while nothing fails, counted from Junqueira, Reed and Serafini (2011), section 4.

A write costs each follower three messages and each disk one forced record. A new epoch costs two records a disk, and
what it takes to bring everyone up to date: here nothing, as after a leader that had nothing outstanding.
"""

from __future__ import annotations

from consensus_lab.kernel import Cost

BROADCAST = 3  # PROPOSAL, ACK, COMMIT
RECOVERY = 10  # Connect, Connected, FOLLOWERINFO, LEADERINFO, ACKEPOCH, DIFF, NEWLEADER, ACK, UPTODATE, ACK
UNTIL_UPTODATE = 8  # ... of which DIFF and NEWLEADER travel together, and the last ACK is for nobody


def write_cost(servers: int, observers: int = 0, *, at_leader: bool = True) -> Cost:
    """One write of one client of the leader, or of a follower, which has to ask its leader first."""
    followers, asked = servers - 1, 0 if at_leader else 1
    if followers == 0:
        return Cost(messages=observers, forced=1, delays=1 + bool(observers), round_trips=1)
    return Cost(BROADCAST * followers + observers + asked, servers, BROADCAST + asked, (BROADCAST + asked) // 2)


def epoch_cost(servers: int) -> Cost:
    """From the end of an election to an ensemble in which every server serves, all with the same log before."""
    followers = servers - 1
    return Cost(RECOVERY * followers, 2 * servers, UNTIL_UPTODATE, (UNTIL_UPTODATE + 1) // 2)
