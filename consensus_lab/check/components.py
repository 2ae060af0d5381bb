"""Strongly connected components of a graph of numbers: Tarjan, Depth-first search and linear graph algorithms (1972).

Written without recursion, for graphs of millions of states. It refuses to know what the numbers mean.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence


def tarjan(successors: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The strongly connected components of a graph, without recursion. Numbers beyond its end are left out."""
    size = len(successors)
    order = array("q", [0]) * size  # when each state was met first, from 1
    low = array("q", [0]) * size
    on_stack = bytearray(size)
    stack: list[int] = []
    met = 0
    for root in range(size):
        if order[root]:
            continue
        work: list[tuple[int, Iterator[int]]] = []
        met = _enter(root, met, order, low, on_stack, stack)
        work.append((root, iter(successors[root])))
        while work:
            number, rest = work[-1]
            child = next((n for n in rest if 0 <= n < size and _matters(n, number, order, low, on_stack)), None)
            if child is not None:
                met = _enter(child, met, order, low, on_stack, stack)
                work.append((child, iter(successors[child])))
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[number])
            if low[number] == order[number]:
                yield _leave(number, on_stack, stack)


def _matters(child: int, number: int, order: array[int], low: array[int], on_stack: bytearray) -> bool:
    """Whether this child must be entered. One that is on the stack closes a loop, which is noted."""
    if order[child]:
        if on_stack[child]:
            low[number] = min(low[number], order[child])
        return False
    return True


def _enter(number: int, met: int, order: array[int], low: array[int], on_stack: bytearray, stack: list[int]) -> int:
    met += 1
    order[number] = low[number] = met
    on_stack[number] = True
    stack.append(number)
    return met


def _leave(number: int, on_stack: bytearray, stack: list[int]) -> list[int]:
    """The component whose first state this is."""
    component: list[int] = []
    while not component or component[-1] != number:
        component.append(stack.pop())
        on_stack[component[-1]] = False
    return component
