"""A session: one world's histories, as a tree of branches, and a cursor in one of them. Nothing is ever rewritten.

Branches share the steps they have in common. A choice in the past forks a branch; at the end of one it makes it longer.
Pure: it draws nothing, waits for nothing and knows no protocol.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from consensus_lab.kernel import Violation
from consensus_lab.sim import Choice, Impossible, RuleFailed, World, WorldStep
from consensus_lab.sim.pickers import Diverged, Picker
from consensus_lab.sim.world import Pick
from consensus_lab.tui.telling import said

QUIET = "Nothing can happen any more by itself: the world is quiet. A fault, or a step back, may change that."


@dataclass(eq=False)
class Branch:
    """One history. Its first `shared` steps are those of the branch it was forked from."""

    name: str
    steps: list[WorldStep] = field(default_factory=list)
    parent: Branch | None = None
    shared: int = 0
    seen: int = 0  # the furthest that anybody looked

    @property
    def told(self) -> int | None:
        """How far the script's narration is about this history; None when it is all of it."""
        if self.parent is None:
            return None
        above = self.parent.told
        return self.shared if above is None else min(self.shared, above)

    def fork(self, at: int, name: str) -> Branch:
        """Another history that begins like the first `at` steps of this one."""
        return Branch(name, self.steps[:at], self, at, at)


