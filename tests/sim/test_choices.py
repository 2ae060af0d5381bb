"""Every kind of choice: possible exactly when nothing refuses it, without a trace in the old world, and readable."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given, settings

from consensus_lab.kernel import Cast, Context, Links
from consensus_lab.sim import (
    Choice,
    Crash,
    Cut,
    Delay,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Heal,
    HealAll,
    Impossible,
    Partition,
    Pause,
    Recover,
    Reset,
    Resume,
    RuleFailed,
    Submit,
    Sync,
    Wipe,
    World,
)
from consensus_lab.sim.faults import every_crash
from consensus_lab.sim.reading import USAGE, BadChoice, read_choice
from tests.sim.worlds import Go, Gossip, Kept, Ping, Pong, Wake, after, casts, gossip, numbers, snapshot, texts, trail


def conceivable(world: World) -> Iterator[Choice]:
    """Choices of every kind that somebody could name here, possible or not; each once."""
    names = [*world.machines, "ghost"]
    messages = [envelope.message for envelope in world.network.flight] + [Ping(99)]
    timers = [armed.timer for machine in world.machines.values() for armed in machine.timers] + [Wake(99)]
    found: list[Choice] = [HealAll(), Partition((frozenset({"ghost"}),))]
    for a, b in product(names, names):
        found += [kind(a, b) for kind in (Cut, Heal, Reset)]
        found += [kind(a, b, m) for m in messages for kind in (Deliver, Drop, Duplicate, Delay)]
    for name in names:
        found += [kind(name) for kind in (Sync, Recover, Pause, Resume)]
        found += [Crash(name, kept, torn) for kept in range(-1, 5) for torn in (False, True)]
        found += [Fire(name, timer) for timer in timers]
        found += [Submit(name, request) for request in [*(r for _, r in world.requests), Go(99)]]
    yield from dict.fromkeys(found)


@settings(max_examples=40)
@given(casts, numbers)
def test_a_choice_can_be_taken_exactly_when_nothing_refuses_it(cast: Cast, picks: list[int]):
    *_, world = trail(cast, picks)
    for choice in conceivable(world):
        reason = world.refusal(choice)
        if reason is None:
            assert world.take(choice).steps == world.steps + 1
        else:
            with pytest.raises(Impossible) as refused:
                world.take(choice)
            assert refused.value.reason == reason
            assert refused.value.possible == world.moves()


@settings(max_examples=40)
@given(casts, numbers)
def test_everything_listed_is_possible_each_once_and_nothing_possible_is_missing(cast: Cast, picks: list[int]):
    for world in trail(cast, picks):
        listed = world.choices()
        assert len(set(listed)) == len(listed)
        assert [world.refusal(choice) for choice in listed] == [None] * len(listed)
        assert listed[: len(world.moves())] == world.moves()
        missing = {c for c in conceivable(world) if world.refusal(c) is None} - set(listed)
        # What may be taken but is not offered: a request that no client has, and the other name of a connection.
        assert all(
            (isinstance(c, Submit) and (c.to, c.request) not in world.requests)
            or (isinstance(c, Reset) and Reset(c.to, c.sender) in listed)
            for c in missing
        ), missing


@settings(max_examples=40)
@given(casts, numbers)
def test_taking_a_choice_never_changes_the_world_it_was_taken_in(cast: Cast, picks: list[int]):
    *_, world = trail(cast, picks)
    before = snapshot(world)
    for choice in world.choices():
        after_one = world.take(choice)
        for next_choice in after_one.moves():
            after_one.take(next_choice)
        assert snapshot(world) == before, f"{choice} changed the world before it"


@settings(max_examples=30)
@given(casts, numbers)
def test_two_successors_of_one_world_do_not_disturb_each_other(cast: Cast, picks: list[int]):
    *_, world = trail(cast, picks)
    alone = {choice: snapshot(world.take(choice)) for choice in world.choices()}
    branches = {choice: world.take(choice) for choice in world.choices()}
    for branch in branches.values():  # each branch grows on: decisions, answers and journals are shared lists inside
        for move in branch.moves():
            branch.take(move)
    assert {choice: snapshot(branch) for choice, branch in branches.items()} == alone


@settings(max_examples=60)
@given(casts, numbers)
def test_the_text_of_every_choice_reads_back_as_the_same_choice(cast: Cast, picks: list[int]):
    for world in trail(cast, picks):
        for choice in world.choices():
            assert read_choice(str(choice), world) == choice


@settings(max_examples=30)
@given(casts, numbers)
def test_a_trail_is_made_of_values_so_taking_it_again_gives_equal_worlds(cast: Cast, picks: list[int]):
    assert [snapshot(world) for world in trail(cast, picks)] == [snapshot(world) for world in trail(cast, picks)]


def test_every_verb_has_a_usage_line_and_every_kind_a_verb():
    kinds = (Deliver, Drop, Duplicate, Delay, Sync, Recover, Pause, Resume, Cut, Heal, Reset, Crash, Partition)
    assert {kind.verb for kind in (*kinds, HealAll, Fire, Submit, Wipe)} == set(USAGE)


def test_faults_are_counted_and_mending_and_moves_are_not():
    fifo = World.of(gossip(links=Links.FIFO))
    for start in (World.of(gossip()), fifo):
        pinged = after(start, "submit a Go(1)")
        for choice in pinged.choices():
            assert pinged.take(choice).faults == pinged.faults + choice.fault, str(choice)
    for kind in (Drop, Duplicate, Delay, Crash, Pause, Cut, Partition, Reset):
        assert kind.fault
    for kind in (Deliver, Fire, Sync, Submit, Recover, Resume, Heal, HealAll):
        assert not kind.fault


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_message_may_be_named_without_its_fields_when_only_one_has_that_name():
    world = after(World.of(gossip()), "submit a Go(1)")
    assert read_choice("deliver a -> b Ping", world) == Deliver("a", "b", Ping(1))
    assert read_choice("deliver a -> b Ping(other=field)", world, by_name=True) == Deliver("a", "b", Ping(1))
    with pytest.raises(Impossible, match=r"no Ping\(7\) is in flight there"):
        read_choice("deliver a -> b Ping(7)", world)  # written in full it means itself and nothing else
    assert read_choice("fire b Wake", world) == Fire("b", Wake(1))
    twice = after(world, "submit a Go(2)")
    with pytest.raises(Impossible, match=r"more than one is in flight there: Ping\(1\), Ping\(2\)"):
        read_choice("deliver a -> b Ping", twice)
    assert read_choice("deliver a -> b Ping(2)", twice) == Deliver("a", "b", Ping(2))


def test_a_client_may_submit_what_the_cast_does_not_list_when_the_words_are_known():
    world = World.of(gossip())
    assert read_choice("submit b Go(7)", world, {"Go": Go}) == Submit("b", Go(7))
    assert read_choice("submit b Go", world, {"Go": Go}) == Submit("b", Go()), "a name alone leaves out what may be"
    with pytest.raises(BadChoice, match=r"Pong does not take these fields; it is written Pong\(n\)"):
        read_choice("submit b Pong", world, {"Pong": Pong})
    with pytest.raises(BadChoice, match="no message is named Stop; known are Go"):
        read_choice("submit b Stop(7)", world, {"Go": Go})
    with pytest.raises(Impossible, match="no Go is to be submitted to b"):
        read_choice("submit b Go", world)


@pytest.mark.parametrize(
    ("text", "usage"),
    [
        ("", "a choice begins with one of"),
        ("jump p1", "a choice begins with one of"),
        ("deliver a b Ping", "deliver FROM -> TO MESSAGE"),
        ("deliver a -> b", "deliver FROM -> TO MESSAGE"),
        ("sync", "sync NODE"),
        ("sync a b", "sync NODE"),
        ("cut a", "cut FROM -> TO"),
        ("cut a -> b now", "cut FROM -> TO"),
        ("heal", "heal FROM -> TO, or heal all"),
        ("fire ghost Wake", "fire NODE TIMER"),
        ("fire a", "fire NODE TIMER"),
        ("submit ghost Go", "submit NODE REQUEST"),
        ("crash a keeping", r"crash NODE \[keeping COUNT\] \[torn\]"),
        ("crash a keeping -1", r"crash NODE \[keeping COUNT\]"),
        ("partition a |", r"partition NODE \.\.\. \| NODE"),
        ("partition", r"partition NODE"),
    ],
)
def test_what_is_not_written_as_a_choice_is_told_how_one_is(text: str, usage: str):
    with pytest.raises(BadChoice, match=usage):
        read_choice(text, World.of(gossip()))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("deliver a -> b Ping", "no Ping is in flight there"),
        ("sync a", "it has written nothing that is not durable yet"),
        ("sync ghost", "there is no node ghost; here are a, b, c"),
        ("recover a", "a is up"),
        ("resume a", "a is not paused"),
        ("fire a Alarm", "no Alarm is running at a"),
        ("heal a -> b", "it is not cut"),
        ("heal all", "no link is cut"),
        ("cut a -> a", "there is no link a -> a"),
        ("cut a -> ghost", "there is no link a -> ghost between a, b, c"),
        ("crash ghost", "there is no node ghost"),
        ("crash a keeping 1", "a has only 0 unwritten records"),
        ("crash a torn", "a has only 0 unwritten records"),
        ("partition a | ghost", "each side names nodes of a, b, c, none of them twice"),
        ("partition a b | a c", "none of them twice"),
        ("partition a b c", "it is so already"),
        ("reset a -> b", "this network has no connections"),
    ],
)
def test_what_cannot_happen_here_is_refused_with_the_reason_and_what_is_possible(text: str, reason: str):
    world = World.of(gossip())
    with pytest.raises(Impossible) as refused:
        read_choice(text, world)
    assert reason in str(refused.value)
    assert "Possible here: fire a Wake(1); fire b Wake(1); fire c Wake(1); submit a Go(1)" in str(refused.value)


@pytest.mark.parametrize("links", Links)
def test_each_direction_of_each_pair_is_a_link_of_its_own(links: Links):
    world = World.of(gossip(3, links))
    cuts = [choice for choice in world.choices() if isinstance(choice, Cut)]
    assert cuts == [Cut(a, b) for a, b in permutations("abc", 2)]


def test_a_crash_may_keep_any_prefix_of_what_is_unwritten_and_tear_the_next():
    world = after(World.of(gossip()), "submit a Go(1)\nsubmit a Go(2)")
    assert world.machines["a"].unwritten == (Kept(-1), Kept(-2))
    expected: list[Any] = [
        "crash a",
        "crash a torn",
        "crash a keeping 1",
        "crash a keeping 1 torn",
        "crash a keeping 2",
    ]
    assert [str(c) for c in world.choices() if isinstance(c, Crash) and c.node == "a"] == expected


def test_every_crash_is_every_way_in_which_a_node_that_is_up_may_crash():
    world = after(World.of(gossip()), "submit a Go(1)\ncrash b\npause c")
    crashes = list(every_crash(world))
    assert texts(crashes) == ["crash a", "crash a torn", "crash a keeping 1", "crash c"]
    assert crashes == [choice for choice in world.choices() if isinstance(choice, Crash)]


def test_a_rule_that_raises_stops_the_step_with_whose_it_is_and_leaves_the_world_as_it_was():
    @dataclass
    class Clumsy(Gossip):
        def keep(self, ping: Ping, ctx: Context) -> None:
            self.state = "half changed"
            ctx.force(Kept(ping.n))
            raise KeyError("oh")

    world = after(World.of(gossip(kind=Clumsy)), "submit a Go(1)")
    before = snapshot(world)
    with pytest.raises(RuleFailed, match=r"b's rule keep raised KeyError on Ping\(1\): 'oh'") as failed:
        world.take(Deliver("a", "b", Ping(1)))
    assert (failed.value.node, failed.value.rule) == ("b", "keep")
    assert isinstance(failed.value.__cause__, KeyError)
    assert snapshot(world) == before
