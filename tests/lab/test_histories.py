"""A history is read off a run: a register that answers from its only copy is linearizable, one with two is not."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from consensus_lab.check.linearizability import Recorder, Ruling, judge
from consensus_lab.check.linearizability.models import KeyValue, Register
from consensus_lab.cli import main
from consensus_lab.kernel import Address, Cast, Context, Process, message, upon
from consensus_lab.kernel.trace import header_for
from consensus_lab.lab.catalogue import protocol, scenario_files
from consensus_lab.lab.cluster import Cluster
from consensus_lab.lab.histories import Answer, Call, Reading, called, history_of
from consensus_lab.lab.mutants import bank
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.lab.script import ScriptError
from consensus_lab.lab.trials import begin, perform
from consensus_lab.net.events import Answered, Event
from consensus_lab.protocols.multi_paxos import messages as words
from consensus_lab.protocols.multi_paxos.messages import Add, Get, Put
from consensus_lab.sim import Choice, Submit, Sync, World, WorldStep
from consensus_lab.sim.pickers import Seeded, play


@message
class Write:
    number: int
    value: int


@message
class Read:
    number: int


@message
class Done:
    number: int
    value: int | None = None


@message
class Copy:
    value: int


@dataclass
class Store(Process):
    """Forces what it is given before it says so, and tells its backup."""

    backup: Address
    value: int | None = None

    @upon(Write)
    def store(self, write: Write, ctx: Context) -> None:
        self.value = write.value
        ctx.force(write)
        ctx.reply(Done(write.number))
        ctx.send(self.backup, Copy(write.value))

    @upon(Read)
    def answer(self, read: Read, ctx: Context) -> None:
        ctx.reply(Done(read.number, self.value))

    @upon(Copy)
    def take_over(self, copy: Copy, ctx: Context) -> None:
        self.value = copy.value

    def restore(self, record: Any) -> None:
        self.value = record.value


def read(said: Any) -> Call | Answer | None:
    match said:
        case Write(number, value):
            return Call(number, f"c{number}", "write", (value,))
        case Read(number):
            return Call(number, f"c{number}", "read")
        case Done(number, value):
            return Answer(number, value)
    return None


READING = Reading("register", read)


def cast(reader: Address) -> Cast:
    """Writes go to s1, reads to `reader`."""
    requests = (("s1", Write(1, 10)), (reader, Read(2)), ("s1", Write(3, 30)), (reader, Read(4)))
    return Cast("toy", {"s1": Store("s2"), "s2": Store("s1")}, requests)


def test_one_copy_is_linearizable_whatever_the_schedule() -> None:
    for seed in range(30):
        history = history_of(play(World.of(cast("s1")), Seeded(seed)), READING)
        assert len(history) == 4
        assert judge(history, Register()).ruling is Ruling.LINEARIZABLE


def test_a_backup_that_answers_reads_is_not() -> None:
    """The write was acknowledged before the backup heard of it."""
    history = history_of(steps_of(cast("s2"), Submit("s1", Write(1, 10)), Sync("s1"), Submit("s2", Read(2))), READING)
    assert [str(operation) for operation in history] == ["write(10)", "read()"]
    assert judge(history, Register()).ruling is Ruling.VIOLATED


def test_an_answer_counts_when_it_leaves_and_not_while_it_waits_for_the_disk() -> None:
    steps = steps_of(cast("s1"), Submit("s1", Write(1, 10)), Submit("s1", Read(2)), Sync("s1"))
    assert [operation.returned for operation in history_of(steps[:2], READING)] == [None, None]
    assert [operation.returned for operation in history_of(steps, READING)] == [2, 3]


def steps_of(cast: Cast, *choices: Choice) -> list[WorldStep]:
    world, steps = World.of(cast), []
    for choice in choices:
        steps.append(world.step(choice))
        world = steps[-1].world
    return steps


# -- of a protocol that serves clients ---------------------------------------------------------------------------------


def judged(*words: object) -> Result:
    return CliRunner().invoke(main, ["linearizable", *map(str, words)])


@pytest.mark.parametrize("name", [name for name in scenario_files() if name.startswith("multi-paxos/")])
def test_a_story_is_linearizable_unless_it_shows_how_one_is_not(name: str) -> None:
    """The claim of the protocol, which looks inside, and the checker, which does not, agree."""
    fallen = {violation.invariant.name for _, violation in load_scenario(name).perform().violations}
    assert judged(name).exit_code == (1 if "Linearizable" in fallen else 0)


def test_a_leader_that_answers_from_its_store_is_found_out_by_what_its_clients_saw(tmp_path: Path) -> None:
    """No claim of the protocol is asked: only who called what, when, and what came back."""
    mutant = next(mutant for mutant in bank("multi-paxos") if mutant.name == "AnswersFromItsStore")
    stage = begin(protocol("multi-paxos").cast(**mutant.cast, server=mutant.kind), Seeded(1))
    with suppress(ScriptError):
        perform(stage, mutant.script)
    trace = tmp_path / "stale.trace"
    trace.write_text(stage.trace.text(header_for(stage.cast)))
    shown = judged(trace)
    assert shown.exit_code == 1
    assert shown.output.startswith("not linearizable: key x (4 operations on a kv")
    assert "get(x) -> red" in shown.output


def test_a_protocol_without_clients_has_no_history() -> None:
    shown = judged("paxos/one-proposer")
    assert shown.exit_code == 2
    assert "paxos serves no clients; a history can be read off runs of multi-paxos" in shown.output


def test_a_run_on_real_processes_is_recorded_as_its_clients_see_it() -> None:
    """A call is recorded before it is made, and an answer once it has come: the real interval lies within."""
    recorder = Recorder(time.monotonic_ns)

    def watch(event: Event) -> None:
        if isinstance(event, Answered) and isinstance(event.message, words.Reply):
            recorder.returned(event.node, event.message.result)

    def all_answered() -> bool:
        return all(operation.returned is not None for operation in recorder.history)

    calls: list[Any] = [Add("x", 1), Put("x", 7), Get("x")]
    with Cluster(protocol("multi-paxos").cast(clients=2, wishes=()), watch=watch) as cluster:
        for operation in calls:
            for client in ("c1", "c2"):
                verb, *arguments = called(operation)
                recorder.called(client, verb, *arguments)
                cluster.submit(client, words.Call(operation))
            cluster.wait_for(all_answered, "both clients are answered")
    assert len(recorder.history) == 6
    assert judge(recorder.history, KeyValue()).ruling is Ruling.LINEARIZABLE
