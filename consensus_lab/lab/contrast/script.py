"""A contrast's script: a title, and beats in words that every protocol understands, one a line.

    title: The leader is lost when its decision has reached one other

    ask the leader
    wait until one other has decided
    crash the leader
    wait 60 s

Beats are those of `BEATS`; ``#`` starts a comment. It refuses to know who leads, and what deciding is: see `players`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from consensus_lab.kernel import Address, Decision, Links
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.lab.contrast.players import Player, leads
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.script import ScriptError, without_comment
from consensus_lab.lab.stage import Unmet
from consensus_lab.sim import Choice, Crash, Drop, HealAll, Partition, Recover, Submit, World, WorldStep
from consensus_lab.sim.conditions import CALM
from consensus_lab.sim.pickers import Picker, Rounds, Seeded, steps_of

SCRIPTS = Path(__file__).parent / "scripts"
MOST_STEPS = 3_000
SLOWER = 5.0
"""Until it is time, messages take so many times longer to the second than to the leader, and so on to the third."""
WAIT = re.compile(r"wait ([0-9]{1,4}) s")
HEADER = ("title", "summary")


@dataclass(frozen=True)
class ContrastScript:
    """A script as read: its name, what it tells, and its beats with the numbers of their lines."""

    name: str
    title: str
    summary: str
    beats: tuple[tuple[int, str], ...]


class Performance:
    """A player going through a script: the steps taken since the warming-up."""

    def __init__(self, player: Player, seed: int = 1) -> None:
        self.player = player
        self.start = self.world = player.start()
        self.leader = player.leader_in(self.world)
        self.steps: list[WorldStep] = []
        self._seed = seed

    @property
    def decisions(self) -> list[Decision]:
        """Who has decided about the request so far, and how, in that order."""
        return [decision for decision in self.world.decisions if self.player.is_decision(decision.value)]

    def play(self, beat: str) -> None:
        """One beat. Raises Unmet when what it waits for never comes."""
        wait = WAIT.fullmatch(beat)
        if wait:
            self.wait(float(wait[1]))
        else:
            BEATS[beat](self)

    def take(self, choice: Choice) -> None:
        self.steps.append(self.world.step(choice))
        self.world = self.steps[-1].world

    # -- the beats ----------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        self.take(Submit(self.leader, self.player.request))

    def ask_another(self) -> None:
        """The client tries whoever leads now, or else the first who is up. A participant of a commit protocol has no
        rule for that."""
        others = [me for me, machine in self.world.machines.items() if machine.up and me != self.leader]
        leading = (me for me in others if leads(self.world.processes[me]))
        self.take(Submit(next(leading, others[0]), self.player.request))

    def crash(self) -> None:
        """Whatever it was saying is lost with it, on every kind of links."""
        self.take(Crash(self.leader))
        if self.world.network.links is Links.BAG:
            for envelope in self.world.network.flight:
                if envelope.sender == self.leader:
                    self.take(Drop(self.leader, envelope.to, envelope.message))

    def cut_off(self) -> None:
        self.take(Partition((frozenset({self.leader}), frozenset(self.world.machines) - {self.leader})))

    def heal(self) -> None:
        self.take(HealAll())

    def recover(self) -> None:
        self.take(Recover(self.leader))

    def wait(self, seconds: float) -> None:
        end = self.world.now + round(seconds * MICROSECOND)
        picker = Seeded(self._seed)

        def is_late(world: World) -> bool:
            pick = picker.pick(world)
            return pick is None or (pick.at or 0) > end

        self._run(picker, is_late)

    def wait_until(self, sentence: str, holds: Callable[[Performance], bool]) -> None:
        """Until then what reaches everybody reaches the leader first, and then one after the other."""
        others = [me for me in self.world.machines if me != self.leader]
        slow = {me: SLOWER ** (place + 1) for place, me in enumerate(others)}
        self._run(Seeded(self._seed, replace(CALM, slow=slow)), lambda world: holds(self))
        if not holds(self):
            raise Unmet(f"on {self.player.name} it never came to it that {sentence}")

    def finish(self) -> None:
        """One phase at a time, as textbooks count, until only timers could still change anything."""
        self._run(Rounds(), lambda world: world.at_rest)

    def _run(self, picker: Picker, until: Callable[[World], bool]) -> None:
        for step in steps_of(self.world, picker, steps=MOST_STEPS, until=until):
            self.steps.append(step)
            self.world = step.world

    def has_written(self, me: Address) -> bool:
        """Whether its disk has taken a record since the request."""
        return len(self.world.journal(me)) > len(self.start.journal(me))


def leader_alone_has_decided(performance: Performance) -> bool:
    return {decision.node for decision in performance.decisions} == {performance.leader}


def another_has_decided(performance: Performance) -> bool:
    return any(decision.node != performance.leader for decision in performance.decisions)


def leader_has_written(performance: Performance) -> bool:
    return performance.has_written(performance.leader)


def another_has_written(performance: Performance) -> bool:
    return any(performance.has_written(me) for me in performance.world.machines if me != performance.leader)


Beat = Callable[[Performance], None]


def _waiting(sentence: str, holds: Callable[[Performance], bool]) -> Beat:
    return lambda performance: performance.wait_until(sentence, holds)


BEATS: dict[str, Beat] = {
    "ask the leader": Performance.ask,
    "ask another": Performance.ask_another,
    "wait until the leader has written": _waiting("the leader has written", leader_has_written),
    "wait until another has written": _waiting("another has written", another_has_written),
    "wait until the leader has decided": _waiting("the leader alone has decided", leader_alone_has_decided),
    "wait until one other has decided": _waiting("one other has decided", another_has_decided),
    "wait until nothing is owed": Performance.finish,
    "crash the leader": Performance.crash,
    "cut off the leader": Performance.cut_off,
    "recover the leader": Performance.recover,
    "heal": Performance.heal,
}


# -- reading ----------------------------------------------------------------------------------------------------------


def shipped() -> dict[str, Path]:
    """The scripts that are shipped, by name."""
    return {re.sub(r"^\d+_", "", path.stem).replace("_", "-"): path for path in sorted(SCRIPTS.glob("*.txt"))}


def load_contrast(name: str) -> ContrastScript:
    """A script by its name or by its file. Raises BadInput when there is none, or a line of it is wrong."""
    path = shipped().get(name) or Path(name)
    if path.suffix != ".txt" or not os.path.isfile(path):
        raise BadInput(f"there is no contrast {name!r}, nor a .txt file of that name; there are {', '.join(shipped())}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not text in UTF-8'}") from None
    return read_contrast(text, str(path), name)


def read_contrast(text: str, where: str, name: str = "") -> ContrastScript:
    """Read a script. Raises ScriptError for the first line that is wrong."""
    lines = [(number, without_comment(line)) for number, line in enumerate(text.splitlines(), 1)]
    header: dict[str, str] = {}
    for number, line in lines:
        key, colon, value = line.partition(":")
        if not line.strip():
            break
        if not colon or key not in HEADER:
            raise ScriptError(where, number, f"expected one of {', '.join(f'{k}:' for k in HEADER)}, got {line!r}")
        header[key] = value.strip()
    beats = tuple(_beats(lines[len(header) :], where))
    return ContrastScript(
        name or header.get("title", where), header.get("title", name), header.get("summary", ""), beats
    )


def _beats(lines: list[tuple[int, str]], where: str) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        beat = " ".join(line.split())
        if beat and beat not in BEATS and not WAIT.fullmatch(beat):
            raise ScriptError(where, number, f"expected 'wait SECONDS s' or one of {'; '.join(BEATS)}; got {line!r}")
        if beat:
            yield number, beat
