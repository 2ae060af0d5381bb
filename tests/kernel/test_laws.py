"""The laws of the kernel, one by one (law 3 and 4 here as far as a context is concerned; law 5 in tests/sim)."""

import ast
import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.kernel import Append, CancelTimer, Context, Decide, Force, Node, Note, Send, SetTimer, message
from consensus_lab.protocols.two_phase_commit import VARIANTS
from tests.kernel.toys import Alarm, Answer, Ask, Kept, Reader, ToyAcceptor

A, B, C = Kept(1), Kept(2), Kept(3)
HELLO = Answer(7)


def node(*script: tuple[Any, ...]) -> Node:
    return Node("me", Reader(script))


def free(node: Node) -> list[Any]:
    """What may happen at once when it performs its script."""
    return list(node.handle("you", Ask())[1])


def sync(node: Node) -> list[Any]:
    """What one fsync sets free."""
    return list(node.durable(len(node.take_records())))


# -- law 1: a handler's effects happen in the order written -----------------------------------------------------------


def test_law_1_effects_are_asked_for_in_the_order_written():
    script = (
        ("send", "p2", HELLO),
        ("set_timer", Alarm(), 1.0, 2.0),
        ("force", A),
        ("append", B),
        ("decide", 5),
        ("note", "so"),
        ("cancel_timer", Alarm()),
        ("send", "p1", HELLO),
    )
    asked, _ = node(*script).handle("you", Ask())
    assert asked == (
        Send("p2", HELLO),
        SetTimer(Alarm(), 1.0, 2.0),
        Force(A),
        Append(B),
        Decide(5),
        Note("so"),
        CancelTimer(Alarm()),
        Send("p1", HELLO),
    )


def test_law_1_what_an_fsync_sets_free_keeps_the_order_written():
    waiting = node(("force", A), ("send", "p2", HELLO), ("decide", 5), ("send", "p1", HELLO))
    free(waiting)
    assert sync(waiting) == [Send("p2", HELLO), Decide(5), Send("p1", HELLO)]


def test_law_1_records_reach_the_disk_in_the_order_written():
    writer = node(("append", A), ("force", B), ("append", C))
    free(writer)
    assert writer.take_records() == (A, B, C)


# -- law 2: force before you speak ------------------------------------------------------------------------------------


def test_law_2_a_message_leaves_only_when_the_record_forced_before_it_is_durable():
    careful = node(("force", A), ("send", "p1", HELLO))
    assert free(careful) == [Force(A)]
    assert sync(careful) == [Send("p1", HELLO)]


def test_law_2_a_decision_waits_like_a_message():
    careful = node(("force", A), ("decide", 5))
    assert free(careful) == [Force(A)]
    assert sync(careful) == [Decide(5)]


def test_law_2_what_is_said_before_a_force_does_not_wait_for_it():
    hasty = node(("send", "p1", HELLO), ("decide", 5), ("force", A))
    assert free(hasty) == [Send("p1", HELLO), Decide(5), Force(A)]


def test_law_2_a_message_waits_for_every_record_forced_earlier_also_in_other_steps():
    careful = node(("force", A), ("send", "p1", HELLO))
    free(careful)
    first = careful.take_records()
    free(careful)  # a second step forces and speaks while the disk works on the first
    assert list(careful.durable(len(first))) == [Send("p1", HELLO)], "only the first step's record is durable"
    assert sync(careful) == [Send("p1", HELLO)]


def test_law_2_an_acceptor_asked_twice_during_the_first_fsync_leaks_no_promise():
    acceptor = Node("me", ToyAcceptor())
    acceptor.handle("p1", Ask(7))
    batch = acceptor.take_records()
    asked, at_once = acceptor.handle("p1", Ask(7))
    assert asked == (Send("p1", Answer(7)),), "the duplicate forces nothing of its own"
    assert at_once == (), "and yet its answer waits for the promise"
    assert acceptor.durable(len(batch)) == (Send("p1", Answer(7)),) * 2


def test_law_2_eager_is_the_named_exception():
    leader = Node("me", Reader((("force", A), ("send", "p1", HELLO))))
    ctx = Context("me", "you")
    ctx.force(A)
    ctx.send("p1", HELLO, eager=True)
    ctx.broadcast(["p3", "p2"], HELLO, eager=True)
    ctx.send("p1", HELLO)
    assert [effect for effect in ctx.effects if leader._admit(effect)] == [
        Force(A),
        Send("p1", HELLO, eager=True),
        Send("p2", HELLO, eager=True),
        Send("p3", HELLO, eager=True),
    ]


def test_law_2_nobody_waits_for_an_appended_record():
    lazy = node(("append", A), ("send", "p1", HELLO), ("decide", 5))
    assert free(lazy) == [Append(A), Send("p1", HELLO), Decide(5)]


def test_law_2_an_appended_record_before_a_forced_one_is_waited_for_with_it():
    # One journal: the forced record is durable only when what stands before it is.
    mixed = node(("append", A), ("force", B), ("send", "p1", HELLO))
    free(mixed)
    assert mixed.take_records() == (A, B)
    assert mixed.durable(1) == ()
    assert mixed.durable(1) == (Send("p1", HELLO),)


