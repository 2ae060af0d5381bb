"""The adversary of Fischer, Lynch and Paterson: it neglects nobody, and still it lets nobody decide."""

from consensus_lab.check.adversary import Adversary
from consensus_lab.lab.scenario import scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols import paxos

STEPS = 150


@scenario(
    "An adversary keeps two proposers undecided for as long as it likes",
    paxos.cast(learners=1),
    summary="Every message arrives, nobody crashes, nothing is decided: the theorem of Fischer, Lynch and Paterson.",
)
def adversary(stage: Stage) -> None:
    """Nobody wrote this schedule: it is found on the way, by looking at what would become of each step."""
    stage.say(
        "From here on an adversary picks. Whatever has waited longest comes next, unless that would settle what is "
        "decided: then it lets others act first, until it does no harm. Red and blue both stay possible."
    )
    calm, stage.picker = stage.picker, Adversary(stage.cast)
    for _ in range(3):
        stage.run(steps=STEPS // 3)
        stage.expect("l1 undecided")
        stage.say("Everything sent some time ago has arrived, and still l1 has learned nothing.")
    stage.say(
        "It could go on for ever. No deterministic protocol is safe from it (1985); only chance, or clocks that can be "
        "trusted, can be. So let chance have its way: the next steps are drawn by lot."
    )
    stage.picker = calm
    stage.run(until="l1 decided")
    stage.run(seconds=30)
