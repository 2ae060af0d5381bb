"""A history is read off a run: a register that answers from its only copy is linearizable, one with two is not."""

from dataclasses import dataclass
from typing import Any

from consensus_lab.check.linearizability import Ruling, judge
from consensus_lab.check.linearizability.models import Register
from consensus_lab.kernel import Address, Cast, Context, Process, message, upon
from consensus_lab.lab.histories import Answer, Call, Reading, history_of
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


def called(request: Any) -> Call | None:
    match request:
        case Write(number, value):
            return Call(number, f"c{number}", "write", (value,))
        case Read(number):
            return Call(number, f"c{number}", "read")
    return None


READING = Reading(called, lambda said: Answer(said.number, said.value) if isinstance(said, Done) else None)


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
    assert [operation.returned for operation in history_of(steps, READING)] == [5, 5]


def steps_of(cast: Cast, *choices: Choice) -> list[WorldStep]:
    world, steps = World.of(cast), []
    for choice in choices:
        steps.append(world.step(choice))
        world = steps[-1].world
    return steps
