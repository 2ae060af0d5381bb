"""Who owns a node: nobody, a session, or a rule. One long says it all, and clients see it only when it is a session.

(Apache: EphemeralType.java.)
"""

from __future__ import annotations

from enum import Enum

from consensus_lab.zookeeper.numbers import LONG_MASK, int64

CONTAINER_OWNER = -(2**63)
_EXTENDED = 0xFF00000000000000
_RESERVED = 0x00FFFF0000000000
MAX_TTL = 2**40 - 1
"""Milliseconds: some 34 years."""

MAX_EXTENDED_SERVER_ID = 254
"""With extended types on, 255 as the top byte of a session id would read as a TTL."""


class EphemeralType(Enum):
    """What ends a node: nothing, its session's end, its last child's, or its time to live."""

    VOID = "persistent"
    NORMAL = "ephemeral"
    CONTAINER = "container"
    TTL = "ttl"


def type_of(owner: int, *, extended: bool) -> EphemeralType:
    """What an ephemeral owner says. `extended`: zookeeper.extendedTypesEnabled, without which there is no TTL.

    Raises ValueError for a kind of extended owner that does not exist.
    """
    if owner == 0:
        return EphemeralType.VOID
    if extended and owner & _EXTENDED == _EXTENDED:
        if owner & _RESERVED:
            raise ValueError(f"Invalid ephemeralOwner. [{owner & LONG_MASK:x}]")
        return EphemeralType.TTL
    return EphemeralType.CONTAINER if owner == CONTAINER_OWNER else EphemeralType.NORMAL


def ttl_owner(ttl: int) -> int:
    """The owner that stands for a time to live, in ms. Raises ValueError unless 1 <= ttl <= MAX_TTL."""
    if not 1 <= ttl <= MAX_TTL:
        raise ValueError(f"ttl must be positive and cannot be larger than: {MAX_TTL}")
    return int64(_EXTENDED | ttl)


def ttl_of(owner: int) -> int:
    """The time to live, in ms, that an owner of type TTL stands for."""
    return owner & MAX_TTL
