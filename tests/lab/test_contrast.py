"""One fault script on five protocols: who decides, who blocks, and the price, against the textbooks (N3, E12, N15)."""

from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from consensus_lab.cli import main
from consensus_lab.lab.contrast import PLAYERS, Player, Result, load_contrast, perform, rows, shipped
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.protocols.commitment import Abort, Commit

NAMES = [player.name for player in PLAYERS]


@cache
def results(script: str) -> dict[str, Result]:
    return {result.player.name: result for result in rows(load_contrast(script))}


@pytest.mark.parametrize("player", PLAYERS, ids=NAMES)
def test_what_nothing_disturbs_costs_what_the_textbook_says(player: Player):
    result = perform(load_contrast("nothing-fails"), player)
    assert result.cost == player.formula, player.source
    assert set(result.decided) == set(player.cast.addresses)


@pytest.mark.parametrize("script", ["lost-before-anyone-heard", "lost-after-one-heard"])
def test_of_all_that_lose_a_leader_who_has_decided_two_phase_commit_alone_blocks(script: str):
    for name, result in results(script).items():
        assert bool(result.blocked) == (name == "two-phase-commit"), name
        assert result.down == (result.leader,)
        assert not result.violations
        assert {type(value) for value in result.decided.values()} & {Abort} == set(), "the decision stands"


def test_who_is_cut_off_from_a_coordinator_blocks_only_in_two_phase_commit():
    assert [name for name, result in results("cut-off-before-anyone-heard").items() if result.blocked] == [NAMES[0]]


def test_a_network_that_splits_splits_three_phase_commit_and_nobody_who_asks_a_quorum():
    found = results("cut-off-undecided")
    assert {type(value) for value in found["three-phase-commit"].decided.values()} == {Commit, Abort}
    broken = {name: [v.invariant.name for v in result.violations] for name, result in found.items()}
    assert {name: names for name, names in broken.items() if names} == {"three-phase-commit": ["AC1"]}


def test_whoever_comes_back_finds_that_what_it_decided_stands():
    for name, result in results("lost-and-found").items():
        assert (result.blocked, result.down, result.violations) == ((), (), ()), name


def test_every_script_is_told_in_one_table():
    told = CliRunner().invoke(main, ["contrast"])
    assert told.exit_code == 0
    for name in shipped():
        assert load_contrast(name).title in told.output
    assert told.output.count("two-phase-commit") == len(shipped())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title: x\n\nask the king\n", "line 3: expected 'wait SECONDS s' or one of ask the leader; "),
        ("colour: red\n\nheal\n", "line 1: expected one of title:, summary:, got 'colour: red'"),
        ("title: x\n\nheal\n", "line 3: cannot heal all: no link is cut"),
        ("title: x\n\nwait until one other has decided\n", "line 3: on paxos it never came to it that one"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused_with_its_line(text: str, sentence: str, tmp_path: Path):
    path = tmp_path / "mine.txt"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"mine\.txt") as refused:
        list(rows(load_contrast(str(path))))
    assert sentence in str(refused.value)


def test_a_script_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(BadInput, match=r"there is no contrast 'storm'.*nothing-fails, lost-before-anyone-heard"):
        load_contrast("storm")


def test_multi_paxos_breaks_the_order_of_a_primary_with_two_proposals_under_way_and_zab_keeps_it():
    broken = load_scenario("multi-paxos/primary-order").perform()
    assert [v.invariant.name for v in broken.end.violations()] == ["LocalPrimaryOrder"]
    kept = load_scenario("zab/primary-order").perform()
    assert "LocalPrimaryOrder" in {claim.name for claim in kept.end.cast.invariants}
    assert kept.end.violations() == ()
