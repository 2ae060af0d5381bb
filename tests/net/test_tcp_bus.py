"""The TCP bus among strangers and slow peers: what is wrong closes one connection, and says why."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from consensus_lab.kernel import CLIENT, Disconnected, Links, Recovered, Start
from consensus_lab.kernel.notation import vocabulary
from consensus_lab.net.caller import Caller
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import FrameError, ListenError
from consensus_lab.net.events import Connected, Event, Lost, Refused
from consensus_lab.net.framing import LENGTH, framed
from consensus_lab.net.hello import Hello
from consensus_lab.net.ports import Ports
from consensus_lab.net.tcp_bus import HOST, Network, TcpBus
from tests.net import words
from tests.net.words import Box, Empty, Yes

CODEC = Codec(vocabulary(words))
GENEROUS = 30.0  # seconds


class Node:
    """A bus, and what came over it."""

    def __init__(self, me: str, network: Network, **limits: int) -> None:
        self.me = me
        self.heard: list[tuple[str, Any]] = []
        self.events: list[Event] = []
        self.changed = asyncio.Event()
        self.busy = False  # too busy to hear of a loss
        self.bus = TcpBus(me, network, report=self.report, share_port=True, **limits)

    def report(self, event: Event) -> None:
        self.events.append(event)
        self.changed.set()

    def deliver(self, sender: str, message: Any) -> None:
        self.heard.append((sender, message))
        self.changed.set()

    def disconnected(self, peer: str) -> None:
        self.deliver(peer, Disconnected(peer))
        if not self.busy:
            self.bus.told(peer)

    def send(self, to: str, *messages: Any) -> None:
        for message in messages:
            self.bus.send(self.me, to, message)
        self.bus.flush()

    async def until(self, happened: Callable[[], bool]) -> None:
        while not happened():
            self.changed.clear()
            await self.changed.wait()

    def is_connected_to(self, peer: str) -> bool:
        return self.bus.links[peer].connection is not None


@pytest.fixture
def ports() -> Iterator[Ports]:
    with Ports(["a", "b", "c"]) as reserved:
        yield reserved


def network(ports: Ports, protocol: str = "test", codec: Codec = CODEC, links: Links = Links.FIFO) -> Network:
    return Network(protocol, links, codec, ports.numbers)


@asynccontextmanager
async def running(*nodes: Node):
    async with AsyncExitStack() as leaving:
        for node in nodes:
            leaving.push_async_callback(node.bus.close)
            await node.bus.open(node)
        yield


def play(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, GENEROUS), debug=True)


async def caller(ports: Ports, *frames: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stranger who calls a and sends these bytes."""
    reader, writer = await asyncio.open_connection(HOST, ports.numbers["a"])
    writer.write(b"".join(frames))
    return reader, writer


def hello(
    sender: str = CLIENT, to: str = "a", protocol: str = "test", version: str = CODEC.fingerprint, life: str = "1"
) -> bytes:
    return framed(Hello(protocol, version, sender, to, life).encode())


# -- who is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "a frame says it has 1,195,725,856 bytes; at most 4,096 are allowed"),
        (framed(b'["()","something else 1"]'), "a connection opens with a hello of 'consensus-lab net 1'"),
        (framed(b"not json"), "cannot read b'not json'"),
        (hello(protocol="paxos"), "client speaks paxos, and a speaks test"),
        (hello(version="0"), "client and a have different messages of test: update one"),
        (hello(to="b"), "client looks for b, but this is a"),
        (hello("z"), "z is not one of a, b, c"),
        (hello("z") + framed(CODEC.encode(Yes("T1"))), "z is not one of a, b, c"),
        (hello() + b"\xff\xff\xff\xff", "a frame says it has 4,294,967,295 bytes"),
        (hello() + framed(b'["Maybe"]'), "no message is named 'Maybe'"),
        (hello() + framed(b"\xff"), "cannot read"),
        (hello() + framed(CODEC.encode(Start())), "client sent Start(), which a node hears only from its own host"),
        (hello() + framed(CODEC.encode(Recovered())), "client sent Recovered()"),
        (hello("b") + framed(CODEC.encode(Disconnected("c"))), "b sent Disconnected(c)"),
    ],
)
def test_whoever_makes_no_sense_is_hung_up_on_with_the_reason_reported(ports: Ports, sent: bytes, reason: str):
    async def story() -> None:
        a = Node("a", network(ports))
        async with running(a):
            reader, writer = await caller(ports, sent)
            await reader.read()  # until a hangs up
            await a.until(lambda: any(isinstance(event, Refused) for event in a.events))
            writer.close()
            assert [heard for heard in a.heard if not isinstance(heard[1], Disconnected)] == []
        (refused,) = (event for event in a.events if isinstance(event, Refused))
        assert reason in refused.reason

    play(story())


