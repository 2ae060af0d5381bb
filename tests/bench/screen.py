"""Times the stepping screen as a terminal sees it: through a pty, from a key to the last byte that answers it.

A trace of 10,000 events is opened, in a process of its own, at three sizes. Printed, never asserted: a busy machine is
no bug. The targets, at 120x40: median under 20 ms, p95 under 60 ms, first paint under 1 s, memory under 120 MiB.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import ClassVar

from consensus_lab.kernel.notation import vocabulary
from consensus_lab.kernel.trace import Header, read
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Seeded, play
from tests.tui.toy import toy

EVENTS = 10_000
SIZES = ((80, 24), (120, 40), (200, 60))
KEYS = {"→ step": b"\x1b[C", "← back": b"\x1b[D", "page": b"\x1b[6~"}
PRESSES = 60
STARTS = 5
BARE = "bare"
"""What plays no trace: a Textual app that shows a line, so that the first paint can be told as a ratio."""


class Terminal:
    """The screen in a child process, seen through a pty."""

    def __init__(self, plays: str, columns: int, rows: int) -> None:
        """`plays` is the path of a trace, or `BARE`."""
        self.begun = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(columns), LINES=str(rows))
            os.environ.pop("NO_COLOR", None)
            os.execv(sys.executable, [sys.executable, "-m", "tests.bench.screen", plays])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def answer(self, quiet: float, limit: float) -> tuple[float | None, bytes]:
        """Everything until it says nothing for `quiet` seconds, and when its last byte came."""
        data, last, end = b"", None, time.perf_counter() + limit
        while time.perf_counter() < end:
            if not select.select([self.fd], [], [], quiet)[0]:
                if last is not None:
                    break
                continue
            try:
                data += os.read(self.fd, 1 << 16)
            except OSError:  # the child has closed its end
                break
            last = time.perf_counter()
        return last, data

    def first_paint(self) -> float:
        """Seconds from the start until the diagram is there."""
        seen = b""
        while b"n1" not in seen or "│".encode() not in seen:
            select.select([self.fd], [], [], 10)
            seen += os.read(self.fd, 1 << 16)
        return time.perf_counter() - self.begun

    def press(self, key: bytes) -> tuple[float, int]:
        """Seconds from the key to the last byte, and how many bytes."""
        pressed = time.perf_counter()
        os.write(self.fd, key)
        last, data = self.answer(quiet=0.06, limit=2.0)
        return (last or pressed) - pressed, len(data)

    def memory(self) -> float:
        """Resident memory, in MiB."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024

    def close(self) -> None:
        os.write(self.fd, b"q")
        self.answer(quiet=0.5, limit=5.0)
        if os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def first_paint(plays: str, columns: int, rows: int) -> float:
    """Seconds to the first paint, the terminal closed again."""
    terminal = Terminal(plays, columns, rows)
    try:
        return terminal.first_paint()
    finally:
        terminal.answer(quiet=0.5, limit=20.0)
        terminal.close()


def measure_starts(trace: Path, columns: int, rows: int) -> None:
    """Print the first paint beside that of a bare app, taken in turn, so that both meet the same load."""
    pairs = [[first_paint(plays, columns, rows) for plays in (BARE, str(trace))] for _ in range(STARTS)]
    bare, lab = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    print(
        f"{columns}x{rows}, {EVENTS} events: first paint {lab:.0f} ms, "
        f"{lab / bare:.1f} times that of a bare Textual app ({bare:.0f} ms)"
    )


def measure(trace: Path, columns: int, rows: int) -> None:
    """One size: print its figures."""
    measure_starts(trace, columns, rows)
    terminal = Terminal(str(trace), columns, rows)
    try:
        terminal.first_paint()
        terminal.answer(quiet=1.0, limit=20.0)  # until the whole trace is read
        terminal.press(b"\x1b[F")  # to its end, so that all of it has been looked at
        terminal.answer(quiet=1.0, limit=5.0)
        for _ in range(PRESSES // 2):
            terminal.press(b"\x1b[5~")
        for name, key in KEYS.items():
            times, sizes = zip(*(terminal.press(key) for _ in range(PRESSES)), strict=True)
            p95 = sorted(times)[int(len(times) * 0.95)]
            print(
                f"  {name:<7} key to last byte: median {statistics.median(times) * 1000:5.1f} ms, "
                f"p95 {p95 * 1000:5.1f} ms, {statistics.median(sizes):.0f} bytes"
            )
        print(f"  memory {terminal.memory():.0f} MiB")
    finally:
        terminal.close()


def main() -> None:
    """Every size."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "rally.trace"
        trace.write_text(play(World.of(toy()), Seeded(1), steps=EVENTS).text(Header("table-tennis")), encoding="utf-8")
        for columns, rows in SIZES:
            measure(trace, columns, rows)


def show_bare() -> None:
    """The least that Textual can do: a line that `Terminal.first_paint` knows."""
    from textual.app import App, ComposeResult
    from textual.widgets import Static

    class Bare(App[None]):
        BINDINGS: ClassVar = [("q", "quit", "leave")]

        def compose(self) -> ComposeResult:
            yield Static("n1 │")

    Bare().run()


def show(trace: Path) -> None:
    """What the child does: open the trace, as `consensus-lab play FILE.trace` does for a protocol that is shipped."""
    from consensus_lab.tui.app import LabApp
    from consensus_lab.tui.opening import of_record

    record = read(trace.read_text(encoding="utf-8"))
    session = of_record(record, toy(), words=vocabulary(sys.modules[toy.__module__]), name=trace.name)
    LabApp(session, loaded=gc.freeze).run()


if __name__ == "__main__":
    match sys.argv[1:]:
        case [plays]:
            show_bare() if plays == BARE else show(Path(plays))
        case _:
            main()
