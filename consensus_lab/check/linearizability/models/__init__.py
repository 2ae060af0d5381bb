"""The objects whose histories can be judged, by name."""

from consensus_lab.check.linearizability.models.model import EVERYTHING, Effect, Model, refuse_changing
from consensus_lab.check.linearizability.models.objects import KeyValue, Lock, Queue, Register
from consensus_lab.check.linearizability.models.znodes import Znodes

MODELS: dict[str, type[Model]] = {kind.name: kind for kind in (KeyValue, Register, Lock, Queue, Znodes)}

__all__ = [
    "EVERYTHING",
    "MODELS",
    "Effect",
    "KeyValue",
    "Lock",
    "Model",
    "Queue",
    "Register",
    "Znodes",
    "refuse_changing",
]
