"""A sweep asks everything once, however it is cut, by whomever it is done, and whoever dies meanwhile."""

import json
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from consensus_lab.lab.sweep import Batch, Done, Lost, Pool, Serial, Sweep, Tally, Work
from consensus_lab.lab.sweep.engines import TRIES
from consensus_lab.lab.sweep.kinds import played
from consensus_lab.lab.sweep.report import as_csv, as_json, told
from consensus_lab.lab.sweep.sizing import AIM, LEAST, Sizer
from consensus_lab.lab.sweep.work import Outcome, perform

SEEDS = Work("seeds", played("two-phase-commit", "participants=2"))
DEADLY = """\
import os
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator

class Deadly(Coordinator):
    def count_vote(self, yes, ctx):
        os._exit(1)
"""
HASTY = """\
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import Commit

class Hasty(Coordinator):
    def count_vote(self, yes, ctx):
        self.conclude(Commit(yes.tx), ctx)
"""


def of_class(tmp_path: Path, text: str, name: str) -> Work:
    file = tmp_path / "mine.py"
    file.write_text(text)
    work = Work("seeds", played(f"{file}:{name}", ""))
    file.unlink()  # whoever does the work has been sent its text
    return work


# -- how it is cut -----------------------------------------------------------------------------------------------------


def test_the_first_batch_is_of_one_and_later_ones_are_worth_handing_out() -> None:
    sizer = Sizer(range(1_000))
    batches = sizer.batches()
    assert next(batches).items == (0,)
    sizer.learn(Tally(done=1, seconds=0.001))
    batch = next(batches)
    assert len(batch.items) * 0.001 >= LEAST
    assert len(batch.items) == round(AIM / 0.001)


@pytest.mark.parametrize(("seconds", "size"), [(5.0, 1), (0.0, 10_000), (1e-9, 10_000)])
def test_a_batch_has_an_item_at_least_and_not_too_many(seconds: float, size: int) -> None:
    sizer = Sizer(range(10))
    sizer.learn(Tally(done=1, seconds=seconds))
    assert sizer.size == size


def test_every_item_is_in_one_batch_whatever_is_learnt_meanwhile() -> None:
    sizer, items = Sizer(range(50)), []
    for batch in sizer.batches():
        items += batch.items
        sizer.learn(Tally(done=1, seconds=AIM / (1 + batch.number % 7)))
    assert items == list(range(50))


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_seeds_that_refute_a_claim_are_named_in_order(tmp_path: Path) -> None:
    sweep = Sweep(of_class(tmp_path, HASTY, "Hasty"), Serial()).run(range(1, 31), batch=7)
    assert sweep.tally.done == 30
    assert 0 < sweep.tally.counters["refuted"] == len(sweep.tally.failures) < 30
    assert sweep.tally.failures[0]["what"].startswith("AC")
    assert sweep.complete


def test_a_rule_that_raises_is_told_with_the_file_it_came_from(tmp_path: Path) -> None:
    raising = HASTY.replace("self.conclude(Commit(yes.tx), ctx)", "raise ValueError('oh')")
    failures = Sweep(of_class(tmp_path, raising, "Hasty"), Serial()).run(range(1, 11)).tally.failures
    assert failures[0]["what"].endswith(f"oh ({tmp_path / 'mine.py'}, line 6)")


def test_bounds_are_proved_or_not_and_a_limit_never_passes() -> None:
    work = Work("bounds", played("two-phase-commit", "participants=1") | {"states": 300, "seconds": 60})
    sweep = Sweep(work, Serial()).run([{"crashes": 0}, {"crashes": 2}])
    assert sweep.tally.counters["proved"] == 1
    (failure,) = sweep.tally.failures
    assert failure["item"] == "crashes 2"
    assert failure["what"] == "not falsified within this budget, and not proved"


def test_every_known_wrong_answer_is_killed_by_its_story() -> None:
    names = ["CommitsAtTheFirstYes", "ForgetsTheLock"]
    work = Work("mutants", {"protocol": "two-phase-commit", "search": False})
    assert Sweep(work, Serial()).run(names).tally.counters == {"killed": 2}


