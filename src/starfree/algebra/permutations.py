"""Permutations as tuples: products, orders, cycles, orbits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import lcm

from ..budgets import DEFAULT, Budget

_DOING = "studying a permutation group"
_EVERY = 1 << 14  # points between two looks at the clock

Permutation = tuple[int, ...]
"""The image of each point `0..r-1`."""


def multiply(p: Permutation, q: Permutation) -> Permutation:
    """Return first p, then q."""
    return tuple([q[i] for i in p])


def inverse(p: Permutation) -> Permutation:
    """Return the permutation that undoes p."""
    found = [0] * len(p)
    for i, j in enumerate(p):
        found[j] = i
    return tuple(found)


def cycles(p: Permutation) -> list[list[int]]:
    """Return the cycles of more than one point, each from its least point, in order."""
    seen = [False] * len(p)
    found = []
    for i, j in enumerate(p):
        if seen[i] or i == j:
            continue
        cycle = [i]
        seen[i] = True
        while j != i:
            seen[j] = True
            cycle.append(j)
            j = p[j]
        found.append(cycle)
    return found


def order(p: Permutation) -> int:
    """Return the least e >= 1 with p^e the identity."""
    return lcm(*map(len, cycles(p)))


def power(p: Permutation, exponent: int) -> Permutation:
    """Return p repeated; a negative exponent undoes p.

    >>> power((1, 2, 0), -1)
    (2, 0, 1)
    """
    found = list(range(len(p)))
    for cycle in cycles(p):
        shift = exponent % len(cycle)
        for i, j in zip(cycle, cycle[shift:] + cycle[:shift], strict=True):
            found[i] = j
    return tuple(found)


def commutator(p: Permutation, q: Permutation) -> Permutation:
    """Return `p^-1 q^-1 p q`."""
    return multiply(inverse(multiply(q, p)), multiply(p, q))


def odd(p: Permutation) -> bool:
    """Tell whether p is a product of an odd number of transpositions."""
    return sum(len(cycle) - 1 for cycle in cycles(p)) % 2 == 1


def orbits(generators: Iterable[Permutation], degree: int, *, budget: Budget = DEFAULT) -> list[list[int]]:
    """Return the orbits of the points, each in increasing order, by least point; `BudgetExceeded` in time."""
    found: list[list[int]] = []
    seen = [False] * degree
    moves = list(generators)
    for start in range(degree):
        if not start % _EVERY:
            budget.check_time(_DOING)
        if seen[start]:
            continue
        seen[start] = True
        orbit = [start]
        for place, point in enumerate(orbit):  # grows as it is read
            if not (place + 1) % _EVERY:
                budget.check_time(_DOING)
            for move in moves:
                target = move[point]
                if not seen[target]:
                    seen[target] = True
                    orbit.append(target)
        found.append(sorted(orbit))
    return found


def restrict(p: Permutation, points: Sequence[int]) -> Permutation:
    """Return the permutation that p induces on the positions of an invariant list of points."""
    position = {point: i for i, point in enumerate(points)}
    return tuple([position[p[point]] for point in points])


def primitive(generators: Sequence[Permutation], degree: int, *, budget: Budget = DEFAULT) -> bool:
    """Tell whether a transitive group respects no partition of its points but the trivial two.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(r^2 g)` up to an inverse Ackermann factor, for r points and g generators.

    Source: Atkinson 1975: the finest invariant partition that joins two given points.
    """
    for other in range(1, degree):
        above = list(range(degree))
        above[other] = 0
        blocks = degree - 1
        todo = [(0, other)]
        budget.check_time(_DOING)
        while todo:
            i, j = todo.pop()
            if not blocks % _EVERY:
                budget.check_time(_DOING)
            for move in generators:
                p, q = move[i], move[j]
                while above[p] != p:
                    above[p] = above[above[p]]
                    p = above[p]
                while above[q] != q:
                    above[q] = above[above[q]]
                    q = above[q]
                if p != q:
                    above[max(p, q)] = min(p, q)
                    blocks -= 1
                    todo.append((p, q))
        if blocks > 1:
            return False
    return True
