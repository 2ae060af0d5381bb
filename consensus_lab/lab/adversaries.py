"""Scenarios of which an adversary picks every step: the script is put aside, and only its cast plays.

It refuses to know what the adversary is after.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.check.adversary import Adversary
from consensus_lab.lab.scenario import Scenario
from consensus_lab.lab.stage import Stage, Unmet


def under_the_adversary(scenario: Scenario, steps: int) -> Scenario:
    """The same cast for so many steps, with nobody deciding. It fails where the adversary finds no way on."""

    def script(stage: Stage) -> None:
        stage.picker = Adversary(stage.cast)
        stage.run(steps=steps)
        if len(stage.steps) < steps:
            raise Unmet(
                f"after {len(stage.steps)} steps the adversary finds no way on which two decisions stay possible"
            )

    return replace(scenario, script=script)
