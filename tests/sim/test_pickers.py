"""Who picks what happens next is the only difference between a seeded run, rounds, a replay and a person (law 5)."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel import Cast
from consensus_lab.kernel.trace import Header, Line, read
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim import Choice, Deliver, Drop, Fire, Pick, Submit, Sync, World, WorldTrace
from consensus_lab.sim.conditions import CALM, STORMY, Conditions
from consensus_lab.sim.pickers import Diverged, Human, Replay, Rounds, Seeded, play, steps_of
from tests.sim.worlds import after, casts, gossip, snapshot

HEADER = Header("toy")


def as_text(trace: WorldTrace) -> str:
    return trace.text(HEADER)


def lines_of(trace: WorldTrace) -> tuple[Line, ...]:
    return read(as_text(trace)).lines


# -- seeded -----------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(casts, st.integers(), st.sampled_from([CALM, STORMY]))
def test_one_seed_gives_the_same_trace_twice(cast: Cast, seed: int, conditions: Conditions):
    once, again = (play(World.of(cast), Seeded(seed, conditions), steps=80) for _ in range(2))
    assert as_text(once) == as_text(again)
    assert [snapshot(step.world) for step in once] == [snapshot(step.world) for step in again]


@settings(max_examples=20)
@given(casts, st.integers(0, 1000))
def test_a_seeded_picker_asked_again_about_any_world_picks_alike(cast: Cast, seed: int):
    picker = Seeded(seed, STORMY)
    start = World.of(cast)
    trace = play(start, picker, steps=60)
    worlds = [start, *(step.world for step in trace)]
    for world, step in reversed(list(zip(worlds, trace, strict=False))):  # backwards, as a viewer steps
        pick = picker.pick(world)
        assert pick is not None
        assert (pick.choice, world.step(*pick).now) == (step.choice, step.now)


@settings(max_examples=20)
@given(casts, st.integers(0, 1000))
def test_virtual_time_runs_forward(cast: Cast, seed: int):
    times = [step.now for step in play(World.of(cast), Seeded(seed, STORMY), steps=80)]
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_a_calm_seed_takes_no_fault():
    assert play(World.of(gossip()), Seeded(1), steps=200)[-1].world.faults == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_storm_that_has_struck_its_most_loses_only_what_cannot_arrive(seed: int):
    world = World.of(gossip())
    for step in play(world, Seeded(seed, STORMY), steps=500):
        if step.choice.fault and world.faults >= 12:
            assert isinstance(step.choice, Drop)
            undeliverable = Deliver(step.choice.sender, step.choice.to, step.choice.message)
            assert world.refusal(undeliverable) is not None
        world = step.world
    assert world.faults >= 12


# -- rounds -----------------------------------------------------------------------------------------------------------


def phases(trace: WorldTrace) -> list[str]:
    """The name of what was delivered in each phase, runs of one name taken together."""
    names = [type(step.choice.message).__name__ for step in trace if isinstance(step.choice, Deliver)]
    return [name for name, before in zip(names, ["", *names], strict=False) if name != before]


def test_rounds_deliver_one_phase_at_a_time():
    trace = play(World.of(cast(4)), Rounds())
    assert phases(trace) == ["VoteRequest", "Yes", "Commit", "Ack"]
    depths = [world.network.find(c.sender, c.to, c.message).depth for world, c in deliveries(World.of(cast(4)), trace)]
    assert depths == sorted(depths)


def deliveries(start: World, trace: WorldTrace) -> list[tuple[World, Deliver]]:
    before = [start, *(step.world for step in trace)]
    return [
        (world, step.choice) for world, step in zip(before, trace, strict=False) if isinstance(step.choice, Deliver)
    ]


def test_rounds_wait_for_a_message_of_the_oldest_phase_that_was_put_off():
    voted = "submit coordinator Begin\ndeliver coordinator -> p1 VoteRequest\nsync p1\n"
    world = after(World.of(cast(2)), voted + "delay coordinator -> p2 VoteRequest")
    assert next(str(envelope) for envelope in world.network.flight) == "p1 -> coordinator Yes(T1)"
    assert str(play(world, Rounds(), steps=1)[0].choice) == "deliver coordinator -> p2 VoteRequest(T1)"


@settings(max_examples=20)
@given(casts)
def test_in_rounds_disks_come_first_then_messages_then_requests_and_timers_only_when_all_is_still(cast: Cast):
    world = World.of(cast)
    for step in play(world, Rounds(), steps=60):
        kinds = [kind for kind in (Sync, Deliver, Submit, Fire) if any(isinstance(m, kind) for m in world.moves())]
        assert isinstance(step.choice, kinds[0])
        world = step.world


# -- replay -----------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(casts, st.integers(0, 1000))
def test_a_replay_follows_a_trace_to_the_same_worlds(cast: Cast, seed: int):
    recorded = play(World.of(cast), Seeded(seed, STORMY), steps=60)
    again = play(World.of(cast), Replay(lines_of(recorded)))
    assert as_text(again) == as_text(recorded)
    assert [snapshot(step.world) for step in again] == [snapshot(step.world) for step in recorded]


RECORDED = """consensus-lab trace 1
protocol: two-phase-commit

