"""The rows of the fault menu, A1 to A13: one test a row, named by the row's words. Seeded runs, in virtual time."""

import statistics
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest

from consensus_lab.kernel import Context, Disconnected, Links
from consensus_lab.lab.loading import load_class
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim import Deliver, Fire, Sync, World, WorldTrace
from consensus_lab.sim.chance import Chance, Distribution, Exponential, HeavyTail, Uniform
from consensus_lab.sim.conditions import Conditions
from consensus_lab.sim.pickers import Seeded, play
from tests.sim import seeded
from tests.sim.worlds import Gossip, Kept, Ping, Wake, after, gossip, process


def run(seed: int = 1, steps: int = 200, links: Links = Links.BAG, **conditions: object) -> WorldTrace:
    """A seeded run of three that gossip, under these conditions and otherwise calm."""
    weather = Conditions(**{"outage": Uniform(0.05, 0.2), **conditions})  # type: ignore[arg-type]
    return play(World.of(gossip(3, links)), Seeded(seed, weather), steps=steps)


def verbs(trace: WorldTrace) -> set[str]:
    return {step.choice.verb for step in trace}


STUDENT = '''
from dataclasses import dataclass
from consensus_lab.kernel import Context
from consensus_lab.protocols.two_phase_commit.messages import No, VoteRequest
from consensus_lab.protocols.two_phase_commit.participant import Participant


@dataclass
class Refuser(Participant):
    """A student's own participant, with a plain list for its state."""

    asked: list = None

    def vote(self, request: VoteRequest, ctx: Context) -> None:
        self.asked = [*(self.asked or []), request]
        self.refuse(request.tx, ctx)
'''


def test_a1_student_code_is_real_handler_code_in_python_with_no_other_toolchain(tmp_path: Path):
    file = tmp_path / "mine.py"
    file.write_text(STUDENT, encoding="utf-8")
    trace = play(World.of(cast(2, participant=load_class(f"{file}:Refuser"))), Seeded(1))
    assert {str(decision.value) for decision in trace[-1].world.decisions} == {"Abort(tx='T1')"}
    assert len(process(trace[-1].world, "p1").asked) == 1


def test_a2_a_whole_run_replays_from_one_seed_byte_for_byte():
    assert {name: text.encode() for name, text in seeded.traces(3).items()} == {
        name: text.encode() for name, text in seeded.traces(3).items()
    }


def test_a3_drop():
    trace = run(loss=0.3)
    dropped = sum(step.choice.verb == "drop" for step in trace)
    arrived = sum(step.choice.verb == "deliver" for step in trace)
    assert 0.15 < dropped / (dropped + arrived) < 0.45
    assert "drop" not in verbs(run())


def test_a4_duplicate():
    trace = run(duplication=0.3)
    copies = [envelope for step in trace for envelope in step.world.network.flight if envelope.copy]
    assert copies
    assert "duplicate" in verbs(trace)
    assert "duplicate" not in verbs(run())


def latencies(trace: WorldTrace) -> list[float]:
    """Seconds between sending and delivery of everything that arrived."""
    sent = {e.serial: e.sent for step in trace for e in step.world.network.flight}
    found = []
    for before, step in pairwise(trace):
        if isinstance(step.choice, Deliver):
            serial = step.choice.envelope(before.world).serial
            found.append((step.now - sent[serial]) / 1e6)
    return found


def test_a5_reorder():
    overtaken = run(latency=Exponential(0.5), steps=300)
    before = [step.world for step in overtaken]
    serials: dict[object, list[int]] = {}
    for world, step in zip(before, overtaken[1:], strict=False):
        if isinstance(step.choice, Deliver):
            envelope = step.choice.envelope(world)
            serials.setdefault(envelope.link, []).append(envelope.serial)
    assert any(order != sorted(order) for order in serials.values())
    assert "delay" in verbs(run(delay=0.3))


@pytest.mark.parametrize(
    ("distribution", "low", "high"),
    [(Uniform(0.010, 0.020), 0.010, 0.020), (Exponential(0.1, low=0.05), 0.05, 5.0), (HeavyTail(0.02, 3.0), 0.02, 3.0)],
)
def test_a5_latency_distributions_in_virtual_time(distribution: Distribution, low: float, high: float):
    seen = latencies(run(latency=distribution, steps=400))
    assert len(seen) > 50
    assert all(low - 1e-6 <= each <= high + 1e-6 for each in seen)
    drawn = [distribution.seconds(Chance(1).unit("x", n)) for n in range(2000)]
    assert all(low <= each <= high for each in drawn)
    means = {Uniform: 0.015, Exponential: 0.15, HeavyTail: 0.04}
    assert statistics.mean(drawn) == pytest.approx(means[type(distribution)], rel=0.15)


