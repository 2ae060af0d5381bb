"""What a write and a new epoch cost is what the formulas say (N15)."""

import pytest

from consensus_lab.kernel import Decide
from consensus_lab.lab.costs import forced_by_node, left, messages_by_name
from consensus_lab.protocols.zab import cast, epoch_cost, write_cost
from consensus_lab.protocols.zab.evidence import peers
from consensus_lab.protocols.zab.messages import Increment, Txn, WriteRequest, ZabState
from consensus_lab.sim import Submit, World, WorldStep, WorldTrace
from consensus_lab.sim.pickers import Rounds, play

SIZES = (2, 3, 4, 5)


def established(servers: int, observers: tuple[str, ...] = ()) -> WorldTrace:
    """All with the same log, so that also who comes after the quorum needs no snapshot."""
    return play(World.of(cast(servers, observers=observers, logs=("1.1",) * servers, ticking=False)), Rounds())


def written(world: World, to: str, number: int) -> list[WorldStep]:
    first = world.step(Submit(to, WriteRequest(1, number, Increment())))
    return [first, *play(first.world, Rounds())]


def price(world: World, to: str) -> tuple[int, int, int]:
    """Messages, forced writes, and message delays until the last server has delivered: of the second of two writes."""
    before = written(world, to, 1)[-1].world
    steps = written(before, to, 2)
    assert steps[-1].world.quiet
    delivered = [
        step.world.machines[step.choice.actor].depth
        for step in steps
        if any(isinstance(effect, Decide) and isinstance(effect.value, Txn) for effect in left(step))
    ]
    return (
        messages_by_name(steps).total(),
        forced_by_node(steps).total(),
        max(delivered) - before.machines[to].depth,
    )


@pytest.mark.parametrize("at_leader", [True, False], ids=["at the leader", "at a follower"])
@pytest.mark.parametrize("servers", SIZES)
def test_a_write_costs_three_messages_a_follower_and_one_forced_record_a_disk(servers: int, at_leader: bool):
    world = established(servers)[-1].world
    assert price(world, f"n{servers}" if at_leader else "n1") == write_cost(servers, at_leader=at_leader)[:3]


def test_an_observer_costs_one_message_more_and_no_forced_record():
    world = established(4, ("n1",))[-1].world
    assert price(world, "n4") == write_cost(3, 1)[:3]


@pytest.mark.parametrize("servers", SIZES)
def test_a_new_epoch_costs_two_forced_records_a_disk(servers: int):
    trace = established(servers)
    sent = messages_by_name(trace)
    cost = epoch_cost(servers)
    others = sum(count for name, count in sent.items() if name not in ("Notification", "Connect"))
    assert others + (servers - 1) == cost.messages, "but for calls to a leader that does not know yet that it is one"
    assert forced_by_node(trace).total() == cost.forced
    assert all(peer.zab_state is ZabState.BROADCAST for peer in peers(trace[-1].world).values())
