"""Contrast: one fault script on every protocol that decides, side by side (who decides, who blocks, at which price).

A script speaks of "the leader" and of "the decision". What these are in each protocol is said in `players`, and nothing
else about it: the rest is read off the trace.
"""

from consensus_lab.lab.contrast.players import PLAYERS, Player
from consensus_lab.lab.contrast.result import Result, perform, rows
from consensus_lab.lab.contrast.script import ContrastScript, load_contrast, shipped

__all__ = ["PLAYERS", "ContrastScript", "Player", "Result", "load_contrast", "perform", "rows", "shipped"]
