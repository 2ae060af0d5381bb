"""What Paxos promises, and the chain of ever stronger conditions from which it was derived.

Lamport, Paxos Made Simple (2001): the three safety requirements of section 2.1, and P1 to P2c of section 2.2, under
their own names. VotesSafe, OneValuePerBallot and ShowsSafeAt are the invariants of his TLA+ modules Voting and Paxos.
Each condition implies the one before: P2c, then P2b, then P2a, then P2, then Agreement. A quorum that stands for the
paper's "majority" in P2c is one of promises, which must meet every quorum of acceptances (Howard et al., 2016).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from consensus_lab.kernel import Address, View, invariant
from consensus_lab.kernel.notation import render
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.ledger import Ledger, proposers
from consensus_lab.protocols.paxos.messages import BOTTOM, Accept, Ballot, Propose, Round
from consensus_lab.protocols.paxos.proposer import Proposer

# -- section 2.1 ------------------------------------------------------------------------------------------------------


@invariant("Agreement", "only a single value is chosen, and no other is learned")
def agreement(view: View) -> str | None:
    """Chosen or learned, by whomever and whenever."""
    facts = [(f"{show(proposal)} was chosen", proposal.value) for proposal in Ledger.of(view).chosen]
    facts += [(f"{node} learned {render(value)}", value) for node, value in view.decisions]
    return next((f"{one}, but {other}" for (one, v), (other, w) in pairwise(facts) if v != w), None)


@invariant("Validity", "only a value that has been proposed may be chosen")
def validity(view: View) -> str | None:
    """Among the cast's requests, or held by a proposer. Says nothing once a crash made a proposer forget its wish."""
    if any(_has_forgotten_its_wish(view, address) for address, _ in view.cast.requests):
        return None
    wanted = [request.value for _, request in view.cast.requests if isinstance(request, Propose)]
    wanted += [proposer.value for _, proposer in proposers(view)]
    strange = (proposal for proposal in Ledger.of(view).chosen if proposal.value not in wanted)
    return next((f"{show(proposal)} was chosen, and no client proposed it" for proposal in strange), None)


def _has_forgotten_its_wish(view: View, proposer: Address) -> bool:
    """It has used ballots, and is down or back without what its client wanted."""
    process = view.processes.get(proposer)
    wishless = not isinstance(process, Proposer) or process.value is None
    return wishless and any(isinstance(record, Round) for record in view.journal(proposer))


@invariant("Learned", "nobody learns that a value is chosen unless it is")
def learned(view: View) -> str | None:
    """Checked against the acceptors' disks."""
    chosen = [proposal.value for proposal in Ledger.of(view).chosen] if view.decisions else []
    early = (decision for decision in view.decisions if decision.value not in chosen)
    return next((f"{node} learned {render(value)}, but no quorum has that on its disks" for node, value in early), None)


# -- section 2.2, what an acceptor must do ----------------------------------------------------------------------------


@invariant("P1", "an acceptor accepts the first proposal that it receives")
def p1(view: View) -> str | None:
    """Checked when all has arrived and nothing went wrong. Without P1 nothing bad happens, and nothing good."""
    if view.faults or not view.at_rest:
        return None
    ledger = Ledger.of(view)
    for proposer, proposal in ledger.proposals.items():
        for acceptor in ledger.journals:
            if not ledger.voted(acceptor) and ledger.promised(acceptor) <= proposal.ballot:
                return f"{acceptor} received {show(proposal)} from {proposer} as its first, and did not accept it"
    return None


@invariant("P1a", "an acceptor accepts a proposal only if it has promised no higher ballot")
def p1a(view: View) -> str | None:
    """A journal is in order of time: a vote stands below no promise that was made before it."""
    for acceptor, journal in Ledger.of(view).journals.items():
        for earlier, later in pairwise(journal):
            if isinstance(later, Accept) and later.ballot < earlier.ballot:
                return f"{acceptor} promised {show(earlier.ballot)} and then accepted {show(later)}"
    return None


@invariant("Memory", "an acceptor never forgets what it promised or accepted, nor goes back on it")
def memory(view: View) -> str | None:
    """Also not across a crash: what its disk holds, it knows."""
    ledger = Ledger.of(view)
    for address, acceptor in view.processes.items():
        if not isinstance(acceptor, Acceptor):
            continue
        if acceptor.promised < ledger.promised(address):
            return f"{address} promised {show(ledger.promised(address))}, but knows of {show(acceptor.promised)}"
        last = max(ledger.voted(address), key=lambda vote: vote.ballot, default=None)
        if last is not None and (acceptor.accepted is None or acceptor.accepted.ballot < last.ballot):
            return f"{address} accepted {show(last)}, but knows of {show(acceptor.accepted)}"
    return None


# -- section 2.2, what follows for values ------------------------------------------------------------------------------


@invariant("P2", "if a value is chosen, every higher proposal that is chosen has it")
def p2(view: View) -> str | None:
    ledger = Ledger.of(view)
    return _contradiction(ledger, (("a quorum accepted", proposal) for proposal in ledger.chosen))


