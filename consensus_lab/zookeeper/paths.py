"""The names of nodes: what may be one, and where a name stands in the tree. (Apache: PathUtils.java.)"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NEVER = "/\0-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\U0010ffff"  # U+10000 and above are pairs of surrogates to Java
_COMPONENT = rf"/(?!\.\.?(?:/|\Z))[^{_NEVER}]+"
_VALID = re.compile(rf"/|(?:{_COMPONENT})+")

ROOT = "/"
PROC = "/zookeeper"
QUOTA = "/zookeeper/quota"
CONFIG = "/zookeeper/config"
SPECIAL = frozenset({ROOT, PROC, QUOTA, CONFIG})
"""The nodes that every tree has, and that nobody deletes."""


def is_valid(path: str) -> bool:
    """Whether a node may be called so: absolute, no part empty or relative, no slash at the end, all printable."""
    return _VALID.fullmatch(path) is not None


def parent_of(path: str) -> str:
    """Where the node hangs; the root's own name is here "", as in snapshots. Raises ValueError without any slash."""
    return path[: path.rindex("/")]


def split(path: str) -> tuple[str, str]:
    """The parent's path ("" for the root) and the node's own name. Raises ValueError without any slash."""
    slash = path.rindex("/")
    return path[:slash], path[slash + 1 :]


def ancestors(path: str) -> Iterator[str]:
    """Every path above this one, the nearest first, the root last."""
    while path != ROOT:
        path = parent_of(path) or ROOT
        yield path
