"""Two proposers in each other's way, round after round: each new ballot makes the other's proposal too late."""

from consensus_lab.lab.scenario import scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.paxos import cast

ACCEPTORS = ("a1", "a2", "a3")
ROUNDS = 4


@scenario(
    "Two proposers duel, and neither comes through",
    cast(),
    summary="Safety needs no luck, progress does: by bad timing alone no value is ever chosen.",
)
def duel(stage: Stage) -> None:
    """Nothing is lost and nobody crashes; only the order of things is unkind."""
    stage.say("p1 wants red. All acceptors promise it ballot 1.p1, and it proposes.")
    stage.take("submit p1 Propose")
    prepare(stage, "p1", 1)
    for number in range(1, ROUNDS + 1):
        stage.say(
            f"Before p1's proposal arrives, p2 asks for ballot {number}.p2, which is higher. All promise it that."
        )
        stage.take("submit p2 Propose" if number == 1 else "fire p2 Overdue")
        prepare(stage, "p2", number)
        stage.say("p1's proposal comes too late: everyone refuses.")
        refuse(stage, "p1")
        stage.say(
            f"p1 tries again with {number + 1}.p1. Again all promise, and now it is p2's proposal that comes too late."
        )
        stage.take("fire p1 Overdue")
        prepare(stage, "p1", number + 1)
        refuse(stage, "p2")
        stage.expect("l1 undecided")
    stage.say(f"After {ROUNDS} rounds no acceptor has accepted anything, and it can go on like this for ever.")
    for acceptor in ACCEPTORS:
        stage.expect(f"{acceptor}.accepted = nothing")
    stage.expect(f"p1.tries = {ROUNDS}")
    stage.say(
        "What ends it is chance: each waits for a random time, and the longer the more often it was disappointed."
    )
    stage.run(until="l1 decided")
    stage.run(seconds=30)


def prepare(stage: Stage, proposer: str, number: int) -> None:
    """Phase 1 of this ballot, up to the proposal."""
    stage.take(f"sync {proposer}")
    for acceptor in ACCEPTORS:
        stage.take(f"deliver {proposer} -> {acceptor} Prepare")
        stage.take(f"sync {acceptor}")
        stage.take(f"deliver {acceptor} -> {proposer} Promise")
    stage.expect(f"{proposer}.ballot = Ballot({number}, {proposer})")


def refuse(stage: Stage, proposer: str) -> None:
    """Its proposal arrives everywhere, and is ignored."""
    for acceptor in ACCEPTORS:
        stage.take(f"deliver {proposer} -> {acceptor} Accept")
