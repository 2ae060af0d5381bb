"""Watches: who wants to hear of which path, once, always, or of all below it, too.

One manager keeps one table; a tree has two, for data and for children. A watcher is whoever can be notified: what a
connection is, is not known here. (Apache: WatchManager.java, WatchStats.java, WatcherMode.java.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import IntFlag
from typing import NamedTuple, Protocol

from consensus_lab.zookeeper.acl_cache import AccessList
from consensus_lab.zookeeper.opcodes import EventType
from consensus_lab.zookeeper.paths import ancestors


class Watcher(Protocol):
    """Whoever watches. Watchers are told apart by identity."""

    def notify(self, event: EventType, path: str, zxid: int, acl: AccessList | None) -> None:
        """`path` changed in transaction `zxid` (-1: found changed already); `acl` is what stood on the node."""


class Mode(IntFlag):
    """How a watcher watches one path; several may hold at once."""

    STANDARD = 1
    PERSISTENT = 2
    RECURSIVE = 4


class Summary(NamedTuple):
    """The numbers that ``wchs`` tells."""

    watchers: int
    paths: int
    watches: int


class WatchManager:
    """One table of watches, by path and by watcher."""

    def __init__(self) -> None:
        self.by_path: dict[str, dict[Watcher, Mode]] = {}
        self._by_watcher: dict[Watcher, dict[str, None]] = {}
        self.recursive = 0  # how many recursive watches there are: without one, no ancestor need be asked

    def __len__(self) -> int:
        return sum(map(len, self.by_path.values()))

    def add(self, path: str, watcher: Watcher, mode: Mode = Mode.STANDARD) -> None:
        """Watch a path. Watching twice in one mode is watching once."""
        watchers = self.by_path.setdefault(path, {})
        before = watchers.get(watcher, Mode(0))
        watchers[watcher] = before | mode
        self._by_watcher.setdefault(watcher, {})[path] = None
        self.recursive += mode is Mode.RECURSIVE and not before & Mode.RECURSIVE

    def remove(self, path: str, watcher: Watcher, mode: Mode | None = None) -> bool:
        """Stop watching in one mode, or in all. Returns whether there was such a watch."""
        before = self.by_path.get(path, {}).get(watcher, Mode(0))
        kept = Mode(0) if mode is None else before & ~mode
        self._set(path, watcher, before, kept)
        return kept != before

    def forget(self, watcher: Watcher) -> None:
        """Drop every watch of a watcher that is gone."""
        for path in list(self._by_watcher.get(watcher, ())):
            self.remove(path, watcher)

    def watching(self, path: str, watcher: Watcher, mode: Mode | None = None) -> bool:
        """Whether there is such a watch, in any mode if none is named."""
        modes = self.by_path.get(path, {}).get(watcher, Mode(0))
        return bool(modes if mode is None else modes & mode)

    def heed(self, path: str) -> bool:
        """Whether anybody may have to be told of this path: a quick look, for most changes concern nobody."""
        return path in self.by_path or self.recursive > 0

    def trigger(
        self, event: EventType, path: str, zxid: int, acl: AccessList, told: Collection[Watcher] = ()
    ) -> Collection[Watcher]:
        """Notify whoever watches the path, each once, but none of those `told` before. Returns whom it concerns."""
        if not self.heed(path):
            return ()
        watchers = self._concerned(path)
        for watcher in watchers:
            if watcher not in told:
                watcher.notify(event, path, zxid, acl)
        return watchers

    def _concerned(self, path: str) -> dict[Watcher, None]:
        here = self.by_path.get(path, {})
        concerned = dict.fromkeys(here)
        for watcher, mode in list(here.items()):
            self._set(path, watcher, mode, mode & ~Mode.STANDARD)
        for above in ancestors(path) if self.recursive else ():
            for watcher, mode in self.by_path.get(above, {}).items():
                if mode & Mode.RECURSIVE:
                    concerned[watcher] = None
        return concerned

    def _set(self, path: str, watcher: Watcher, before: Mode, kept: Mode) -> None:
        if kept == before:
            return
        self.recursive -= bool(before & Mode.RECURSIVE) and not kept & Mode.RECURSIVE
        if kept:
            self.by_path[path][watcher] = kept
            return
        del self.by_path[path][watcher], self._by_watcher[watcher][path]
        if not self.by_path[path]:
            del self.by_path[path]
        if not self._by_watcher[watcher]:
            del self._by_watcher[watcher]

    def by_watcher(self) -> Iterable[tuple[Watcher, Collection[str]]]:
        """Every watcher with its paths."""
        return self._by_watcher.items()

    def summary(self) -> Summary:
        """How many watch how many paths, and how often."""
        return Summary(len(self._by_watcher), len(self.by_path), len(self))
