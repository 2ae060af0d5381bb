"""The election is a part: other servers than `Peer` put their own beginning, disk and office around it."""

from dataclasses import dataclass, replace

from consensus_lab.kernel import Context, Recovered, Start, upon
from consensus_lab.kernel.quorum import Majority
from consensus_lab.protocols.election import cast
from consensus_lab.protocols.election.elector import Elector
from consensus_lab.protocols.election.messages import State, Vote, Zxid
from consensus_lab.sim import World
from consensus_lab.sim.conditions import CALM
from consensus_lab.sim.pickers import Seeded, play


@dataclass
class Replica(Elector):
    """Its epoch and log are state that grows, and its first act in office is to write into them."""

    epoch: int = 0
    log: tuple[Zxid, ...] = ()

    @upon(Start)
    @upon(Recovered)
    def begin(self, switched_on: Start | Recovered, ctx: Context) -> None:
        self.look_for_leader(ctx)

    def initial_vote(self) -> Vote:
        return Vote(self.epoch, self.log[-1] if self.log else Zxid(0, 0), self.sid)

    def take_office(self, ctx: Context) -> None:
        self.epoch += 1
        self.log += (Zxid(self.epoch, 1),) if self.state is State.LEADING else ()
        self.update_election_vote(self.epoch)


def replicas(**logs: tuple[Zxid, ...]) -> World:
    quorum = Majority(frozenset({"n1", "n2", "n3"}))
    processes = {
        f"n{sid}": Replica(sid, quorum, frozenset(), log=logs.get(f"n{sid}", ()), epoch=1) for sid in (1, 2, 3)
    }
    return World.of(replace(cast(3), processes=processes, invariants=()))


def test_a_server_of_another_kind_is_elected_by_what_its_own_disk_holds():
    end = play(replicas(n1=(Zxid(1, 9),)), Seeded(1, CALM))[-1].world
    assert end.quiet
    assert {address: process.leader for address, process in end.processes.items()} == dict.fromkeys(
        ("n1", "n2", "n3"), "n1"
    )
    assert end.processes["n1"].log == (Zxid(1, 9), Zxid(2, 1))


def test_it_looks_again_when_it_says_so_and_votes_with_what_it_holds_by_then():
    end = play(replicas(n1=(Zxid(1, 9),)), Seeded(1, CALM))[-1].world
    peer, ctx = end.processes["n1"].clone(), Context("n1", "n1")
    peer.look_for_leader(ctx)
    assert (peer.state, peer.logical_clock, peer.proposal) == (State.LOOKING, 2, Vote(2, Zxid(2, 1), 1))
