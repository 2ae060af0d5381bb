"""Adversary exercises: who learns picks every step, within a bound; what does it earns points, the shortest most."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus_lab.check import explore
from consensus_lab.check.claims import Always, Quiescent
from consensus_lab.check.goals import everyone_decides
from consensus_lab.check.keeping import Filing, filing
from consensus_lab.lab.mutants.schedules import WRONG
from consensus_lab.lab.mutants.two_phase_commit import CommitsAtTheFirstYes
from consensus_lab.lab.schedules import LEAST, Adversary, Game, Played, played
from consensus_lab.lab.trials import NotWritten, Refuted
from consensus_lab.protocols.commitment import agreement
from consensus_lab.protocols.two_phase_commit import cast

SPLIT = Game("split", explore(cast(2, coordinator=CommitsAtTheFirstYes), timeouts=1), Always((agreement,)))
BLOCK = Game("block", explore(cast(1), crashes=1), Quiescent((everyone_decides(cast(1)),)))


@pytest.fixture(autouse=True)
def traces(tmp_path: Path) -> Iterator[None]:
    """What is refuted leaves its trace where pytest cleans up."""
    token = filing.set(Filing(tmp_path))
    yield
    filing.reset(token)


class Says(Adversary):
    def __init__(self, text: str) -> None:
        self.text = text

    def schedule(self, game: Game) -> str:
        return self.text


def refused(text: str, game: Game = SPLIT) -> str:
    with pytest.raises(Refuted) as error:
        played(Says(text), game)
    return str(error.value)


@pytest.mark.parametrize("game", [SPLIT, BLOCK], ids=lambda game: game.name)
def test_the_reference_searches_and_finds_a_shortest_schedule(game: Game) -> None:
    found = played(Adversary(), game)
    assert found.steps == found.shortest > 0
    assert (found.share, found.remark) == (1.0, "")


def test_what_is_written_may_name_messages_and_have_comments() -> None:
    short = [line.partition("(")[0] for line in SPLIT.shortest]
    assert played(Says("# first\n\n" + "  # why not\n".join(short)), SPLIT).share == 1.0


def test_a_longer_schedule_earns_less_but_never_nothing() -> None:
    longer = ["submit coordinator Begin", "deliver coordinator -> p2 VoteRequest", "sync p2"]
    rest = ["deliver coordinator -> p1 VoteRequest", "sync p1", "deliver p1 -> coordinator Yes", "sync coordinator"]
    game = Game(
        "early", explore(cast(3, coordinator=CommitsAtTheFirstYes), timeouts=1), Always(cast(3).invariants[2:3])
    )
    found = played(Says("\n".join([*longer, *rest])), game)
    assert 0 < found.share < 1
    assert found.remark == f"It takes {found.steps} steps; {found.shortest} would do."
    assert Played(1_000, 1).share == LEAST


def test_what_comes_after_the_claim_has_fallen_does_not_count() -> None:
    assert played(Says("\n".join([*SPLIT.shortest, "sync nobody at all"])), SPLIT).remark == ""


def test_an_award_is_points_and_a_remark() -> None:
    told: dict[str, object] = {}
    Played(12, 9).award(told.__setitem__, 2)
    assert told == {"earned": 1.5, "remark": "It takes 12 steps; 9 would do."}


def test_a_line_that_cannot_happen_is_told_with_what_could() -> None:
    said = refused("submit coordinator Begin\nsync p1")
    assert said.startswith("cannot sync p1: it has written nothing that is not durable yet. Possible here: ")
    assert (
        "In the schedule for 'split', at line 2, 'sync p1', after these steps:\n     1  submit coordinator Begin"
        in said
    )


def test_a_line_that_is_no_choice_is_told_with_how_one_is_written() -> None:
    assert refused("make it so").startswith("cannot read 'make it so': a choice begins with one of crash, cut, ")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("crash p1", "cannot crash p1: it is not allowed here (no faults; 1 timeout; "),
        (
            "fire p1 RequestOverdue\nfire p2 RequestOverdue",
            "cannot fire p2 RequestOverdue(T1): no more than 1 of them is",
        ),
        ("pause p1", "cannot pause p1: it is not allowed here"),
    ],
)
def test_the_bound_is_the_rule_of_the_game(line: str, says: str) -> None:
    assert refused(line).startswith(says)


def test_a_schedule_that_ends_too_soon_says_what_still_holds_or_could_happen() -> None:
    assert refused("submit coordinator Begin").startswith("AC1 (all who decide decide alike) still holds")
    soon = refused("\n".join(BLOCK.shortest[:-1]), BLOCK)
    assert soon.startswith("it is not over: ")
    assert soon.splitlines()[1] == f"  In the schedule for 'block', after all its {len(BLOCK.shortest) - 1} steps:"


def test_what_is_not_written_yet_asks_its_question() -> None:
    class Asking(Adversary):
        def schedule(self, game: Game) -> str:
            raise NotImplementedError(f"how to {game.name}?")

    with pytest.raises(NotWritten, match=r"not written yet: .*Asking\.schedule asks: how to split\?"):
        played(Asking(), SPLIT)


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_answers_are_refused(wrong: type[Adversary]) -> None:
    for game in (SPLIT, BLOCK):
        with pytest.raises(Refuted):
            played(wrong(), game)
