"""``consensus-lab sweep``: its kinds, its exit codes, and what it refuses in a sentence."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab.cli import main


def sweep(*words: object) -> Result:
    return CliRunner().invoke(main, ["sweep", *map(str, words)])


def test_seeds_hold(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    shown = sweep("seeds", "two-phase-commit", "--seeds", 5, "--workers", 1, "--json", report)
    assert shown.exit_code == 0
    assert shown.output.startswith("5 seeds: ")
    assert json.loads(report.read_text())["counters"]["survived"] == 5


def test_a_grid_of_bounds_is_swept() -> None:
    shown = sweep("bounds", "two-phase-commit", "--crashes", "0-1", "--losses", "0-1", "--workers", 1)
    assert shown.exit_code == 0
    assert shown.output.startswith("4 bounds: 4 proved, ")


def test_a_failure_is_named_and_exits_with_1() -> None:
    shown = sweep("bounds", "two-phase-commit", "--crashes", "2", "--states", 100, "--workers", 1)
    assert shown.exit_code == 1
    assert "  crashes 2, losses 0, duplicates 0  not falsified within this budget" in shown.output


@pytest.mark.parametrize("kind", ["seeds", "bounds", "mutants", "submissions"])
def test_the_help_of_every_kind_has_an_example(kind: str) -> None:
    shown = sweep(kind, "--help")
    assert "Examples:" in shown.output
    assert f"consensus-lab sweep {kind}" in shown.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("seeds", "raft"), "protocols are two-phase-commit"),
        (("seeds", "paxos", "--cast", "proposers"), "a cast's parameter is written NAME=VALUE"),
        (("bounds", "paxos", "--crashes", "2-1"), "crashes must be FROM-TO, the smaller number first, not 2-1"),
        (("bounds", "paxos", "--crashes", "some"), "crashes must be a whole number, not 'some'"),
        (("mutants", "raft"), "there is no protocol 'raft'"),
        (("seeds", "paxos", "--tls-ca", __file__), "TLS needs all three of --tls-ca, --tls-cert and --tls-key"),
        (
            ("seeds", "paxos", "--tls-ca", __file__, "--tls-cert", __file__, "--tls-key", __file__),
            "are for --scheduler tls://HOST:PORT",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(words: tuple[str, ...], why: str) -> None:
    shown = sweep(*words)
    assert shown.exit_code == 2
    assert why in shown.output
    assert "Traceback" not in shown.output
