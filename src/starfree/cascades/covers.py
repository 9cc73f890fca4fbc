"""Short sums of products of many-valued variables that separate some rows from others.

Source: expansion of products, and the search for a cover without spare ones, after Espresso (Brayton et al.,
Logic Minimization Algorithms for VLSI Synthesis, 1984). Exact on the rows; short, not always shortest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget

Rows = NDArray[np.int64]
Product = tuple[NDArray[np.bool_], ...]
"""For each variable the values that it may have, as flags."""

_LARGEST = 1 << 62
_DOING = "looking for a short condition"


def support(rows: Rows, wanted: NDArray[np.bool_], order: Sequence[int]) -> list[int] | None:
    """Return variables that decide which rows are wanted, or None when all together do not.

    Arguments:
        rows: shape `(m, variables)`: the value of each variable.
        wanted: shape `(m,)`.
        order: the variables to do without if possible, the least welcome first.

    Complexity: a sort of the rows for each variable.

    >>> support(np.array([[0, 1], [1, 1], [1, 0]]), np.array([True, True, False]), [0, 1])
    [1]
    """
    kept = sorted(order)
    if not _decides(rows, wanted, kept):
        return None
    for variable in order:
        fewer = [one for one in kept if one != variable]
        if _decides(rows, wanted, fewer):
            kept = fewer
    return kept


def _decides(rows: Rows, wanted: NDArray[np.bool_], kept: list[int]) -> bool:
    keys = _keys(rows[:, kept])
    return not len(np.intersect1d(keys[wanted], keys[~wanted]))


def _keys(rows: Rows) -> NDArray[np.int64]:
    """Return a number for each row, the same for equal rows only."""
    keys, most = np.zeros(len(rows), np.int64), 1
    for column in rows.T:
        width = int(column.max(initial=0)) + 1
        if most * width >= _LARGEST:
            keys = np.unique(keys, return_inverse=True)[1].reshape(-1)
            most = int(keys.max(initial=0)) + 1
        keys, most = keys * width + column, most * width
    return keys


def distinct(rows: Rows) -> Rows:
    """Return every different row once.

    >>> distinct(np.array([[1, 0], [0, 1], [1, 0]])).tolist()
    [[0, 1], [1, 0]]
    """
    return rows[np.unique(_keys(rows), return_index=True)[1]]


def cover(
    rows: Rows,
    wanted: NDArray[np.bool_],
    sizes: Sequence[int],
    order: Sequence[int],
    *,
    budget: Budget = DEFAULT,
) -> list[tuple[Product, Product]]:
    """Return products that together have exactly the wanted rows.

    Arguments:
        rows: shape `(m, variables)`; no two equal rows of which one is wanted and one is not.
        wanted: shape `(m,)`.
        sizes: number of values of each variable.
        order: the variables, those first that a product should rather do without.

    Returns:
        each product twice: with as many values as are allowed, and with as few as are needed.

    Raises:
        BudgetExceeded: when time runs out.

    Complexity: products times variables times rows.
    """
    on, off = distinct(rows[wanted]), distinct(rows[~wanted])
    left = np.ones(len(on), np.bool_)
    found: list[Product] = []
    while left.any():
        budget.check_time(_DOING)
        product = _expanded(on[np.flatnonzero(left)[0]], off, sizes, order)
        found.append(product)
        left &= ~has(product, on)
    members = [has(product, on) for product in found]
    times = np.sum(members, axis=0)
    for i in range(len(found) - 1, -1, -1):
        if (times[members[i]] > 1).all():
            times -= members[i]
            del found[i], members[i]
    pairs = []
    for product, member in zip(found, members, strict=True):
        alone = on[member & (times == 1)]
        least = tuple(
            allowed if allowed.all() else np.isin(np.arange(len(allowed)), alone[:, variable])
            for variable, allowed in enumerate(product)
        )
        times -= member & ~has(least, on)  # what it gives up here, no later product may
        pairs.append((product, least))
    return pairs


def has(product: Product, rows: Rows) -> NDArray[np.bool_]:
    """Say which rows a product has."""
    found = np.ones(len(rows), np.bool_)
    for variable, allowed in enumerate(product):
        found &= allowed[rows[:, variable]]
    return found


def _expanded(row: Rows, off: Rows, sizes: Sequence[int], order: Sequence[int]) -> Product:
    """Return a product with the row and no row of `off` that is as large as can be."""
    product = [np.arange(size) == value for size, value in zip(sizes, row.tolist(), strict=True)]
    outside = off != row
    keeps = outside.sum(axis=1)  # the number of variables that keep a row out
    for variable in order:
        if (keeps[outside[:, variable]] >= 2).all():
            keeps = keeps - outside[:, variable]
            outside[:, variable] = False
            product[variable][:] = True
    for variable in order:
        for value in np.flatnonzero(~product[variable]).tolist():
            let_in = outside[:, variable] & (off[:, variable] == value)
            if (keeps[let_in] >= 2).all():
                keeps = keeps - let_in
                outside[let_in, variable] = False
                product[variable][value] = True
    return tuple(product)
