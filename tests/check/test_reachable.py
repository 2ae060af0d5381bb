"""The search reaches every world and each once, by a shortest way, and does not go on for ever."""

from consensus_lab.check import reachable
from consensus_lab.kernel import Cast
from consensus_lab.protocols import three_phase_commit, two_phase_commit
from consensus_lab.protocols.three_phase_commit.messages import Abort, Commit
from consensus_lab.sim import Drop, World
from consensus_lab.sim.pickers import Seeded, play
from consensus_lab.sim.reading import read_choice

UNDISTURBED = {  # worlds and steps of a run without faults and timeouts, by participants (house figures, pinned)
    (two_phase_commit, 2): (34, 51),
    (three_phase_commit, 2): (50, 76),
    (three_phase_commit, 3): (194, 436),
}


def start(cast: Cast) -> World:
    return World.of(cast)


def test_the_number_of_worlds_is_what_it_was():
    for (package, participants), (worlds, edges) in UNDISTURBED.items():
        explored = reachable(start(package.cast(participants)))
        assert (len(explored.worlds), len(explored.edges), explored.complete) == (worlds, edges, True)


def test_order_in_time_tells_no_two_worlds_apart():
    """Whatever order a seed picks, it comes only to worlds that the search has found."""
    cast = three_phase_commit.cast(2)
    explored = reachable(start(cast))
    ends = {frozenset(world.decisions) for world in explored.worlds if world.at_rest}
    for seed in range(20):
        trace = play(start(cast), Seeded(seed), until=lambda world: world.quiet)
        assert frozenset(trace[-1].world.decisions) in ends


def test_a_trail_leads_there():
    explored = reachable(start(three_phase_commit.cast(2)), {"crash": 1})
    for index in range(0, len(explored.worlds), 97):
        world = explored.worlds[0]
        for choice in explored.trail(index):
            world = world.take(choice)
        assert world.decisions == explored.worlds[index].decisions
        assert world.processes == explored.worlds[index].processes


def test_a_budget_is_how_often_something_may_happen_on_the_way():
    explored = reachable(start(two_phase_commit.cast(1)), {"drop": 1, "fire": 2})
    assert {world.faults for world in explored.worlds} == {0, 1}
    assert {world.timeouts for world in explored.worlds} == {0, 1, 2}


def test_what_is_not_allowed_is_not_taken():
    explored = reachable(
        start(two_phase_commit.cast(1)), {"drop": 2}, allowed=lambda world, choice: not isinstance(choice, Drop)
    )
    assert all(world.faults == 0 for world in explored.worlds)


def test_at_the_limit_it_stops_and_says_so():
    explored = reachable(start(three_phase_commit.cast(3)), limit=20)
    assert len(explored.worlds) == 20
    assert not explored.complete


def test_the_shortest_split_of_three_phase_commit_has_ten_steps_and_no_fault_but_patience():
    """Seven of them besides the disk's three: a message too slow is all it takes."""
    explored = reachable(start(three_phase_commit.cast(2)), {"fire": 2})
    index = next(index for index, violation in explored.violations() if violation.invariant.name == "AC1")
    trail = explored.trail(index)
    assert len(trail) == 10
    assert sum(choice.verb == "sync" for choice in trail) == 3
    assert explored.worlds[index].faults == 0
    assert {decision.value for decision in explored.worlds[index].decisions} == {Commit("T1"), Abort("T1")}


def test_a_trail_reads_as_a_script_and_plays_as_one():
    explored = reachable(start(two_phase_commit.cast(2)))
    world = explored.worlds[0]
    for choice in explored.trail(len(explored.worlds) - 1):
        world = world.take(read_choice(str(choice), world))
    assert world.decisions == explored.worlds[-1].decisions
