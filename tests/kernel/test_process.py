"""What `@upon(Kind, when=State)` means, how a subclass overrides one rule, and what a process shows of itself."""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest

from consensus_lab.kernel import Context, Process, Start, upon
from tests.kernel.toys import Alarm, Answer, Ask, Kept, Mood


@dataclass
class Model(Process):
    """Each rule says its name."""

    owner: str
    state: Mood = Mood.CALM
    said: list[str] = field(default_factory=list)

    @upon(Ask)
    def in_any_state(self, ask: Ask, ctx: Context) -> None:
        self.said.append("any")

    @upon(Ask, when=Mood.BUSY)
    def when_busy(self, ask: Ask, ctx: Context) -> None:
        self.said.append("busy")

    @upon(Answer, when=(Mood.CALM, Mood.SORE))
    def when_calm_or_sore(self, answer: Answer, ctx: Context) -> None:
        self.said.append("calm or sore")

    @upon(Alarm, when=Mood.CALM)
    @upon(Kept)
    def upon_either(self, message: Alarm | Kept, ctx: Context) -> None:
        self.said.append("either")


def heard(process: Process, message: Any, state: Mood = Mood.CALM) -> list[str]:
    """What a process of these toys says to one message in this state; nothing when it has no rule for it."""
    process.state, process.said = state, []
    understood = process.receive(message, Context("me", "you"))
    assert understood is bool(process.said)
    return process.said


def test_a_rule_that_names_the_state_wins_over_the_general_one():
    assert heard(Model("o"), Ask(), Mood.BUSY) == ["busy"]
    assert heard(Model("o"), Ask(), Mood.CALM) == ["any"]


def test_a_tuple_of_states_is_any_of_them():
    assert heard(Model("o"), Answer(), Mood.CALM) == ["calm or sore"]
    assert heard(Model("o"), Answer(), Mood.SORE) == ["calm or sore"]
    assert heard(Model("o"), Answer(), Mood.BUSY) == []


def test_one_method_may_carry_several_marks():
    assert heard(Model("o"), Alarm()) == heard(Model("o"), Kept(), Mood.BUSY) == ["either"]
    assert heard(Model("o"), Alarm(), Mood.BUSY) == []


def test_a_message_without_a_rule_is_recorded_and_no_error():
    process = Model("o")
    before = copy.deepcopy(vars(process))
    ctx = Context("me", "you")
    assert process.receive(Start(), ctx) is False
    assert (vars(process), ctx.effects) == (before, ())


def test_a_rule_is_for_its_kind_exactly_and_not_for_what_inherits_from_it():
    @dataclass(frozen=True)
    class Special(Ask):
        pass

    assert heard(Model("o"), Special()) == []


def test_an_override_by_method_name_keeps_the_mark():
    @dataclass
    class Mine(Model):
        def when_busy(self, ask: Ask, ctx: Context) -> None:
            self.said.append("mine")

    assert heard(Mine("o"), Ask(), Mood.BUSY) == ["mine"]
    assert heard(Mine("o"), Ask(), Mood.CALM) == ["any"]


def test_without_the_override_the_reference_answers_and_super_reaches_it():
    @dataclass
    class Mine(Model):
        def when_busy(self, ask: Ask, ctx: Context) -> None:
            super().when_busy(ask, ctx)
            self.said.append("and mine")

    assert heard(Mine("o"), Ask(), Mood.BUSY) == ["busy", "and mine"]

    @dataclass
    class Untouched(Mine):
        pass

    assert heard(Untouched("o"), Ask(), Mood.BUSY) == ["busy", "and mine"]


def test_marking_an_override_anew_replaces_every_mark_it_had():
    @dataclass
    class Mine(Model):
        @upon(Ask, when=Mood.SORE)
        def upon_either(self, ask: Ask, ctx: Context) -> None:
            self.said.append("mine")

    assert heard(Mine("o"), Ask(), Mood.SORE) == ["mine"]
    assert heard(Mine("o"), Kept()) == heard(Mine("o"), Alarm()) == []


def test_a_subclass_may_add_rules_and_its_own_come_first():
    @dataclass
    class Mine(Model):
        @upon(Ask, when=Mood.BUSY)
        def another(self, ask: Ask, ctx: Context) -> None:
            self.said.append("mine")

    assert heard(Mine("o"), Ask(), Mood.BUSY) == ["mine"]
    assert heard(Model("o"), Ask(), Mood.BUSY) == ["busy"], "the reference has not changed"


def test_hears_says_whether_there_is_any_rule_for_a_kind():
    assert Model.hears(Kept)
    assert not Model.hears(Start)


def test_a_process_without_states_needs_no_state_field():
    @dataclass
    class Stateless(Process):
        count: int = 0

        @upon(Ask)
        def count_it(self, ask: Ask, ctx: Context) -> None:
            self.count += 1

    process = Stateless()
    assert process.receive(Ask(), Context("me", "you"))
    assert process.facts() == {"count": 1}


def test_facts_are_the_fields_with_a_default_and_configuration_is_the_rest():
    assert Model("o").facts() == {"state": Mood.CALM, "said": []}
    assert list(Model("o").facts()) == ["state", "said"]


def test_a_process_that_forces_records_must_say_how_it_restores_them():
    with pytest.raises(TypeError, match=r"Model found Kept\(n=1\) in its journal, but has no restore"):
        Model("o").restore(Kept(1))


@dataclass
class Hoarder(Process):
    """State as a student may write it: any plain containers."""

    items: list[Any] = field(default_factory=lambda: [[1], {"a": {2}}])
    table: dict[str, Any] = field(default_factory=lambda: {"k": [3], "deep": {"x": [bytearray(b"4")]}})
    seen: set[int] = field(default_factory=lambda: {5})
    raw: bytearray = field(default_factory=lambda: bytearray(b"6"))
    fixed: frozenset[int] = frozenset({7})


def test_a_clone_shares_nothing_mutable():
    first = Hoarder()
    twin = first.clone()
    assert twin == first
    before = copy.deepcopy(first)
    twin.items[0].append(0)
    twin.items[1]["a"].add(0)
    twin.table["k"].append(0)
    twin.table["deep"]["x"][0].extend(b"0")
    twin.seen.add(0)
    twin.raw.extend(b"0")
    assert first == before


def test_a_clone_keeps_its_own_attributes_and_its_class():
    first = Model("o")
    first.said.append("x")
    twin = first.clone()
    assert (type(twin), twin.owner, twin.said) == (Model, "o", ["x"])
    assert twin.said is not first.said
