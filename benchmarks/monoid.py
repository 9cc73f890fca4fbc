"""Monoid enumeration beside libsemigroups: T_6, T_7, and the monoid of a DFA with about 10^6 elements.

Both compute every element and the right Cayley graph. Run with `python benchmarks/monoid.py`; it needs the
`bench` extra.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import libsemigroups_pybind11 as libsemigroups
import numpy as np
from numpy.typing import NDArray

from starfree.algebra import enumerate_transformations
from starfree.budgets import Budget
from starfree.languages import make_dfa

RUNS = 3
LARGE = Budget(max_elements=2_000_000)

# A minimal DFA with 16 states and 3 symbols, found by drawing tables at random; state 0 is the start.
TABLE = [
    [0, 2, 4, 4, 5, 6, 7, 8, 10, 12, 13, 8, 10, 14, 14, 15],
    [1, 3, 2, 2, 2, 2, 4, 5, 11, 7, 9, 6, 9, 12, 12, 12],
    [0, 0, 4, 1, 5, 5, 7, 9, 0, 8, 14, 8, 14, 14, 15, 15],
]


def full(n: int) -> NDArray[np.int64]:
    """Generators of all transformations of n points: a cycle, a swap, and one that merges two points."""
    points = np.arange(n)
    cycle = np.roll(points, -1)
    swap, merge = points.copy(), points.copy()
    swap[:2], merge[:2] = (1, 0), (0, 0)
    return np.array([cycle, swap, merge])


def automaton() -> NDArray[np.int64]:
    """The letters of the DFA, after minimising it."""
    table = np.array(TABLE).T
    dfa = make_dfa("abc", table, np.arange(len(table)) == len(table) - 1)
    return dfa.table.T.astype(np.int64)


def theirs(generators: NDArray[np.int64]) -> int:
    """Enumerate with libsemigroups."""
    monoid = libsemigroups.FroidurePin([libsemigroups.Transf(row) for row in generators.tolist()])
    guard = libsemigroups.ReportGuard(False)
    size = int(monoid.size())
    del guard
    return size


def ours(generators: NDArray[np.int64]) -> int:
    """Enumerate with starfree."""
    return len(enumerate_transformations(generators, budget=LARGE))


def best(run: Callable[[NDArray[np.int64]], int], generators: NDArray[np.int64]) -> tuple[float, int]:
    """Return the shortest of a few times, and the number of elements."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        size = run(generators)
        times.append(time.perf_counter() - start)
    return min(times), size


def main() -> None:
    """Print one line per monoid."""
    print(f"{'monoid':<12} {'elements':>9} {'ours':>8} {'per s':>9} {'libsemigroups':>14} {'ratio':>6}")
    cases = [("T_6", full(6)), ("T_7", full(7)), (f"DFA, {len(TABLE[0])}", automaton())]
    for name, generators in cases:
        seconds, size = best(ours, generators)
        other, other_size = best(theirs, generators)
        # libsemigroups counts the identity only if a product of generators is the identity.
        assert size - other_size in {0, 1}
        speed, ratio = size / seconds, seconds / other
        print(f"{name:<12} {size:>9,} {seconds:>7.3f}s {speed:>9,.0f} {other:>13.3f}s {ratio:>6.2f}")


if __name__ == "__main__":
    main()
