"""Seeded fuzzing in place: many short random runs of a cast in all kinds of weather, its claims held after each event.

Where the explorer (`check.explore`) proves a small world whole, this looks into a large one here and there.
"""

from consensus_lab.check.fuzz.campaign import Campaign, Failure, Statistics
from consensus_lab.check.fuzz.finding import Finding, investigate
from consensus_lab.check.fuzz.weather import MENU, menu_of

__all__ = ["MENU", "Campaign", "Failure", "Finding", "Statistics", "investigate", "menu_of"]
