"""A tree of znodes, as ZooKeeper keeps it: versions, sequential and ephemeral nodes, sessions that end.

ZooKeeper promises this much of its writes, and of a read that follows a sync; a plain read may be stale, so a history
with plain reads is judged more strictly than ZooKeeper promises. Errors are answers, by their name: ``-> NoNode``.
Which answers are right: Apache ZooKeeper 3.9, PrepRequestProcessor.java and DataTree.java. ACLs, quotas and watches are
not this module's matter.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, NamedTuple

from consensus_lab.check.linearizability.history import Operation
from consensus_lab.check.linearizability.models.model import EVERYTHING, Effect, Model

ROOT = "/"
ANY = -1
"""The version that fits every znode."""

NO_NODE, NODE_EXISTS, BAD_VERSION, NOT_EMPTY = "NoNode", "NodeExists", "BadVersion", "NotEmpty"
NO_CHILDREN_FOR_EPHEMERALS = "NoChildrenForEphemerals"
ERRORS = (NO_NODE, NODE_EXISTS, BAD_VERSION, NOT_EMPTY, NO_CHILDREN_FOR_EPHEMERALS)
EPHEMERAL, SEQUENTIAL = "ephemeral", "sequential"


class Znode(NamedTuple):
    """One node. `owner` is the session of an ephemeral one; `born` is how many children it ever had."""

    data: Any
    version: int = 0
    owner: str | None = None
    born: int = 0


Tree = dict[str, Znode]


@dataclass(frozen=True)
class Znodes(Model):
    """The state is every path with its znode, sorted; at first there is only the root."""

    initial: Hashable = ((ROOT, Znode("")),)
    name = "znode"
    part_name = "all below"
    reads = frozenset({"get", "exists", "children"})

    def observes(self, operation: Operation) -> bool:
        return super().observes(operation) or operation.answer in ERRORS

    def part(self, operation: Operation) -> Hashable:
        """The subtree right below the root, unless a session ends: that may touch every subtree."""
        path = operation.arguments[0] if operation.arguments else ROOT
        top = path.split("/")[1] if isinstance(path, str) and path.startswith("/") else ""
        numbered = operation.verb == "create" and path == f"/{top}" and SEQUENTIAL in operation.arguments
        return f"/{top}" if top and not numbered else EVERYTHING

    def create(self, state: Any, by: str, path: str, data: Any = "", *flags: str) -> Effect:
        """Answers the path, with its number if it is sequential. Flags: ephemeral, sequential."""
        tree, above = dict(state), parent(path)
        if above not in tree:
            return state, NO_NODE
        if SEQUENTIAL in flags:
            path = f"{path}{tree[above].born:010d}"
        if path in tree:
            return state, NODE_EXISTS
        if tree[above].owner is not None:
            return state, NO_CHILDREN_FOR_EPHEMERALS
        tree[above] = tree[above]._replace(born=tree[above].born + 1)
        tree[path] = Znode(data, owner=by if EPHEMERAL in flags else None)
        return kept(tree), path

    def set(self, state: Any, by: str, path: str, data: Any, version: int = ANY) -> Effect:
        """Answers the new version."""
        tree = dict(state)
        wrong = _refusal(tree, path, version)
        if wrong:
            return state, wrong
        tree[path] = tree[path]._replace(data=data, version=tree[path].version + 1)
        return kept(tree), tree[path].version

    def delete(self, state: Any, by: str, path: str, version: int = ANY) -> Effect:
        tree = dict(state)
        wrong = _refusal(tree, path, version)
        if wrong or children_of(tree, path):
            return state, wrong or NOT_EMPTY
        del tree[path]
        return kept(tree), None

    def get(self, state: Any, by: str, path: str) -> Effect:
        """Answers data and version."""
        node = dict(state).get(path)
        return state, (node.data, node.version) if node else NO_NODE

    def exists(self, state: Any, by: str, path: str) -> Effect:
        """Answers the version, or NoNode."""
        node = dict(state).get(path)
        return state, node.version if node else NO_NODE

    def children(self, state: Any, by: str, path: str) -> Effect:
        """Answers the names of the children, sorted."""
        tree = dict(state)
        return state, children_of(tree, path) if path in tree else NO_NODE

    def end_session(self, state: Any, by: str) -> Effect:
        """The caller's session is closed, or has expired: what it had of ephemerals is gone."""
        return kept({path: node for path, node in state if node.owner != by}), None


def kept(tree: Tree) -> Hashable:
    """A tree as a value."""
    return tuple(sorted(tree.items()))


def parent(path: str) -> str:
    return path.rpartition("/")[0] or ROOT


def children_of(tree: Tree, path: str) -> tuple[str, ...]:
    """Their names, sorted."""
    return tuple(sorted(other.rpartition("/")[2] for other in tree if other != ROOT and parent(other) == path))


def _refusal(tree: Tree, path: str, version: int) -> str | None:
    """Why a znode cannot be changed, if it cannot."""
    if path not in tree:
        return NO_NODE
    return None if version in (ANY, tree[path].version) else BAD_VERSION
