"""The number of elements of a transition monoid, counted by R-classes instead of one by one."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from ..rows import RowIndex, pack
from .images import ImageOrbit, image_orbit
from .monoid import enumerate_transformations
from .permutations import orbits
from .subgroups import group_of

_DOING = "counting a monoid"
_CHUNK = 1 << 13  # R-classes multiplied at once
_LISTED = 720  # groups that are not products of symmetric groups are listed up to this order

Rows = NDArray[np.int64]


def monoid_size(dfa: DFA, *, budget: Budget = DEFAULT) -> int | None:
    """Return the number of elements of the transition monoid, or None when it exceeds `budget.max_elements`.

    An R-class has `|C| |G|` elements: C is the class of its elements' image sets and G the group of C's root. Its
    elements with image exactly the root are one coset of G; the least of them stands for the R-class. Multiplying by
    letters on the left takes R-classes to R-classes, and reaches all of them from the identity's.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.

    Complexity: `O(m k n)` for m R-classes, usually far fewer than elements; at most `max_elements`.

    Source: Linton, Pfeiffer, Robertson, Ruskuc 1998; East, Egri-Nagy, Mitchell, Péresse 2019.

    >>> from starfree.languages import regex
    >>> monoid_size(regex("(ab)*"))
    6
    """
    orbit = image_orbit(dfa, budget=budget)
    if dfa.table.shape[1] == 0:
        return 1
    cosets = {root: _cosets(orbit, root, budget) for root in orbit.moving}
    orders = {root: coset.order for root, coset in cosets.items()}
    class_sizes = np.bincount(orbit.root, minlength=len(orbit)).tolist()
    weight = [orders.get(i, 1) * size for i, size in enumerate(class_sizes)]
    if sum(weight) > budget.max_elements:  # each image set is the image of at least |G| elements
        return None
    if any(coset.elements is None and not coset.symmetric for coset in cosets.values()):
        # Too large to list and not symmetric: rare; count one by one.
        return _one_by_one(dfa, budget)
    return _count(dfa, orbit, cosets, weight, budget)


def _one_by_one(dfa: DFA, budget: Budget) -> int | None:
    from ..errors import BudgetExceeded

    try:
        return len(enumerate_transformations(dfa.table.T, budget=budget))
    except BudgetExceeded:
        budget.check_time(_DOING)
        return None


@dataclass(frozen=True)
class _Cosets:
    """How the least element of a coset of a group is found.

    Arguments:
        order: of the group.
        symmetric: the group is the product of the symmetric groups of its orbits.
        block: shape `(r,)`: the number of each position's orbit.
        sorted: shape `(r,)`: the positions, orbit by orbit.
        elements: shape `(order, r)`: all elements, for other groups that are small.
    """

    order: int
    symmetric: bool
    block: Rows
    sorted: Rows
    elements: Rows | None

    def least(self, p: Rows) -> Rows:
        """Return for each row p, a permutation of positions, the least p·g."""
        rows = np.arange(len(p))[:, None]
        if self.symmetric:
            found = np.empty_like(p)
            found[rows, np.argsort(self.block[p], axis=1, kind="stable")] = self.sorted
            return found
        assert self.elements is not None
        best = p
        for g in self.elements:
            moved = g[p]
            differs = moved != best
            at = differs.argmax(axis=1)[:, None]
            smaller = np.take_along_axis(moved, at, axis=1) < np.take_along_axis(best, at, axis=1)
            best = np.where(smaller, moved, best)
        return best


def _cosets(orbit: ImageOrbit, root: int, budget: Budget) -> _Cosets:
    degree = int(orbit.size[root])
    generators = orbit.schreier[root].distinct
    parts = orbits(generators, degree)
    order = group_of(orbit, root, budget=budget).order
    block = np.empty(degree, np.int64)
    for i, part in enumerate(parts):
        block[part] = i
    symmetric = order == prod(factorial(len(part)) for part in parts)
    elements = None
    if not symmetric and order <= _LISTED:
        elements = enumerate_transformations(np.array(generators), budget=budget).elements.astype(np.int64)
    return _Cosets(order, symmetric, block, np.array([i for part in parts for i in part]), elements)


def _count(
    dfa: DFA, orbit: ImageOrbit, cosets: dict[int, _Cosets], weight: list[int], budget: Budget
) -> int | None:
    n, k = dfa.table.shape
    sets = RowIndex(max(1, -(-n // 64)))
    sets.add(_masks(orbit.sets, n))
    home = np.empty((len(orbit), n), np.int64)  # the state of the root that stands for each state of an image set
    for i, root in enumerate(orbit.root.tolist()):
        home[i, list(orbit.beta(i))] = orbit.beta(root)
    letters = dfa.table.T.astype(np.int64)
    small = np.min_scalar_type(n)
    classes = RowIndex(pack(np.zeros((1, n), small)).shape[1])
    weights = np.array(weight, object)
    frontier = np.arange(n)[None, :]
    classes.add(pack(frontier.astype(small)))
    total = weight[0]
    while len(frontier):
        found = []
        for low in range(0, len(frontier), _CHUNK):
            budget.check_time(_DOING)
            chunk = frontier[low : low + _CHUNK]
            products = np.concatenate([chunk[:, letter] for letter in letters])
            ids, _ = sets.add(_images(products, n))
            products = np.take_along_axis(home[ids], products, axis=1)
            roots = orbit.root[ids]
            _make_least(products, roots, orbit, cosets)
            _, fresh = classes.add(pack(products.astype(small)))
            found.append(products[fresh])
            total += int(weights[roots[fresh]].sum()) if len(fresh) else 0
            if total > budget.max_elements:
                return None
        frontier = np.concatenate(found)
    return total


def _make_least(products: Rows, roots: Rows, orbit: ImageOrbit, cosets: dict[int, _Cosets]) -> None:
    """Replace each transformation onto a root by the least of its coset, in place."""
    for root in np.unique(roots).tolist():
        coset = cosets.get(root)
        if coset is None or coset.order == 1:
            continue
        at = np.flatnonzero(roots == root)
        rows, states = products[at], np.array(orbit.beta(root))
        position = np.zeros(products.shape[1], np.int64)
        position[states] = np.arange(len(states))
        # The images in the order in which they first appear are a permutation of the positions.
        first = np.full((len(at), len(states)), products.shape[1], np.int64)
        each = np.arange(len(at))
        for point in range(products.shape[1] - 1, -1, -1):
            first[each, position[rows[:, point]]] = point
        p = np.argsort(first, axis=1)
        renamed = np.empty_like(p)
        np.put_along_axis(renamed, p, coset.least(p), axis=1)
        products[at] = states[np.take_along_axis(renamed, position[rows], axis=1)]


def _images(rows: Rows, n: int) -> NDArray[np.uint64]:
    """Return the image sets of transformations as bit masks in 64-bit words."""
    present = np.zeros((len(rows), max(1, -(-n // 64)) * 64), np.bool_)
    present[np.arange(len(rows))[:, None], rows] = True
    return np.packbits(present, axis=1, bitorder="little").view(np.uint64)


def _masks(sets: list[int], n: int) -> NDArray[np.uint64]:
    size = max(1, -(-n // 64)) * 8
    return np.frombuffer(b"".join(s.to_bytes(size, "little") for s in sets), np.uint64).reshape(len(sets), -1)
