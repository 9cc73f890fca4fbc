"""The subset construction: position automata to deterministic ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from ..errors import BudgetExceeded
from .glushkov import Fragment, Glushkov, bits

_DOING = "making an automaton deterministic"
_BYTES = 1 << 29  # most memory for the sets of positions that are kept
_EVERY = 1 << 18  # bytes of subsets between two looks at the budget


def determinise(
    positions: Glushkov, whole: Fragment, classes: int, *, budget: Budget
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return a complete deterministic automaton for a fragment, over classes of symbols; not minimal.

    Arguments:
        positions: the automaton that the fragment belongs to.
        whole: the fragment to recognise.
        classes: the number of classes of symbols; labels are bit masks over them.

    Returns:
        the table, shape `(n, classes)`, and accepting flags; state 0 is the start.

    Raises:
        BudgetExceeded: when more than `budget.max_states` subsets, or half a gigabyte of them, are reachable.

    Complexity: `O(n P / 8)` for n subsets of P positions kept as masks; linear in their sizes when sparse.
    """
    # Sets of positions are of one type or the other, as `positions` decides; the functions know which.
    split: Callable[[Any], list[Any]] = (_dense_split if positions.dense else _sparse_split)(
        positions, classes
    )
    after: Callable[[Any], Any] = (_dense_union if positions.dense else _sparse_union)(positions)
    # The start is told apart from every subset: it has read nothing. Its successors are those of `first`.
    number: dict[Any, int] = {}
    subsets: list[Any] = [None]
    table: list[int] = []
    size = looked = 0
    done = 0
    while done < len(subsets):
        successors = split(whole.first if done == 0 else after(subsets[done]))
        for subset in successors:
            target = number.get(subset)
            if target is None:
                target = number[subset] = len(subsets)
                subsets.append(subset)
                size += 64 + (subset.bit_length() // 8 if positions.dense else 64 * len(subset))
            table.append(target)
        done += 1
        if size - looked > _EVERY or done % 256 == 0 or len(subsets) > budget.max_states:
            looked = size
            budget.check_states(len(subsets), _DOING)
            if size > _BYTES:
                raise BudgetExceeded(
                    _DOING, "its sets of positions fill the memory", "Write a shorter expression."
                )
    accepting = np.array([whole.nullable] + [bool(subset & whole.last) for subset in subsets[1:]], bool)
    return np.array(table, np.int32).reshape(len(subsets), classes), accepting


def _dense_union(positions: Glushkov) -> Callable[[int], int]:
    """Return the function from a mask to the union of its members' followers, one byte at a time."""
    count = len(positions.labels)
    follow = positions.follow + [0] * 8
    known: list[list[int | None]] = [[0] + [None] * 255 for _ in range((count + 7) // 8)]

    def learn(index: int, byte: int) -> int:
        union = 0
        for bit in bits(byte):
            union |= follow[8 * index + bit]
        known[index][byte] = union
        return union

    def after(mask: int) -> int:
        union = 0
        for index, byte in enumerate(mask.to_bytes((mask.bit_length() + 7) // 8, "little")):
            if byte:
                part = known[index][byte]
                union |= learn(index, byte) if part is None else part
        return union

    return after


def _dense_split(positions: Glushkov, classes: int) -> Callable[[int], list[int]]:
    reads = [0] * classes
    for p, label in enumerate(positions.labels):
        for c in bits(label):
            reads[c] |= 1 << p

    def split(mask: int) -> list[int]:
        return [mask & readers for readers in reads]

    return split


def _sparse_union(positions: Glushkov) -> Callable[[frozenset[int]], frozenset[int]]:
    follow = positions.follow

    def after(subset: frozenset[int]) -> frozenset[int]:
        return frozenset().union(*[follow[p] for p in subset])

    return after


def _sparse_split(positions: Glushkov, classes: int) -> Callable[[frozenset[int]], list[frozenset[int]]]:
    labels = positions.labels

    def split(subset: frozenset[int]) -> list[frozenset[int]]:
        buckets: list[list[int]] = [[] for _ in range(classes)]
        for p in subset:
            for c in bits(labels[p]):
                buckets[c].append(p)
        return [frozenset(bucket) for bucket in buckets]

    return split
