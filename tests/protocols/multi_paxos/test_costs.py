"""What a command costs, measured from traces, against the textbook's formula (N15)."""

from __future__ import annotations

import pytest

from consensus_lab.kernel import CLIENT, Cost
from consensus_lab.lab.costs import measure
from consensus_lab.protocols.multi_paxos import cast, command_cost, pipelined_command_cost, read_cost, some_commands
from consensus_lab.protocols.multi_paxos.messages import Get, Request
from consensus_lab.sim import Submit, World, WorldStep
from consensus_lab.sim.pickers import Rounds, steps_of

SIZES = pytest.mark.parametrize("servers", [2, 3, 4, 5])


def to_rest(world: World) -> list[WorldStep]:
    """In rounds, until only timers are left."""
    return list(steps_of(world, Rounds(), until=lambda world: world.at_rest))


def minus(more: Cost, less: Cost) -> Cost:
    return Cost(*(a - b for a, b in zip(more, less, strict=True)))


@SIZES
def test_one_command_more_costs_a_phase_2_and_no_phase_1(servers: int):
    costs = [measure(to_rest(World.of(some_commands(servers, commands)))) for commands in (1, 2, 5)]
    assert minus(costs[1], costs[0]) == command_cost(servers)
    assert minus(costs[2], costs[1]) == Cost(*(3 * part for part in command_cost(servers)))


def at_once(servers: int, commands: int) -> Cost:
    """Phase 1 is over, and then all commands are submitted before anything else happens."""
    prelude = to_rest(World.of(some_commands(servers, 0)))
    world, steps = prelude[-1].world, prelude
    for to, request in some_commands(servers, commands).requests:
        steps.append(world.step(Submit(to, request)))
        world = steps[-1].world
    return measure([*steps, *to_rest(world)])


@SIZES
def test_of_commands_at_once_each_proposal_brings_the_news_of_the_ones_before(servers: int):
    assert minus(at_once(servers, 2), at_once(servers, 1)) == pipelined_command_cost(servers)
    assert minus(at_once(servers, 6), at_once(servers, 2)).messages == 4 * pipelined_command_cost(servers).messages


@SIZES
def test_a_read_by_read_index_costs_a_round_and_no_disk(servers: int):
    quiet = to_rest(World.of(cast(servers, clients=0, reads="index")))
    world = quiet[-1].world
    asked = world.step(Submit("s1", Request(CLIENT, 1, Get("x"))))
    steps = [*quiet, asked, *to_rest(asked.world)]
    assert minus(measure(steps), measure(quiet)) == read_cost(servers)
    assert [sent.message.result for sent in steps[-1].world.answers] == [None]


def test_a_read_by_lease_costs_nothing():
    calm = cast(3, clients=0, reads="lease")
    steps = list(steps_of(World.of(calm), Rounds(), until=lambda world: world.at_rest))
    asked = steps[-1].world.step(Submit("s1", Request(CLIENT, 1, Get("x"))))
    assert [sent.message.result for sent in asked.world.answers] == [None], "answered at once"
    assert asked.world.network.flight == steps[-1].world.network.flight


def test_the_formulas_for_three_servers():
    assert command_cost(3) == Cost(messages=6, forced=3, delays=2, round_trips=1)
    assert pipelined_command_cost(3) == Cost(messages=4, forced=3, delays=0, round_trips=0)
    assert read_cost(3) == Cost(messages=4, forced=0, delays=0, round_trips=1)
