"""The same fair weather and the same two clients, but whoever is refused waits for a random while."""

from dataclasses import replace

from consensus_lab.lab.scenario import scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.paxos import cast
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import Conditions

PLAYERS = cast(learners=1, nack=True)
IN_STEP = Conditions(latency=Uniform(0.010, 0.010), disk=Uniform(0.020, 0.020), slow={"p1": 0.1, "p2": 0.1})
LATER = 0.022  # seconds after p1: p2's question overtakes p1's proposal


@scenario(
    "Chance ends the duel: a random back-off",
    replace(PLAYERS, requests=PLAYERS.requests[:1]),
    summary="The same two clients, the same messages. Whoever does not come through waits, for a time drawn from a range that doubles.",
    conditions=IN_STEP,
)
def backoff_ends_the_duel(stage: Stage) -> None:
    """Nothing is lost, nobody crashes, and every message takes its ten milliseconds."""
    stage.say("As in the duel without end: ten milliseconds a message, nacks, and p2 comes at the worst of moments.")
    stage.take("submit p1 Propose")
    stage.run(seconds=LATER)
    stage.take("submit p2 Propose(blue)")
    stage.run(until="p1.seen = Ballot(1, p2)")
    stage.say("p1 is refused, and hears which ballot it has to beat. But it waits, and that lets p2 come through.")
    stage.run(until="l1 decided blue")
    stage.expect("p1.ballot = Ballot(1, p1)")
    stage.say("When p1's time is up it tries once more, and finds that blue is chosen.")
    stage.run(until="p1.state = DONE")
    stage.run(seconds=30)
    stage.expect("p1.chosen = blue")
