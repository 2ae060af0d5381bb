"""What each fault does to the world, one by one, on a network where any message may arrive next."""

from consensus_lab.sim import Wipe, World
from consensus_lab.sim.network import Envelope
from tests.sim.worlds import Gossip, Kept, Ping, Pong, Wake, after, gossip, process, texts


def start(script: str = "", count: int = 3) -> World:
    return after(World.of(gossip(count)), script)


def flying(world: World) -> list[str]:
    return list(map(str, world.network.flight))


def moves(world: World) -> list[str]:
    return texts(world.moves())


def test_a_submitted_request_reaches_its_node_at_once_and_is_waiting_no_more():
    world = start("submit a Go(1)")
    assert flying(world) == ["a -> b Ping(1)", "a -> c Ping(1)"]
    assert [request.n for _, request in world.requests] == [2]


def test_what_is_sent_to_a_client_leaves_the_world_as_an_answer():
    world = start("submit a Go(1)\ndeliver a -> b Ping\nsync b\ndeliver b -> a Pong")
    assert [(answer.sender, answer.to, answer.message) for answer in world.answers] == [("a", "client", Pong(1))]


def test_drop_loses_one_message_and_no_other():
    assert flying(start("submit a Go(1)\ndrop a -> b Ping")) == ["a -> c Ping(1)"]


def test_a_duplicated_message_arrives_twice():
    world = start("submit a Go(1)\nduplicate a -> b Ping\ndeliver a -> b Ping\ndeliver a -> b Ping")
    assert process(world, "b").heard == (Ping(1), Ping(1))
    assert flying(world) == ["a -> c Ping(1)"]


def test_messages_in_flight_may_arrive_in_any_order():
    world = start("submit a Go(1)\nsubmit a Go(2)\ndeliver a -> b Ping(2)\ndeliver a -> b Ping(1)")
    assert process(world, "b").heard == (Ping(2), Ping(1))


def test_a_delayed_message_goes_behind_all_that_is_in_flight():
    world = start("submit a Go(1)\ndelay a -> b Ping")
    assert flying(world) == ["a -> c Ping(1)", "a -> b Ping(1)"]
    late: Envelope = world.network.flight[-1]
    assert (late.delays, late.sent) == (1, world.network.flight[0].sent)


def test_of_equal_messages_the_oldest_is_meant_and_they_count_one_by_one():
    world = start("submit a Go(1)\nduplicate a -> b Ping\ndrop a -> b Ping")
    assert [envelope.copy for envelope in world.network.on(("a", "b"))] == [True]


# -- nodes ------------------------------------------------------------------------------------------------------------


def test_a_crash_loses_memory_timers_and_unwritten_records_but_not_the_disk():
    world = start("submit a Go(1)\nsync a\nsubmit a Go(2)")
    crashed = after(world, "crash a")
    assert not crashed.machines["a"].up
    assert crashed.machines["a"].timers == ()
    assert "a" not in crashed.processes
    assert crashed.journal("a") == (Kept(-1),)
    back = after(crashed, "recover a")
    assert process(back, "a") == Gossip(process(back, "a").peers, kept=(-1,))
    assert [armed.timer for armed in back.machines["a"].timers] == [Wake(1)], "Recovered was heard"


def test_a_crash_also_loses_what_waited_for_the_disk():
    world = start("submit a Go(1)\ndeliver a -> b Ping\ncrash b\nrecover b")
    assert "sync b" not in moves(world)
    assert flying(world) == ["a -> c Ping(1)"], "the reply never left"


def test_a_crash_during_an_fsync_may_keep_a_prefix():
    world = start("submit a Go(1)\nsubmit a Go(2)\ncrash a keeping 1\nrecover a")
    assert world.journal("a") == (Kept(-1),)
    assert process(world, "a").kept == (-1,)


def test_a_torn_record_is_cut_off_at_recovery_and_later_records_follow_what_was_whole():
    torn = start("submit a Go(1)\nsubmit a Go(2)\ncrash a keeping 1 torn")
    assert torn.machines["a"].disk.torn == Kept(-2)
    assert torn.journal("a") == (Kept(-1),), "half a record is none"
    back = after(torn, "recover a")
    assert back.machines["a"].disk.torn is None
    assert process(back, "a").kept == (-1,)
    assert after(back, "fire a Wake\nsync a").journal("a") == (Kept(-1), Kept(-1))


def test_what_one_fsync_made_durable_survives_any_crash():
    for crash in ("crash a", "crash a torn", "crash a keeping 1"):
        world = start(f"submit a Go(1)\nsync a\nsubmit a Go(2)\n{crash}\nrecover a")
        assert process(world, "a").kept[:1] == (-1,), crash


