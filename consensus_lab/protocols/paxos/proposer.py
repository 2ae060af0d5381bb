"""The proposer: asks for promises, proposes the value that these leave open, and tries again after a random while."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from consensus_lab.kernel import Address, Context, Process, upon
from consensus_lab.kernel.quorum import Quorum
from consensus_lab.protocols.paxos.messages import (
    BOTTOM,
    Accept,
    Ballot,
    Decided,
    Inquire,
    Nack,
    Overdue,
    Prepare,
    Promise,
    Propose,
    Round,
    State,
)

PATIENCE = 0.5  # seconds that every ballot is given; the first at most twice that, and each further one up to ...
MOST_PATIENCE = 8.0  # ... twice as long as the last, but no longer than this


@dataclass(kw_only=True)
class Proposer(Process):
    """Paxos, a proposer. Lamport, Paxos Made Simple (2001), section 2.2, phases 1(a) and 2(a); section 2.4 on progress.

    It retries after a time drawn from a range that doubles: of two who are in each other's way, one soon comes through.
    """

    role: ClassVar[str] = "proposer"

    promise_quorum: Quorum  # whose promises let it propose
    state: State = State.IDLE
    value: Any = None  # what its client wants
    ballot: Ballot = BOTTOM  # the highest of its own
    seen: Ballot = BOTTOM  # the highest that it was refused for
    promises: dict[Address, Accept | None] = field(default_factory=dict)  # by acceptor: the vote that it told
    proposal: Accept | None = None  # what it asks to accept in this ballot
    tries: int = 0
    waiting: frozenset[Address] = frozenset()  # who is owed an answer
    chosen: Any = None

    # -- phase 1 ------------------------------------------------------------------------------------------------------

    @upon(Propose, when=State.IDLE)
    def propose(self, propose: Propose, ctx: Context) -> None:
        """A client has a wish."""
        self.take_note(propose, ctx)
        self.prepare(ctx)

    @upon(Propose, when=(State.PREPARING, State.PROPOSING))
    def take_note(self, propose: Propose, ctx: Context) -> None:
        """Only one value will be chosen: the first wish is proposed, and whoever asks will hear what came of it."""
        self.value = propose.value if self.value is None else self.value
        self.waiting |= {ctx.sender}

    def prepare(self, ctx: Context) -> None:
        """Phase 1a: ask every acceptor for a promise, in a ballot of its own."""
        self.ballot = self.next_ballot(ctx)
        self.state, self.promises, self.proposal = State.PREPARING, {}, None
        ctx.broadcast(self.promise_quorum.members, Prepare(self.ballot))
        ctx.set_timer(Overdue(), *self.patience())

    def next_ballot(self, ctx: Context) -> Ballot:
        """Higher than any that it has used, also before a crash."""
        ballot = max(self.ballot, self.seen).next(ctx.me)
        ctx.force(Round(ballot))  # a ballot used twice could carry two values
        return ballot

    @upon(Promise, when=State.PREPARING)
    def count_promise(self, promise: Promise, ctx: Context) -> None:
        """A quorum of promises, all for this ballot, ends phase 1."""
        if promise.ballot == self.ballot:
            self.promises[ctx.sender] = promise.accepted
            if self.promise_quorum.reached(self.promises):
                self.ask_acceptance(ctx)

    # -- phase 2 ------------------------------------------------------------------------------------------------------

    def ask_acceptance(self, ctx: Context) -> None:
        """Phase 2a: propose what phase 1 has left open, or nothing when there is nothing to propose."""
        value = self.choose_value([vote for vote in self.promises.values() if vote is not None])
        if value is None:
            self.rest(State.IDLE, ctx)
        else:
            self.state, self.proposal = State.PROPOSING, Accept(self.ballot, value)
            ctx.broadcast(self.promise_quorum.members, self.proposal)

    def choose_value(self, told: list[Accept]) -> Any:
        """P2c: the value of the highest vote told; its client's only if none was told."""
        return max(told, key=lambda vote: vote.ballot).value if told else self.value

    # -- in vain ------------------------------------------------------------------------------------------------------

    @upon(Nack, when=(State.PREPARING, State.PROPOSING))
    def heed(self, nack: Nack, ctx: Context) -> None:
        """The next ballot has to be higher than this; it begins no sooner for that."""
        self.seen = max(self.seen, nack.promised)

    @upon(Overdue, when=(State.PREPARING, State.PROPOSING))
    def try_again(self, overdue: Overdue, ctx: Context) -> None:
        """Messages were lost, acceptors are down, or somebody else was faster."""
        self.tries += 1
        self.prepare(ctx)

    def patience(self) -> tuple[float, float]:
        """How long a ballot may take, in seconds: a range, so that two proposers do not move in step."""
        longest = min(PATIENCE * 2 ** (self.tries + 1), MOST_PATIENCE)
        return PATIENCE, longest

    # -- the end ------------------------------------------------------------------------------------------------------

    @upon(Decided)
    def be_told(self, decided: Decided, ctx: Context) -> None:
        """A learner knows: pass it on to whoever waits."""
        self.chosen = decided.value
        self.rest(State.DONE, ctx)
        ctx.broadcast(self.waiting, decided)
        self.waiting = frozenset()

    def rest(self, state: State, ctx: Context) -> None:
        """Nothing more to try."""
        self.state = state
        ctx.cancel_timer(Overdue())

    @upon(Propose, when=State.DONE)
    @upon(Inquire, when=State.DONE)
    def answer(self, request: Propose | Inquire, ctx: Context) -> None:
        """What is chosen stays chosen."""
        ctx.reply(Decided(self.chosen))

    @upon(Inquire, when=State.IDLE)
    def find_out(self, inquire: Inquire, ctx: Context) -> None:
        """Without a value of its own it can still bring to an end what others began (section 2.3, last paragraph)."""
        self.prepare(ctx)

    def restore(self, record: Any) -> None:
        """Replay the journal: only the ballots used; a client that was not answered must ask again."""
        if isinstance(record, Round):
            self.ballot = record.ballot
        else:
            super().restore(record)
