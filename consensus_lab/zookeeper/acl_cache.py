"""Every access control list that some node has, once, under a number. (Apache: ReferenceCountedACLCache.java.)"""

from __future__ import annotations

from consensus_lab.zookeeper.opcodes import Perms
from consensus_lab.zookeeper.records import ACL, Id

AccessList = tuple[ACL, ...]

ANYONE = Id("world", "anyone")
OPEN_ACL_UNSAFE: AccessList = (ACL(Perms.ALL.value, ANYONE),)
READ_ACL_UNSAFE: AccessList = (ACL(Perms.READ.value, ANYONE),)

OPEN_ID = -1
"""What nodes made without a list have: all rights for anyone, in no table and never counted."""

LOST_ID = 0
"""What a node of a fuzzy snapshot has whose list is not in it, until the log tells the list again (ZOOKEEPER-4846)."""

NOBODY: AccessList = (ACL(0, ANYONE),)
"""Until then, nobody has any right to it."""


class ReferenceCountedACLCache:
    """Numbers from 1 on, each counted by the nodes that use it, and forgotten with the last one."""

    def __init__(self) -> None:
        self.lists: dict[int, AccessList] = {}
        self._ids: dict[AccessList, int] = {}
        self._usage: dict[int, int] = {}
        self._last = 0
        self.world_readable: set[int] = {OPEN_ID}  # the numbers of lists by which anyone may read
        self._recent: tuple[AccessList | None, int] = (None, OPEN_ID)  # the list last used, known by identity

    def use(self, acl: AccessList | None) -> int:
        """The number of a list, used by one node more. None is the open list, -1."""
        if acl is None:
            return OPEN_ID
        recent, number = self._recent
        if recent is not acl:
            number = self._ids.get(acl) or self._learn(self._last + 1, acl)
            self._recent = acl, number
        self._usage[number] += 1
        return number

    def __getitem__(self, number: int) -> AccessList:
        """The list with a number that some node has."""
        return OPEN_ACL_UNSAFE if number == OPEN_ID else self.lists.get(number, NOBODY)

    def release(self, number: int) -> None:
        """One node fewer uses it; forgotten when nobody does."""
        if number not in self._usage:
            return
        self._usage[number] -= 1
        if self._usage[number] <= 0:
            self._forget(number)

    def restore(self, number: int, acl: AccessList) -> None:
        """Learn a list of a snapshot, used by nobody yet."""
        self._learn(number, acl)

    def reuse(self, number: int) -> int:
        """One node more of a snapshot has it. Returns the number it is to have: an unknown one might be given anew."""
        if number in self._usage:
            self._usage[number] += 1
            return number
        return OPEN_ID if number == OPEN_ID else LOST_ID

    def purge_unused(self) -> None:
        """After a snapshot was read: forget what none of its nodes has."""
        for number in [number for number, usage in self._usage.items() if usage <= 0]:
            self._forget(number)

    def _learn(self, number: int, acl: AccessList) -> int:
        acl = OPEN_ACL_UNSAFE if acl == OPEN_ACL_UNSAFE else acl  # the one that most nodes have is known by identity
        self._last = max(self._last, number)
        self.lists[number] = acl
        self._ids[acl] = number
        self._usage[number] = 0
        if any(entry.perms & Perms.READ and entry.id == ANYONE for entry in acl) or not acl:
            self.world_readable.add(number)
        return number

    def _forget(self, number: int) -> None:
        del self._usage[number]
        self.world_readable.discard(number)
        self._recent = None, OPEN_ID
        acl = self.lists.pop(number)
        if self._ids.get(acl) == number:  # a snapshot may hold one list under two numbers
            del self._ids[acl]
