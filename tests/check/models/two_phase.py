"""TwoPhase of the TLA+ examples (Lamport and Gray; transaction_commit/TwoPhase.tla), as processes on a set network.

An action that a TLA+ process takes by itself is a timer here, which is heard only in the states where its action is
enabled; whoever acts for the last time forgets its timers, which are no part of the specification's state.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from consensus_lab.kernel import Cast, Context, Process, Rule, Start, View, invariant, message, upon


class State(Enum):
    INIT = "init"
    WORKING = "working"
    PREPARED = "prepared"
    COMMITTED = "committed"
    ABORTED = "aborted"


@message
class Prepared:
    rm: str


@message
class Commit:
    """Sent by the transaction manager, and its own timer for TMCommit."""


@message
class Abort:
    """Sent by the transaction manager, and its own timer for TMAbort."""


@message
class Prepare:
    """The timer of RMPrepare."""


@message
class ChooseToAbort:
    """The timer of RMChooseToAbort."""


@dataclass
class TransactionManager(Process):
    managers: frozenset[str]
    state: State = State.INIT
    prepared: frozenset[str] = frozenset()

    def rule_for(self, message: Any) -> Rule | None:
        enabled = not isinstance(message, Commit) or self.prepared == self.managers
        return super().rule_for(message) if enabled else None

    @upon(Start)
    def begin(self, start: Start, ctx: Context) -> None:
        ctx.set_timer(Commit(), 1)
        ctx.set_timer(Abort(), 1)

    @upon(Prepared, when=State.INIT)
    def receive_prepared(self, prepared: Prepared, ctx: Context) -> None:
        self.prepared |= {prepared.rm}

    @upon(Commit, when=State.INIT)
    @upon(Abort, when=State.INIT)
    def decide(self, verdict: Commit | Abort, ctx: Context) -> None:
        ctx.cancel_timer(Commit())
        ctx.cancel_timer(Abort())
        ctx.broadcast(self.managers, verdict)
        self.state = State.COMMITTED if isinstance(verdict, Commit) else State.ABORTED


@dataclass
class ResourceManager(Process):
    me: str
    state: State = State.WORKING

    @upon(Start)
    def begin(self, start: Start, ctx: Context) -> None:
        ctx.set_timer(Prepare(), 1)
        ctx.set_timer(ChooseToAbort(), 1)

    @upon(Prepare, when=State.WORKING)
    def prepare(self, prepare: Prepare, ctx: Context) -> None:
        ctx.send("tm", Prepared(self.me))
        self.become(State.PREPARED, ctx)

    @upon(ChooseToAbort, when=State.WORKING)
    def choose_to_abort(self, choose: ChooseToAbort, ctx: Context) -> None:
        self.become(State.ABORTED, ctx)

    @upon(Commit)
    def receive_commit(self, commit: Commit, ctx: Context) -> None:
        self.become(State.COMMITTED, ctx)

    @upon(Abort)
    def receive_abort(self, abort: Abort, ctx: Context) -> None:
        self.become(State.ABORTED, ctx)

    def become(self, state: State, ctx: Context) -> None:
        ctx.cancel_timer(Prepare())
        ctx.cancel_timer(ChooseToAbort())
        self.state = state


@invariant("TCConsistent", "no resource manager commits while another aborts")
def consistent(view: View) -> str | None:
    managers = [(address, process.state) for address, process in view.processes.items() if address != "tm"]
    committed = next((address for address, state in managers if state is State.COMMITTED), None)
    aborted = next((address for address, state in managers if state is State.ABORTED), None)
    return f"{committed} committed and {aborted} aborted" if committed and aborted else None


def cast(count: int) -> Cast:
    """So many resource managers."""
    names = [f"rm{number}" for number in range(1, count + 1)]
    managers: dict[str, Process] = {name: ResourceManager(name) for name in names}
    return Cast("two-phase-tla", {"tm": TransactionManager(frozenset(names)), **managers}, invariants=(consistent,))
