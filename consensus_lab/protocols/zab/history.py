"""The history of a server: its log, the state that it leads to, and the window from which others are synchronised.

It is the image in memory of what the journal holds, as ZooKeeper's database is of its files: whoever changes it forces
the record that says so. A history refuses to know which of its transactions are committed: a leader says that.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.protocols.election.messages import Zxid
from consensus_lab.protocols.zab.application import Application, Counter
from consensus_lab.protocols.zab.records import ZERO, Snapshot, Txn

BEGINNING = Snapshot(ZERO, None)


@dataclass
class History:
    """Junqueira, Reed and Serafini (2011): h_f. Apache ZooKeeper 3.9, ZKDatabase.

    A transaction is first logged (`append`) and later processed (`process_next`), which applies it to the state.
    """

    application: Application = field(default_factory=Counter)
    log: list[Txn] = field(default_factory=list)  # everything since the base, in order
    base: Snapshot = BEGINNING  # what the log follows upon
    processed: int = 0  # how many of the log are applied
    last_processed: Zxid = ZERO  # what ZooKeeper votes with; (epoch, 0) for whoever has led into that epoch

    def __post_init__(self) -> None:
        if self.base is BEGINNING:
            self.base = Snapshot(ZERO, self.application.snapshot())

    @property
    def last_logged(self) -> Zxid:
        """The zxid of the last transaction that it has, applied or not."""
        return self.log[-1].zxid if self.log else self.base.zxid

    @property
    def certain(self) -> Zxid:
        """Up to here all is committed, whatever a crash has made it forget: nobody proposes in an epoch before that."""
        first = self._position(Zxid(self.last_logged.epoch, 0), bisect_left)
        return self.log[first - 1].zxid if first else self.base.zxid

    @property
    def pending(self) -> Sequence[Txn]:
        """Logged, and not applied yet."""
        return self.log[self.processed :]

    @property
    def next_pending(self) -> Txn | None:
        """The next one to apply."""
        return self.log[self.processed] if self.processed < len(self.log) else None

    def append(self, txn: Txn) -> None:
        """Log one more."""
        self.log.append(txn)

    def process_next(self) -> tuple[Txn, Any]:
        """Apply the next one. Returns it, and what its client is told."""
        txn = self.log[self.processed]
        self.processed += 1
        self.last_processed = txn.zxid
        return txn, self.application.apply(txn.session, txn.body)

    def fast_forward(self) -> None:
        """Apply all that is logged: a server votes with, and recovers to, everything that it may not deny to have."""
        while self.processed < len(self.log):
            self.process_next()

    def lead_into(self, epoch: int) -> None:
        """Stand at the beginning of an epoch. No transaction has that zxid."""
        self.last_processed = Zxid(epoch, 0)

    def truncate(self, zxid: Zxid) -> None:
        """Forget all after this zxid, and be in the state before. Raises ValueError when that lies before the base."""
        if zxid < self.base.zxid:
            raise ValueError(f"the log begins after {self.base.zxid}: it cannot be cut after {zxid}")
        del self.log[self._position(zxid, bisect_right) :]
        self.application.restore(self.base.state)
        self.processed = 0
        self.fast_forward()
        self.last_processed = zxid

    def install(self, snapshot: Snapshot) -> None:
        """Be in the state of a snapshot, and forget everything else."""
        self.application.restore(snapshot.state)
        self.log, self.base = [], snapshot
        self.processed, self.last_processed = 0, snapshot.zxid

    def snapshot(self) -> Snapshot:
        """The state as it is now, as of what was last processed."""
        return Snapshot(self.last_processed, self.application.snapshot())

    # -- what others are brought up to date from -----------------------------------------------------------------------

    def committed_log(self, most: int) -> Sequence[Txn]:
        """The last of what was processed, at most so many (ZooKeeper's committedLog)."""
        return self.log[max(0, self.processed - most) : self.processed]

    def logged_before(self, first: Zxid) -> Sequence[Txn]:
        """What its disk still holds from before that window."""
        return self.log[: self._position(first, bisect_left)]

    def after(self, zxid: Zxid) -> Sequence[Txn]:
        """What is logged after this zxid."""
        return self.log[self._position(zxid, bisect_right) :]

    def _position(self, zxid: Zxid, side: Any) -> int:
        position: int = side(self.log, zxid, key=lambda txn: txn.zxid)
        return position
