"""FIFO links (A13): in order and once, until the connection is lost with all that was in flight on it."""

from dataclasses import dataclass, replace

import pytest

from consensus_lab.kernel import Context, Disconnected, Links
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim import Impossible, World
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded, play
from consensus_lab.sim.reading import read_choice
from tests.sim.worlds import Go, Gossip, Ping, Pong, Wake, after, gossip, process, texts


def start(script: str = "", count: int = 3) -> World:
    return after(World.of(gossip(count, Links.FIFO)), script)


def flying(world: World) -> list[str]:
    return list(map(str, world.network.flight))


def test_messages_of_one_link_arrive_in_the_order_sent():
    world = start("submit a Go(1)\nsubmit a Go(2)")
    offered = texts(world.moves())
    assert "deliver a -> b Ping(1)" in offered
    assert "deliver a -> b Ping(2)" not in offered
    with pytest.raises(Impossible, match=r"an older message from a to b comes first \(FIFO link\)"):
        read_choice("deliver a -> b Ping(2)", world)
    assert process(after(world, "deliver a -> b Ping(1)\ndeliver a -> b Ping(2)"), "b").heard == (Ping(1), Ping(2))


def test_of_several_with_one_name_the_name_alone_means_the_oldest():
    world = start("submit a Go(1)\nsubmit a Go(2)\ndeliver a -> b Ping")
    assert process(world, "b").heard == (Ping(1),)


def test_links_do_not_wait_for_each_other():
    world = start("submit a Go(1)\nsubmit a Go(2)\ndeliver a -> c Ping(1)\ndeliver a -> c Ping(2)")
    assert flying(world) == ["a -> b Ping(1)", "a -> b Ping(2)"]


@pytest.mark.parametrize("verb", ["drop", "duplicate", "delay"])
def test_a_connection_loses_repeats_and_overtakes_no_single_message(verb: str):
    world = start("submit a Go(1)")
    with pytest.raises(Impossible, match="a FIFO link delivers each message once and in order: cut or reset it"):
        read_choice(f"{verb} a -> b Ping", world)


def test_a_reset_loses_what_is_in_flight_both_ways_and_tells_both_ends_once():
    world = start("submit a Go(1)\ndeliver a -> b Ping\nsync b\nsubmit a Go(2)\nreset a -> b")
    assert flying(world) == ["a -> c Ping(1)", "a -> c Ping(2)", "b -> a Disconnected(b)", "a -> b Disconnected(a)"]
    told = after(world, "deliver b -> a Disconnected\ndeliver a -> b Disconnected")
    assert (process(told, "a").lost, process(told, "b").lost) == (("b",), ("a",))
    assert flying(told) == ["a -> c Ping(1)", "a -> c Ping(2)"]


def test_a_connection_lost_again_before_the_loss_was_noticed_is_still_noticed_once():
    world = start("reset a -> b\nreset b -> a")
    assert sorted(flying(world)) == ["a -> b Disconnected(a)", "b -> a Disconnected(b)"]


def test_what_is_sent_before_the_loss_is_noticed_is_lost_and_what_comes_after_arrives():
    world = start("reset a -> b\nsubmit a Go(1)")
    assert "a -> b Ping(1)" not in flying(world)
    noticed = after(world, "deliver b -> a Disconnected\nsubmit a Go(2)")
    assert "a -> b Ping(2)" in flying(noticed)
    # b has not noticed yet: its reply would go nowhere, and the notice comes first anyway.
    assert "deliver a -> b Ping(2)" not in texts(noticed.moves())
    heard = after(noticed, "deliver a -> b Disconnected\ndeliver a -> b Ping(2)\nsync b\ndeliver b -> a Pong")
    assert process(heard, "a").heard == (Pong(2),)


def test_a_crash_loses_every_connection_of_the_node_and_its_peers_are_told():
    world = start("submit a Go(1)\ncrash a")
    assert sorted(flying(world)) == ["a -> b Disconnected(a)", "a -> c Disconnected(a)"]
    back = after(world, "recover a\ndeliver a -> b Disconnected\ndeliver a -> c Disconnected")
    assert (process(back, "b").lost, process(back, "a").lost) == (("a",), ())


def test_there_is_no_connection_to_a_node_that_is_down():
    world = start("crash b\nsubmit a Go(1)")
    assert "a -> b Ping(1)" not in flying(world)
    with pytest.raises(Impossible, match="b is down: nobody is connected to it"):
        read_choice("reset a -> b", world)
    with pytest.raises(Impossible, match="b is down"):
        read_choice("reset b -> a", world)


def test_a_cut_connection_holds_messages_back_and_loses_none():
    world = start("submit a Go(1)\ncut a -> b")
    assert "deliver a -> b Ping(1)" not in texts(world.moves())
    assert "deliver a -> b Ping(1)" in texts(after(world, "heal a -> b").moves())


def test_only_those_are_told_who_have_a_rule_for_it():
    deaf = World.of(replace(cast(1), links=Links.FIFO))
    assert after(deaf, "reset coordinator -> p1").network.flight == ()


@pytest.mark.parametrize("seed", range(20))
def test_in_any_storm_each_link_keeps_its_order_and_each_message_arrives_at_most_once(seed: int):
    delivered: dict[tuple[str, str], list[int]] = {}
    world = World.of(gossip(3, Links.FIFO))
    for step in play(world, Seeded(seed, STORMY), steps=300):
        gone = [e for e in world.network.flight if all(e is not left for left in step.world.network.flight)]
        if step.choice.verb == "deliver" and not isinstance(gone[0].message, Disconnected):
            delivered.setdefault(gone[0].link, []).append(gone[0].serial)
        world = step.world
    assert delivered
    for link, serials in delivered.items():
        assert serials == sorted(set(serials)), link


def test_what_a_node_sent_to_itself_is_lost_when_it_crashes():
    @dataclass
    class Musing(Gossip):
        def ask_all(self, why: Go | Wake, ctx: Context) -> None:
            ctx.send(ctx.me, Ping(why.n))

    world = after(World.of(gossip(2, Links.FIFO, kind=Musing)), "submit a Go(1)")
    assert flying(world) == ["a -> a Ping(1)"]
    assert flying(after(world, "crash a\nrecover a")) == ["a -> b Disconnected(a)"]
