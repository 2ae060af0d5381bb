"""How the tests of elections reach a situation, and what they hold every step on the way to."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from consensus_lab.kernel import Address, Cast, Context
from consensus_lab.kernel.quorum import Majority
from consensus_lab.protocols.election import cast, everyone_agrees
from consensus_lab.protocols.election.elector import SETTLED
from consensus_lab.protocols.election.messages import Notification, State, Vote, Zxid
from consensus_lab.protocols.election.peer import Peer
from consensus_lab.sim import HealAll, Recover, Resume, World, WorldStep
from consensus_lab.sim.conditions import CALM
from consensus_lab.sim.pickers import Seeded, play

FEW = st.integers(0, 2)


@st.composite
def casts(draw: Callable, most: int = 5) -> Cast:
    """Any ensemble: logs and epochs of any kind, perhaps observers, weights or groups."""
    servers = draw(st.integers(1, most))
    zxids = [f"{epoch}.{draw(FEW)}" for epoch in draw(st.lists(FEW, min_size=servers, max_size=servers))]
    epochs = [str(int(zxid[0]) + draw(st.integers(0, 1))) for zxid in zxids]
    weights, groups = [], []
    if draw(st.booleans()):
        weights = ["1", *(str(draw(FEW)) for _ in range(servers - 1))]
    elif draw(st.booleans()):
        groups = [draw(st.sampled_from("abc")) for _ in range(servers)]
    watching = sorted(draw(st.sets(st.sampled_from([f"n{n}" for n in range(2, servers + 1)])))) if servers > 1 else []
    return cast(servers, zxids=zxids, epochs=epochs, observers=watching, weights=weights, groups=groups)


def checked(before: World, step: WorldStep) -> World:
    """The world after a step that refutes nothing and sets no clock back but to join."""
    violations = step.world.violations()
    assert not violations, f"after {step.choice}: {'; '.join(map(str, violations))}"
    for address, peer in peers(before).items():
        after = peers(step.world).get(address)
        if after is not None and after.logical_clock < peer.logical_clock:
            assert peer.state is State.LOOKING, f"{step.choice} sets back the clock of {address}"
            assert after.state in SETTLED, f"{step.choice} sets back the clock of {address}"
    return step.world


def take(world: World, choice: Any) -> World:
    return checked(world, world.step(choice))


def mended(world: World) -> World:
    """Everybody is up and running, and every link works."""
    for address, machine in world.machines.items():
        if not machine.up:
            world = take(world, Recover(address))
        elif machine.paused:
            world = take(world, Resume(address))
    return take(world, HealAll()) if world.network.cuts else world


def settle(world: World, seed: int = 1, steps: int = 5_000) -> World:
    """Let calm follow until nothing is owed."""
    for step in play(world, Seeded(seed, CALM), steps=steps):
        world = checked(world, step)
    assert world.quiet, "calm weather brings an election to its end"
    return world


def assert_settled(world: World) -> None:
    witness = everyone_agrees.check(world)
    assert witness is None, witness


def peers(world: World) -> dict[Address, Peer]:
    """Those who are up, by address."""
    return {address: peer for address, peer in world.processes.items() if isinstance(peer, Peer)}


# -- one server alone --------------------------------------------------------------------------------------------------


def vote(sid: int, zxid: tuple[int, int] = (0, 0), epoch: int = 0) -> Vote:
    return Vote(epoch, Zxid(*zxid), sid)


def note(sid: int, round: int = 1, state: State = State.LOOKING, **log: Any) -> Notification:
    return Notification(state, vote(sid, **log), round)


def server(sid: int = 1, servers: int = 3, *, kind: type[Peer] = Peer, zxid: Zxid = Zxid(0, 0)) -> Peer:  # noqa: B008
    """One server of that many, not switched on yet."""
    quorum = Majority(frozenset(f"n{number}" for number in range(1, servers + 1)))
    return kind(sid, quorum, frozenset(), current_epoch=0, accepted_epoch=0, last_zxid=zxid)


def told(peer: Peer, message: Any, sender: Address = "n2") -> tuple[Any, ...]:
    """The effects with which `peer` (n1, unless it is another) answers one message."""
    ctx = Context(f"n{peer.sid}", sender)
    assert peer.receive(message, ctx), f"{peer} has no rule for {message}"
    return ctx.effects
