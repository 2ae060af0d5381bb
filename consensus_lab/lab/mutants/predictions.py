"""Wrong answers to any prediction: one that names the same claim in every story, and one that is never right."""

from __future__ import annotations

from consensus_lab.lab.predictions import Prediction, Story


class NamesTheFirst(Prediction):
    def foretell(self, story: Story) -> str:
        return story.claims[0]


class NamesTheLast(Prediction):
    def foretell(self, story: Story) -> str:
        return story.claims[-1]


class NamesAnother(Prediction):
    def foretell(self, story: Story) -> str:
        return next(claim for claim in story.claims if claim != story.outcome())


WRONG = (NamesTheFirst, NamesTheLast, NamesAnother)
