"""Eager proposers in fair weather: whoever is refused tries a higher ballot at once, and so refuses the other."""

from dataclasses import replace

from consensus_lab.lab.scenario import scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.paxos import cast
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import Conditions

PLAYERS = cast(learners=1, retry="eager", nack=True)
IN_STEP = Conditions(latency=Uniform(0.010, 0.010), disk=Uniform(0.020, 0.020), slow={"p1": 0.1, "p2": 0.1})
LATER = 0.022  # seconds after p1: p2's question overtakes p1's proposal


@scenario(
    "Two eager proposers duel without end, all by themselves",
    replace(PLAYERS, requests=PLAYERS.requests[:1]),
    summary="Nobody scripts this duel. Whoever is refused takes a higher ballot at once, in step with the other, and nothing is ever chosen.",
    conditions=IN_STEP,
)
def duel_without_end(stage: Stage) -> None:
    """Nothing is lost, nobody crashes, and every message takes its ten milliseconds."""
    stage.say(
        "Every message takes ten milliseconds. Acceptors say aloud when they refuse, and these proposers try again at once."
    )
    stage.take("submit p1 Propose")
    stage.run(seconds=LATER)
    stage.take("submit p2 Propose(blue)")
    for number in range(2, 7):
        stage.run(until=f"p1.ballot = Ballot({2 * number - 2}, p1)")
        stage.say(f"p1 was refused, and takes ballot {2 * number - 2}.p1; thereby p2's proposal will be refused.")
        stage.run(until=f"p2.ballot = Ballot({2 * number - 1}, p2)")
        stage.say(f"p2 was refused, and takes ballot {2 * number - 1}.p2; thereby p1's proposal will be refused.")
    stage.say("It will go on like this for ever: safe all the time, and useless.")
    for acceptor in ("a1", "a2", "a3"):
        stage.expect(f"{acceptor}.accepted = nothing")
    stage.expect("l1 undecided")
