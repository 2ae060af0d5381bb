"""The screen in a real terminal: tmux runs it, sends keys, and reads what is on the glass."""

from __future__ import annotations

import os
import pty
import select
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import needs

PLAY = "import sys; from consensus_lab import tui; tui.run(sys.argv[1], step=int(sys.argv[2]))"
PATIENCE = 20.0  # seconds without any sign of life


class Terminal:
    """One tmux server of our own, with one window. A pipe from it says when something was written."""

    def __init__(self, tmux: str, folder: Path, columns: int, rows: int, command: str) -> None:
        self.tmux = [tmux, "-S", str(folder / "tmux"), "-f", os.devnull]
        pipe = folder / "written"
        os.mkfifo(pipe)
        self.written = os.open(pipe, os.O_RDWR)  # for writing too, so that opening waits for nobody
        self.run("new-session", "-d", "-s", "lab", "-x", str(columns), "-y", str(rows), command)
        self.run("pipe-pane", "-t", "lab", "-O", f"exec cat > {shlex.quote(str(pipe))}")

    def run(self, *words: str) -> str:
        return subprocess.run([*self.tmux, *words], check=True, capture_output=True, text=True, timeout=PATIENCE).stdout

    def keys(self, *keys: str) -> None:
        self.run("send-keys", "-t", "lab", *keys)

    def glass(self) -> str:
        """What can be read on it now."""
        return self.run("capture-pane", "-p", "-t", "lab")

    def wait(self, shows: Callable[[str], bool]) -> str:
        """What is on it as soon as it shows this; whatever is written meanwhile makes us look again."""
        while not shows(text := self.glass()):
            ready, _, _ = select.select([self.written], [], [], PATIENCE)
            assert ready, f"nothing was written any more, and this is on the screen:\n{text}"
            os.read(self.written, 1 << 16)
        return text

    def close(self) -> None:
        subprocess.run([*self.tmux, "kill-server"], check=False, capture_output=True, timeout=PATIENCE)
        os.close(self.written)


@contextmanager
def terminal(folder: Path, size: tuple[int, int], scenario: str, step: int = 0, env: str = "") -> Iterator[Terminal]:
    command = f"env -u COLUMNS -u LINES {env} {shlex.join([sys.executable, '-c', PLAY, scenario, str(step)])}".strip()
    opened = Terminal(needs("tmux"), folder, *size, command)
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_a_viewer_steps_forward_back_and_into_a_fault(size: tuple[int, int], tmp_path: Path) -> None:
    with terminal(tmp_path, size, "two-phase-commit/commits") as lab:
        lab.wait(lambda text: "step 0/15" in text and "? help" in text)
        lab.keys("Right", "Right", "Right")
        lab.wait(lambda text: "step 3/15" in text and "╰▶○ VoteRequest" in text)
        lab.keys("Left")
        lab.wait(lambda text: "step 2/15" in text)
        lab.keys("c")
        crashed = lab.wait(lambda text: "step 3/3" in text and "A new branch from here" in " ".join(text.split()))
        assert "✗" in crashed
        assert max(map(len, crashed.splitlines())) >= size[0] - 1
        lab.keys("<")
        lab.wait(lambda text: "Now in branch 'main'" in text and "/15" in text)


def test_uppercase_keys_and_dialogs_work_in_a_real_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path, (120, 40), "two-phase-commit/commits", step=1) as lab:
        lab.wait(lambda text: "step 1/15" in text)
        lab.keys("P")
        lab.wait(lambda text: "⏎ parts" in text)
        lab.keys("Enter")
        lab.wait(lambda text: "partition: coordinator | p1 p2" in text)
        lab.keys("H")
        lab.wait(lambda text: "heal all" in text and "partition:" not in text)
        lab.keys("?")
        lab.wait(lambda text: "let the chosen node's disk write" in text)
        lab.keys("Escape")
        lab.wait(lambda text: "let the chosen node's disk write" not in text)


THEN_WAIT = "sh -c '\"$@\"; echo left with $?; cat' sh"


def test_q_gives_the_terminal_back(tmp_path: Path) -> None:
    with terminal(tmp_path, (80, 24), "two-phase-commit/commits", env=THEN_WAIT) as lab:
        lab.wait(lambda text: "step 0/15" in text)
        lab.keys("q")
        text = lab.wait(lambda text: "left with 0" in text)
        assert "step" not in text, "the screen is as it was before"


def test_a_terminal_without_colours_can_read_it(tmp_path: Path) -> None:
    with terminal(tmp_path, (80, 24), "two-phase-commit/storm", step=12, env="env NO_COLOR=1") as lab:
        text = lab.wait(lambda text: "step 12/34" in text and "drop Yes" in text)
        assert "✗ drop Yes" in text
        coloured = lab.run("capture-pane", "-p", "-e", "-t", "lab")
        assert "\x1b[38;2;255;122;69m" not in coloured, "the colour of faults"


IGNORING_THE_HANG_UP = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); {PLAY}"


def test_the_screen_ends_when_its_terminal_is_gone() -> None:
    """Also when the hang-up does not reach it, as under nohup."""
    glass, terminal = pty.openpty()
    command = [sys.executable, "-c", IGNORING_THE_HANG_UP, "two-phase-commit/commits", "0"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    screen = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment, start_new_session=True
    )
    os.close(terminal)
    try:
        seen = b""
        while b"coordinator" not in seen:
            assert select.select([glass], [], [], PATIENCE)[0]
            seen += os.read(glass, 1 << 16)
        os.close(glass)
        assert screen.wait(PATIENCE) == 1
    finally:
        screen.kill()
        screen.wait()
