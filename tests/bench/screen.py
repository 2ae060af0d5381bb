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

from consensus_lab.kernel.trace import Header, read
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Seeded, play
from tests.tui.toy import toy

EVENTS = 10_000
SIZES = ((80, 24), (120, 40), (200, 60))
KEYS = {"→ step": b"\x1b[C", "← back": b"\x1b[D", "page": b"\x1b[6~"}
PRESSES = 60


class Terminal:
    """The screen in a child process, seen through a pty."""

    def __init__(self, trace: Path, columns: int, rows: int) -> None:
        self.begun = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", COLUMNS=str(columns), LINES=str(rows))
            os.environ.pop("NO_COLOR", None)
            os.execv(sys.executable, [sys.executable, "-m", "tests.bench.screen", str(trace)])
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


def measure(trace: Path, columns: int, rows: int) -> None:
    """One size: print its figures."""
    terminal = Terminal(trace, columns, rows)
    try:
        paint = terminal.first_paint()
        terminal.answer(quiet=1.0, limit=20.0)  # until the whole trace is read
        terminal.press(b"\x1b[F")  # to its end, so that all of it has been looked at
        terminal.answer(quiet=1.0, limit=5.0)
        print(f"{columns}x{rows}, {EVENTS} events: first paint {paint * 1000:.0f} ms")
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


def show(trace: Path) -> None:
    """What the child does: open the trace, as `consensus-lab play FILE.trace` does for a protocol that is shipped."""
    from consensus_lab.tui.app import LabApp
    from consensus_lab.tui.opening import of_record

    session = of_record(read(trace.read_text(encoding="utf-8")), toy(), name=trace.name)
    LabApp(session, loaded=gc.freeze).run()


if __name__ == "__main__":
    show(Path(sys.argv[1])) if sys.argv[1:] else main()
