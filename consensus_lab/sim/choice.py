"""What every choice is: a text, a reason why it may not be taken, and what it does.

The kinds of choices are in `moves` (what happens by itself) and `faults` (what somebody does to the world). None of
them knows who chooses, nor why.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from consensus_lab.kernel import Address, Process
from consensus_lab.kernel.failure import describe_failure

if TYPE_CHECKING:
    from consensus_lab.sim.draft import Draft
    from consensus_lab.sim.world import World


class Choice:
    """One thing that may happen next in a world. Choices are values: equal when they say the same."""

    __slots__ = ()
    verb: ClassVar[str]
    fault: ClassVar[bool] = False

    def refusal(self, world: World) -> str | None:
        """Why it cannot happen in this world, as a sentence; None when it can."""
        raise NotImplementedError

    def perform(self, draft: Draft) -> None:
        """Make it happen. Only called when there is no refusal."""
        raise NotImplementedError

    def earliest(self, world: World) -> int:
        """The virtual time (microseconds) before which it does not happen by itself."""
        return world.now

    @property
    def actor(self) -> Address | None:
        """The node that acts or is acted on; None when the choice is about links."""
        return None


class Impossible(ValueError):
    """This choice cannot be taken in this world: says why, and what could have been taken."""

    def __init__(self, choice: object, reason: str, possible: Iterable[Choice]) -> None:
        self.possible = tuple(possible)
        offers = "; ".join(map(str, self.possible)) or "nothing but faults"
        super().__init__(f"cannot {choice}: {reason}. Possible here: {offers}")
        self.reason = reason


class RuleFailed(RuntimeError):
    """A process's own rule raised: whose, which rule, on what, and the exception (as __cause__)."""

    def __init__(self, node: Address, process: Process, rule: str, happening: str, error: BaseException) -> None:
        self.node = node
        self.rule = rule
        super().__init__(f"{node}'s {describe_failure(process, rule, happening, error)}")
