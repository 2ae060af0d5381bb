"""``consensus-lab linearizable``: what it says, draws and refuses; and its exit codes."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from consensus_lab.check.linearizability.notation import HistoryFile, write
from consensus_lab.cli import main
from tests.check.linearizability.published import history

GOLDEN = Path(__file__).parent / "golden"
STALE = """\
consensus-lab history 1
model: register
initial: 0

alice  0..10   write(1)
bob    5..20   write(2)
carol  12..30  read() -> 2
dave   40..50  read() -> 1
carol  60..70  read() -> 2
erin   15..    write(3)
"""


def invoke(tmp_path: Path, text: str, *options: str) -> Result:
    file = tmp_path / "history.txt"
    file.write_text(text)
    return CliRunner().invoke(main, ["linearizable", str(file), *options])


def test_a_violation_is_drawn_with_what_it_does_not_depend_on(
    tmp_path: Path, golden: Callable[[Path, str], None]
) -> None:
    shown = invoke(tmp_path, STALE)
    assert shown.exit_code == 1
    golden(GOLDEN / "stale-read.txt", shown.output)


def test_labels_that_would_make_it_too_wide_become_numbers(tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    shown = invoke(tmp_path, write(HistoryFile(history("etcd_057"), "register")))
    golden(GOLDEN / "etcd-057.txt", shown.output)
    assert max(map(len, shown.output.splitlines()[2:-2])) <= 120


def test_the_picture_stands_alone(tmp_path: Path) -> None:
    shown = invoke(tmp_path, STALE, "--svg", str(tmp_path / "window.svg"))
    picture = ElementTree.parse(tmp_path / "window.svg").getroot()
    texts = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert shown.output.endswith(f"Drawn in {tmp_path / 'window.svg'}\n")
    assert {"dave", "read() -> 1"} <= set(texts)


def test_an_order_explains_a_short_history(tmp_path: Path) -> None:
    shown = invoke(tmp_path, STALE.replace("read() -> 1", "read() -> 2"))
    assert shown.exit_code == 0
    assert shown.output.startswith("linearizable (6 operations on a register")
    assert "the register: write(1), write(2), read() -> 2, read() -> 2, read() -> 2\n" in shown.output


def test_a_spent_budget_proves_nothing(tmp_path: Path) -> None:
    shown = invoke(tmp_path, STALE, "--steps", "1")
    assert shown.exit_code == 3
    assert shown.output.startswith("unknown: the register not settled within 1 steps")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello", "a history begins with 'consensus-lab history 1'"),
        (STALE.replace("model: register\n", ""), "does not say what was called: give --model with one of kv, register"),
        (STALE.replace("register", "stack"), "knows no model 'stack': give --model with one of"),
        (STALE.replace("write(3)", "push(3)"), "a register has no push: it has read(), write(new), cas("),
        (STALE.replace("write(3)", "write([3])"), "write([3]) cannot be judged, unhashable type: 'list': use tuples"),
        (STALE.replace("initial: 0", "initial: [0]"), "the initial state cannot be judged, unhashable type: 'list'"),
        (STALE.replace("bob    5..20", "bob 5-20"), "line 6: expected 'CLIENT  CALLED..RETURNED"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_a_sentence(tmp_path: Path, text: str, why: str) -> None:
    shown = invoke(tmp_path, text)
    assert shown.exit_code == 2
    assert why in shown.output
    assert "Traceback" not in shown.output


def test_what_is_neither_a_history_nor_a_scenario_is_refused(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["linearizable", str(tmp_path / "none")])
    assert shown.exit_code == 2
    assert "there is no scenario" in shown.output
    assert "a history begins with 'consensus-lab history 1'" in shown.output
