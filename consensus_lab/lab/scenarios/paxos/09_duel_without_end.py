"""Eager proposers in fair weather: each tries again after half a second, in step with the other, for ever."""

from dataclasses import replace

from consensus_lab.lab.scenario import scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.paxos import cast
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import Conditions

PLAYERS = cast(learners=1, retry="eager")
IN_STEP = Conditions(latency=Uniform(0.2, 0.2), disk=Uniform(0.003, 0.003))


@scenario(
    "Two eager proposers duel without end, all by themselves",
    replace(PLAYERS, requests=PLAYERS.requests[:1]),
    summary="Nobody scripts this duel. Both try again after the same time, without a back-off, for ever.",
    conditions=IN_STEP,
)
def duel_without_end(stage: Stage) -> None:
    """Nothing is lost, nobody crashes, and every message takes a fifth of a second."""
    stage.say("Every message takes a fifth of a second, which is slow and quite regular. p1 begins.")
    stage.take("submit p1 Propose")
    stage.run(until="a3.promised = Ballot(1, p1)")
    stage.say("p2 comes at the worst of moments: its question will arrive just before p1's proposal.")
    stage.take("submit p2 Propose(blue)")
    for number in range(2, 7):
        stage.run(until=f"p1.ballot = Ballot({number}, p1)")
        stage.say(f"p1 has heard nothing for half a second and takes ballot {number}.p1, just in time to thwart p2.")
        stage.run(until=f"p2.ballot = Ballot({number}, p2)")
        stage.say(f"And p2 takes ballot {number}.p2, just in time to thwart p1.")
    stage.say("It will go on like this for ever: safe all the time, and useless.")
    for acceptor in ("a1", "a2", "a3"):
        stage.expect(f"{acceptor}.accepted = nothing")
    stage.expect("l1 undecided")
