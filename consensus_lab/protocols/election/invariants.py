"""What an election promises, and what it cannot.

It promises that whoever settles had a quorum's word for it, and that the one elected knows enough. It does not promise
that only one server thinks that it leads: a voter may change its mind after its vote was counted. That no two leaders
find followers enough is all there is, and the reason why ZAB asks a quorum once more before it proposes anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from consensus_lab.kernel import Address, View, invariant
from consensus_lab.kernel.notation import render
from consensus_lab.protocols.election.elector import SETTLED
from consensus_lab.protocols.election.messages import NOBODY, Notification, State, Vote, address_of
from consensus_lab.protocols.election.peer import Peer


@invariant("QUORUM", "whoever has a leader saw a quorum of voters be for it")
def settled_by_quorum(view: View) -> str | None:
    """Look at the notifications that it kept."""
    for address, peer in peers(view).items():
        seen = [backers(peer, peer.recvset), backers(peer, peer.out_of_election)]
        if peer.state in SETTLED and not any(map(peer.quorum.reached, seen)):
            most = ", ".join(sorted(seen[len(seen[0]) < len(seen[1])])) or "nobody"
            return f"{address} is {peer.state.value} with {peer.leader} as leader, and saw only {most} be for it"
    return None


@invariant("HIGHEST", "whoever leads has a log at least as good as every voter of some quorum")
def leader_knows_enough(view: View) -> str | None:
    """By peerEpoch, zxid and sid, as their disks say; whatever they claimed."""
    worth = {address: worth_of(peer) for address, peer in everyone(view).items()}
    for address, peer in peers(view).items():
        surpassed = [voter for voter in worth if worth[voter] <= worth[address]]
        if peer.state is State.LEADING and not peer.quorum.reached(surpassed):
            better = [voter for voter in worth if voter in peer.quorum.members and worth[voter] > worth[address]]
            return f"{address} leads with {render(worth[address])}, but {better[0]} has {render(worth[better[0]])}"
    return None


@invariant("LEADING", "whoever joins a leader that others have elected heard it say that it leads")
def leader_spoke(view: View) -> str | None:
    """Unless it counted the votes itself."""
    for address, peer in peers(view).items():
        if peer.state not in SETTLED or peer.leader == address or elected_itself(peer):
            continue
        said = [notes[peer.leader] for notes in (peer.recvset, peer.out_of_election) if peer.leader in notes]
        if not any(note.state is State.LEADING for note in said):
            return f"{address} joined {peer.leader}, from which it has never heard that it leads"
    return None


@invariant("ONE", "no two leaders each have a quorum that follows")
def one_leader(view: View) -> str | None:
    """That two think they lead may happen; that two can do anything may not."""
    following = {leader: followers(view, leader) for leader in leaders(view)}
    able = [leader for leader, those in following.items() if peers(view)[leader].quorum.reached(those)]
    return f"{able[0]} and {able[1]} both lead, and both have a quorum" if len(able) > 1 else None


@invariant("OBSERVERS", "an observer neither leads nor follows, and nobody is for one")
def observers_do_not_count(view: View) -> str | None:
    for address, peer in peers(view).items():
        if address not in peer.quorum.members and peer.state in (State.FOLLOWING, State.LEADING):
            return f"{address} is an observer, and {peer.state.value}"
        if peer.proposal != NOBODY and address_of(peer.proposal.sid) not in peer.quorum.members:
            return f"{address} is for {address_of(peer.proposal.sid)}, an observer"
    return None


@invariant("WEIGHT", "a server of weight 0 never leads")
def the_weightless_do_not_lead(view: View) -> str | None:
    winners = [address for address in leaders(view) if address in peers(view)[address].weightless]
    return f"{winners[0]} leads, and weighs nothing" if winners else None


@invariant("ROUND", "only votes of one's own round are counted")
def counted_in_one_round(view: View) -> str | None:
    """A logical clock is set back only to join an ensemble that runs; never while votes are counted."""
    for address, peer in peers(view).items():
        for voter, vote in peer.recvset.items() if peer.state is State.LOOKING else ():
            if vote.election_epoch != peer.logical_clock:
                return f"{address} is in round {peer.logical_clock}, and counts {voter}'s {render(vote)}"
    return None


INVARIANTS = (
    settled_by_quorum,
    leader_knows_enough,
    leader_spoke,
    one_leader,
    observers_do_not_count,
    the_weightless_do_not_lead,
    counted_in_one_round,
)


@invariant("SETTLED", "once failures are mended, everybody has the same leader, which leads")
def everyone_agrees(view: View) -> str | None:
    """A claim about futures: it stands with the storms, and is no invariant of each moment."""
    views = {address: peer.leader for address, peer in peers(view).items()}
    for address in view.cast.addresses:
        if views.get(address) is None:
            return f"{address} has no leader, and would have none for ever"
        if views[address] not in leaders(view) or len(set(views.values())) > 1:
            return "; ".join(f"{each} has {leader}" for each, leader in views.items())
    return None


# -- who says what -----------------------------------------------------------------------------------------------------


def everyone(view: View) -> dict[Address, Peer]:
    """The servers as they were cast, also those that are down."""
    return {address: peer for address, peer in view.cast.processes.items() if isinstance(peer, Peer)}


def peers(view: View) -> dict[Address, Peer]:
    """The servers that are up."""
    return {address: peer for address, peer in view.processes.items() if isinstance(peer, Peer)}


def worth_of(peer: Peer) -> Vote:
    """What its disk is worth, as against what it says."""
    return Vote(peer.current_epoch, peer.last_zxid, peer.sid)


def leaders(view: View) -> list[Address]:
    return [address for address, peer in peers(view).items() if peer.state is State.LEADING]


def followers(view: View, leader: Address) -> set[Address]:
    """Who has settled on that leader, itself included."""
    return {address for address, peer in peers(view).items() if peer.state in SETTLED and peer.leader == leader}


def backers(peer: Peer, kept: Mapping[Address, Notification]) -> set[Address]:
    """Of those of whom it kept a notification, who is for its leader, as it was when it settled on it."""
    wanted = (peer.current.sid, peer.current.peer_epoch)
    return {voter for voter, note in kept.items() if (note.vote.sid, note.vote.peer_epoch) == wanted}


def elected_itself(peer: Peer) -> bool:
    """Whether the votes of its own round alone elect its leader."""
    wanted = (peer.current, peer.logical_clock)
    return peer.quorum.reached(
        voter for voter, note in peer.recvset.items() if (note.vote, note.election_epoch) == wanted
    )
