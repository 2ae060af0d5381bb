"""A role whose process is killed by SIGKILL once the commit record is on its disk, before anything leaves."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from consensus_lab.lab.role_main import main
from consensus_lab.net.journal import Journal
from consensus_lab.protocols.two_phase_commit.messages import Commit


class DyingJournal(Journal):
    def commit(self, records: Sequence[Any]) -> None:
        super().commit(records)
        if any(isinstance(record, Commit) for record in records):
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(open_journal=DyingJournal))
