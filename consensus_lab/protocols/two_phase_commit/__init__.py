"""Two-phase commit: one asks, all vote, one decides. Atomic, simple, and blocked by a crash at the wrong moment.

Gray (1978); Bernstein, Hadzilacos and Goodman (1987), chapter 7; variants by Mohan, Lindsay and Obermarck (1986).
Read `messages`, then `coordinator` and `participant`; the variants are a page each.
"""

from consensus_lab.protocols.two_phase_commit import messages
from consensus_lab.protocols.two_phase_commit.cast import VARIANTS, cast
from consensus_lab.protocols.two_phase_commit.costs import abort_cost, commit_cost
from consensus_lab.protocols.two_phase_commit.invariants import INVARIANTS

__all__ = ["INVARIANTS", "VARIANTS", "abort_cost", "cast", "commit_cost", "messages"]
