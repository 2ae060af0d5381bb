"""Three-phase commit: before anyone commits, everyone knows that all could. No crash blocks it; a partition splits it.

Skeen, Nonblocking Commit Protocols (1981) and A Quorum-Based Commit Protocol (1982); Skeen and Stonebraker, A Formal
Model of Crash Recovery in a Distributed System (1983); Bernstein, Hadzilacos and Goodman (1987), section 7.5.
Read `messages`, then `coordinator` and `participant`; `course` and `termination` are the variants.
"""

from consensus_lab.protocols.three_phase_commit import messages
from consensus_lab.protocols.three_phase_commit.cast import VARIANTS, cast
from consensus_lab.protocols.three_phase_commit.costs import abort_cost, commit_cost
from consensus_lab.protocols.three_phase_commit.invariants import INVARIANTS

__all__ = ["INVARIANTS", "VARIANTS", "abort_cost", "cast", "commit_cost", "messages"]