def test_a6_partition_into_sets():
    world = after(World.of(gossip(3)), "partition a | b c\nsubmit a Go(1)")
    trace = play(world, Seeded(1, Conditions(outage=Uniform(4.0, 4.0))), steps=400)
    crossing = [s.now for s in trace if s.choice.verb == "deliver" and "a" in (s.choice.sender, s.choice.to)]
    assert min(crossing) >= 4_000_000, "not before it healed"
    assert "partition" in verbs(run(partition=0.1))


def test_a7_cut_one_direction_of_one_link():
    trace = run(cut=0.1)
    cut = next(step for step in trace if step.choice.verb == "cut")
    assert [link for link, _ in cut.world.network.cuts] == [(cut.choice.sender, cut.choice.to)]
    assert "heal" in verbs(trace)


def test_a8_crash_and_restart_volatile_state_lost():
    trace = run(crash=0.05)
    assert {"crash", "recover"} <= verbs(trace)
    for step in trace:
        if step.choice.verb == "recover":
            assert process(step.world, step.choice.node).heard == ()


def test_a9_durable_storage_modelled_apart():
    trace = run(crash=0.05)
    for before, step in pairwise(trace):
        for address in step.world.machines:
            held, now = before.world.journal(address), step.world.journal(address)
            assert now[: len(held)] == held, "a disk never forgets"
        if step.choice.verb == "recover":
            expected = tuple(record.n for record in step.world.journal(step.choice.node))
            assert process(step.world, step.choice.node).kept == expected


def test_a10_unsynced_writes_lost_torn_last_write():
    crashes = [choice for seed in range(30) for choice in crashes_of(run(seed, crash=0.05, disk=Uniform(0.2, 0.4)))]
    assert any(crash.torn for crash in crashes)
    assert any(crash.kept for crash in crashes)
    lost = after(World.of(gossip()), "submit a Go(1)\nsubmit a Go(2)\ncrash a keeping 1 torn\nrecover a")
    assert lost.journal("a") == (Kept(-1),)


def crashes_of(trace: WorldTrace) -> list:
    return [step.choice for step in trace if step.choice.verb == "crash"]


def sync_waits(trace: WorldTrace, node: str) -> list[float]:
    """Seconds for which the oldest unwritten record of a node waited, at each sync."""
    pairs = pairwise(trace)
    synced = [(b, s) for b, s in pairs if s.choice == Sync(node)]
    return [(step.now - before.world.machines[node].dirty) / 1e6 for before, step in synced]


def test_a11_slow_disk():
    calm, slow = run(), run(disk=Uniform(0.2, 0.5))
    assert all(0.002 <= wait <= 0.005 for wait in sync_waits(calm, "b"))
    assert all(0.2 <= wait <= 0.5 for wait in sync_waits(slow, "b"))


def test_a11_slow_node():
    trace = run(slow={"b": 100.0})
    assert all(0.2 <= wait <= 0.5 for wait in sync_waits(trace, "b"))
    assert all(wait <= 0.005 for wait in sync_waits(trace, "c"))
    pings = {step.choice.to: step.now for step in trace if getattr(step.choice, "message", None) == Ping(1)}
    assert pings["b"] > pings["c"] + 500_000, "its inbox is slow too"


def test_a11_pause():
    trace = run(pause=0.1)
    assert {"pause", "resume"} <= verbs(trace)
    for before, step in pairwise(trace):
        if not step.choice.fault and step.choice.verb != "resume":
            assert not before.world.machines[step.choice.actor].paused


@pytest.mark.parametrize(("speed", "fires"), [(1.0, 1.0), (2.0, 0.5), (0.5, 2.0)])
def test_a12_clock_skew_on_timers(speed: float, fires: float):
    @dataclass
    class Alarmed(Gossip):
        def begin(self, start: object, ctx: Context) -> None:
            ctx.set_timer(Wake(1), 1.0)

    alone = replace(gossip(2, kind=Alarmed), requests=())
    trace = play(World.of(alone), Seeded(1, Conditions(clocks={"b": speed})), steps=100)
    first = next(step for step in trace if isinstance(step.choice, Fire) and step.choice.node == "b")
    assert first.now / 1e6 == pytest.approx(fires)


def test_a12_a_timer_is_drawn_from_its_range():
    times = [first_timer(run(seed)) for seed in range(30)]
    assert all(1.0 <= time <= 2.0 for time in times)
    assert len(set(times)) == len(times)


def first_timer(trace: WorldTrace) -> float:
    return next(step.now for step in trace if isinstance(step.choice, Fire)) / 1e6


def test_a13_fifo_links_with_connection_loss():
    trace = run(links=Links.FIFO, reset=0.1)
    resets = [step for step in trace if step.choice.verb == "reset"]
    assert resets
    for step in resets:
        a, b = step.choice.sender, step.choice.to
        left = [e.message for e in step.world.network.flight if {e.sender, e.to} == {a, b}]
        assert left == [Disconnected(a), Disconnected(b)] or left == [Disconnected(b), Disconnected(a)]
    assert any(process(trace[-1].world, name).lost for name in "abc")
    assert "drop" not in verbs(run(links=Links.FIFO, loss=0.9, duplication=0.9, delay=0.9))
