"""The bound of a search: which faults may strike how often, on which network. A verdict says what it was.

It refuses to know how the search goes about it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

from consensus_lab.check.memory import MEGABYTE

Network = Literal["bag", "set", "fifo"]
NETWORKS: tuple[str, ...] = get_args(Network)
Timers = Literal["any", "late"]
TIMERS: tuple[str, ...] = get_args(Timers)

HOW_NETWORK = {
    "bag": "messages arrive in any order, each once",
    "set": "messages arrive in any order, any number of times or never",
    "fifo": "messages arrive in the order of their link",
}

HOW_TIMED = {
    "any": "timers fire at any time",
    "late": "a timer fires only when nothing else can happen",
}

WHY = {
    "set": "every message may be lost and repeated anyway",
    "fifo": "a link delivers each message once, until its connection is lost (resets)",
}


@dataclass(frozen=True)
class Bound:
    """How often each kind of fault may strike, on one whole run; `timeouts=None`: timers may fire at any time.

    `copies`: how many equal messages may be in flight at once on a bag or a FIFO link, duplicates not counted; a step
    that would make it more is not taken. `skip_ignored`: whether a message or a timer that finds no rule stays where it
    is, rather than being taken and gone, as it is in a World. `timers` fire at
    "any" time, or "late": when nothing else can happen. `recover`: whether who crashed may come back.
    `steps`: how long a run may be.
    Raises ValueError with a sentence for a bound that makes no sense.
    """

    crashes: int = 0
    losses: int = 0
    duplicates: int = 0
    cuts: int = 0
    resets: int = 0
    wipes: int = 0
    timeouts: int | None = None
    network: Network = "bag"
    copies: int = 1
    skip_ignored: bool = False
    timers: Timers = "any"
    recover: bool = True
    steps: int | None = None

    def __post_init__(self) -> None:
        for what, word, words in (("network", self.network, NETWORKS), ("timers", self.timers, TIMERS)):
            if word not in words:
                raise ValueError(f"{what} must be one of {', '.join(words)}, not {word!r}")
        for name in (*FAULTS, "timeouts", "copies", "steps"):
            count = getattr(self, name)
            if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
                raise ValueError(f"{name} must be a whole number of at least 0, not {count!r}")
        if self.copies < 1:
            raise ValueError(f"copies must be at least 1, not {self.copies}")
        if self.network != "bag" and (self.losses or self.duplicates):
            raise ValueError(f"losses and duplicates must be 0 on a {self.network} network: there {WHY[self.network]}")
        if self.resets and self.network != "fifo":
            raise ValueError(f"resets must be 0 on a {self.network} network: only fifo links are connections")
        if self.wipes and not self.crashes:
            raise ValueError("wipes must be 0 unless nodes may crash: only the disk of one that is down is lost")

    def goes_on_after(self, steps: int) -> bool:
        """Whether a run of so many steps may take another one."""
        return self.steps is None or steps < self.steps

    def __str__(self) -> str:
        struck = [_count(getattr(self, name), one, many) for name, (one, many) in FAULTS.items() if getattr(self, name)]
        faults = ", ".join(struck) or "no faults"
        down = "" if self.recover else ", and nobody comes back"
        counted = "" if self.timeouts is None else f"{_count(self.timeouts, 'timeout', 'timeouts')}"
        timers = ", ".join(filter(None, [counted, HOW_TIMED[self.timers] * (self.timers == "late" or not counted)]))
        ignored = "; what finds no rule stays where it is" if self.skip_ignored and self.network != "set" else ""
        steps = f"; {_count(self.steps, 'step', 'steps')} at most" if self.steps is not None else ""
        return f"{faults}{down}; {timers}; {HOW_NETWORK[self.network]}{ignored}{steps}"


FAULTS = {
    "crashes": ("crash", "crashes"),
    "losses": ("loss", "losses"),
    "duplicates": ("duplicate", "duplicates"),
    "cuts": ("cut", "cuts"),
    "resets": ("reset", "resets"),
    "wipes": ("disk loss", "disk losses"),
}
assert FAULTS.keys() <= {field.name for field in fields(Bound)}


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


@dataclass(frozen=True)
class Budget:
    """When to give up: at so many distinct states, seconds or megabytes of memory. What is given up is not proved."""

    states: int | None = 2_000_000
    seconds: float | None = None
    memory: float | None = None

    def __post_init__(self) -> None:
        for name in ("states", "seconds", "memory"):
            most = getattr(self, name)
            if most is not None and not most > 0:
                raise ValueError(f"{name} must be more than 0, not {most!r}")

    def spent(self, states: int, seconds: float, memory: int = 0) -> str | None:
        """Which limit these figures have reached, as words; `memory` in bytes."""
        if self.states is not None and states >= self.states:
            return f"the limit of {self.states:,} states"
        if self.seconds is not None and seconds >= self.seconds:
            return f"the limit of {self.seconds:g} seconds"
        if self.memory is not None and memory >= self.memory * MEGABYTE:
            return f"the limit of {self.memory:,g} MB of memory"
        return None
