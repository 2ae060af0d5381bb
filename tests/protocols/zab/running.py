"""How the tests of ZAB reach a situation, and what they hold every step on the way to."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from consensus_lab.kernel import Address, Cast, Context, Effect, Force, Send
from consensus_lab.protocols.zab import cast
from consensus_lab.protocols.zab.evidence import peers
from consensus_lab.protocols.zab.messages import State, ZabState
from consensus_lab.protocols.zab.peer import Peer
from consensus_lab.sim import HealAll, Recover, Resume, World, WorldStep
from consensus_lab.sim.conditions import CALM
from consensus_lab.sim.pickers import Seeded, steps_of

LOGS = (("", "1.1", "1.2", "1.3"), ("1.1", "1.1/2.1", "1.1/2.2"), ("", "", ""))
"""Families of logs that servers may have together: of two, one is the beginning of the other."""


@st.composite
def casts(draw: Callable, most: int = 5) -> Cast:
    """Any ensemble: a counter or a map, logs of any kind, narrow windows, few numbers, perhaps observers."""
    servers = draw(st.integers(3, most))
    family = draw(st.sampled_from(LOGS))
    return cast(
        servers,
        writes=draw(st.integers(2, 9)),
        application=draw(st.sampled_from(["counter", "map"])),
        logs=draw(st.lists(st.sampled_from(family), min_size=servers, max_size=servers)),
        observers=draw(st.sampled_from([(), (), ("n1",), (f"n{servers}",)])),
        window=draw(st.sampled_from([1, 2, 500])),
        from_disk=draw(st.sampled_from([0, 3])),
        counter_limit=draw(st.sampled_from([4, 1000])),
        ticking=draw(st.booleans()),
    )


def checked(step: WorldStep) -> World:
    """The world after a step that refutes nothing."""
    violations = step.world.violations()
    assert not violations, f"after {step.choice}: {'; '.join(map(str, violations))}"
    return step.world


def take(world: World, choice: Any) -> World:
    return checked(world.step(choice))


def assert_memory_is_disk(world: World) -> None:
    """Whoever is switched off and on finds what it had: each journal, replayed, is the history in memory."""
    for address, peer in peers(world).items():
        twin = world.cast.fresh(address)
        assert isinstance(twin, Peer)
        for record in (*world.journal(address), *world.machines[address].unwritten):
            twin.restore(record)
        remembered = (peer.history.base, peer.history.log, peer.accepted_epoch, peer.current_epoch)
        assert (twin.history.base, twin.history.log, twin.accepted_epoch, twin.current_epoch) == remembered


def mended(world: World) -> World:
    """Everybody is up and running, and every link works."""
    for address, machine in world.machines.items():
        if not machine.up:
            world = take(world, Recover(address))
        elif machine.paused:
            world = take(world, Resume(address))
    return take(world, HealAll()) if world.network.cuts else world


def settle(world: World, seed: int = 1, steps: int = 6_000) -> World:
    """Let calm follow until a quorum serves its clients, and nothing is under way."""
    picker = Seeded(seed, CALM)
    for step in steps_of(world, picker, steps=steps, until=lambda world: world.at_rest and is_served(world)):
        world = checked(step)
    assert is_served(world), "calm weather brings a leader that a quorum follows"
    return world


def leader_of(world: World) -> Address | None:
    """Who leads, and has got a quorum that serves."""
    for address, peer in peers(world).items():
        if peer.state is State.LEADING and peer.zab_state is ZabState.BROADCAST:
            serving = {a for a, p in peers(world).items() if p.leader == address and p.zab_state is ZabState.BROADCAST}
            if peer.quorum.reached(serving):
                return address
    return None


def is_served(world: World) -> bool:
    return leader_of(world) is not None


# -- one server alone --------------------------------------------------------------------------------------------------


def server(sid: int = 1, kind: type[Peer] = Peer, **parameters: Any) -> Peer:
    """One server of an ensemble, not switched on yet."""
    peer = cast(peer=kind, **{"ticking": False, **parameters}).fresh(f"n{sid}")
    assert isinstance(peer, Peer)
    return peer


def told(peer: Peer, message: Any, sender: Address) -> tuple[Effect, ...]:
    """The effects with which `peer` answers one message."""
    ctx = Context(f"n{peer.sid}", sender)
    assert peer.receive(message, ctx), f"{peer} has no rule for {message}"
    return ctx.effects


def said(effects: tuple[Effect, ...], to: Address | None = None) -> list[Any]:
    """The messages among them, to one address if given."""
    return [effect.message for effect in effects if isinstance(effect, Send) and to in (None, effect.to)]


def forced(effects: tuple[Effect, ...]) -> list[Any]:
    return [effect.record for effect in effects if isinstance(effect, Force)]
