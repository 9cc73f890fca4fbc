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
    """How the least element of a coset of a root's group is found.

    Arguments:
        order: of the group.
        states: the r states of the root.
        blocks: the orbits of the group, as lists of states.
        symmetric: the group is the product of the symmetric groups of its orbits.
        elements: shape `(order, r)`: all elements, for other groups that are small.
    """

    order: int
    states: tuple[int, ...]
    blocks: list[list[int]]
    symmetric: bool
    elements: Rows | None


def _cosets(orbit: ImageOrbit, root: int, budget: Budget) -> _Cosets:
    states = orbit.beta(root)
    generators = orbit.schreier[root].distinct
    order = orbit.group(root, budget=budget).order
    blocks = [[states[i] for i in part] for part in orbits(generators, len(states))]
    symmetric = order == prod(factorial(len(block)) for block in blocks)
    elements = None
    if not symmetric and order <= _LISTED:
        elements = enumerate_transformations(np.array(generators), budget=budget).elements.astype(np.int64)
    return _Cosets(order, states, blocks, symmetric, elements)


class _Least:
    """Replaces transformations onto roots by the least of their coset, many at a time."""

    def __init__(self, n: int, sets: int, cosets: dict[int, _Cosets]) -> None:
        self.n = n
        symmetric = [root for root, coset in cosets.items() if coset.symmetric]
        self.listed = {root: coset for root, coset in cosets.items() if not coset.symmetric}
        self.place = np.full(sets, -1, np.int64)  # of a symmetric root in the tables below
        self.place[symmetric] = np.arange(len(symmetric))
        self.block = np.full((len(symmetric), n), n, np.int64)  # of each state; n when it is not in the root
        self.sorted = np.zeros((len(symmetric), n), np.int64)  # the states of a root, block by block
        for i, root in enumerate(symmetric):
            blocks = cosets[root].blocks
            for number, states in enumerate(blocks):
                self.block[i, states] = number
            listed = [state for states in blocks for state in states]
            self.sorted[i, : len(listed)] = listed

    def apply(self, rows: Rows, roots: Rows) -> None:
        """Replace each row by the least of its coset, in place.

        For a product of symmetric groups: states appear, block by block, in increasing order.
        """
        place = self.place[roots]
        at = np.flatnonzero(place >= 0)
        if len(at):
            chosen, place = rows[at], place[at]
            key = self.block[place] * (self.n + 1) + _first(chosen, self.n)
            each = np.arange(len(at))[:, None]
            renamed = np.empty_like(chosen)
            renamed[each, np.argsort(key, axis=1)] = self.sorted[place]
            rows[at] = renamed[each, chosen]
        for root, coset in self.listed.items():
            at = np.flatnonzero(roots == root)
            if len(at):
                rows[at] = self._among(rows[at], coset)

    def _among(self, rows: Rows, coset: _Cosets) -> Rows:
        assert coset.elements is not None
        states = np.array(coset.states)
        position = np.zeros(self.n, np.int64)
        position[states] = np.arange(len(states))
        # The states in the order in which they first appear are a permutation p of the positions.
        p = np.argsort(_first(rows, self.n)[:, states], axis=1)
        best = p
        for g in coset.elements:
            moved = g[p]
            differs = (moved != best).argmax(axis=1)[:, None]
            smaller = np.take_along_axis(moved, differs, axis=1) < np.take_along_axis(best, differs, axis=1)
            best = np.where(smaller, moved, best)
        renamed = np.empty_like(p)
        np.put_along_axis(renamed, p, best, axis=1)
        return np.asarray(states[np.take_along_axis(renamed, position[rows], axis=1)])


def _first(rows: Rows, n: int) -> Rows:
    """Return for each row and state the first point that leads to it, n when none does."""
    found = np.full((len(rows), n), n, np.int64)
    each = np.arange(len(rows))
    for point in range(n - 1, -1, -1):
        found[each, rows[:, point]] = point
    return found


class _Numbers:
    """Looks up the number of the image set of a transformation."""

    def __init__(self, sets: list[int], n: int) -> None:
        self.words = max(1, -(-n // 64))
        joined = b"".join(s.to_bytes(self.words * 8, "little") for s in sets)
        masks = np.frombuffer(joined, np.uint64).reshape(len(sets), self.words)
        self.bits = np.uint64(1) << np.arange(n if self.words == 1 else 0, dtype=np.uint64)
        self.order = np.argsort(masks[:, 0]) if self.words == 1 else np.empty(0, np.int64)
        self.masks = masks[self.order, 0] if self.words == 1 else masks[:, 0]
        self.index = RowIndex(self.words)
        if self.words > 1:
            self.index.add(masks)

    def of(self, rows: Rows) -> Rows:
        """Return the number of the image set of each row."""
        if self.words == 1:
            wanted = np.bitwise_or.reduce(self.bits[rows], axis=1)
            return np.asarray(self.order[np.searchsorted(self.masks, wanted)])
        present = np.zeros((len(rows), self.words * 64), np.bool_)
        present[np.arange(len(rows))[:, None], rows] = True
        return self.index.add(np.packbits(present, axis=1, bitorder="little").view(np.uint64))[0]


def _count(
    dfa: DFA, orbit: ImageOrbit, cosets: dict[int, _Cosets], weight: list[int], budget: Budget
) -> int | None:
    n = dfa.states
    numbers = _Numbers(orbit.sets, n)
    least = _Least(n, len(orbit), cosets)
    home = orbit.home
    letters = dfa.table.T.astype(np.int64)
    small = np.min_scalar_type(n)
    frontier = np.arange(n)[None, :]
    first = pack(frontier.astype(small))
    classes = RowIndex(first.shape[1])
    classes.add(first)
    weights = np.array([min(w, budget.max_elements + 1) for w in weight])
    total = weight[0]
    while len(frontier):
        found = []
        for low in range(0, len(frontier), _CHUNK):
            budget.check_time(_DOING)
            products = frontier[low : low + _CHUNK, letters].reshape(-1, n)
            ids = numbers.of(products)
            products = home[ids[:, None], products]
            roots = orbit.root[ids]
            least.apply(products, roots)
            fresh = classes.add(pack(products.astype(small)))[1]
            found.append(products[fresh])
            total += int(weights[roots[fresh]].sum())
            if total > budget.max_elements:
                return None
        frontier = np.concatenate(found)
    return total
