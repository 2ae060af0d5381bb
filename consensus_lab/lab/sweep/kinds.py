"""What a sweep can ask of one item: a seed, a bound, a wrong answer, a submission. Each gives a tally of that item."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from consensus_lab.check import Ruling, explore
from consensus_lab.check.claims import Always
from consensus_lab.check.fuzz import Campaign, menu_of
from consensus_lab.check.verdict import Verdict
from consensus_lab.kernel import Cast
from consensus_lab.kernel.trace import read_parameters
from consensus_lab.lab.catalogue import protocol
from consensus_lab.lab.checking import cast_of
from consensus_lab.lab.grade import GraderFailed, grade
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.mutants import Mutant, bank
from consensus_lab.lab.reports import Report
from consensus_lab.lab.sweep.tally import Row, Tally
from consensus_lab.lab.sweep.work import Item
from consensus_lab.lab.trials import Refuted, script
from consensus_lab.lab.workbook import open_workbook


@dataclass(frozen=True)
class Kind:
    """`one` does an item, given what all have in common; `name_of` is what a report calls it."""

    one: Callable[[Row, Item], Tally]
    name_of: Callable[[Item], str] = str


# -- whose protocol ----------------------------------------------------------------------------------------------------


def played(target: str, words: str) -> Row:
    """What is common to all that play one target; a file of somebody's own travels as its text.

    Raises BadInput for a target that cannot be cast.
    """
    cast_of(target, read_parameters(words))
    source = Path(target.rpartition(":")[0]).read_text(encoding="utf-8") if ".py:" in target else ""
    return {"target": target, "words": words, "source": source}


@dataclass(frozen=True, eq=False)
class Played:
    """A cast, and where its own class was read, if it has one: in a file that was there only to be read."""

    cast: Cast
    file: str = ""

    def told(self, what: str, common: Row) -> str:
        """A sentence as it reads where the file came from."""
        return what.replace(self.file, common["target"].rpartition(":")[0]) if self.file else what


def playing(common: Row) -> Played:
    """Who plays, wherever this is: no file need be there."""
    return _playing(common["target"], common["words"], common["source"])


@cache
def _playing(target: str, words: str, source: str) -> Played:
    if not source:
        return Played(cast_of(target, read_parameters(words)))
    path, _, name = target.rpartition(":")
    with tempfile.TemporaryDirectory(prefix="consensus-lab-sweep-") as folder:
        file = Path(folder) / Path(path).name
        file.write_text(source, encoding="utf-8")
        return Played(cast_of(f"{file}:{name}", read_parameters(words)), str(file))


# -- the kinds ---------------------------------------------------------------------------------------------------------


def play_seed(common: Row, seed: Item) -> Tally:
    """One seed of the fuzzer's campaign: does anything fall?"""
    played = playing(common)
    campaign = _campaign(played)
    before = replace(campaign.statistics)
    failure = campaign.run([seed])
    figures = Counter(
        events=campaign.statistics.events - before.events,
        decisions=campaign.statistics.decisions - before.decisions,
    )
    if failure is None:
        return Tally(counters=figures + Counter(survived=1))
    what = played.told(str(failure.fallen), common)
    fallen = {"item": f"seed {seed}", "what": what, "steps": len(failure.trail)}
    return Tally(counters=figures + Counter(refuted=1), failures=[fallen])


@cache
def _campaign(played: Played) -> Campaign:
    """What a worker has learnt of a cast in one seed serves it in the next."""
    return Campaign(played.cast, menu_of(played.cast))


def search_bound(common: Row, bound: Item) -> Tally:
    """Every schedule within one bound."""
    played = playing(common)
    verdict = searched(played.cast, common | bound)
    counters = Counter({verdict.ruling.value: 1, "states": verdict.progress.distinct})
    what = played.told(verdict.finding, common)
    failure = {"item": bound_in_words(bound), "what": what, "states": verdict.progress.distinct}
    return Tally(counters=counters, failures=[failure] if verdict.ruling is not Ruling.PROVED else [])


def searched(cast: Cast, options: Row) -> Verdict:
    """The verdict on a cast's invariants within the bound that is among these options."""
    bound = {name: value for name, value in options.items() if name in BOUNDS}
    return explore(cast, **bound, states=options["states"], seconds=options["seconds"]).judge(Always(cast.invariants))


BOUNDS = ("crashes", "losses", "duplicates", "timeouts")


def bound_in_words(bound: Item) -> str:
    """``crashes 1, losses 0``."""
    return ", ".join(f"{name} {count}" for name, count in bound.items())


def kill_mutant(common: Row, name: Item) -> Tally:
    """Is a wrong answer told from the reference: by its own story, or by a search when a bound is given?"""
    mutant = next(each for each in bank(common["protocol"]) if each.name == name)
    how = killed_by_search if common["search"] else killed_by_story
    if how(common, mutant):
        return Tally(counters=Counter(killed=1))
    return Tally(counters=Counter(survived=1), failures=[{"item": name, "what": f"survived: {mutant.wrong}"}])


def killed_by_story(common: Row, mutant: Mutant) -> bool:
    """Its story goes as told with the reference, and not with the mutant."""
    cast = protocol(common["protocol"]).cast
    script(cast(**mutant.cast), mutant.script)
    try:
        script(cast(**mutant.cast, **{mutant.role: mutant.kind}), mutant.script)
    except Refuted:
        return True
    return False


def killed_by_search(common: Row, mutant: Mutant) -> bool:
    """A search within the bound falsifies an invariant of its cast."""
    cast = protocol(common["protocol"]).cast(**mutant.cast, **{mutant.role: mutant.kind})
    return searched(cast, common).ruling is Ruling.FALSIFIED


def grade_submission(common: Row, submission: Item) -> Tally:
    """One student's file: the lesson's tests in a process of their own, with a limit of time."""
    with tempfile.TemporaryDirectory(prefix="consensus-lab-sweep-") as folder:
        file = Path(folder) / "exercise.py"
        file.write_text(submission["text"], encoding="utf-8")
        row = {"student": submission["student"], "file": submission["file"], "timestamp": submission["timestamp"]}
        try:
            report = grade(open_workbook(str(file)), patience=common["patience"])
        except (BadInput, GraderFailed) as error:
            what = str(error).replace(str(file), submission["file"])
            return _graded(row | {"lesson": "", "score": 0.0, "max_score": 0.0, "status": "error"}, what)
        counted = report.strict() if common["strict"] else report
        figures = {"lesson": report.lesson, "score": counted.score, "max_score": counted.max_score}
        return _graded(row | figures | {"status": counted.status}, complaint(counted, str(file), submission["file"]))


def complaint(report: Report, file: str, submitted: str) -> str:
    """The first thing that is wrong, in a line; empty when nothing is."""
    wrong = [result for result in report.results if result.status != "pass"]
    told = [*report.errors, *(f"{result.number} {result.name}: {result.message}" for result in wrong)]
    return told[0].partition("\n")[0].replace(file, submitted) if told else ""


def _graded(row: Row, what: str) -> Tally:
    failures = [{"item": row["student"], "what": what}] if row["status"] != "pass" else []
    return Tally(counters=Counter({row["status"]: 1}), rows=[row], failures=failures)


KINDS = {
    "seeds": Kind(play_seed, lambda seed: f"seed {seed}"),
    "bounds": Kind(search_bound, bound_in_words),
    "mutants": Kind(kill_mutant),
    "submissions": Kind(grade_submission, lambda submission: str(submission["student"])),
}