@invariant("P2a", "if a value is chosen, every higher proposal that any acceptor accepts has it")
def p2a(view: View) -> str | None:
    ledger = Ledger.of(view)
    return _contradiction(ledger, ((f"{acceptor} accepted", vote) for acceptor, vote in ledger.votes))


@invariant("P2b", "if a value is chosen, every higher proposal that any proposer issues has it")
def p2b(view: View) -> str | None:
    ledger = Ledger.of(view)
    return _contradiction(ledger, ledger.issued)


def _contradiction(ledger: Ledger, proposals: Iterable[tuple[str, Accept]]) -> str | None:
    """A proposal above a chosen one, with another value."""
    chosen = ledger.chosen
    if not chosen:
        return None
    lowest = chosen[0]
    for who, proposal in proposals:
        if proposal.ballot > lowest.ballot and proposal.value != lowest.value:
            return f"{show(lowest)} is chosen, but {who} {show(proposal)}"
    return None


@invariant("P2c", "a proposal is issued only if a quorum accepted nothing below it, or its value highest below it")
def p2c(view: View) -> str | None:
    """The condition that a proposer can maintain: by asking a quorum, and by the promises that it gets."""
    ledger = Ledger.of(view)
    for who, proposal in ledger.issued:
        if not _shown(ledger, proposal):
            return f"{who} {show(proposal)}, and no quorum shows that it was free to"
    return None


def _shown(ledger: Ledger, proposal: Accept) -> bool:
    """Is there a quorum S for which (a) or (b) of P2c holds? The largest candidates suffice."""
    last = {acceptor: ledger.last_below(acceptor, proposal.ballot) for acceptor in ledger.journals}
    highest = [BOTTOM, *(vote.ballot for vote in last.values() if vote and vote.value == proposal.value)]
    return any(
        ledger.promise_quorum.reached(a for a, vote in last.items() if vote is None or vote.ballot <= ballot)
        for ballot in highest
    )


# -- Voting and Paxos in TLA+ -----------------------------------------------------------------------------------------


@invariant("OneValuePerBallot", "no two values are proposed in one ballot")
def one_value_per_ballot(view: View) -> str | None:
    first: dict[Ballot, tuple[str, Accept]] = {}
    for who, proposal in Ledger.of(view).issued:
        whose, other = first.setdefault(proposal.ballot, (who, proposal))
        if proposal.value != other.value:
            return f"{whose} {show(other)}, but {who} {show(proposal)}"
    return None


@invariant("VotesSafe", "every vote is for a value that is safe at its ballot: no other was or can be chosen below")
def votes_safe(view: View) -> str | None:
    ledger = Ledger.of(view)
    unsafe = ((a, vote) for a, vote in ledger.votes if not ledger.is_safe_at(vote.ballot, vote.value))
    return next((f"{a} accepted {show(vote)}, though another value may be chosen below" for a, vote in unsafe), None)


@invariant("ShowsSafeAt", "a proposer proposes only what the promises of a quorum show to be safe")
def shows_safe_at(view: View) -> str | None:
    for address, proposer in proposers(view):
        proposal, told = proposer.proposal, [vote for vote in proposer.promises.values() if vote]
        if proposal is None:
            continue
        if not proposer.promise_quorum.reached(proposer.promises):
            return f"{address} issued {show(proposal)} on the promises of {render(set(proposer.promises))} alone"
        highest = max(told, key=lambda vote: vote.ballot, default=proposal)
        if highest.value != proposal.value:
            return f"{address} issued {show(proposal)}, though it was told of {show(highest)}"
    return None


def show(thing: Ballot | Accept | None) -> str:
    """A ballot or a proposal for people: ``ballot 2.p1``, ``(2.p1, red)``."""
    match thing:
        case None:
            return "nothing"
        case Accept(ballot, value):
            return f"({ballot.number}.{ballot.proposer}, {render(value)})"
        case Ballot(number, proposer):
            return f"ballot {number}.{proposer}" if number else "no ballot"


INVARIANTS = (
    agreement,
    validity,
    learned,
    p1,
    p1a,
    memory,
    p2,
    p2a,
    p2b,
    p2c,
    one_value_per_ballot,
    votes_safe,
    shows_safe_at,
)


@invariant("Progress", "once failures are mended, every learner learns what is chosen, if there is anything to choose")
def progress(view: View) -> str | None:
    """A claim about the end, not about each moment: somebody has a wish, or an acceptor has cast a vote."""
    ledger = Ledger.of(view)
    if not ledger.votes and all(proposer.value is None for _, proposer in proposers(view)):
        return None
    learners = {me: process for me, process in view.processes.items() if isinstance(process, Learner)}
    ignorant = (me for me, learner in learners.items() if learner.chosen is None)
    return next((f"{me} has not learned what is chosen, and would not for ever" for me in ignorant), None)


EVENTUALLY = (progress,)
