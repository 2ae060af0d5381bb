"""The order in which different nodes decided, as a number in a state: kept only when somebody asks for it.

Two decisions that commute may change places; of all the sequences that come of that, one stands for all (the normal
form of a trace: Mazurkiewicz, 1977; Anisimov and Knuth, 1979). If none commute, it is the order in which they were.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from consensus_lab.check.freeze import freeze_message
from consensus_lab.check.layout import Field
from consensus_lab.kernel import Decision

Commute = Callable[[Decision, Decision], bool]
"""Whether it makes no difference which of two decisions of different nodes came first."""


class History:
    """Every sequence of decisions met so far, each with its number. The empty one is 0."""

    def __init__(self, commute: Commute, field: Field) -> None:
        self.field = field
        self._commute = commute
        self._letters: list[Decision] = []
        self._letter_of: dict[Hashable, int] = {}
        self._sequences: list[tuple[int, ...]] = [()]
        self._numbers: dict[tuple[int, ...], int] = {(): 0}
        self._longer: dict[tuple[int, tuple[int, ...]], int] = {}

    def told(self, decisions: Iterable[Decision]) -> tuple[int, ...]:
        """These decisions as letters."""
        return tuple(map(self._letter, decisions))

    def _letter(self, decision: Decision) -> int:
        letter = self._letter_of.setdefault((decision.node, freeze_message(decision.value)), len(self._letters))
        if letter == len(self._letters):
            self._letters.append(decision)
        return letter

    def change(self, state: int, told: tuple[int, ...]) -> int:
        """What is added to this state when these letters are told."""
        number = self.field.read(state)
        longer = self._longer.get((number, told))
        if longer is None:
            longer = self._longer[number, told] = self.after(number, told)
        return (longer - number) * self.field.unit

    def decisions(self, state: int) -> list[Decision]:
        """The decisions of this state, in an order in which they may have been."""
        return [self._letters[letter] for letter in self._sequences[self.field.read(state)]]

    def after(self, number: int, told: tuple[int, ...]) -> int:
        """The number of that sequence when these letters are told."""
        sequence = self._sequences[number]
        for letter in told:
            sequence = self._inserted(sequence, letter)
        longer = self._numbers.setdefault(sequence, len(self._sequences))
        if longer == len(self._sequences):
            self._sequences.append(sequence)
        return longer

    def _inserted(self, sequence: tuple[int, ...], letter: int) -> tuple[int, ...]:
        """The letter at the end, then moved before the first larger one that it can reach by changing places."""
        start = len(sequence)
        while start and self._swap(sequence[start - 1], letter):
            start -= 1
        place = next((at for at in range(start, len(sequence)) if sequence[at] > letter), len(sequence))
        return (*sequence[:place], letter, *sequence[place:])

    def _swap(self, one: int, other: int) -> bool:
        first, second = self._letters[one], self._letters[other]
        return first.node != second.node and self._commute(first, second)