def test_law_2_an_appended_record_after_a_forced_one_is_not_waited_for():
    mixed = node(("force", A), ("append", B), ("send", "p1", HELLO))
    free(mixed)
    mixed.take_records()
    assert mixed.durable(1) == (Send("p1", HELLO),)


def test_law_2_timers_and_notes_do_not_wait():
    script = (("force", A), ("set_timer", Alarm(), 1.0), ("cancel_timer", Alarm()), ("note", "so"))
    assert free(node(*script)) == [Force(A), SetTimer(Alarm(), 1.0, 1.0), CancelTimer(Alarm()), Note("so")]


def test_law_2_what_a_recovered_journal_holds_is_durable():
    back = node(("send", "p1", HELLO))
    back.recover([A, B])
    assert back.process.records == [A, B]
    assert free(back) == [Send("p1", HELLO)]
    assert back.unwritten == ()


@given(st.lists(st.sampled_from(["force", "append", "send", "sync", "half a sync"]), max_size=30))
def test_law_2_no_message_ever_overtakes_a_forced_record(doings: list[str]):
    """The model: a message may leave once the disk holds as many records as were written up to the last force."""
    speaker = Node("me", Reader(()))
    written = forced = durable = sent = 0
    needs: dict[int, int] = {}  # message number -> records that must be durable
    for doing in doings:
        freed: tuple[Any, ...] = ()
        if doing == "send":
            sent += 1
            needs[sent] = forced
            freed = (Send("p1", sent),) if speaker._admit(Send("p1", sent)) else ()
        elif doing in ("force", "append"):
            written += 1
            forced = written if doing == "force" else forced
            speaker._admit(Force(written) if doing == "force" else Append(written))
        else:
            speaker.take_records()
            count = written - durable if doing == "sync" else (written - durable) // 2
            durable += count
            freed = speaker.durable(count)
        due = [number for number, need in needs.items() if need <= durable]
        assert [effect.message for effect in freed] == due, "all that are due, in the order sent, and no other"
        for number in due:
            del needs[number]


# -- law 3: time and chance arrive as messages ------------------------------------------------------------------------


def test_law_3_a_context_offers_no_clock_to_wait_on_and_no_dice():
    verbs = {name for name in dir(Context) if not name.startswith("_")}
    assert verbs == {
        *("me", "sender", "now", "effects"),
        *("send", "reply", "broadcast", "set_timer", "cancel_timer", "force", "append", "decide", "note"),
    }


def test_law_3_a_timer_carries_a_range_and_one_number_is_a_range_of_one():
    ctx = Context("me", "you")
    ctx.set_timer(Alarm(), 1.0, 2.0)
    ctx.set_timer(Alarm(), 1.5)
    assert ctx.effects == (SetTimer(Alarm(), 1.0, 2.0), SetTimer(Alarm(), 1.5, 1.5))


@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (2.0, 1.0), (-1.0, None), (float("nan"), None)])
def test_law_3_a_range_that_is_negative_or_runs_backwards_is_refused(low: float, high: float | None):
    with pytest.raises(ValueError, match="0 <= low <= high"):
        Context("me", "you").set_timer(Alarm(), low, high)


def test_law_3_no_rule_of_any_protocol_reads_the_time():
    modules = {inspect.getmodule(kind) for variant in VARIANTS.values() for kind in vars(variant).values()}
    assert len(modules) > 3
    for module in modules:
        reads = [n for n in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(n, ast.Attribute)]
        assert not [n.lineno for n in reads if n.attr == "now"], f"{module} reads ctx.now"


# -- law 4: whatever is iterated is ordered ---------------------------------------------------------------------------


@given(st.frozensets(st.text("abp12", min_size=1, max_size=3)))
def test_law_4_broadcast_sends_in_the_order_of_addresses(everyone: frozenset[str]):
    ctx = Context("me", "you")
    ctx.broadcast(everyone, HELLO)
    assert ctx.effects == tuple(Send(to, HELLO) for to in sorted(everyone))


def test_reply_goes_to_whoever_spoke():
    ctx = Context("me", "you")
    ctx.reply(HELLO)
    assert ctx.effects == (Send("you", HELLO),)


def test_a_copied_node_steps_without_the_first_one_noticing():
    first = node(("force", A), ("send", "p1", HELLO))
    twin = first.copy()
    free(twin)
    assert (first.unwritten, first.held, first.written, first.forced) == ((), (), 0, 0)
    assert twin.unwritten == (A,)


@message
class Roll:
    names: list[str]


@pytest.mark.parametrize(
    "say",
    [
        lambda ctx, roll: ctx.send("b", roll),
        lambda ctx, roll: ctx.broadcast(["b"], roll),
        lambda ctx, roll: ctx.force(roll),
        lambda ctx, roll: ctx.append(roll),
        lambda ctx, roll: ctx.set_timer(roll, 1.0),
        lambda ctx, roll: ctx.decide(roll),
    ],
)
def test_what_could_change_after_it_was_said_is_refused_and_its_field_named(say):
    with pytest.raises(TypeError, match="Roll holds a list in its field names, which could change after it was sent"):
        say(Context("a", "b"), Roll(["x"]))
