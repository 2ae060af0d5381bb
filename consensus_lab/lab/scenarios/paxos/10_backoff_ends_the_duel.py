"""The same fair weather and the same two clients, but whoever does not come through waits for a random while."""

from dataclasses import replace

from consensus_lab.lab.scenario import scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.paxos import cast
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import Conditions

PLAYERS = cast(learners=1)
IN_STEP = Conditions(latency=Uniform(0.2, 0.2), disk=Uniform(0.003, 0.003))


@scenario(
    "Chance ends the duel: a random back-off",
    replace(PLAYERS, requests=PLAYERS.requests[:1]),
    summary="The same clients, the same regular network. But each waits for a time drawn from a range that doubles.",
    conditions=IN_STEP,
)
def backoff_ends_the_duel(stage: Stage) -> None:
    """Nothing is lost, nobody crashes, and every message takes a fifth of a second."""
    stage.say("Every message takes a fifth of a second, which is slow and quite regular. p1 begins.")
    stage.take("submit p1 Propose")
    stage.run(until="a3.promised = Ballot(1, p1)")
    stage.say("p2 comes at the worst of moments: its question will arrive just before p1's proposal.")
    stage.take("submit p2 Propose(blue)")
    stage.run(until="p2.state = PROPOSING")
    stage.say("p1's proposal will be refused, as before. But now the time until it tries again is drawn by lot ...")
    stage.run(until="l1 decided")
    stage.say("... and sooner or later one is late enough for the other to come through.")
    stage.run(until="p1.state = DONE")
    stage.run(until="p2.state = DONE")
    stage.run(seconds=30)
    stage.expect("quiet")
