"""Java's integers, where a wrap-around can be seen from outside."""

from __future__ import annotations

LONG_MASK = 0xFFFFFFFFFFFFFFFF
MAX_INT = 2**31 - 1


def int32(number: int) -> int:
    """What a Java int holds of this number."""
    return (number + 0x80000000) % 0x100000000 - 0x80000000


def int64(number: int) -> int:
    """What a Java long holds of this number."""
    return (number + 0x8000000000000000) % 0x10000000000000000 - 0x8000000000000000
