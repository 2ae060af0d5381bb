"""What others found out about published histories, this checker finds, too."""

import pytest

from consensus_lab.check.linearizability import MODELS, Model, PartVerdict, Ruling, Window, judge, minimise
from consensus_lab.check.linearizability.search import Meter
from tests.check.linearizability.published import history, verdicts

PUBLISHED = verdicts()
VIOLATED = [name for name, linearizable in PUBLISHED.items() if not linearizable]


def model_of(name: str) -> Model:
    return MODELS["register" if name.startswith("etcd") else "kv"]()


def test_all_108_are_here() -> None:
    assert len(PUBLISHED) == 108
    assert len(VIOLATED) == 82


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_verdict_agrees_with_the_published_one(name: str) -> None:
    verdict = judge(history(name), model_of(name), steps=1_000_000)
    assert verdict.ruling is (Ruling.LINEARIZABLE if PUBLISHED[name] else Ruling.VIOLATED)


@pytest.mark.parametrize("name", [name for name in VIOLATED if name.startswith("etcd")])
def test_a_window_of_a_register_shows_no_more_than_a_reader_can_follow(name: str) -> None:
    window = minimise(offending(name), model_of(name))
    assert 1 <= len(window.operations) <= 7


@pytest.mark.parametrize("name", ["etcd_000", "etcd_057", "etcd_099", "c10-bad"])
def test_nothing_can_be_spared_of_a_window(name: str) -> None:
    window = minimise(offending(name), model_of(name))
    assert has_no_order(window)
    for index in range(len(window.operations)):
        spared = window.operations[index].unanswered()
        rest = (*window.operations[:index], *window.operations[index + 1 :])
        assert not rest or not has_no_order(
            Window(window.model, window.key, (*rest, spared), window.states, window.free)
        )


def offending(name: str) -> PartVerdict:
    part = judge(history(name), model_of(name)).offending
    assert part is not None
    return part


def has_no_order(window: Window) -> bool:
    return not any(window.search(state, Meter()).run() for state in window.states)
