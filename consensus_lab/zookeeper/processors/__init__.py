"""What a request passes through, link by link. (Apache: ZooKeeperServer.setupRequestProcessors.)

A write is judged and becomes a transaction (Prep), waits for the disk (Sync), is applied and answered (Final). A read
has no transaction: it goes to the end of the chain at once, unless its own connection waits for a write.
"""

from __future__ import annotations

from typing import NamedTuple

from consensus_lab.zookeeper.authority import Authority
from consensus_lab.zookeeper.changes import OutstandingChanges
from consensus_lab.zookeeper.connection import Connection, Latency
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.processors.final import FinalRequestProcessor
from consensus_lab.zookeeper.processors.prep import PrepRequestProcessor
from consensus_lab.zookeeper.processors.sync import SyncRequestProcessor
from consensus_lab.zookeeper.sessions import SessionTracker
from consensus_lab.zookeeper.settings import Settings


class Chain(NamedTuple):
    """The links, from the first to the last."""

    prep: PrepRequestProcessor
    sync: SyncRequestProcessor
    final: FinalRequestProcessor


def standalone_chain(
    settings: Settings,
    authority: Authority,
    database: Database,
    sessions: SessionTracker,
    connections: dict[int, Connection],
    latency: Latency,
) -> Chain:
    """The chain of a server of its own: Prep, Sync, Final. Each hands on to the one made before it."""
    changes = OutstandingChanges(database.tree)
    final = FinalRequestProcessor(database, changes, sessions, connections, latency)
    sync = SyncRequestProcessor(final)
    prep = PrepRequestProcessor(settings, authority, changes, sessions, sync)
    return Chain(prep, sync, final)
