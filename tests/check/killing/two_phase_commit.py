"""Wrong answers to two-phase commit. Some break a promise that its cast does not claim: that whoever is in doubt holds
the lock, that an abort undoes, or that nobody waits for ever once faults are mended."""

from consensus_lab.check import Exploration, Verdict
from consensus_lab.kernel import Invariant, View, invariant
from consensus_lab.protocols.two_phase_commit.messages import State
from consensus_lab.protocols.two_phase_commit.participant import Participant
from tests.check.killing import Ask, Beyond, Kill

DECIDED = (State.COMMIT, State.ABORT)


def participants(view: View) -> dict[str, Participant]:
    return {address: p for address, p in view.processes.items() if isinstance(p, Participant)}


@invariant("LOCKED", "whoever is in doubt keeps its resource locked")
def locked(view: View) -> str | None:
    free = (address for address, p in participants(view).items() if p.state is State.READY and p.lock is None)
    return next((f"{address} has promised, and anyone may use what it promised" for address in free), None)


@invariant("UNDONE", "an abort restores the value from before the transaction")
def undone(view: View) -> str | None:
    changed = (address for address, p in participants(view).items() if p.state is State.ABORT and p.value != "old")
    return next((f"{address} has aborted and keeps the new value" for address in changed), None)


@invariant("AC5", "once everyone is up, every participant decides, and the coordinator hears of it")
def everyone_decides(view: View) -> str | None:
    if len(view.processes) < len(view.cast.addresses):
        return None
    waiting = [address for address, p in participants(view).items() if p.state not in DECIDED]
    waiting += ["coordinator"] if view.processes["coordinator"].state in (State.WAIT, *DECIDED) else []  # type: ignore[attr-defined]
    return f"{waiting[0]} stays {view.processes[waiting[0]].state.name}" if waiting else None  # type: ignore[attr-defined]


@invariant("PEERS", "nobody stays in doubt beside a peer who is up and not in doubt")
def peers_help(view: View) -> str | None:
    doubtful = [address for address, p in participants(view).items() if p.state is State.READY]
    free = [address for address in participants(view) if address not in doubtful]
    return f"{doubtful[0]} is in doubt, and {free[0]} is not" if doubtful and free else None


def always(claim: Invariant) -> Ask:
    return lambda exploration: exploration.always(claim)


def mended(exploration: Exploration) -> Verdict:
    return exploration.quiescent(everyone_decides)


UNSAFE = {
    "CommitsAtTheFirstYes": 5,
    "CommitsWithAMajority": 8,
    "CountsMessagesInsteadOfVoters": 7,
    "CountsAndForgetsToCommit": 7,
    "SaysYesBeforeItWrites": 6,
    "WritesLazily": 6,
    "AbortsAlone": 9,
    "CommitsAlone": 4,
    "AbortsAfterACrash": 11,
    "VotesAnew": 12,
    "TellsAPeerAndForgetsItself": 12,
    "PromisesACommit": 7,
}
MENDED = {
    "TellsBeforeTheCommitPoint": 18,
    "WaitsForEver": 5,
    "AsksOnce": 7,
    "WaitsAndNeverAsks": 5,
    "SaysNothingAfterACrash": 10,
    "TellsOnceAfterACrash": 12,
    "TellsOnlyCommits": 9,
}
LATE = "it only makes a peer wait until a timer fires: its story shows it, and a search knows no time"

KILLS = (
    *(Kill(name, steps, {"crashes": 1, "duplicates": 1}) for name, steps in UNSAFE.items()),
    *(Kill(name, steps, {"crashes": 1, "losses": 1}, ask=mended) for name, steps in MENDED.items()),
    Kill("ForgetsTheLock", 2, {"timeouts": 2}, ask=always(locked)),
    Kill("WritesNoUndo", 5, {"timeouts": 2}, ask=always(undone)),
)
BEYOND = (
    Beyond("LetsAPeerWait", LATE, {"crashes": 1, "steps": 12}),
    Beyond("AbortsAndTellsNobody", LATE, {"crashes": 1, "steps": 12}),
)