def test_a_malformed_frame_closes_its_own_connection_only(ports: Ports):
    async def story() -> None:
        a, b = Node("a", network(ports)), Node("b", network(ports))
        async with running(a, b):
            await a.until(lambda: a.is_connected_to("b"))
            reader, writer = await caller(ports, hello(), framed(CODEC.encode(Yes("T1"))), framed(b"{"))
            await reader.read()
            writer.close()
            b.send("a", Yes("T2"))
            await a.until(lambda: ("b", Yes("T2")) in a.heard)
            assert a.heard == [(CLIENT, Yes("T1")), ("b", Yes("T2"))]
            assert Lost("a", "b") not in a.events

    play(story())


def test_both_ends_say_why_two_versions_of_a_protocol_do_not_talk(ports: Ports):
    async def story() -> None:
        a, b = Node("a", network(ports)), Node("b", network(ports, codec=Codec({"Yes": Yes})))
        async with running(a, b):
            for node in (a, b):
                await node.until(lambda node=node: any(isinstance(event, Refused) for event in node.events))
            assert not a.is_connected_to("b")
        assert Refused("a", "b and a have different messages of test: update one") in a.events
        assert Refused("b", "a and b have different messages of test: update one") in b.events

    play(story())


def test_a_port_that_is_taken_is_named(ports: Ports):
    async def story() -> None:
        a = Node("a", network(ports))
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind((HOST, ports.numbers["a"]))
            taken.listen()
            alone = TcpBus("a", network(ports))
            with pytest.raises(ListenError, match=f"a cannot listen on {HOST}:{ports.numbers['a']}"):
                await alone.open(a)
            await alone.close()

    play(story())


def test_a_port_that_is_only_reserved_refuses_calls_like_a_node_that_is_down(ports: Ports):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, ports.numbers["a"]), timeout=GENEROUS)


# -- those who belong together -----------------------------------------------------------------------------------------


def test_what_is_sent_before_anybody_listens_waits_for_the_first_connection(ports: Ports):
    async def story() -> None:
        a, b = Node("a", network(ports)), Node("b", network(ports))
        async with running(b):
            b.send("a", Yes("early"))
            async with running(a):
                await a.until(lambda: a.heard == [("b", Yes("early"))])

    play(story())


def test_messages_that_leave_together_leave_in_one_write(ports: Ports):
    async def story() -> None:
        a, b = Node("a", network(ports)), Node("b", network(ports))
        async with running(a, b):
            await a.until(lambda: a.is_connected_to("b"))
            transport, writes = a.bus.links["b"].connection.transport, []
            send = transport.write
            a.bus.links["b"].connection.transport = counting(transport, writes, send)
            a.send("b", Yes("1"), Yes("2"), Empty())
            await b.until(lambda: len(b.heard) == 3)
            assert len(writes) == 1

    play(story())


def counting(transport: asyncio.Transport, writes: list[bytes], send: Callable[[bytes], None]) -> Any:
    """The same transport, with its writes noted."""

    class Counting:
        def __getattr__(self, name: str) -> Any:
            return getattr(transport, name)

        def write(self, data: bytes) -> None:
            writes.append(data)
            send(data)

    return Counting()


def test_whoever_does_not_read_is_disconnected_before_too_much_waits_for_it(ports: Ports):
    most = 1_000_000

    async def story() -> None:
        a = Node("a", network(ports), most_waiting=most)
        async with running(a):
            _, writer = await caller(ports, hello("b"))
            await a.until(lambda: a.is_connected_to("b"))
            writer.transport.pause_reading()
            sent = 0
            while ("b", Disconnected("b")) not in a.heard:
                a.send("b", Box(b"x" * 10_000))
                sent += 1
                assert sent < 10_000, "the queue has no bound"
            writer.close()
        assert Lost("a", "b") in a.events

    play(story())


@pytest.mark.parametrize("links", Links)
def test_what_waits_for_a_node_that_never_comes_is_bounded_too(ports: Ports, links: Links):
    async def story() -> None:
        a = Node("a", network(ports, links=links), most_waiting=1_000)
        async with running(a):
            for number in range(1_000):
                a.send("b", Yes(str(number)))
            assert a.bus.links["b"]._size <= 1_000
        assert Lost("a", "b") in a.events

    play(story())


