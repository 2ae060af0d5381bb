"""A crash at every point of a decision, of every node, with every part of its unwritten records, and then recovery.

The invariants hold throughout, and once the client has asked again every learner learns one and the same value.
"""

import pytest

from consensus_lab.protocols.paxos import cast
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import Propose
from consensus_lab.sim import Recover, Submit, World
from consensus_lab.sim.faults import every_crash
from consensus_lab.sim.pickers import Rounds, play
from tests.protocols.two_phase_commit.running import assert_unrefuted, settle

CASTS = {
    "all": {"proposers": 1},
    "distinguished": {"proposers": 1, "learning": "distinguished"},
    "set": {"proposers": 1, "learning": "set", "learners": 3},
    "two proposers": {"proposers": 2},
    "servers": {"servers": 3},
}


@pytest.mark.parametrize("parameters", CASTS.values(), ids=CASTS)
def test_after_a_crash_at_any_point_every_learner_still_learns_one_value(parameters: dict):
    start = World.of(cast(**parameters))
    points = 0
    for world in [start, *(step.world for step in play(start, Rounds(), until=lambda world: world.timeouts > 0))]:
        for crash in every_crash(world):
            points += 1
            back = world.take(crash).take(Recover(crash.node))
            assert_unrefuted(back, crash)
            if crash.node in dict(start.requests):
                back = back.take(Submit(crash.node, Propose("green")))
            end = settle(back)
            assert end.quiet
            learners = [process for process in end.processes.values() if isinstance(process, Learner)]
            assert len({learner.chosen for learner in learners}) == 1
            assert learners[0].chosen is not None
    assert points > 100
