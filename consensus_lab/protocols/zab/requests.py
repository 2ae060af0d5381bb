"""What clients of a ZAB ensemble say to any of its servers, and hear from it.

A session is a client's number, its cxid counts what it asks for. A server answers each session in the order asked.
"""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import message
from consensus_lab.protocols.election.messages import Zxid


@message
class WriteRequest:
    """Client to any server: the `cxid`-th wish of this session."""

    session: int
    cxid: int
    operation: Any


@message
class ReadRequest:
    """Client to any server: what is here? The answer may be old, but never older than the session's own writes."""

    session: int
    cxid: int
    query: Any


@message
class SyncRequest:
    """Client to any server: first hear what is committed by now; what I read afterwards shall not be older."""

    session: int
    cxid: int


@message
class ConnectRequest:
    """Client to any server: I come from another one, with this session."""

    session: int
    timeout: int = 4000  # milliseconds


@message
class Response:
    """Server to client: done, or seen, as of this zxid."""

    session: int
    cxid: int
    zxid: Zxid
    result: Any


@message
class ConnectionLoss:
    """Server to client: I lost my leader; whether this was done nobody here can say."""

    session: int
    cxid: int
