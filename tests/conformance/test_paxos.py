"""Paxos ends alike on both buses: one value, learned by all, whichever way they learn, and whoever crashes."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.paxos import LEARNING, RETRY, cast
from consensus_lab.protocols.paxos.messages import Accept, Ballot, Decided, Prepare, Propose, Round
from tests.conformance.conftest import StageOf
from tests.conformance.stages import Stage


def learners(stage: Stage) -> set[str]:
    return {address for address in stage.cast.addresses if address[0] in "ls"}


def everyone_learned(stage: Stage) -> bool:
    return {node for node, _ in stage.decisions} == learners(stage)


@pytest.mark.parametrize("servers", [0, 3], ids=["roles apart", "servers"])
@pytest.mark.parametrize("learning", LEARNING)
def test_one_proposer_has_its_value_chosen_and_its_client_is_told(stage_of: StageOf, learning: str, servers: int):
    stage = stage_of(cast(1, 3, 3, servers=servers, learning=learning, values=("red",)))
    first = stage.cast.addresses[0]
    stage.submit(first, Propose("red"))
    stage.until(lambda: everyone_learned(stage) and (first, Decided("red")) in stage.answers)
    assert {value for _, value in stage.decisions} == {"red"}


@pytest.mark.parametrize("retry", sorted(set(RETRY) - {"eager"}))
def test_of_two_proposers_one_has_its_way_and_both_clients_hear_the_same(stage_of: StageOf, retry: str):
    stage = stage_of(cast(retry=retry, nack=True))
    stage.submit("p1", Propose("red"))
    stage.submit("p2", Propose("blue"))
    stage.until(lambda: everyone_learned(stage) and len(stage.answers) == 2)
    assert len({value for _, value in stage.decisions}) == 1
    assert {answer.value for _, answer in stage.answers} == {value for _, value in stage.decisions}


def test_what_an_acceptor_promised_and_accepted_is_on_its_disk_and_is_known_again_after_a_crash(stage_of: StageOf):
    stage = stage_of(cast(1))
    stage.submit("p1", Propose("red"))
    stage.until(lambda: everyone_learned(stage) and len(stage.journal("a3")) == 2)
    vote = Accept(Ballot(1, "p1"), "red")
    assert stage.journal("p1") == (Round(vote.ballot),)
    assert stage.journal("a3") == (Prepare(vote.ballot), vote)
    stage.crash("a3")
    stage.restart("a3")
    assert (stage.process("a3").promised, stage.process("a3").accepted) == (vote.ballot, vote)


def test_a_promise_whose_fsync_a_crash_cuts_short_was_never_given(stage_of: StageOf):
    stage = stage_of(cast(1))
    for acceptor in ("a1", "a2"):
        stage.hold_disk(acceptor)
    stage.submit("p1", Propose("red"))
    stage.until(lambda: all(stage.process(acceptor).promised == Ballot(1, "p1") for acceptor in ("a1", "a2")))
    for acceptor in ("a1", "a2"):
        stage.crash(acceptor)
        stage.restart(acceptor)
        assert stage.process(acceptor).promised < Ballot(1, "p1")
    stage.until(lambda: everyone_learned(stage))
    assert stage.process("p1").ballot > Ballot(1, "p1"), "it had to begin again"


def test_a_minority_of_acceptors_may_be_down(stage_of: StageOf):
    stage = stage_of(cast(1, 5))
    stage.crash("a1")
    stage.crash("a2")
    stage.submit("p1", Propose("red"))
    stage.until(lambda: everyone_learned(stage))
    assert {value for _, value in stage.decisions} == {"red"}
