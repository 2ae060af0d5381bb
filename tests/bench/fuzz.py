"""How many events and runs a CPU second the fuzzer plays in place, every claim held after every event.

A second line a protocol is of the same seeds once their reactions are known: what a campaign comes to in the long run.
"""

import time

from consensus_lab.check.fuzz import Campaign, menu_of
from consensus_lab.kernel import Cast
from consensus_lab.lab.catalogue import protocol, protocols

SEEDS = {"two-phase-commit": 5_000, "three-phase-commit": 5_000, "paxos": 2_000, "election": 2_000}
FEW = 200  # of the others, whose states hardly ever repeat


def figures(campaign: Campaign, seeds: range) -> str:
    """Play these seeds."""
    runs, events, begun = campaign.statistics.runs, campaign.statistics.events, time.process_time()
    failure = campaign.run(seeds)
    assert failure is None, failure
    seconds = time.process_time() - begun
    runs, events = campaign.statistics.runs - runs, campaign.statistics.events - events
    return f"{runs:>6,} runs {events:>9,} events {runs / seconds:>8,.0f} runs/s {events / seconds:>9,.0f} events/s"


def main() -> None:
    """Print the figures."""
    for name in protocols():
        cast: Cast = protocol(name).cast()
        seeds = range(1, SEEDS.get(name, FEW) + 1)
        campaign = Campaign(cast, menu_of(cast))
        print(f"{name:<20}{figures(campaign, seeds)}")
        print(f"{'  known':<20}{figures(campaign, seeds)}", flush=True)
        bare = cast.claiming()
        print(f"{'  nothing claimed':<20}{figures(Campaign(bare, menu_of(bare)), seeds)}", flush=True)
