"""What both buses promise about messages, links and their loss."""

from __future__ import annotations

import pytest

from consensus_lab.kernel import CLIENT, Links, Send
from tests.conformance.conftest import StageOf
from tests.conformance.probe import probes
from tests.conformance.words import Order, Shout, Stray, Word

LINKS = pytest.mark.parametrize("links", Links)


def say(to: str, *texts: str) -> Order:
    return Order(tuple(Send(to, Word(text)) for text in texts))


@LINKS
def test_a_process_hears_first_that_it_was_started(stage_of: StageOf, links: Links):
    stage = stage_of(probes("a", "b", links=links))
    stage.submit("a", say("b", "hello"))
    stage.until(lambda: stage.process("b").words("a") == ("hello",))
    assert stage.process("a").heard == (("a", "Start"),)
    assert stage.process("b").heard == (("b", "Start"), ("a", "hello"))


@LINKS
def test_a_broadcast_reaches_everybody(stage_of: StageOf, links: Links):
    everybody = ("a", "b", "c", "d")
    stage = stage_of(probes(*everybody, links=links))
    stage.submit("c", Shout(frozenset(everybody), "all"))
    stage.until(lambda: all(stage.process(address).words("c")[-1:] == ("all",) for address in everybody))


def test_a_fifo_link_delivers_in_the_order_sent(stage_of: StageOf):
    stage = stage_of(probes("a", "b", "c"))
    texts = [str(number) for number in range(100)]
    for number in range(0, 100, 10):
        stage.submit("a", say("b", *texts[number : number + 10]))
        stage.submit("c", say("b", *texts[number : number + 10]))
    stage.until(lambda: len(stage.process("b").heard) == 201)
    assert stage.process("b").words("a") == stage.process("b").words("c") == tuple(texts)


def test_a_message_of_a_megabyte_arrives_whole_and_in_its_turn(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    long = "\u2205" * 500_000
    stage.submit("a", say("b", "before", long, "after"))
    stage.until(lambda: len(stage.process("b").words("a")) == 3)
    assert stage.process("b").words("a") == ("before", long, "after")


def test_a_node_may_write_to_itself(stage_of: StageOf):
    stage = stage_of(probes("a"))
    stage.submit("a", say("a", "remember"))
    stage.until(lambda: stage.process("a").words("a") == ("Start", "remember"))


def test_what_is_sent_to_the_client_leaves_as_an_answer(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.submit("b", say(CLIENT, "yes", "no"))
    stage.until(lambda: len(stage.answers) == 2)
    assert stage.answers == [("b", Word("yes")), ("b", Word("no"))]


def test_a_message_without_a_rule_is_recorded_and_is_no_error(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.submit("a", Order((Send("b", Stray()), Send("b", Word("next")))))
    stage.until(lambda: stage.process("b").words("a") == ("next",))
    assert [ran for ran in stage.ran if ran[0] == "b"][-2:] == [("b", Stray(), ""), ("b", Word("next"), "hear")]


def test_a_lost_connection_is_told_to_both_ends_once_and_to_nobody_else(stage_of: StageOf):
    stage = stage_of(probes("a", "b", "c"))
    stage.submit("a", Shout(frozenset("bc"), "hello"))
    stage.submit("b", Shout(frozenset("ac"), "hello"))
    stage.submit("c", Shout(frozenset("ab"), "hello"))
    stage.until(lambda: all(len(stage.process(address).heard) == 3 for address in "abc"))
    stage.reset("a", "b")
    stage.until(lambda: all("Disconnected" in stage.process(me).words(peer) for me, peer in ("ab", "ba")))
    for me in "abc":
        stage.submit(me, Shout(frozenset("abc") - {me}, "again"))
    stage.until(lambda: all("again" in stage.process(me).words(peer) for me in "abc" for peer in {*"abc"} - {me}))
    assert stage.process("a").words("b") == ("hello", "Disconnected", "again")
    assert stage.process("b").words("a") == ("hello", "Disconnected", "again")
    assert stage.process("a").words("c") == stage.process("b").words("c") == ("hello", "again")
    assert stage.process("c").words("a") == stage.process("c").words("b") == ("hello", "again")


def test_on_a_fifo_link_nothing_is_missing_unless_a_loss_was_told(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.submit("a", say("b", "0"))
    stage.until(lambda: stage.process("b").words("a") == ("0",))
    stage.submit("a", say("b", "1", "2", "3"))
    stage.reset("b", "a")
    stage.submit("a", say("b", "4", "5"))
    stage.until(lambda: all("Disconnected" in stage.process(me).words(peer) for me, peer in ("ab", "ba")))
    stage.submit("a", say("b", "6", "7"))
    stage.until(lambda: "7" in stage.process("b").words("a"))
    before, after = split(stage.process("b").words("a"), "Disconnected")
    assert before == tuple(map(str, range(len(before)))), "what arrived before the loss is a beginning of what was sent"
    assert after == tuple(map(str, range(8)))[-len(after) :], "and what arrived after it is an end"


def split(texts: tuple[str, ...], at: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    where = texts.index(at)
    return texts[:where], texts[where + 1 :]


def test_a_crash_breaks_its_connections_and_everybody_connected_is_told_once(stage_of: StageOf):
    stage = stage_of(probes("a", "b", "c"))
    stage.submit("b", Shout(frozenset("ac"), "hello"))
    stage.until(lambda: all(stage.process(address).words("b") == ("hello",) for address in "ac"))
    stage.crash("b")
    stage.until(lambda: all(stage.process(address).words("b") == ("hello", "Disconnected") for address in "ac"))
    stage.restart("b")
    stage.submit("b", Shout(frozenset("ac"), "back"))
    stage.until(lambda: all("back" in stage.process(address).words("b") for address in "ac"))
    assert stage.process("a").words("b") == stage.process("c").words("b") == ("hello", "Disconnected", "back")
    assert stage.process("b").heard == (("b", "Recovered"),)


def test_a_bag_of_messages_knows_no_connections_and_tells_of_no_loss(stage_of: StageOf):
    stage = stage_of(probes("a", "b", links=Links.BAG))
    stage.submit("b", say("a", "hello"))
    stage.until(lambda: stage.process("a").words("b") == ("hello",))
    stage.crash("b")
    stage.restart("b")
    stage.submit("b", say("a", "back"))
    stage.until(lambda: "back" in stage.process("a").words("b"))
    assert stage.process("a").words("b") == ("hello", "back")