class Session:
    """Where somebody stands: `cursor` steps into `branch`."""

    def __init__(
        self,
        start: World,
        picker: Picker,
        *,
        script: Iterator[WorldStep] = iter(()),  # noqa: B008 - an empty iterator has no state to share
        captions: Mapping[int, list[str]] | None = None,
        name: str = "",
        title: str = "",
        failure: str | None = None,
    ) -> None:
        self.start = start
        self.picker = picker
        self.captions = captions or {}  # sentences, by the number of steps that stand before them
        self.name = name
        self.title = title
        self.branches = [Branch("main")]
        self.branch = self.branches[0]
        self.cursor = 0
        self.notice = ""  # why something could not be done, or what just happened to the history
        self.failure = failure  # why the script, or the trace, could not be followed to its end
        self._script: Iterator[WorldStep] | None = script
        self._ended = 0  # how many steps the script had; known when it has been read
        self._checked: dict[int, tuple[Violation, ...]] = {}  # by the identity of a world: no step is ever let go

    # -- what there is to see ----------------------------------------------------------------------------------------

    @property
    def steps(self) -> list[WorldStep]:
        """The steps of this branch, as far as they are known."""
        return self.branch.steps

    @property
    def world(self) -> World:
        return self.world_at(self.cursor)

    def world_at(self, cursor: int) -> World:
        """The world after so many steps of this branch."""
        return self.steps[cursor - 1].world if cursor else self.start

    @property
    def step(self) -> WorldStep | None:
        """The step that led to where the cursor stands."""
        return self.steps[self.cursor - 1] if self.cursor else None

    @property
    def upcoming(self) -> WorldStep | None:
        """The step after the cursor, if this history has one."""
        if self.cursor == len(self.steps) and self.branch is self.branches[0]:
            self.load(1)
        return self.steps[self.cursor] if self.cursor < len(self.steps) else None

    @property
    def suggestion(self) -> Choice | None:
        """What happens next unless somebody chooses otherwise: as recorded, else as the picker says."""
        if self.upcoming is not None:
            return self.upcoming.choice
        pick = self._pick()
        return pick.choice if pick else None

    def narration(self, cursor: int | None = None) -> list[str]:
        """The sentences that the script says before the step after the cursor."""
        at = self.cursor if cursor is None else cursor
        told = self.branch.told
        return self.captions.get(at, []) if told is None or at <= told else []

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The invariants that the world at the cursor refutes."""
        return self.violations_at(self.cursor)

    def violations_at(self, cursor: int) -> tuple[Violation, ...]:
        """The invariants that the world after so many steps refutes."""
        world = self.world_at(cursor)
        known = self._checked.get(id(world))
        if known is None:
            known = self._checked[id(world)] = world.violations()
        return known

    def falls(self, cursor: int) -> bool:
        """Whether an invariant that held before is refuted by the step that led here."""
        fallen = {violation.invariant.name for violation in self.violations_at(cursor)}
        return bool(fallen) and not fallen <= {v.invariant.name for v in self.violations_at(max(cursor - 1, 0))}

    @property
    def failed_here(self) -> bool:
        """Whether script or trace could not be followed any further than to where the cursor stands."""
        if self.failure is None or self.loading or self.cursor != self._ended:
            return False
        told = self.branch.told
        return told is None or told >= self._ended

    def taken(self) -> Iterator[tuple[World, WorldStep]]:
        """Every step that anybody has looked at, on whatever branch, once; and the world before it."""
        for branch in self.branches:
            for number in range(branch.shared, branch.seen):
                yield branch.steps[number - 1].world if number else self.start, branch.steps[number]

    # -- loading -----------------------------------------------------------------------------------------------------

    def load(self, most: int) -> int:
        """Read up to so many further steps of the script into the main branch. Returns how many there were."""
        if self._script is None:
            return 0
        main = self.branches[0].steps
        before = len(main)
        try:
            main.extend(islice(self._script, most))
        except (Diverged, RuleFailed, Impossible) as error:
            self.failure = describe_error(error)
        loaded = len(main) - before
        if loaded < most:
            self._script, self._ended = None, len(main)
        return loaded

    @property
    def loading(self) -> bool:
        """Whether the script may have more steps."""
        return self._script is not None

    # -- moving ------------------------------------------------------------------------------------------------------

    def goto(self, cursor: int) -> None:
        """Stand after so many steps, or at the nearest end of what is known."""
        self.notice = ""
        if cursor > len(self.steps) and self.branch is self.branches[0]:
            self.load(cursor - len(self.steps))
        self.cursor = max(0, min(cursor, len(self.steps)))
        self.branch.seen = max(self.branch.seen, self.cursor)

    def back(self) -> None:
        """One step back in time."""
        self.goto(self.cursor - 1)

    def end(self) -> None:
        """The end of this history."""
        while self.load(1024):
            pass
        self.goto(len(self.steps))

    def forward(self) -> bool:
        """One step forward: what is recorded, else what the picker says. False when nothing can happen."""
        if self.upcoming is not None:
            self.goto(self.cursor + 1)
            return True
        pick = self._pick()
        if pick is None:
            self.notice = self.notice or QUIET
            return False
        return self._append(self.branch, pick)

    def seek(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) place worth a stop: what `notable` says; else to the end."""
        if direction > 0 and self.upcoming is None:
            self.forward()
            return
        cursor = self.cursor + direction
        while 0 < cursor < len(self.steps) and not self.notable(cursor):
            cursor += direction
            if cursor == len(self.steps) and self.branch is self.branches[0]:
                self.load(256)
        self.goto(cursor)

    def notable(self, cursor: int) -> bool:
        """Whether a reader would stop after so many steps: narration, a fault, a decision, a fallen invariant."""
        step = self.steps[cursor - 1]
        decided = len(step.world.decisions) > len(self.world_at(cursor - 1).decisions)
        return bool(step.choice.fault or decided or self.narration(cursor)) or self.falls(cursor)

    # -- choosing ----------------------------------------------------------------------------------------------------

    def take(self, choice: Choice) -> bool:
        """Make this happen now. In the past it forks a branch, unless this, or a sister, went that way already."""
        if self.upcoming is None:
            return self._append(self.branch, Pick(choice))
        followed = next((branch for branch in self._sisters() if branch.steps[self.cursor].choice == choice), None)
        if followed is not None:
            self.branch = followed
            self.goto(self.cursor + 1)
            return True
        return self._append(self.branch.fork(self.cursor, said(choice)), Pick(choice))

    def _sisters(self) -> Iterator[Branch]:
        """This branch, and then every other that has the same past and goes on."""
        for branch in sorted(self.branches, key=lambda branch: branch is not self.branch):
            longer = len(branch.steps) > self.cursor
            if longer and (self.cursor == 0 or branch.steps[self.cursor - 1] is self.step):
                yield branch

    def _append(self, branch: Branch, pick: Pick) -> bool:
        try:
            step = self.world.step(pick.choice, pick.at)
        except (Impossible, RuleFailed) as error:
            self.notice = describe_error(error)
            return False
        branch.steps.append(step)
        new = branch not in self.branches
        if new:
            self.branches.append(branch)
            self.branch = branch
        self.goto(self.cursor + 1)
        if new:
            parent = branch.parent.name if branch.parent else ""
            self.notice = f"A new branch from here: {branch.name}. What happened before is kept in '{parent}'."
        return True

    def _pick(self) -> Pick | None:
        try:
            return self.picker.pick(self.world)
        except Diverged as error:
            self.notice = describe_error(error)
            return None

    def switch(self, branch: Branch) -> None:
        """Look at another history: at its end, as far as it was seen."""
        self.branch = branch
        self.goto(branch.seen)
        self.notice = f"Now in branch '{branch.name}'."

    def turn(self, direction: int) -> None:
        """Look at the next or previous branch."""
        if len(self.branches) == 1:
            self.notice = "There is one branch only. Choose anything else in the past, and it forks another."
            return
        self.switch(self.branches[(self.branches.index(self.branch) + direction) % len(self.branches)])


def describe_error(error: Exception) -> str:
    """Why something could not be done, as a sentence."""
    if isinstance(error, Impossible):
        return f"C{str(error).partition(f': {error.reason}')[0][1:]}: {error.reason}."
    return str(error)
