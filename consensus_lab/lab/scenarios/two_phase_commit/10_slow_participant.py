"""One slow participant stops all: the same transaction twice, with one disk slow and then with one disk very slow."""

from consensus_lab.lab.scenario import scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim.conditions import Conditions


@scenario(
    "One slow participant stops all the others",
    cast(participants=4),
    summary="Too conservative: one late vote rolls back what three others have done, though nothing ever failed.",
    conditions=Conditions(slow={"p4": 800.0}),
    seed=4,
)
def slow_participant(stage: Stage) -> None:
    """Nothing is lost and nobody crashes: p4 and its disk are merely slow."""
    stage.say("Four participants. p4 works, but its machine is eight hundred times slower than the others.")
    stage.take("submit coordinator Begin")
    stage.run(until="p3.state = READY")
    stage.say("Three are ready within milliseconds; each of them holds its lock and waits.")
    stage.run(until="coordinator.votes = {p1, p2, p3}")
    stage.say("Three yes, none no. There is nothing to do but wait for the fourth.")
    stage.run(until="coordinator decided Abort(T1)")
    stage.say("Two seconds are over. The coordinator cannot tell slow from dead, and aborts.")
    for ready in ("p1", "p2", "p3"):
        stage.run(until=f"{ready} decided Abort(T1)")
    stage.say("Three participants roll back work that was perfectly good: a single straggler is not tolerated.")
    stage.run(seconds=60)
    stage.expect("p4 decided Abort(T1)")
