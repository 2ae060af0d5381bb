"""The laws of the house on both buses: effects in order, force before you speak, and timers as messages."""

from __future__ import annotations

from consensus_lab.kernel import Append, CancelTimer, Decide, Force, Note, Send, SetTimer
from tests.conformance.conftest import StageOf
from tests.conformance.probe import probes
from tests.conformance.stages import Stage
from tests.conformance.words import Alarm, Order, Word

ROUNDING = 1e-6  # seconds: virtual time is counted in microseconds


def send(text: str, *, eager: bool = False) -> Send:
    return Send("b", Word(text), eager)


def force(text: str) -> Force:
    return Force(Word(text))


def heard(stage: Stage, *texts: str) -> bool:
    return stage.process("b").words("a") == texts


# -- laws 1 and 2 ------------------------------------------------------------------------------------------------------


def test_effects_happen_in_the_order_written(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.submit("a", Order((send("1"), Note("one"), send("2"), force("r"), send("3"), Decide(Word("d")), send("4"))))
    stage.submit("a", Order((send("5"), Decide(Word("e")))))
    stage.until(lambda: heard(stage, "1", "2", "3", "4", "5") and len(stage.decisions) == 2)
    assert stage.decisions == [("a", Word("d")), ("a", Word("e"))]
    assert stage.journal("a") == (Word("r"),)


def test_a_message_does_not_leave_before_the_records_forced_before_it_are_durable(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.hold_disk("a")
    effects = (send("free"), force("promise"), send("held"), send("eager", eager=True), Decide(Word("d")))
    stage.submit("a", Order(effects))
    stage.until(lambda: heard(stage, "free", "eager"))
    assert (stage.journal("a"), stage.decisions) == ((), [])
    stage.release_disk("a")
    stage.until(lambda: heard(stage, "free", "eager", "held") and stage.decisions == [("a", Word("d"))])
    assert stage.journal("a") == (Word("promise"),)


def test_a_duplicate_request_during_the_first_fsync_leaks_no_promise(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.hold_disk("a")
    stage.submit("a", Order((force("promise"), send("promised"))))
    stage.until(lambda: len(stage.process("a").obeyed) == 1)
    stage.submit("a", Order((send("promised, as I said"),)))
    stage.submit("a", Order((send("only this may pass", eager=True),)))
    stage.until(lambda: heard(stage, "only this may pass"))
    stage.release_disk("a")
    stage.until(lambda: heard(stage, "only this may pass", "promised", "promised, as I said"))


def test_nothing_waits_for_a_record_that_was_only_appended(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.hold_disk("a")
    stage.submit("a", Order((Append(Word("lazy")), send("now"), Decide(Word("d")))))
    stage.until(lambda: heard(stage, "now") and stage.decisions == [("a", Word("d"))])
    assert stage.journal("a") == ()
    stage.release_disk("a")
    stage.submit("a", Order((force("forced"), send("later"))))
    stage.until(lambda: heard(stage, "now", "later"))
    assert stage.journal("a") == (Word("lazy"), Word("forced"))


def test_a_crashed_node_comes_back_with_exactly_its_durable_records(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.submit("a", Order((force("1"), Append(Word("2")), force("3"), send("kept"))))
    stage.until(lambda: heard(stage, "kept"))
    stage.hold_disk("a")
    stage.submit("a", Order((force("4"), send("never said"), Decide(Word("never decided")))))
    stage.until(lambda: len(stage.process("a").obeyed) == 2)
    stage.crash("a")
    stage.restart("a")
    stage.submit("a", Order((send("again"),)))
    stage.until(lambda: heard(stage, "kept", "Disconnected", "again"))
    assert stage.process("a").restored == (Word("1"), Word("2"), Word("3"))
    assert stage.process("a").words("a") == ("Recovered",)
    assert stage.decisions == []


def test_a_node_that_forced_nothing_recovers_too(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    stage.submit("a", Order((send("first life"),)))
    stage.until(lambda: heard(stage, "first life"))
    stage.crash("a")
    stage.restart("a")
    stage.until(lambda: stage.process("a").heard == (("a", "Recovered"),))
    assert stage.process("a").restored == ()


def test_a_second_crash_loses_nothing_of_the_first_life(stage_of: StageOf):
    stage = stage_of(probes("a", "b"))
    for life in ("1", "2", "3"):
        stage.submit("a", Order((force(life), send(life))))
        stage.until(lambda life=life: life in stage.process("b").words("a"))
        stage.crash("a")
        stage.restart("a")
    assert stage.process("a").restored == (Word("1"), Word("2"), Word("3"))


# -- law 3 -------------------------------------------------------------------------------------------------------------


def alarms(stage: Stage) -> tuple[str, ...]:
    return tuple(name for name, _ in stage.process("a").alarms)


def test_a_timer_fires_once_and_no_sooner_than_low(stage_of: StageOf):
    stage = stage_of(probes("a"))
    stage.submit("a", Order((SetTimer(Alarm("early"), 0.01, 0.02), SetTimer(Alarm("late"), 0.05, 0.06))))
    stage.until(lambda: "late" in alarms(stage))
    (early, at), (late, then) = stage.process("a").alarms
    (began,) = stage.process("a").obeyed
    assert (early, late) == ("early", "late")
    assert at - began >= 0.01 - ROUNDING
    assert then - began >= 0.05 - ROUNDING


def test_a_cancelled_timer_does_not_fire(stage_of: StageOf):
    stage = stage_of(probes("a"))
    timers = (SetTimer(Alarm("never"), 0.01, 0.01), SetTimer(Alarm("later"), 0.03, 0.03), CancelTimer(Alarm("never")))
    stage.submit("a", Order((*timers, CancelTimer(Alarm("was never set")))))
    stage.until(lambda: alarms(stage) == ("later",))


def test_a_timer_that_is_set_again_fires_once_from_the_second_time_on(stage_of: StageOf):
    stage = stage_of(probes("a"))
    again = SetTimer(Alarm("again"), 0.03, 0.03)
    stage.submit("a", Order((SetTimer(Alarm("again"), 0.01, 0.01), again, SetTimer(Alarm("end"), 0.05, 0.05))))
    stage.until(lambda: "end" in alarms(stage))
    assert alarms(stage) == ("again", "end")
    (began,) = stage.process("a").obeyed
    assert stage.process("a").alarms[0][1] - began >= 0.03 - ROUNDING


def test_of_two_timers_due_at_once_the_first_may_still_cancel_the_second(stage_of: StageOf):
    stage = stage_of(probes("a"))
    one, other = Alarm("one", (CancelTimer(Alarm("two")),)), Alarm("two")
    stage.submit("a", Order((SetTimer(one, 0.0, 0.0), SetTimer(other, 0.0, 0.0), SetTimer(Alarm("end"), 0.02, 0.02))))
    stage.until(lambda: "end" in alarms(stage))
    assert alarms(stage) == ("one", "end")


def test_a_timer_may_set_itself_again(stage_of: StageOf):
    stage = stage_of(probes("a"))
    tock = Alarm("tock", (SetTimer(Alarm("tick"), 0.0, 0.001),))
    stage.submit("a", Order((SetTimer(Alarm("tick", (SetTimer(tock, 0.0, 0.001),)), 0.0, 0.001),)))
    stage.until(lambda: len(alarms(stage)) == 3)
    assert alarms(stage) == ("tick", "tock", "tick")


def test_the_timers_of_a_crashed_node_are_gone(stage_of: StageOf):
    stage = stage_of(probes("a"))
    stage.submit("a", Order((SetTimer(Alarm("of another life"), 0.02, 0.02),)))
    stage.until(lambda: len(stage.process("a").obeyed) == 1)
    stage.crash("a")
    stage.restart("a")
    stage.submit("a", Order((SetTimer(Alarm("of this life"), 0.04, 0.04),)))
    stage.until(lambda: "of this life" in alarms(stage))
    assert alarms(stage) == ("of this life",)
