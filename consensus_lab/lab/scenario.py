"""A scenario: a name, a cast, a script with its narration, and the invariants that the cast is held to.

Two forms, one meaning: a text file (see `script`), or a Python file with a function that is given the stage. Both are
performed by `Scenario.perform`, which does not raise for what the script does: it says how far it came, and why. Only
a cast that cannot even be switched on, and whoever interrupts, end it without a performance.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import consensus_lab
from consensus_lab.kernel import Cast, Violation
from consensus_lab.kernel.notation import Vocabulary
from consensus_lab.kernel.trace import Header, header_for
from consensus_lab.lab.catalogue import refuse_unrepeatable, scenario_name, scenario_path, words_of
from consensus_lab.lab.claims import BadClaim
from consensus_lab.lab.loading import BadInput, line_of, load_module
from consensus_lab.lab.script import ScriptError, read_script
from consensus_lab.lab.stage import Stage, Unmet
from consensus_lab.sim import Impossible, RuleFailed, World, WorldTrace
from consensus_lab.sim.conditions import CALM, Conditions
from consensus_lab.sim.pickers import Picker, Seeded
from consensus_lab.sim.reading import BadChoice

Script = Callable[[Stage], None]
PACKAGE = Path(consensus_lab.__file__).parent
SPOKEN = (Impossible, BadChoice, BadClaim, Unmet, RuleFailed)
"""Errors whose text is a sentence; any other that a script raises is told with its class."""


class Interrupted(KeyboardInterrupt):
    """Somebody pressed Ctrl-C: its text says what was being done."""


@dataclass(frozen=True)
class Scenario:
    """One story: `title` is a line, `summary` a paragraph; `seed` and `conditions` rule what the script leaves open."""

    title: str
    cast: Cast
    script: Script
    summary: str = ""
    seed: int = 1
    conditions: Conditions = CALM
    name: str = ""
    path: Path | None = None

    @property
    def words(self) -> Vocabulary:
        """What its client may submit."""
        return words_of(self.cast.protocol)

    def picker(self, seed: int | None = None) -> Picker:
        """Who picks what the script leaves open, and what comes after its end."""
        return Seeded(self.seed if seed is None else seed, self.conditions)

    def perform(self, seed: int | None = None) -> Performance:
        """Play it from the beginning. Raises CannotStart, and Interrupted, which says what it was doing."""
        picker = self.picker(seed)
        stage = Stage(self.cast, picker, self.words)
        failure, error = None, None
        try:
            self.script(stage)
        except (Exception, SystemExit) as wrong:
            failure, error = self._told(wrong), wrong
        except KeyboardInterrupt as stop:
            raise Interrupted(doing(stop, len(stage.steps))) from None
        return Performance(
            self,
            stage.start,
            stage.trace,
            stage.captions,
            tuple(stage.violations),
            frozenset(stage.announced),
            header_for(self.cast, self.name, stage.picker),
            failure,
            error,
        )

    def _told(self, wrong: BaseException) -> str:
        """What went wrong, after where in the scenario's own file it did."""
        sentence = str(wrong) if isinstance(wrong, SPOKEN) else f"{type(wrong).__name__}: {wrong}"
        line = "" if self.path is None or isinstance(wrong, ScriptError) else line_of(wrong, self.path)
        return f"{self.path}{line}: {sentence}" if line else sentence


def doing(stop: KeyboardInterrupt, taken: int) -> str:
    """What was being done when it was interrupted: at which step, upon which choice, on which line of the user's."""
    frames = list(traceback.walk_tb(stop.__traceback__))
    choice = next((frame.f_locals["choice"] for frame, _ in frames if frame.f_code is World.step.__code__), None)
    at = f"at step {taken + 1}, '{choice}'" if choice is not None else f"after {taken} steps"
    own = [(frame.f_code, line) for frame, line in frames[1:] if not frame.f_code.co_filename.startswith(str(PACKAGE))]
    where = f", in {own[-1][0].co_qualname} ({own[-1][0].co_filename}, line {own[-1][1]})" if own else ""
    return f"interrupted {at}{where}"


@dataclass(frozen=True)
class Performance:
    """A scenario as played: the trace, its captions, and what was refuted."""

    scenario: Scenario
    start: World
    trace: WorldTrace
    captions: Mapping[int, list[str]]  # sentences, by the index of the step that they stand before
    violations: tuple[tuple[int, Violation], ...]  # (index of the step after which it was first so, what)
    announced: frozenset[str]  # the names of invariants that the script expects to be violated
    header: Header
    failure: str | None = None  # why the script could not be performed to its end
    error: BaseException | None = None

    @property
    def end(self) -> World:
        """The last world."""
        return self.trace[-1].world if self.trace else self.start

    @property
    def unexpected(self) -> tuple[tuple[int, Violation], ...]:
        """The violations that the script does not announce."""
        return tuple(seen for seen in self.violations if seen[1].invariant.name not in self.announced)

    @property
    def succeeded(self) -> bool:
        """Whether all went as the script says, and no invariant fell that was not meant to."""
        return self.failure is None and not self.unexpected

    def text(self) -> str:
        """The trace as a file, narration and refuted invariants included. Raises BadInput when it could not be read."""
        refuse_unrepeatable(self.scenario.cast)
        notes = {index: list(sentences) for index, sentences in self.captions.items()}
        for index, violation in self.violations:
            notes.setdefault(index + 1, []).insert(0, str(violation))
        return self.trace.text(self.header, notes)


def scenario(
    title: str, cast: Cast, *, summary: str = "", seed: int = 1, conditions: Conditions = CALM
) -> Callable[[Script], Scenario]:
    """Make a function that is given the stage a scenario; its file is its name."""
    return lambda script: Scenario(title, cast, script, summary, seed, conditions)


def load_scenario(name: str) -> Scenario:
    """A scenario by its name (``two-phase-commit/commits``) or its file. Raises BadInput with a sentence."""
    path = scenario_path(name)
    loaded = _from_module(path) if path.suffix == ".py" else _from_text(path)
    return replace(loaded, name=f"{loaded.cast.protocol}/{scenario_name(path)}", path=path)


def _from_module(path: Path) -> Scenario:
    found = [value for value in vars(load_module(path)).values() if isinstance(value, Scenario)]
    if len(found) != 1:
        raise BadInput(f"{path} must define one scenario with @scenario(title, cast), and defines {len(found)}")
    return found[0]


def _from_text(path: Path) -> Scenario:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not text in UTF-8") from None
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None
    read = read_script(text, str(path))
    return Scenario(read.title, read.cast, read.perform, read.summary, read.seed, read.conditions)
