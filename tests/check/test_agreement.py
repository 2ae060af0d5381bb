"""Law 5: one World serves the run and the search. On random trails the two agree, state by state, choice by choice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.check import Bound
from consensus_lab.check.history import Commute
from consensus_lab.check.space import Move, Space
from consensus_lab.check.story import repeating
from consensus_lab.kernel import Address, Cast, Links
from consensus_lab.protocols.two_phase_commit import VARIANTS, cast
from consensus_lab.sim import (
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Heal,
    Recover,
    Reset,
    Submit,
    Sync,
    Wipe,
    World,
)
from tests.check.models import two_phase
from tests.sim.worlds import gossip

EVERYTHING = {
    Links.BAG: Bound(crashes=2, losses=2, duplicates=2, cuts=2, wipes=1, copies=4),
    Links.FIFO: Bound(crashes=2, cuts=2, resets=2, wipes=1, copies=4, network="fifo"),
}
BUDGETS = {
    Crash: "crashes",
    Drop: "losses",
    Duplicate: "duplicates",
    Cut: "cuts",
    Reset: "resets",
    Wipe: "wipes",
}
MOVES = (Deliver, Sync, Fire, Submit, Recover, Heal)

casts = st.one_of(
    st.builds(
        lambda participants, variant, unwilling: cast(participants, variant=variant, unwilling=unwilling),
        st.integers(1, 3),
        st.sampled_from(list(VARIANTS)),
        st.sampled_from([(), ("p1",)]),
    ),
    st.builds(gossip, st.integers(1, 4), st.sampled_from(Links)),
)


def walk(space: Space, picks: list[int]) -> list[tuple[int, Move]]:
    """States along a random trail, each with the move taken there."""
    state, trail = space.initial, []
    for pick in picks:
        moves = [move for move in space.choices(state) if move.allowed]
        moves = [move for move in moves if not (space.after(state, move) + space.flight.bias) & space.flight.guard]
        if not moves:
            break
        trail.append((state, moves[pick % len(moves)]))
        state = space.after(*trail[-1])
    return trail


def used(space: Space, state: int) -> dict[str, int]:
    return {name: field.read(state) for name, field in space.used.items() if field}


def offered(world: World, left: dict[type, int]) -> set[str]:
    """What a World could do next, of what a search does at all."""
    kinds = (*MOVES, *(kind for kind, count in left.items() if count))
    wipes = (wipe for wipe in map(Wipe, world.machines) if world.refusal(wipe) is None)
    choices = (choice for choice in (*world.choices(), *wipes) if type(choice) in kinds)
    return {str(choice) for choice in choices if not (isinstance(choice, Crash) and choice.torn)}


orders = st.sampled_from([None, lambda one, other: False, lambda one, other: one.node < "b" or other.node < "b"])


@given(casts, orders, st.lists(st.integers(0, 999), min_size=10, max_size=40))
def test_the_search_and_the_world_agree_state_by_state(played: Cast, order: Commute | None, picks: list[int]) -> None:
    space = Space(played, EVERYTHING[played.links], commute=order)
    world = World.of(played)
    for state, move in walk(space, picks):
        spent = used(space, state)
        assert space.encode(world, spent) == state
        left = {kind: getattr(space.bound, name) - spent.get(name, 0) for kind, name in BUDGETS.items()}
        assert {str(each.choice) for each in space.choices(state)} == offered(world, left)
        world = world.take(move.choice)
        assert space.encode(world, used(space, space.after(state, move))) == space.after(state, move)


@given(st.lists(st.integers(0, 999), min_size=10, max_size=40))
def test_a_trail_on_a_set_network_is_one_on_a_bag_with_duplicates(picks: list[int]) -> None:
    space = Space(two_phase.cast(3), Bound(network="set", skip_ignored=True))
    trail = walk(space, picks)
    world = World.of(space.cast)
    for choice in repeating([move.choice for _, move in trail]):
        world = world.take(choice)
    state = space.after(*trail[-1]) if trail else space.initial
    for address in space.cast.addresses:
        announced = space.locals.announced(value for node, value in world.decisions if node == address)
        assert space.locals.find(address, world.machines[address], announced) is space.local(address, state)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_rule_runs_once_for_each_distinct_local_state_and_event(variant: str) -> None:
    ran: list[tuple[Address, str]] = []
    space = Space(cast(2, variant=variant), Bound(crashes=1))
    step = space.locals.step
    space.locals.step = lambda local, choice, parcel=None: (  # type: ignore[method-assign]
        ran.append((local.me, f"{local.index} {choice}")),
        step(local, choice, parcel),
    )[1]
    for state, _ in walk(space, [7, 3, 5, 2, 8, 1] * 5) * 2:
        list(space.choices(state))
    assert len(ran) == len(set(ran))