def test_a_wrong_answer_that_the_bound_does_not_show_survives() -> None:
    bound = {"crashes": 0, "losses": 0, "states": 10_000, "seconds": 60}
    work = Work("mutants", {"protocol": "two-phase-commit", "search": True} | bound)
    (failure,) = Sweep(work, Serial()).run(["ForgetsTheLock"]).tally.failures
    assert failure["what"].startswith("survived: ")


def test_what_one_item_raises_is_its_failure_and_ends_no_other() -> None:
    work = Work("mutants", {"protocol": "two-phase-commit", "search": False})
    told_of = Tally.of_json(perform(work.kind, work.common, ["Nobody", "ForgetsTheLock"]))
    assert told_of.done == 2
    assert told_of.failures == [{"item": "Nobody", "what": "StopIteration: "}]


# -- who does it -------------------------------------------------------------------------------------------------------


def test_a_pool_finds_what_one_process_finds(tmp_path: Path) -> None:
    work = of_class(tmp_path, HASTY, "Hasty")
    alone, together = Sweep(work, Serial()).run(range(1, 31)), Sweep(work, Pool(2)).run(range(1, 31))
    assert together.tally.counters == alone.tally.counters
    assert json.loads(as_json(together))["failures"] == json.loads(as_json(alone))["failures"]


def test_a_worker_that_is_killed_loses_nothing() -> None:
    killed = []

    def kill_one(sweep: Sweep) -> None:
        if not killed:
            killed.append(multiprocessing.active_children()[0])
            os.kill(killed[0].pid or 0, signal.SIGKILL)

    sweep = Sweep(SEEDS, Pool(2)).run(range(1, 41), batch=2, tell=kill_one)
    assert killed
    assert sweep.complete
    assert sweep.tally.done == 40
    assert sweep.batches == 20
    assert sweep.tally.counters["survived"] == 40
    assert not multiprocessing.active_children()


def test_a_batch_that_kills_its_worker_every_time_is_given_up_and_named(tmp_path: Path) -> None:
    sweep = Sweep(of_class(tmp_path, DEADLY, "Deadly"), Pool(1)).run(range(1, 11), batch=10)
    names = [f"seed {seed}" for seed in range(1, 11)]
    assert sweep.lost == [{"batch": 1, "items": names, "why": f"it killed its worker {TRIES} times"}]
    assert not sweep.complete
    assert f"  not done: {', '.join(names)}: it killed its worker 3 times" in list(told(sweep))


class Interrupted(Serial):
    """Ctrl-C comes after the first batch."""

    def map_batches(self, work: Work, batches: Iterable[Batch]) -> Iterator[Outcome]:
        yield next(iter(super().map_batches(work, batches)))
        raise KeyboardInterrupt


def test_an_interrupt_keeps_what_was_found_out() -> None:
    sweep = Sweep(SEEDS, Interrupted()).run(range(1, 9), batch=3)
    assert (sweep.tally.done, sweep.complete) == (3, False)
    assert list(told(sweep))[-1] == "  interrupted: what was not done yet is not in these figures"


# -- what is said ------------------------------------------------------------------------------------------------------


def finished() -> Sweep:
    sweep = Sweep(SEEDS, Serial())
    failures = [{"item": f"seed {n}", "what": "AC1 fell", "steps": 9} for n in (10, 9)]
    sweep._take(Done(Batch(1, (9, 10, 11)), Tally(3, 0.5, failures=failures)), Sizer([]))
    sweep._take(Lost(Batch(2, (12,)), "it killed its worker 3 times"), Sizer([]))
    return sweep


def test_failures_come_in_order_whatever_the_order_of_batches() -> None:
    assert [line for line in told(finished()) if "fell" in line] == ["  seed 9   AC1 fell", "  seed 10  AC1 fell"]
    assert as_csv(finished()) == "item,what\nseed 9,AC1 fell\nseed 10,AC1 fell\n"


def test_a_report_says_what_was_not_done() -> None:
    report = json.loads(as_json(finished()))
    assert (report["format"], report["complete"], report["done"]) == ("consensus-lab-sweep", False, 3)
    assert report["lost"] == [{"batch": 2, "items": ["seed 12"], "why": "it killed its worker 3 times"}]
