"""One role of a cast as a process of its own: ``python -m consensus_lab.lab.role_main --protocol ... --me p1 ...``.

What happens goes to standard output as JSON lines (`net.events`); what breaks, as a sentence, to standard error, with
exit code 1. It stops in order upon SIGTERM, upon SIGINT, and when its standard input ends: a role never outlives
whoever started it.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path

from consensus_lab.kernel import Address, Cast
from consensus_lab.kernel.trace import read_parameters
from consensus_lab.lab.catalogue import make_cast, words_of
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import NetError
from consensus_lab.net.events import Event, Noted, Report, to_line
from consensus_lab.net.host import Disk, Host
from consensus_lab.net.journal import Journal
from consensus_lab.net.tcp_bus import Network, TcpBus

STDIN = 0
OpenJournal = Callable[[Path, Codec], Disk]


def main(arguments: Sequence[str] | None = None, *, open_journal: OpenJournal = Journal) -> int:
    """Be one role until told to stop. Returns the exit code: 0 in order, 1 broken, 2 for words that make no sense."""
    options = parser().parse_args(arguments)
    try:
        cast = make_cast(options.protocol, read_parameters(options.cast))
        network = network_of(cast, dict(options.ports))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        asyncio.run(play(cast, options.me, network, options.data, open_journal))
    except NetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """The words that a cluster starts a role with."""
    words = argparse.ArgumentParser(prog="consensus_lab.lab.role_main", description=__doc__)
    words.add_argument("--protocol", required=True)
    words.add_argument("--cast", default="", help="as in a trace: participants=2, variant=cooperative")
    words.add_argument("--me", required=True, help="the address to play")
    words.add_argument("--ports", required=True, type=read_ports, help="coordinator=4001,p1=4002")
    words.add_argument("--data", required=True, type=Path, help="the directory of the journals")
    return words


def read_ports(text: str) -> list[tuple[str, int]]:
    """Read ``coordinator=4001,p1=4002``. Raises ValueError for anything else."""
    return [(address, int(port)) for address, port in read_parameters(text)]


def network_of(cast: Cast, ports: dict[str, int]) -> Network:
    """What all roles of this cast must agree on."""
    return Network(cast.protocol, cast.links, Codec(words_of(cast.protocol)), ports)


class Printed(io.TextIOBase):
    """What a rule prints becomes a note, line by line: standard output is for events."""

    def __init__(self, me: Address, report: Report) -> None:
        self._me = me
        self._report = report
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._report(Noted(self._me, line))
        return len(text)


async def play(cast: Cast, me: str, network: Network, data: Path, open_journal: OpenJournal) -> None:
    """Run the host of one address. Raises NetError when it breaks."""

    output = sys.stdout.buffer

    def report(event: Event) -> None:
        with suppress(BrokenPipeError):  # nobody follows any more: our standard input says so too
            output.write(to_line(event, network.codec))
            output.flush()

    journal = open_journal(data / f"{me}.journal", network.codec)
    bus = TcpBus(me, network, report=report, share_port=True)
    host = Host(me, cast.fresh(me), bus, journal, report)
    loop = asyncio.get_running_loop()
    for wish in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wish, host.stop)

    def listen() -> None:
        if not os.read(STDIN, 4096):  # whoever started this role is gone
            loop.remove_reader(STDIN)
            host.stop()

    with suppress(PermissionError):  # a file or /dev/null, as when a person starts it: nobody there to miss
        loop.add_reader(STDIN, listen)
    with redirect_stdout(Printed(me, report)):
        await host.run()


if __name__ == "__main__":
    sys.exit(main())
