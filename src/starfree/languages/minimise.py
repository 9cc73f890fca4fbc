"""Minimal complete DFAs with canonical numbering, for tables up to millions of entries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..rows import RowIndex, pack

_DOING = "minimising a DFA"
_WIDE = 48  # a breadth-first level this wide is worth NumPy's call overhead
_LEVELS = 256  # breadth-first levels between two looks at the clock
_GROWTH = 1.1  # rounds of Moore go on while the number of classes grows at least this fast


def minimise(
    table: NDArray[np.integer],
    accepting: NDArray[np.bool_],
    start: int = 0,
    *,
    budget: Budget = DEFAULT,
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the minimal complete DFA with states numbered breadth-first, symbols in column order.

    Arguments:
        table: shape `(n, k)`, next states in `0..n-1`; complete.
        accepting: shape `(n,)`.
        start: the start state.

    Returns:
        the minimal table, int32, and accepting flags; the start is state 0.

    Raises:
        BudgetExceeded: when the deadline passes.

    Complexity: `O(n k log n)`; vectorised rounds of Moore settle most automata, Hopcroft's the rest.

    Source: Moore 1956; Hopcroft 1971.

    >>> table, accepting = minimise(np.array([[1], [2], [3], [0]]), np.array([1, 0, 1, 0], bool))
    >>> table.tolist(), accepting.tolist()
    ([[1], [0]], [True, False])
    """
    order, small = renumber(table, start, budget=budget)
    flags = np.asarray(accepting, bool)[order]
    budget.check_time(_DOING)
    classes = _moore(small, flags, budget)
    if classes is None:
        return small, flags
    count = int(classes.max()) + 1
    first = np.full(count, len(classes), np.int64)
    np.minimum.at(first, classes, np.arange(len(classes)))
    order, minimal = renumber(classes[small[first]], int(classes[0]), budget=budget)
    return minimal, flags[first][order]


def renumber(
    table: NDArray[np.integer], start: int = 0, *, budget: Budget = DEFAULT
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the reachable states in breadth-first order, and the table in that numbering.

    Arguments:
        table: shape `(n, k)`.
        start: becomes state 0.

    Returns:
        `order`, the old number of each new state; and the new table, int32.

    Raises:
        BudgetExceeded: when the deadline passes.

    Complexity: `O(n k)`.
    """
    n, k = table.shape
    seen = bytearray(n)
    flags = np.frombuffer(seen, np.uint8)
    first = np.empty(n, np.int64)
    seen[start] = 1
    order = [start]
    done = levels = 0
    while done < len(order) and k:
        if not levels % _LEVELS:
            budget.check_time(_DOING)
        levels += 1
        level = order[done:]
        done = len(order)
        if len(level) < _WIDE:
            for state in level:
                for target in table[state].tolist():
                    if not seen[target]:
                        seen[target] = 1
                        order.append(target)
        else:
            targets = table[level].ravel()
            targets = targets[flags[targets] == 0]
            # Assigned backwards, so that the first mention of a state is the one that counts.
            first[targets[::-1]] = np.arange(len(targets))[::-1]
            fresh = targets[first[targets] == np.arange(len(targets))]
            flags[fresh] = 1
            order.extend(fresh.tolist())
    states = np.array(order, np.int64)
    number = np.zeros(n, np.int32)
    number[states] = np.arange(len(states), dtype=np.int32)
    return states, number[table[states]]


def _moore(
    table: NDArray[np.int32], accepting: NDArray[np.bool_], budget: Budget
) -> NDArray[np.int64] | None:
    """Return the class of each state, or None when all states differ."""
    n, k = table.shape
    classes = accepting.astype(np.int64)
    count = len(np.unique(classes))
    if count == 1:
        return np.zeros(n, np.int64)
    signature = np.empty((n, k + 1), np.int32)
    while True:
        signature[:, 0] = classes
        signature[:, 1:] = classes[table]
        rows = pack(signature)
        classes, fresh = RowIndex(rows.shape[1]).add(rows)
        before, count = count, len(fresh)
        budget.check_time(_DOING)
        if count == n:
            return None
        if count == before:
            return classes
        if count < _GROWTH * before:
            return _hopcroft(table, classes, count, budget)


def _hopcroft(
    table: NDArray[np.int32], classes: NDArray[np.int64], count: int, budget: Budget
) -> NDArray[np.int64]:
    """Refine a partition, coarser than or equal to the answer, until no symbol splits a block."""
    n, k = table.shape
    incoming = []
    for a in range(k):
        budget.check_time(_DOING)
        sources = np.argsort(table[:, a], kind="stable")
        begin = np.searchsorted(table[sources, a], np.arange(n + 1))
        incoming.append((sources.tolist(), begin.tolist()))
    block_of: list[int] = classes.tolist()
    blocks: list[set[int]] = [set() for _ in range(count)]
    for state, block in enumerate(block_of):
        blocks[block].add(state)
    pending = set(range(count))
    while pending:
        budget.check_time(_DOING)
        splitter = list(blocks[pending.pop()])
        for sources, begin in incoming:
            touched: dict[int, list[int]] = {}
            for state in splitter:
                for source in sources[begin[state] : begin[state + 1]]:
                    touched.setdefault(block_of[source], []).append(source)
            for block, part in touched.items():
                whole = blocks[block]
                if len(part) == len(whole):
                    continue
                # The smaller half is the new block, so a state moves at most log2(n) times.
                moved = set(part) if 2 * len(part) <= len(whole) else whole.difference(part)
                whole -= moved
                for state in moved:
                    block_of[state] = len(blocks)
                pending.add(len(blocks))
                blocks.append(moved)
    return np.array(block_of, np.int64)
