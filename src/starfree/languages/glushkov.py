"""Expressions without `&` and `~` to nondeterministic automata with one state per position.

A position is one occurrence of a set of symbols. A fragment is a contiguous range of positions with the sets
of those that can come first and last; `follow` says which can come next. Sets of positions are integers used
as bit masks while there are few positions, frozensets when there are many: a mask costs as many bits as there
are positions, so the masks of 100,000 positions would need a gigabyte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from ..errors import BudgetExceeded

Positions = Any  # int (bit mask) or frozenset[int]: both know `|`, and emptiness is falsehood
_DOING = "compiling a regular expression"
_FEW = 16  # ones of a mask that are cheaper to take out one by one than to look for byte by byte
_PAIRS = 1 << 24  # most pairs in the follow relation, in the sparse form


@dataclass(frozen=True)
class Fragment:
    """Positions `low..high-1`, those that can come first and last, and whether the empty word belongs."""

    low: int
    high: int
    first: Positions
    last: Positions
    nullable: bool


class Glushkov:
    """A position automaton being built.

    Arguments:
        dense: whether sets of positions are bit masks.
        budget: limits the number of positions, as of states.

    Source: Glushkov 1961; McNaughton and Yamada 1960.
    """

    def __init__(self, dense: bool, budget: Budget) -> None:
        self.dense = dense
        self.labels: list[int] = []  # which symbols a position reads: a bit mask over classes of symbols
        self.follow: list[Positions] = []
        self.none: Positions = 0 if dense else frozenset()
        self.members: Callable[[Positions], Iterable[int]] = bits if dense else iter
        self._budget = budget
        self._pairs = 0

    def symbols(self, label: int) -> Fragment:
        """Add a position that reads any symbol of a label; no symbol at all gives the empty language."""
        at = self._grow([label])
        if not label:
            return Fragment(at, at + 1, self.none, self.none, False)
        here = self._one(at)
        return Fragment(at, at + 1, here, here, False)

    def empty(self) -> Fragment:
        """Return the fragment of the empty word."""
        at = len(self.labels)
        return Fragment(at, at, self.none, self.none, True)

    def concatenate(self, left: Fragment, right: Fragment) -> Fragment:
        """Return left followed by right."""
        self._link(left.last, right.first)
        first = self._join(left.first, right.first) if left.nullable else left.first
        last = self._join(right.last, left.last) if right.nullable else right.last
        return Fragment(left.low, right.high, first, last, left.nullable and right.nullable)

    def unite(self, left: Fragment, right: Fragment) -> Fragment:
        """Return left or right."""
        first, last = self._join(left.first, right.first), self._join(left.last, right.last)
        return Fragment(left.low, right.high, first, last, left.nullable or right.nullable)

    def repeat(self, part: Fragment, least: int, most: int | None) -> Fragment:
        """Return between `least` and `most` copies of a fragment, the given one being the first."""
        if most == 0:
            return Fragment(part.low, part.high, self.none, self.none, True)
        # Without the empty word the same positions read the same other words, and fewer copies need links.
        needed = 0 if part.nullable else least
        copies = most if most is not None else max(needed, 1)
        size = part.high - part.low
        self._budget.check_states(len(self.labels) + size * (copies - 1), _DOING)
        labels, inside = self.labels[part.low : part.high], self.follow[part.low : part.high]
        lasts = []
        previous = part.last
        for i in range(copies):
            shift = i * size
            if i:
                at = self._grow(labels)
                self._budget.check_time(_DOING)
                self.follow[at:] = [self._shift(follow, shift) for follow in inside]
                self._link(previous, self._shift(part.first, shift))
                previous = self._shift(part.last, shift)
            if i + 1 >= needed:
                lasts.append(previous)
        if most is None:
            self._link(previous, self._shift(part.first, (copies - 1) * size))
        return Fragment(part.low, len(self.labels), part.first, self._join(*lasts), needed == 0)

    def automaton(self, edges: list[list[tuple[int, int]]], accepting: NDArray[np.bool_]) -> Fragment:
        """Add a deterministic automaton: its positions are pairs of a state and a label that leads to it.

        Arguments:
            edges: for each state, its live successors with the label of all symbols that lead there.
            accepting: for each state, whether the word may stop there; the start is state 0.
        """
        low = len(self.labels)
        number: dict[tuple[int, int], int] = {}
        for row in edges:
            for edge in row:
                number.setdefault(edge, low + len(number))
        self._grow([label for _, label in number])
        into = [self._join(*(self._one(number[edge]) for edge in row)) for row in edges]
        for (state, _), position in number.items():
            self.follow[position] = into[state]
        last = self._join(*(self._one(p) for (state, _), p in number.items() if accepting[state]))
        return Fragment(low, len(self.labels), into[0], last, bool(accepting[0]))

    def _grow(self, labels: list[int]) -> int:
        at = len(self.labels)
        self._budget.check_states(at + len(labels), _DOING)
        self.labels += labels
        self.follow += [self.none] * len(labels)
        return at

    def _one(self, position: int) -> Positions:
        return 1 << position if self.dense else frozenset((position,))

    def _shift(self, positions: Positions, by: int) -> Positions:
        if self.dense:
            return positions << by
        self._spend(len(positions))
        return frozenset(p + by for p in positions)

    def _join(self, *sets: Positions) -> Positions:
        if not self.dense:
            joined: frozenset[int] = frozenset().union(*sets) if len(sets) != 1 else sets[0]
            self._spend(len(joined))
            return joined
        union = 0
        for one in sets:
            union |= one
        return union

    def _link(self, sources: Positions, targets: Positions) -> None:
        if targets:
            for p in self.members(sources):
                old = self.follow[p]
                self.follow[p] = self._join(old, targets) if old else targets

    def _spend(self, pairs: int) -> None:
        self._pairs += pairs
        if self._pairs > _PAIRS:
            why = f"more than {_PAIRS:,} pairs of neighbouring positions are needed"
            raise BudgetExceeded(_DOING, why, "Write a shorter expression.")
        self._budget.check_time(_DOING)


def bits(mask: int) -> Iterator[int]:
    """Return the positions of the ones of a nonnegative integer, lowest first.

    >>> list(bits(0b1010))
    [1, 3]
    """
    if mask.bit_count() <= _FEW:
        while mask:
            low = mask & -mask
            yield low.bit_length() - 1
            mask ^= low
        return
    offset = 0
    for byte in mask.to_bytes((mask.bit_length() + 7) // 8, "little"):
        while byte:
            low = byte & -byte
            yield offset + low.bit_length() - 1
            byte ^= low
        offset += 8
