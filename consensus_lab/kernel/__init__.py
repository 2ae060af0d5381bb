"""The kernel: what a process is, what it may ask for, and what is owed before its words may leave.

Standard library only. It knows no network, no clock, no disk and no protocol: every floor above imports it, and it
imports nobody. The names a protocol needs are gathered here, so that a protocol module opens with one import.
"""

from consensus_lab.kernel.cast import CLIENT, Cast, Links
from consensus_lab.kernel.context import Context
from consensus_lab.kernel.cost import Cost
from consensus_lab.kernel.effect import (
    Append,
    CancelTimer,
    Decide,
    Effect,
    Force,
    Note,
    Send,
    SetTimer,
)
from consensus_lab.kernel.invariant import Decision, Invariant, View, Violation, invariant
from consensus_lab.kernel.message import Address, Disconnected, Recovered, Start, message
from consensus_lab.kernel.node import Node
from consensus_lab.kernel.process import Process, Rule, upon
from consensus_lab.kernel.recurrence import Recurrence

__all__ = [
    "CLIENT",
    "Address",
    "Append",
    "CancelTimer",
    "Cast",
    "Context",
    "Cost",
    "Decide",
    "Decision",
    "Disconnected",
    "Effect",
    "Force",
    "Invariant",
    "Links",
    "Node",
    "Note",
    "Process",
    "Recovered",
    "Recurrence",
    "Rule",
    "Send",
    "SetTimer",
    "Start",
    "View",
    "Violation",
    "invariant",
    "message",
    "upon",
]
