"""Quotas: limits and usage of a subtree, kept as text in nodes below /zookeeper/quota.

(Apache: Quotas.java, StatsTrack.java, PathTrie.java.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from consensus_lab.zookeeper.paths import QUOTA

LIMIT_NODE = "zookeeper_limits"
STAT_NODE = "zookeeper_stats"
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


def limit_path(path: str) -> str:
    """Where the limits of a subtree stand."""
    return f"{QUOTA}{path}/{LIMIT_NODE}"


def stat_path(path: str) -> str:
    """Where its usage is counted."""
    return f"{QUOTA}{path}/{STAT_NODE}"


class StatsTrack:
    """The text of both nodes, such as ``count=5,bytes=100=;byteHardLimit=200``. What is not said is -1: no limit.

    The "=" before the first ";" is Apache's, in every release. Any client may write into these nodes: what is no number
    counts as not said, for a log that holds it must be replayed.
    """

    def __init__(self, text: bytes | None = None) -> None:
        pairs = re.split("[,;]+", (text or b"").decode("utf-8", "replace")) if text else []
        self._values = dict(self._parse(pair) for pair in pairs)

    @staticmethod
    def _parse(pair: str) -> tuple[str, int]:
        name, _, value = pair.rstrip("=").partition("=")
        return name, int(value) if _NUMBER.fullmatch(value) else -1

    def __getitem__(self, name: str) -> int:
        return self._values.get(name, -1)

    def add(self, name: str, difference: int) -> None:
        """Count up or down."""
        self._values[name] = self[name] + difference

    def encode(self) -> bytes:
        """The text."""
        more = sorted(self._values.keys() - {"count", "bytes"})
        tail = "=" + "".join(f";{name}={self._values[name]}" for name in more) if more else ""
        return f"count={self['count']},bytes={self['bytes']}{tail}".encode()


class QuotaPaths:
    """The subtrees that have limits, to find the deepest one above a path."""

    def __init__(self) -> None:
        self._paths: dict[str, None] = {}

    def __bool__(self) -> bool:
        return bool(self._paths)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def add(self, path: str) -> None:
        self._paths[path] = None

    def remove(self, path: str) -> None:
        self._paths.pop(path, None)

    def deepest(self, path: str) -> str | None:
        """The longest path with limits that is `path` or stands above it; the root's own limits count for nobody."""
        while path and path not in self._paths:
            path = path[: path.rfind("/")]
        return path if path not in ("", "/") else None


def exceeds(limits: StatsTrack, usage: StatsTrack, more_bytes: int, more_nodes: int) -> bool:
    """Whether so much more would break a hard limit. Soft ones (count, bytes) are there to be logged, not to refuse."""

    def broken(used: str, limit: str, more: int) -> bool:
        return more != 0 and limits[limit] > -1 and usage[used] + more > limits[limit]

    return broken("count", "countHardLimit", more_nodes) or broken("bytes", "byteHardLimit", more_bytes)
