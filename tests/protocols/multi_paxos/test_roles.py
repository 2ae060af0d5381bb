"""Acceptor, replica and leader rule by rule: what the papers say of each, asked of a server by itself."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab.kernel import Address, Append, Context, Decide, Force, Send, SetTimer, Start
from consensus_lab.protocols.multi_paxos import cast
from consensus_lab.protocols.multi_paxos.messages import (
    NOOP,
    Accept,
    Accepted,
    Add,
    Ballot,
    CatchUp,
    Chosen,
    Command,
    Commit,
    Decisions,
    HeartbeatDue,
    Installed,
    LeaderSilent,
    Nack,
    Prepare,
    Promise,
    Put,
    Redirect,
    Reply,
    Request,
    Snapshot,
    State,
)
from consensus_lab.protocols.multi_paxos.server import Server

ONE, TWO = Ballot(1, "s1"), Ballot(2, "s2")


def server(me: Address = "s2", servers: int = 3, **parameters: Any) -> Server:
    fresh = cast(servers, 0, **parameters).fresh(me)
    assert isinstance(fresh, Server)
    return fresh


def told(process: Server, message: Any, sender: Address = "s1", me: Address = "s2") -> tuple[Any, ...]:
    """The effects with which it answers one message."""
    ctx = Context(me, sender)
    assert process.receive(message, ctx), f"no rule for {message}"
    return ctx.effects


def sent(effects: tuple[Any, ...]) -> list[tuple[Address, Any]]:
    return [(effect.to, effect.message) for effect in effects if isinstance(effect, Send)]


def forced(effects: tuple[Any, ...]) -> list[Any]:
    return [effect.record for effect in effects if isinstance(effect, Force)]


def red(number: int = 1, client: str = "c1") -> Request:
    return Request(client, number, Put("x", "red"))


def accept(slot: int, command: Command = NOOP, ballot: Ballot = ONE, committed: int = 0) -> Accept:
    return Accept(ballot, slot, command, committed)


def leading(servers: int = 3, **parameters: Any) -> Server:
    """s1, with promises of everybody who is needed, none of which tells of any vote."""
    process = server("s1", servers, **parameters)
    told(process, Start(), "s1", "s1")
    for peer in ("s1", "s2", "s3")[: servers // 2 + 1]:
        told(process, Promise(ONE, (), None), peer, "s1")
    assert process.state is State.LEADING
    return process


# -- the acceptor ------------------------------------------------------------------------------------------------------


def test_a_promise_is_forced_before_it_is_given_and_tells_all_votes_from_that_slot_on():
    process = server()
    for slot in (1, 2, 4):
        told(process, accept(slot))
    effects = told(process, Prepare(TWO, 2), "s2")
    assert isinstance(effects[0], Force)
    assert sent(effects) == [("s2", Promise(TWO, (accept(2), accept(4)), None))]


def test_where_a_snapshot_stands_for_slots_asked_for_the_promise_brings_it():
    process = server(snapshot_every=1)
    told(process, accept(1, red()))
    told(process, Commit(ONE, 1))
    assert process.votes == {}
    [(_, promise)] = sent(told(process, Prepare(TWO, 1)))
    assert promise.snapshot == process.snapshot == Snapshot(1, (("x", "red"),), (Reply("c1", 1, None, 1),))
    [(_, promise)] = sent(told(process, Prepare(Ballot(3, "s3"), 2)))
    assert promise.snapshot is None


@pytest.mark.parametrize("late", [Prepare(ONE, 1), accept(7)])
def test_what_is_below_its_promise_it_refuses_and_says_so(late: Prepare | Accept):
    process = server()
    told(process, Prepare(TWO, 1))
    effects = told(process, late)
    assert sent(effects) == [("s1", Nack(ONE, TWO))]
    assert forced(effects) == []


def test_one_ballot_is_promised_once():
    process = server()
    told(process, Prepare(ONE, 1))
    assert sent(told(process, Prepare(ONE, 1))) == []


def test_a_vote_is_forced_once_and_told_as_often_as_it_is_asked_for():
    process = server()
    first, again = told(process, accept(3)), told(process, accept(3))
    assert (forced(first), forced(again)) == ([accept(3)], [])
    assert sent(first) == sent(again) == [("s1", Accepted(ONE, 3))]


def test_its_journal_gives_back_its_promise_its_votes_and_its_snapshot():
    process = server()
    records = [
        Prepare(ONE, 1),
        accept(1),
        accept(2, red(), TWO),
        Snapshot(1, (("x", 5),), ()),
        Prepare(Ballot(3, "s3"), 1),
    ]
    for record in records:
        process.restore(record)
    assert process.promised == Ballot(3, "s3")
    assert process.votes == {2: accept(2, red(), TWO)}
    assert (process.applied, process.store) == (1, {"x": 5})


# -- the replica -------------------------------------------------------------------------------------------------------


def test_what_is_committed_and_voted_for_in_that_ballot_is_applied_in_order():
    process = server()
    told(process, accept(2, red(2)))
    told(process, accept(1, red(1)))
    effects = told(process, Commit(ONE, 2))
    assert [e.value for e in effects if isinstance(e, Decide)] == [Chosen(1, red(1)), Chosen(2, red(2))]


def test_a_proposal_brings_the_news_of_those_before_it():
    process = server()
    told(process, accept(1, red()))
    told(process, accept(2, committed=1))
    assert process.store == {"x": "red"}


def test_a_vote_of_another_ballot_is_not_believed_and_asked_for():
    process = server()
    told(process, accept(1, red()))
    effects = told(process, Commit(TWO, 1), "s3")
    assert process.applied == 0
    assert ("s3", CatchUp(1)) in sent(effects)


def test_who_is_asked_tells_what_it_has_applied_beginning_with_the_snapshot():
    process = server(snapshot_every=2)
    for slot in (1, 2, 3):
        told(process, accept(slot, red(slot)))
    told(process, Commit(ONE, 3))
    assert sent(told(process, CatchUp(1), "s3")) == [
        ("s3", process.snapshot),
        ("s3", Decisions(3, (red(3),), 3)),
    ]
    assert sent(told(process, CatchUp(4), "s3")) == []


def test_who_is_told_part_of_what_it_missed_asks_on():
    process = server()
    effects = told(process, Decisions(1, (red(1), red(2)), 5))
    assert process.applied == 2
    assert sent(effects) == [("s1", CatchUp(3))]
    assert sent(told(process, Decisions(1, (red(1), red(2)), 5))) == [], "nothing new, so nothing to ask for"


def test_a_snapshot_is_installed_only_if_it_is_ahead_and_nobody_waits_for_the_disk():
    process = server()
    ahead = Snapshot(4, (("x", 1),), (Reply("c1", 3, 1, 4),))
    effects = told(process, ahead)
    assert [effect for effect in effects if isinstance(effect, Append)] == [Append(ahead)]
    assert Decide(Installed(4)) in effects
    assert told(process, Snapshot(2, (), ())) == ()
    assert (process.applied, process.store, process.client_table) == (4, {"x": 1}, {"c1": Reply("c1", 3, 1, 4)})


# -- the leader --------------------------------------------------------------------------------------------------------


def test_a_candidate_promises_its_ballot_to_itself_before_it_asks_anybody():
    process = server("s1")
    effects = told(process, Start(), "s1", "s1")
    assert effects[0] == Force(Prepare(ONE, 1))
    assert sent(effects) == [("s1", Promise(ONE, (), None)), ("s2", Prepare(ONE, 1)), ("s3", Prepare(ONE, 1))]
    assert not any(effect.eager for effect in effects if isinstance(effect, Send))


def test_promises_of_another_ballot_do_not_count():
    process = server("s2")
    told(process, LeaderSilent(), "s2")
    for peer in ("s1", "s2", "s3"):
        told(process, Promise(TWO, (), None), peer)
    assert process.state is State.PREPARING


def test_a_leader_proposes_again_what_was_voted_for_and_no_ops_in_between():
    process = server("s2")
    told(process, LeaderSilent(), "s2")
    mine = process.ballot
    told(process, Promise(mine, (accept(1, red(1)), accept(3, red(3))), None), "s2")
    effects = told(process, Promise(mine, (accept(3, red(4), Ballot(2, "s1")),), None), "s3")
    proposed = [message.command for to, message in sent(effects) if isinstance(message, Accept) and to == "s1"]
    assert proposed == [red(1), NOOP, red(4)]
    assert (process.recovered, process.next_slot) == (3, 4)


def test_a_leader_begins_after_the_snapshot_that_a_promise_brings():
    process = server("s2")
    told(process, LeaderSilent(), "s2")
    for peer, snapshot in (("s2", None), ("s3", Snapshot(5, (("x", 1),), ()))):
        told(process, Promise(process.ballot, (), snapshot), peer)
    assert (process.applied, process.next_slot) == (5, 6)


def test_a_proposal_leaves_at_once_and_its_own_vote_only_with_its_disk():
    effects = told(leading(), red(), "client", "s1")
    eager = {effect.to: effect.eager for effect in effects if isinstance(effect, Send)}
    assert eager == {"s2": True, "s3": True, "s1": False}


def test_with_a_majority_of_votes_the_command_is_applied_answered_and_told():
    process = leading()
    told(process, red(), "client", "s1")
    assert sent(told(process, Accepted(ONE, 1), "s1", "s1")) == []
    effects = told(process, Accepted(ONE, 1), "s3", "s1")
    assert sent(effects) == [
        ("client", Reply("c1", 1, None, 1)),
        ("s2", Commit(ONE, 1)),
        ("s3", Commit(ONE, 1)),
    ]
    assert sent(told(process, Accepted(ONE, 1), "s2", "s1")) == [], "one vote too many"


def test_while_more_is_under_way_the_next_proposal_brings_the_news():
    process = leading()
    told(process, red(1), "client", "s1")
    told(process, red(1, "c2"), "client", "s1")
    for peer in ("s2", "s3"):
        effects = told(process, Accepted(ONE, 1), peer, "s1")
    assert not any(isinstance(message, Commit) for _, message in sent(effects))
    effects = told(process, red(1, "c3"), "client", "s1")
    assert {message.committed for _, message in sent(effects) if isinstance(message, Accept)} == {1}


def test_what_is_under_way_is_not_proposed_twice_and_what_is_done_is_answered_again():
    process = leading()
    told(process, red(), "client", "s1")
    assert told(process, red(), "client", "s1") == ()
    for peer in ("s2", "s3"):
        told(process, Accepted(ONE, 1), peer, "s1")
    assert sent(told(process, red(), "client", "s1")) == [("client", Reply("c1", 1, None, 1))]
    assert process.next_slot == 2


def test_a_request_that_its_client_has_given_up_is_not_answered():
    process = leading()
    told(process, Request("c1", 2, Add("x", 1)), "client", "s1")
    for peer in ("s2", "s3"):
        told(process, Accepted(ONE, 1), peer, "s1")
    assert told(process, red(1), "client", "s1") == ()


def test_what_nobody_answered_for_a_heartbeats_time_is_said_again_to_those_who_did_not():
    process = leading()
    told(process, red(), "client", "s1")
    told(process, Accepted(ONE, 1), "s2", "s1")
    process.voters[1] = frozenset({"s2"})
    first = told(process, HeartbeatDue(), "s1", "s1")
    assert not any(isinstance(message, Accept) for _, message in sent(first))
    second = told(process, HeartbeatDue(), "s1", "s1")
    assert [to for to, message in sent(second) if isinstance(message, Accept)] == ["s1", "s3"]


@pytest.mark.parametrize("news", [Prepare(TWO, 1), accept(1, ballot=TWO), Commit(TWO, 0), Nack(ONE, TWO)])
def test_whoever_hears_of_a_higher_ballot_leads_no_more(news: Any):
    process = leading()
    told(process, red(), "client", "s1")
    effects = told(process, news, "s2", "s1")
    assert (process.state, process.proposals, process.waiting) == (State.FOLLOWING, {}, {})
    assert any(isinstance(effect, SetTimer) and effect.timer == LeaderSilent() for effect in effects)
    assert sent(told(process, red(), "client", "s1")) == [("client", Redirect(1, "s2"))]


def test_a_leader_learns_by_votes_alone():
    """What it tells to be committed, others look up among their votes in its ballot: so it must be from there."""
    process = leading()
    told(process, red(), "client", "s1")
    told(process, Decisions(1, (NOOP,), 1), "s2", "s1")
    told(process, Snapshot(3, (), ()), "s2", "s1")
    assert (process.applied, process.decisions) == (0, {})


def test_the_next_ballot_is_above_all_that_was_promised_or_heard_of():
    process = server("s2")
    told(process, Prepare(Ballot(4, "s1"), 1))
    told(process, Nack(ONE, Ballot(7, "s3")))
    told(process, LeaderSilent(), "s2")
    assert process.ballot == Ballot(8, "s2")


def test_alone_a_server_leads_itself():
    process = leading(servers=1)
    told(process, red(), "client", "s1")
    told(process, Accepted(ONE, 1), "s1", "s1")
    assert process.store == {"x": "red"}
