"""The real world: messages as bytes on TCP, records as bytes on a disk, and the host that runs one node between them.

Sockets, files, clocks and chance live here, and so no protocol does: what a node may send, and when, is the kernel's
say. Every promise of the simulated world is asked of this one too, by the suite in `tests/conformance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consensus_lab.kernel import bus as ports
    from consensus_lab.net.clock import LoopClock
    from consensus_lab.net.journal import Journal
    from consensus_lab.net.tcp_bus import TcpBus

    def fits(bus: TcpBus, clock: LoopClock, journal: Journal) -> tuple[ports.Bus, ports.Clock, ports.Journal]:
        """What stands here fits the ports of the kernel: the type checker holds one against the other."""
        return bus, clock, journal
