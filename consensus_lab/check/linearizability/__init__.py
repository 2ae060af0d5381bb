"""Linearizability: can the answers that clients got be explained by one object that does one thing at a time?

A history is what clients saw of it: who called what, when, and what came back. It is linearizable when every operation
can be given one moment between its call and its return such that, done at these moments, each gives the answer that was
got (Herlihy and Wing, TOPLAS 1990). The checker refuses to know where a history comes from.
"""

from consensus_lab.check.linearizability.history import UNKNOWN, History, Operation
from consensus_lab.check.linearizability.judge import PartVerdict, Ruling, Verdict, judge
from consensus_lab.check.linearizability.minimise import Window, minimise
from consensus_lab.check.linearizability.models import MODELS, Model
from consensus_lab.check.linearizability.recorder import Recorder

__all__ = [
    "MODELS",
    "UNKNOWN",
    "History",
    "Model",
    "Operation",
    "PartVerdict",
    "Recorder",
    "Ruling",
    "Verdict",
    "Window",
    "judge",
    "minimise",
]
