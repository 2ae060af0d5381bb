"""A world is a value: whatever containers a process keeps its state in, the past does not change."""

import threading
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import pytest

from consensus_lab.kernel import Cast, Context, Decision, Process, Recovered, message, upon
from consensus_lab.sim import Crash, Deliver, Recover, RuleFailed, Submit, Sync, World
from consensus_lab.sim.pickers import Rounds, Seeded, play


@message
class Note:
    number: int


@message
class Flag:
    value: Any


@dataclass
class Page:
    """A student's own mutable class."""

    lines: list[int] = field(default_factory=list)


class Drawer:
    """Another one, hashed by identity: that says nothing about its content."""

    def __init__(self) -> None:
        self.lines: list[int] = []


@dataclass
class Keeper(Process):
    """Writes every number into each container it has."""

    plain: list[Any] = field(default_factory=list)
    nested: dict[str, list[int]] = field(default_factory=lambda: {"all": []})
    counted: Counter[int] = field(default_factory=Counter)
    grouped: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    queued: deque[int] = field(default_factory=deque)
    paired: tuple[str, list[int]] = field(default_factory=lambda: ("log", []))
    page: Page = field(default_factory=Page)
    drawer: Drawer = field(default_factory=Drawer)

    @upon(Note)
    def keep(self, note: Note, ctx: Context) -> None:
        number = note.number
        self.plain.append(number)
        self.nested["all"].append(number)
        self.counted[number] += 1
        self.grouped[number % 2].append(number)
        self.queued.append(number)
        self.paired[1].append(number)
        self.page.lines.append(number)
        self.drawer.lines.append(number)


def contents(world: World) -> str:
    process = world.processes["a"]
    assert isinstance(process, Keeper)
    return repr([process.facts() | {"drawer": process.drawer.lines}])


def test_no_container_of_a_process_is_shared_between_two_worlds() -> None:
    worlds = [World.of(Cast("toy", {"a": Keeper()}))]
    for number in (1, 2, 3):
        worlds.append(worlds[-1].take(Submit("a", Note(number))))
    seen = [contents(world) for world in worlds]
    branch = worlds[1].take(Submit("a", Note(9)))
    assert [contents(world) for world in worlds] == seen
    assert len({*seen, contents(branch)}) == 5


def test_what_cannot_be_copied_is_refused_with_the_name_of_its_field() -> None:
    keeper = Keeper()
    keeper.drawer.lock = threading.Lock()  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=r"Keeper\.drawer holds a Drawer, which cannot be copied"):
        keeper.clone()


@dataclass
class Talker(Process):
    """Says what it is told to say."""

    heard: tuple[Any, ...] = ()

    @upon(Note)
    def say(self, note: Note, ctx: Context) -> None:
        if note.number == 0:
            ctx.send("nobody", note)
        if note.number < 0:
            ctx.broadcast("b", note)
        ctx.force(note)
        ctx.send("b", Flag(1))
        ctx.send("b", Flag(True))

    @upon(Flag)
    def hear(self, flag: Flag, ctx: Context) -> None:
        self.heard += (flag.value,)


def two() -> World:
    return World.of(Cast("toy", {"a": Talker(), "b": Talker()}, requests=(("a", Note(1)), ("b", Note(1)))))


def test_messages_that_are_equal_but_not_alike_are_two_choices_and_arrive_as_themselves() -> None:
    world = two().take(Submit("a", Note(1))).take(Sync("a"))
    assert [str(move) for move in world.moves() if isinstance(move, Deliver)] == [
        "deliver a -> b Flag(1)",
        "deliver a -> b Flag(True)",
    ]
    heard = world.take(Deliver("a", "b", Flag(True))).processes["b"]
    assert isinstance(heard, Talker)
    assert heard.heard[0] is True


@pytest.mark.parametrize(
    ("number", "says"),
    [(0, "it sends to 'nobody', who is neither 'client' nor one of a, b"), (-1, "broadcast wants a collection")],
)
def test_a_message_to_nobody_is_the_rules_fault(number: int, says: str) -> None:
    with pytest.raises(RuleFailed, match=says):
        two().take(Submit("a", Note(number)))


def test_a_record_that_cannot_be_replayed_is_the_process_own_fault() -> None:
    world = two().take(Submit("a", Note(1))).take(Sync("a")).take(Crash("a"))
    with pytest.raises(RuleFailed, match=r"a's rule restore raised TypeError on Note\(1\): Talker found"):
        world.take(Recover("a"))


def test_a_request_for_a_node_that_is_down_holds_up_no_other() -> None:
    world = two().take(Crash("a"))
    trace = play(world, Seeded(1), steps=1)
    assert str(trace[0].choice) == "submit b Note(1)"


@dataclass
class Relay(Process):
    """Passes a note on after its disk has it, unless it is the last."""

    next: str

    @upon(Note)
    def forward(self, note: Note, ctx: Context) -> None:
        ctx.force(note)
        if note.number:
            ctx.send(self.next, Note(note.number - 1))

    @upon(Recovered)
    def announce(self, recovered: Recovered, ctx: Context) -> None:
        ctx.decide("up")

    def restore(self, record: Note) -> None:
        pass


def test_a_held_message_is_as_deep_as_what_caused_it_and_no_deeper() -> None:
    """What arrives while the disk works is no cause of what waits for the disk."""
    world = World.of(Cast("toy", {"a": Relay("b"), "b": Relay("a")}))
    world = world.take(Submit("b", Note(1))).take(Submit("a", Note(1))).take(Sync("b"))
    world = world.take(Deliver("b", "a", Note(0))).take(Sync("a"))
    assert world.machines["a"].depth == 1
    assert [envelope.depth for envelope in world.network.flight] == [1]


def test_depth_is_the_longest_chain_and_not_the_latest() -> None:
    world = World.of(Cast("toy", {"a": Relay("b"), "b": Relay("a")}))
    world = world.take(Submit("a", Note(2))).take(Submit("b", Note(1)))
    deep = play(world, Rounds())[-1].world
    assert deep.machines["a"].depth == 2


def test_equal_requests_are_offered_once_and_submitted_one_by_one() -> None:
    world = World.of(Cast("toy", {"a": Keeper()}, requests=(("a", Note(1)), ("a", Note(1)))))
    assert [str(move) for move in world.moves()] == ["submit a Note(1)"]
    world = world.take(Submit("a", Note(1)))
    assert [str(move) for move in world.moves()] == ["submit a Note(1)"]
    assert not world.take(Submit("a", Note(1))).moves()


@pytest.mark.parametrize("address", ["", "a b", "client", "a->b", "|"])
def test_a_name_that_no_trace_could_hold_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="called"):
        Cast("toy", {address: Keeper()})


def test_a_cast_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one node"):
        Cast("toy", {})


def test_agreement_is_between_any_two_whoever_comes_first() -> None:
    from consensus_lab.protocols.commitment import Abort, Commit, agreement

    world = World.of(Cast("toy", {"a": Keeper(), "b": Keeper()}))
    for first, second in (("a", "b"), ("b", "a")):
        decided = world.decisions.plus(Decision(first, Commit("T1")), Decision(second, Abort("T1")))
        view = World(world.cast, world.machines, world.network, (), decided)
        assert agreement.refute(view) is not None
