"""Every wrong answer of the bank is falsified by a search, by a trail of known length; the reference survives them all.

Those that break AC1 to AC4 are in `test_stories`. The others break a promise that is not in the cast's invariants: that
whoever is in doubt holds the lock, that an abort undoes, or that nobody waits for ever once faults are mended.
"""

from collections.abc import Callable

import pytest

from consensus_lab.check import Falsified, Verdict, explore
from consensus_lab.kernel import Cast, Invariant, View, invariant
from consensus_lab.lab.mutants import Mutant
from consensus_lab.lab.mutants.two_phase_commit import MUTANTS
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.messages import State
from consensus_lab.protocols.two_phase_commit.participant import Participant

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
    waiting += ["coordinator"] if view.processes["coordinator"].state in (State.WAIT, *DECIDED) else []
    return f"{waiting[0]} stays {view.processes[waiting[0]].state.name}" if waiting else None


@invariant("PEERS", "nobody stays in doubt beside a peer who is up and not in doubt")
def peers_help(view: View) -> str | None:
    doubtful = [address for address, p in participants(view).items() if p.state is State.READY]
    free = [address for address in participants(view) if address not in doubtful]
    return f"{doubtful[0]} is in doubt, and {free[0]} is not" if doubtful and free else None


def always(claim: Invariant) -> Callable[[Cast], Verdict]:
    return lambda played: explore(played, timeouts=2).always(claim)


def mended(played: Cast) -> Verdict:
    return explore(played, crashes=1, losses=1).quiescent(everyone_decides)


def helped(played: Cast) -> Verdict:
    return explore(played, crashes=1).quiescent(peers_help)


PROMISES: dict[str, tuple[Callable[[Cast], Verdict], int]] = {
    "TellsBeforeTheCommitPoint": (mended, 18),
    "ForgetsTheLock": (always(locked), 2),
    "WritesNoUndo": (always(undone), 5),
    "WaitsForEver": (mended, 5),
    "AsksOnce": (mended, 7),
    "WaitsAndNeverAsks": (mended, 5),
    "SaysNothingAfterACrash": (mended, 10),
    "TellsOnceAfterACrash": (mended, 12),
    "TellsOnlyCommits": (mended, 9),
}
LATE = ("LetsAPeerWait", "AbortsAndTellsNobody")
"""They only make a peer wait until a timer fires: their stories show it, a search knows no time."""
OTHERS = [mutant for mutant in MUTANTS if mutant.name in PROMISES]


def test_every_mutant_is_told_of_here_or_among_the_stories() -> None:
    assert {mutant.name for mutant in MUTANTS if mutant.refutes == "expect"} == PROMISES.keys() | {*LATE}


@pytest.mark.parametrize(
    "mutant", [mutant for mutant in MUTANTS if mutant.name in LATE], ids=lambda mutant: mutant.name
)
def test_whoever_is_only_late_leaves_nobody_in_doubt_for_ever(mutant: Mutant) -> None:
    assert helped(cast(**mutant.cast, **{mutant.role: mutant.kind})).proved


@pytest.mark.parametrize("mutant", OTHERS, ids=lambda mutant: mutant.name)
def test_a_broken_promise_is_falsified_by_the_shortest_trail(mutant: Mutant) -> None:
    ask, shortest = PROMISES[mutant.name]
    with pytest.raises(Falsified) as refused:
        ask(cast(**mutant.cast, **{mutant.role: mutant.kind}))
    story = refused.value.verdict.story
    assert story is not None
    assert len(story.trace) == shortest


@pytest.mark.parametrize("mutant", OTHERS, ids=lambda mutant: mutant.name)
def test_the_reference_keeps_the_same_promise(mutant: Mutant) -> None:
    ask, _ = PROMISES[mutant.name]
    assert ask(cast(**mutant.cast)).proved
