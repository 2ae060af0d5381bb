"""A server: three roles in one process, their rules unchanged, and one that is overridden in its stead."""

import pytest

from consensus_lab.kernel import CLIENT, Context, Decide, Force, Process, Send, upon
from consensus_lab.protocols.paxos import cast
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import (
    Accepted,
    Ballot,
    Decided,
    Inquire,
    NothingLearned,
    Overdue,
    Prepare,
    Promise,
    Propose,
    Round,
    State,
)
from consensus_lab.protocols.paxos.proposer import Proposer
from consensus_lab.protocols.paxos.server import Server, server_of
from tests.protocols.paxos.casting import RED
from tests.protocols.two_phase_commit.running import told


def server(**parameters: object) -> Server:
    process = cast(servers=3, **parameters).fresh("s1")
    assert isinstance(process, Server)
    return process


def test_it_hears_everything_that_any_of_its_roles_hears():
    kinds = {rule.kind for role in (Proposer, Acceptor, Learner) for rule in role.RULES}
    assert {rule.kind for rule in Server.RULES} == kinds


def test_its_journal_holds_the_records_of_its_proposer_and_of_its_acceptor():
    mine = server()
    for record in (Round(Ballot(3, "s1")), Prepare(Ballot(4, "s2")), RED(4, "s2")):
        mine.restore(record)
    assert (mine.ballot, mine.promised, mine.accepted) == (Ballot(3, "s1"), Ballot(4, "s2"), RED(4, "s2"))
    with pytest.raises(TypeError, match="Propose"):
        mine.restore(Propose("red"))


def test_its_next_ballot_is_above_what_its_acceptor_has_promised():
    mine = server()
    told(mine, Prepare(Ballot(6, "s3")), "s3")
    assert told(mine, Propose("red"))[0] == Force(Round(Ballot(7, "me")))


def test_it_talks_to_itself_as_to_anybody():
    assert Send("s1", Prepare(Ballot(1, "me"))) in told(server(), Propose("red"))


def test_what_its_learner_learns_its_proposer_knows():
    mine = server()
    told(mine, Propose("blue"))
    told(mine, Accepted(Ballot(1, "s2"), "red"), "s2")
    effects = told(mine, Accepted(Ballot(1, "s2"), "red"), "s3")
    assert Decide("red") in effects
    assert Send(CLIENT, Decided("red")) in effects
    assert mine.state is State.DONE


def test_told_by_the_distinguished_learner_both_roles_know():
    mine = server(learning="distinguished")
    told(mine, Propose("blue"))
    effects = told(mine, Decided("red"), "s2")
    assert {Decide("red"), Send(CLIENT, Decided("red"))} <= set(effects)


def test_in_the_dark_it_has_its_own_proposer_find_out_unless_that_is_at_work_already():
    mine = server()
    assert Force(Round(Ballot(1, "me"))) in told(mine, NothingLearned(), "me")
    assert not any(isinstance(effect, Force) for effect in told(mine, NothingLearned(), "me"))


class Deaf(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        ctx.note("pardon?")


def test_a_rule_overridden_in_a_role_is_overridden_in_the_server():
    kind = server_of(Proposer, Deaf, Learner)
    assert server_of(Proposer, Acceptor, Learner) is Server
    assert kind is server_of(Proposer, Deaf, Learner)
    process = cast(servers=3, acceptor=Deaf).fresh("s1")
    assert told(process, Prepare(Ballot(1, "s2")), "s2")[0].text == "pardon?"
    assert isinstance(process, Deaf | Server)


def test_two_roles_overridden_are_both_overridden():
    class Silent(Proposer):
        def prepare(self, ctx: Context) -> None:
            pass

    process = cast(servers=3, acceptor=Deaf, proposer=Silent, retry="eager").fresh("s1")
    assert told(process, Propose("red")) == ()
    assert told(process, Prepare(Ballot(1, "s2")), "s2")[0].text == "pardon?"


def test_the_rules_of_several_bases_are_all_there_the_first_bases_first():
    class One(Process):
        @upon(Overdue)
        def one(self, overdue: Overdue, ctx: Context) -> None: ...

    class Two(Process):
        @upon(Overdue)
        def two(self, overdue: Overdue, ctx: Context) -> None: ...

        @upon(Inquire)
        def three(self, inquire: Inquire, ctx: Context) -> None: ...

    class Both(One, Two):
        pass

    assert [rule.method for rule in Both.RULES] == ["one", "two", "three"]
    assert Both().rule_for(Overdue()).method == "one"
    assert Promise not in {rule.kind for rule in Both.RULES}