def test_a_disk_is_lost_only_while_its_node_is_down_and_then_with_all_its_records():
    world = start("submit a Go(1)\nsync a")
    assert world.refusal(Wipe("a")) == "a is up: crash it first"
    assert world.refusal(Wipe("x")) is not None
    down = after(world, "crash a")
    assert Wipe("a") not in down.choices(), "it has to be asked for"
    wiped = after(down, "wipe a")
    assert wiped.faults == down.faults + 1
    assert wiped.journal("a") == ()
    assert wiped.refusal(Wipe("a")) == "a's disk is empty"
    assert process(after(wiped, "recover a"), "a").kept == ()


def test_messages_to_a_node_that_is_down_wait_in_the_network_until_it_is_back_or_they_are_lost():
    world = start("submit a Go(1)\ncrash b")
    assert "deliver a -> b Ping(1)" not in moves(world)
    assert "drop a -> b Ping(1)" in texts(world.choices())
    assert process(after(world, "recover b\ndeliver a -> b Ping"), "b").heard == (Ping(1),)


def test_a_paused_node_hears_nothing_and_keeps_its_memory_timers_and_unwritten_records():
    world = start("submit a Go(1)\ndeliver a -> b Ping\npause b")
    assert not [move for move in world.moves() if move.actor == "b"]
    assert world.machines["b"].unwritten == (Kept(1),)
    back = after(world, "resume b\nsync b\ndeliver b -> a Pong")
    assert process(back, "b").heard == (Ping(1),)


def test_a_paused_node_may_crash_and_is_not_paused_when_it_comes_back():
    world = start("pause b\ncrash b\nrecover b")
    assert world.machines["b"].running


# -- links ------------------------------------------------------------------------------------------------------------


def test_a_cut_stops_one_direction_of_one_link():
    world = start("submit a Go(1)\ndeliver a -> b Ping\nsync b\ncut a -> b\nsubmit a Go(2)")
    assert "deliver a -> b Ping(2)" not in moves(world)
    assert {"deliver b -> a Pong(1)", "deliver a -> c Ping(2)"} <= set(moves(world))
    assert "deliver a -> b Ping(2)" in moves(after(world, "heal a -> b"))


def test_heal_mends_one_direction_and_heal_all_every_one():
    world = start("cut a -> b\ncut b -> a\ncut a -> c")
    assert [link for link, _ in after(world, "heal a -> b").network.cuts] == [("a", "c"), ("b", "a")]
    assert after(world, "heal all").network.cuts == ()


def cuts(world: World) -> set[str]:
    return {f"{sender}{to}" for (sender, to), _ in world.network.cuts}


def test_a_partition_into_two_sets_cuts_every_link_between_them_both_ways_and_none_inside():
    assert cuts(start("partition a b | c d", count=4)) == {"ac", "ca", "ad", "da", "bc", "cb", "bd", "db"}


def test_a_partition_into_three_sets_cuts_between_each_two():
    assert cuts(start("partition a b | c | d", count=4)) == {"ac", "ca", "ad", "da", "bc", "cb", "bd", "db", "cd", "dc"}


def test_whoever_a_partition_does_not_name_is_alone():
    assert cuts(start("partition a b", count=4)) == cuts(start("partition a b | c | d", count=4))


def test_every_partition_into_two_sets_is_offered_once():
    offered = [text for text in texts(start(count=4).choices()) if text.startswith("partition")]
    assert len(offered) == len(set(offered)) == 2**3 - 1
    assert "partition a d | b c" in offered


# -- time -------------------------------------------------------------------------------------------------------------


def test_a_timer_set_again_starts_afresh_and_a_cancelled_one_is_gone():
    world = start("submit a Go(1)\ndeliver a -> b Ping\nfire b Wake(1)")
    assert [armed.timer for armed in world.machines["b"].timers] == [Wake(2)]
    again = after(world, "duplicate a -> c Ping\ndeliver a -> c Ping")
    first = again.machines["c"].armed(Wake(2))
    second = after(again, "deliver a -> c Ping").machines["c"].armed(Wake(2))
    assert first is not None
    assert second is not None
    assert (second.since > first.since, second.serial > first.serial) == (True, True)
    answered = after(world, "sync b\ndeliver b -> a Pong")
    assert answered.machines["a"].timers == ()


def test_a_disk_is_owed_since_its_oldest_unwritten_record():
    first = start("submit a Go(1)")
    second = after(first, "submit a Go(2)")
    assert second.now > first.now == second.machines["a"].dirty
    third = after(second, "sync a\nfire a Wake")
    assert third.machines["a"].dirty == third.now


def test_time_never_runs_backwards_and_a_timer_taken_by_hand_is_waited_for():
    world = start("submit a Go(1)")
    assert after(world, "fire b Wake").now >= 1_000_000
    late = after(world, "fire b Wake")
    assert late.take(late.moves()[0], at=5).now == late.now


def test_a_world_is_at_rest_when_only_timers_are_left_and_quiet_when_nothing_is():
    world = start("submit a Go(1)\nsubmit a Go(2)", count=1)
    assert not world.at_rest, "its records are not written yet"
    rested = after(world, "sync a")
    assert rested.at_rest
    assert not rested.quiet
    assert after(rested, "fire a Wake\nsync a").quiet
