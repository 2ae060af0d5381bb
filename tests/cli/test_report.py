"""What the terminal says of a performance as a whole."""

from click.testing import CliRunner

from consensus_lab.cli import main


def test_an_invariant_that_fell_on_the_way_is_told_as_fallen_though_it_holds_again_in_the_end():
    shown = CliRunner().invoke(main, ["run", "three-phase-commit/partition-splits", "--quiet"])
    assert shown.exit_code == 0
    assert "✗ NB (nobody has committed while anyone who is up is uncertain): coordinator decided" in shown.output
