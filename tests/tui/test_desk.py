"""The desk: every key's meaning, without a screen."""

from __future__ import annotations

import pytest

from consensus_lab.kernel import Links
from consensus_lab.sim import Crash, Cut, Deliver, Fire, Partition, Pause
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.offers import CLIENT, DISKS, FLIGHT, REPAIRS, SCRIPT, TIMERS
from tests.tui.screens import scenario, session_of
from tests.tui.toy import Lonely, toy


def bag() -> Desk:
    """Three players on datagrams, after the serve: two balls are in the air."""
    desk = Desk(session_of(toy(3, Links.BAG)))
    desk.forward()
    return desk


def point_at(desk: Desk, group: str) -> None:
    desk.choose(next(offer for offer in desk.offers if offer.group == group))


def last(desk: Desk) -> str:
    assert desk.session.step is not None
    return str(desk.session.step.choice)


def test_at_first_what_happens_next_anyway_is_chosen() -> None:
    desk = Desk(scenario())
    assert desk.chosen is not None
    assert desk.chosen.choice == desk.session.suggestion


def test_every_possible_move_is_offered_in_its_group() -> None:
    desk = Desk(scenario())
    desk.session.goto(2)
    assert {offer.choice for offer in desk.offers if offer.refusal is None} >= set(desk.world.moves())
    assert {offer.group for offer in desk.offers} == {FLIGHT, TIMERS, DISKS}
    assert {offer.group for offer in Desk(scenario()).offers} == {TIMERS, CLIENT}


def test_any_offer_can_be_taken_before_the_others() -> None:
    desk = bag()
    second = [offer for offer in desk.offers if offer.group == FLIGHT][1]
    desk.choose(second)
    assert desk.take()
    assert last(desk) == str(second.choice)


def test_choosing_goes_round() -> None:
    desk = bag()
    first = desk.chosen
    for _ in desk.offers:
        desk.move(1)
    assert desk.chosen == first


def test_drop_duplicate_and_delay_act_on_the_chosen_message() -> None:
    for verb in ("drop", "duplicate", "delay"):
        desk = bag()
        point_at(desk, FLIGHT)
        assert getattr(desk, verb)()
        assert last(desk) == f"{verb} n1 -> n2 Ping(1)"


@pytest.mark.parametrize("verb", ["drop", "duplicate", "delay"])
def test_without_a_chosen_message_they_say_what_to_do(verb: str) -> None:
    desk = bag()
    point_at(desk, TIMERS)
    assert not getattr(desk, verb)()
    assert "first choose one that is in flight" in desk.session.notice


def test_why_not_is_the_worlds_own_sentence() -> None:
    desk = bag()
    desk.take(Cut("n1", "n2"))
    refused = next(offer for offer in desk.offers if offer.refusal)
    assert refused.refusal == "the link n1 -> n2 is cut"
    desk.choose(refused)
    assert not desk.take()
    assert desk.session.notice == "Cannot deliver n1 -> n2 Ping(1): the link n1 -> n2 is cut."


def test_on_fifo_links_a_younger_message_must_wait() -> None:
    desk = Desk(session_of(toy(2), 3))
    desk.session.end()
    desk.take(desk.world.moves()[0])
    for envelope in desk.world.network.flight:
        offer = next(o for o in desk.offers if o.choice == Deliver(envelope.sender, envelope.to, envelope.message))
        assert (offer.refusal is None) == desk.world.network.is_next(envelope)


def test_crash_and_pause_undo_themselves() -> None:
    desk = bag()
    desk.choose_node("n2")
    for verb, undone in (("crash", "recover"), ("pause", "resume")):
        getattr(desk, verb)()
        assert last(desk) == f"{verb} n2"
        getattr(desk, verb)()
        assert last(desk) == f"{undone} n2"


def test_a_node_that_is_down_or_paused_and_a_cut_link_can_be_mended_from_the_queue() -> None:
    desk = bag()
    for fault in (Crash("n1"), Pause("n2"), Cut("n1", "n3")):
        desk.take(fault)
    mends = [str(offer.choice) for offer in desk.offers if offer.group == REPAIRS]
    assert mends == ["recover n1", "resume n2", "heal n1 -> n3"]


def test_fire_takes_the_chosen_timer_or_the_chosen_nodes() -> None:
    desk = bag()
    desk.choose_node("n3")
    point_at(desk, FLIGHT)
    desk.fire()
    assert last(desk) == "fire n3 Lonely()"
    point_at(desk, TIMERS)
    desk.fire()
    assert last(desk) == "fire n1 Lonely()"
    desk.choose_node("n3")
    point_at(desk, FLIGHT)
    assert not desk.fire()
    assert desk.session.notice == "No timer is running at n3."


def test_submit_says_when_the_client_has_nothing_to_ask() -> None:
    desk = Desk(session_of(toy(3)))
    assert desk.submit()
    assert not desk.submit()
    assert "nothing more to ask" in desk.session.notice


def test_cut_and_heal_follow_the_chosen_message() -> None:
    desk = bag()
    point_at(desk, FLIGHT)
    assert desk.cut()
    assert last(desk) == "cut n1 -> n2"
    assert desk.heal()
    assert last(desk) == "heal n1 -> n2"
    point_at(desk, TIMERS)
    assert not desk.cut()


def test_heal_all_mends_a_partition() -> None:
    desk = bag()
    desk.take(Partition((frozenset({"n1"}), frozenset({"n2", "n3"}))))
    assert len(desk.world.network.cuts) == 4
    assert desk.heal_all()
    assert desk.world.network.cuts == ()


def test_what_the_script_does_next_is_offered_even_if_it_is_a_fault() -> None:
    desk = Desk(scenario("commit-lost-by-partition"))
    while desk.session.upcoming is not None and not desk.session.upcoming.choice.fault:
        desk.forward()
    assert desk.chosen is not None
    assert desk.chosen.group == SCRIPT
    assert desk.chosen.text.startswith("partition")


def test_only_what_was_looked_at_is_shown_unless_one_asks_for_more() -> None:
    desk = Desk(scenario())
    desk.session.load(100)
    desk.forward()
    desk.forward()
    desk.back()
    assert desk.horizon == 2
    desk.ahead = True
    assert desk.horizon == len(desk.session.steps) == 15


def test_speeds_stay_in_their_range() -> None:
    desk = bag()
    for _ in range(20):
        desk.faster(1)
    fastest = desk.speed
    for _ in range(20):
        desk.faster(-1)
    assert (fastest, desk.speed) == (32.0, 0.5)


def test_a_chosen_timer_is_a_choice_like_any_other() -> None:
    desk = bag()
    assert Fire("n2", Lonely()) in {offer.choice for offer in desk.offers}
