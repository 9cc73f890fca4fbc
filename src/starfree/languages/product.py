"""The reachable product of two complete automata, breadth-first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..rows import RowIndex
from .minimise import renumber

_EXPLICIT = 1 << 21  # products with at most this many table entries are written out in full


def product(
    left: NDArray[np.int32],
    right: NDArray[np.int32],
    *,
    until: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None,
    budget: Budget = DEFAULT,
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Return the part of a product of two automata that is reachable from the pair of starts.

    Arguments:
        left, right: tables of shapes `(n, k)` and `(m, k)` with the same symbols; both start in state 0.
        until: flags of the left and of the right states; the search may stop once they differ in some pair.

    Returns:
        the table of the product, shape `(p, k)`, numbered breadth-first with symbols in column order;
        and for each of its states the left and the right state, shapes `(p,)`. When the search stopped,
        the last rows of the table are missing.

    Raises:
        BudgetExceeded: when more than `budget.max_states` pairs are reachable.

    Complexity: `O(p k)`.
    """
    doing = "building a product of automata"
    n, m, k = len(left), len(right), left.shape[1]
    if n * m * max(k, 1) <= _EXPLICIT:
        full = left[:, None, :].astype(np.int64) * m + right[None, :, :]
        order, table = renumber(full.reshape(n * m, k), budget=budget)
        budget.check_states(len(order), doing)
        return table, order // m, order % m
    index = RowIndex(1)
    frontier, _ = index.add(np.zeros((1, 1), np.uint64))
    parts = []
    while len(frontier):
        pairs = index.rows[frontier, 0].astype(np.int64)
        targets = left[pairs // m].astype(np.int64) * m + right[pairs % m]
        ids, fresh = index.add(targets.reshape(-1, 1).astype(np.uint64))
        budget.check_states(len(index), doing)
        parts.append(ids.reshape(-1, k).astype(np.int32))
        frontier = ids[fresh]
        if until is not None:
            reached = index.rows[frontier, 0].astype(np.int64)
            if (until[0][reached // m] != until[1][reached % m]).any():
                break
    pairs = index.rows[:, 0].astype(np.int64)
    return np.concatenate(parts), pairs // m, pairs % m
