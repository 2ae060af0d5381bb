"""The first frame of a connection: a session is asked for, or asked back. (Apache: ProtocolManager.java.)"""

from __future__ import annotations

from typing import NamedTuple

from consensus_lab.zookeeper.jute import InputArchive
from consensus_lab.zookeeper.records import ConnectRequest


class Greeting(NamedTuple):
    """A ConnectRequest. A client older than 3.5 does not know the field readOnly, and must not be answered with it."""

    request: ConnectRequest
    old_client: bool


def decode_greeting(data: bytes) -> Greeting:
    """Raises JuteError."""
    archive = InputArchive(data)
    fields = (
        archive.read_int(),
        archive.read_long(),
        archive.read_int(),
        archive.read_long(),
        archive.read_buffer(),
    )
    old_client = archive.rest == 0
    read_only = False if old_client else archive.read_boolean()
    return Greeting(ConnectRequest(*fields, read_only), old_client)