def test_a_peer_that_comes_back_before_it_was_missed_has_lost_its_first_connection(ports: Ports):
    async def story() -> None:
        a = Node("a", network(ports))
        async with running(a):
            first, one = await caller(ports, hello("b"))
            await a.until(lambda: a.is_connected_to("b"))
            _, other = await caller(ports, hello("b"), framed(CODEC.encode(Yes("again"))))
            await a.until(lambda: ("b", Yes("again")) in a.heard)
            assert a.heard == [("b", Disconnected("b")), ("b", Yes("again"))]
            await first.read()  # a has hung up on the first
            for writer in (one, other):
                writer.close()

    play(story())


async def next_message(reader: asyncio.StreamReader) -> Any:
    """What a sends next, its hello aside."""
    while True:
        (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
        content = await reader.readexactly(length)
        if not content.startswith(b'["()","consensus-lab'):
            return CODEC.decode(content)


def test_what_waited_for_a_lost_connection_is_lost_with_it_and_so_is_what_is_said_before_the_loss_is_told(ports: Ports):
    async def story() -> None:
        a = Node("a", network(ports))
        async with running(a):
            _, writer = await caller(ports, hello("b"))
            await a.until(lambda: a.is_connected_to("b"))
            a.busy = True
            a.bus.send("a", "b", Yes("waits for the flush"))
            writer.transport.abort()
            await a.until(lambda: ("b", Disconnected("b")) in a.heard)
            a.send("b", Yes("said in ignorance"))
            reader, writer = await caller(ports, hello("b"))
            await a.until(lambda: a.is_connected_to("b"))
            a.send("b", Yes("said in ignorance still"))
            a.bus.told("b")
            a.send("b", Yes("heard"))
            assert await next_message(reader) == Yes("heard")
            writer.close()

    play(story())


@pytest.mark.parametrize(
    ("links", "life", "expected"),
    [(Links.FIFO, "1", "old"), (Links.FIFO, "2", "new"), (Links.BAG, "1", "old"), (Links.BAG, "2", "old")],
)
def test_a_connection_owes_nothing_to_a_peer_that_was_switched_off_and_on_since(
    ports: Ports, links: Links, life: str, expected: str
):
    async def story() -> None:
        a = Node("a", network(ports, links=links))
        async with running(a):
            _, writer = await caller(ports, hello("b"))
            await a.until(lambda: a.is_connected_to("b"))
            writer.close()
            await a.until(lambda: not a.is_connected_to("b"))
            a.send("b", Yes("old"))
            reader, writer = await caller(ports, hello("b", life=life))
            await a.until(lambda: a.is_connected_to("b"))
            a.send("b", Yes("new"))
            assert await next_message(reader) == Yes(expected)
            writer.close()

    play(story())


def test_messages_that_are_equal_but_not_alike_are_kept_apart(ports: Ports):
    async def story() -> None:
        a, b = Node("a", network(ports)), Node("b", network(ports))
        async with running(a, b):
            a.send("b", Box(1), Box(True), Box(1.0))
            await b.until(lambda: len(b.heard) == 3)
            assert [type(heard.content) for _, heard in b.heard] == [int, bool, float]

    play(story())


def test_whoever_answers_in_the_place_of_another_is_refused():
    own, answer = (Hello("test", "1", sender, "b", "life") for sender in "bc")
    with pytest.raises(FrameError, match="b called a, but c answered"):
        answer.check(own, "a")


def test_nodes_find_each_other_again_after_one_was_away(ports: Ports):
    async def story() -> None:
        b = Node("b", network(ports))
        async with running(b):
            for life in ("1", "2", "3"):
                a = Node("a", network(ports))
                async with running(a):
                    a.send("b", Yes(life))
                    await b.until(lambda life=life: ("a", Yes(life)) in b.heard)
                await b.until(lambda life=life: b.heard.count(("a", Disconnected("a"))) == int(life))

    play(story())


def test_a_blocking_client_submits_in_order_and_is_told_when_it_called_the_wrong_node(ports: Ports):
    async def story() -> None:
        a = Node("a", network(ports))
        async with running(a):
            client = await asyncio.to_thread(Caller, network(ports), "a", GENEROUS)
            for number in range(10):
                await asyncio.to_thread(client.submit, Yes(str(number)))
            await a.until(lambda: len(a.heard) == 10)
            client.close()
            assert a.heard == [(CLIENT, Yes(str(number))) for number in range(10)]
            assert Connected("a", CLIENT) in a.events
            wrong = Network("paxos", Links.BAG, CODEC, ports.numbers)
            with pytest.raises(FrameError, match="a speaks test, and client speaks paxos"):
                await asyncio.to_thread(Caller, wrong, "a", GENEROUS)

    play(story())
