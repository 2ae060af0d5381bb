"""Nodes that go by themselves: containers that lost their last child, and nodes whose time to live is over.

(Apache: ContainerManager.java.)
"""

from __future__ import annotations

from collections.abc import Iterator

from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.ephemeral_type import ttl_of
from consensus_lab.zookeeper.settings import Now, Settings


class ContainerManager:
    """Looks for them, each check interval, and no faster than a rate; deleting them is a request like any other."""

    def __init__(self, settings: Settings, now: Now) -> None:
        self._settings = settings
        self._next_check = now.elapsed + settings.container_check_interval
        self._next_delete = now.elapsed
        self._candidates: list[str] = []  # the last first

    def due(self, tree: DataTree, now: Now) -> Iterator[str]:
        """The paths to be deleted now."""
        if now.elapsed >= self._next_check:
            self._next_check = now.elapsed + self._settings.container_check_interval
            self._candidates = list(self._find(tree, now))[::-1]
            self._next_delete = now.elapsed
        while self._candidates and self._next_delete <= now.elapsed:
            self._next_delete += 60_000 // self._settings.containers_per_minute
            yield self._candidates.pop()

    def _find(self, tree: DataTree, now: Now) -> Iterator[str]:
        never_used = self._settings.container_never_used
        for path in tree.containers:
            node = tree.nodes[path]
            overdue = never_used and now.wall - node.mtime > never_used
            if not node.children and (node.cversion > 0 or overdue):  # one that never had a child may yet get one
                yield path
        for path in tree.ttls:
            node = tree.nodes[path]
            if not node.children and now.wall - node.mtime > ttl_of(node.ephemeral_owner):
                yield path
