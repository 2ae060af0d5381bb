"""A vocabulary with every shape a message can have, for the tests of codec and journal."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Any, NamedTuple

from consensus_lab.kernel import message


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Ballot(NamedTuple):
    number: int
    proposer: str


@message
class Empty:
    """No field at all."""


@message
class Yes:
    tx: str


@message
class No:
    tx: str


@message
class Box:
    """Holds anything, also another message."""

    content: Any
    label: str = ""
