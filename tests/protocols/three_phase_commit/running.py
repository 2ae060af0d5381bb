"""How the tests of three-phase commit reach a situation, beyond what those of two-phase commit do."""

from consensus_lab.protocols.three_phase_commit.messages import State
from consensus_lab.sim import Choice, Deliver, Drop, Fire, Sync, World

VARIANT_NAMES = ("skeen", "course", "termination")
DECIDED = (State.COMMIT, State.ABORT)

# The coordinator has told PreCommit to all, and nothing has arrived.
PRECOMMIT_SENT = """
    submit coordinator Begin
    deliver coordinator -> p1 CanCommit
    deliver coordinator -> p2 CanCommit
    deliver coordinator -> p3 CanCommit
    sync p1
    sync p2
    sync p3
    deliver p1 -> coordinator Yes
    deliver p2 -> coordinator Yes
    deliver p3 -> coordinator Yes
    sync coordinator
"""


def silence_means_a_crash(world: World, choice: Choice) -> bool:
    """The world for which three-phase commit was made: only what a crashed node was sending is lost, and patience
    ends only when nothing else can happen."""
    if isinstance(choice, Fire):
        return not any(isinstance(move, Deliver | Sync) for move in world.moves())
    return not isinstance(choice, Drop) or not world.machines[choice.sender].up


def undecided(world: World) -> list[str]:
    """The participants that are up and have not decided."""
    return [a for a, p in world.processes.items() if p.role == "participant" and p.state not in DECIDED]
