"""The stepping screen: drive a world forward, back and into every fault, in a terminal. It knows no protocol."""

from __future__ import annotations

import gc


def run(name: str | None = None, *, step: int | None = None) -> None:
    """Open a scenario (its name or file) or a trace file; the first scenario when not said. Returns when it is left.

    `step` opens it after so many steps. Raises consensus_lab.lab.loading.BadInput for what cannot be opened.
    """
    from consensus_lab.tui.opening import open_session

    session = open_session(name, step=step)  # before the screen is taken over: bad input is said on a normal one
    from consensus_lab.tui.app import LabApp

    LabApp(session, loaded=gc.freeze).run()  # what was read stays: the collector need not look at it again