0.001000  submit coordinator Begin(T1)
0.002000  deliver coordinator -> p1 VoteRequest(T1)
# A caption counts as a line.
0.003000  sync p1
0.004000  deliver p1 -> coordinator Yes(T1)
"""


def replayed(text: str) -> list[str]:
    return [str(step.choice) for step in play(World.of(cast(2)), Replay(read(text).lines))]


def test_a_trace_loads_by_name_after_the_fields_of_a_message_were_edited():
    renamed = RECORDED.replace("VoteRequest(T1)", "VoteRequest(transaction=T1, deadline=3)").replace("Yes(T1)", "Yes")
    assert replayed(renamed) == replayed(RECORDED)
    assert replayed(RECORDED)[-1] == "deliver p1 -> coordinator Yes(T1)"


@pytest.mark.parametrize(
    ("was", "now", "line", "says"),
    [
        ("sync p1", "sync p2", 7, "cannot sync p2: it has written nothing that is not durable yet"),
        ("p1 -> coordinator Yes", "p2 -> coordinator Yes", 8, "no Yes(T1) is in flight there"),
        ("VoteRequest", "Prepare", 5, "no Prepare(T1) is in flight there"),
        ("submit coordinator Begin(T1)", "juggle", 4, "cannot read 'juggle': a choice begins with one of"),
    ],
)
def test_a_replay_stops_at_the_first_line_that_no_longer_fits_and_says_what_was_possible(
    was: str, now: str, line: int, says: str
):
    with pytest.raises(Diverged) as diverged:
        replayed(RECORDED.replace(was, now))
    assert str(diverged.value).startswith(f"line {line}: the replay diverges: ")
    assert says in str(diverged.value)
    if now != "juggle":
        assert "Possible here: " in str(diverged.value)
        assert "deliver coordinator -> p2 VoteRequest(T1)" in str(diverged.value)


def test_what_was_possible_is_every_move_that_the_world_offers_there():
    with pytest.raises(Diverged) as diverged:
        replayed(RECORDED.replace("sync p1", "sync p2"))
    before = play(World.of(cast(2)), Replay(read(RECORDED).lines[:2]))[-1].world
    assert str(diverged.value).endswith("Possible here: " + "; ".join(map(str, before.moves())))


def test_a_replay_steps_aside_when_its_lines_are_through():
    end = play(World.of(cast(2)), Replay(read(RECORDED).lines))[-1].world
    assert Replay(read(RECORDED).lines).pick(end) is None


# -- human ------------------------------------------------------------------------------------------------------------


def test_a_human_is_shown_each_world_and_asked():
    shown: list[World] = []

    def ask(world: World) -> Choice | None:
        shown.append(world)
        return world.moves()[0] if len(shown) <= 3 else None

    start = World.of(cast(2))
    trace = play(start, Human(ask))
    assert [str(step.choice) for step in trace] == [str(world.moves()[0]) for world in shown[:3]]
    assert shown == [start, *(step.world for step in trace)]


def test_law_5_whoever_picks_the_same_choices_gets_the_same_worlds():
    seeded = play(World.of(gossip()), Seeded(3, STORMY), steps=50)
    picks = iter([Pick(step.choice, step.now) for step in seeded])

    class Dictated:
        def pick(self, world: World) -> Pick | None:
            return next(picks, None)

    by_hand = iter([step.choice for step in seeded])
    human = play(World.of(gossip()), Human(lambda world: next(by_hand, None)))
    dictated = play(World.of(gossip()), Dictated())
    assert as_text(dictated) == as_text(seeded)
    assert [step.outcome for step in human] == [step.outcome for step in seeded], "only the times differ"


def test_play_stops_when_asked_to():
    world = World.of(cast(2))
    assert len(play(world, Rounds(), steps=3)) == 3
    trace = play(world, Rounds(), until=lambda world: bool(world.decisions))
    assert [len(step.world.decisions) for step in trace][-2:] == [0, 1]
    assert list(steps_of(trace[-1].world, Rounds(), until=lambda world: True)) == []
