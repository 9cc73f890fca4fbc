"""The number of elements of a transition monoid, counted by R-classes instead of one by one."""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from ..rows import RowIndex
from .chain import Chain
from .images import ImageOrbit, image_orbit
from .monoid import enumerate_transformations
from .permutations import orbits

_DOING = "counting a monoid"
_CHUNK = 1 << 13  # R-classes multiplied at once, at most
_CELLS = 1 << 22  # states of R-classes multiplied at once: bounds memory, and time between budget checks
_LISTED = 720  # groups that are not products of symmetric groups are listed up to this order

Rows = NDArray[np.int64]


def monoid_size(dfa: DFA, *, budget: Budget = DEFAULT) -> int | None:
    """Return the number of elements of the transition monoid, or None when it exceeds `budget.max_elements`.

    An R-class has `|C| |G|` elements: C is the class of its elements' image sets and G the group of C's root.
    Its elements with image exactly the root are one coset x·G, so x stands for the R-class. Multiplying by
    letters on the left takes R-classes to R-classes, and reaches all of them from the identity's.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.

    Complexity: `O(m k n)` for m R-classes, usually far fewer than elements; at most `max_elements`.

    Source: Linton, Pfeiffer, Robertson, Ruskuc 1998; East, Egri-Nagy, Mitchell, Péresse 2019.

    >>> from starfree.languages import regex
    >>> monoid_size(regex("(ab)*"))
    6
    """
    if dfa.table.shape[1] == 1:  # a path into a cycle: the words shorter than n differ, and no others
        return dfa.states if dfa.states <= budget.max_elements else None
    orbit = image_orbit(dfa, budget=budget)
    if len(orbit) == 1:  # all letters are permutations
        order = orbit.group(0, budget=budget).order
        return order if order <= budget.max_elements else None
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
    """What tells the cosets of a root's group apart.

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
    generators = orbit.generators(root, budget=budget)
    order = orbit.group(root, budget=budget).order
    blocks = [[states[i] for i in part] for part in orbits(generators, len(states), budget=budget)]
    symmetric = order == prod(factorial(len(block)) for block in blocks)
    elements = None
    if not symmetric and order <= _LISTED:
        elements = Chain(len(states), [(p, 0) for p in generators], budget=budget).elements()
    return _Cosets(order, states, blocks, symmetric, elements)


class _Keys:
    """Gives transformations onto roots a row of small numbers that is the same exactly within one coset.

    Where a state appears first, the row holds n plus the state's label; elsewhere the point of its first
    appearance. The label is the state's orbit under the group if the group moves its orbits in all ways: the
    states of one orbit can be exchanged at will. For other groups it is the state's image under the element
    that makes the labels least.
    """

    def __init__(self, n: int, sets: int, cosets: dict[int, _Cosets]) -> None:
        self.n = n
        self.width = np.min_scalar_type(2 * n)
        self.place = np.zeros(
            sets, np.int64
        )  # of a root in the table of labels; the first line is for trivial groups
        self.labels = np.tile(np.arange(n, 2 * n, dtype=self.width), (len(cosets) + 1, 1))
        self.listed: dict[int, _Cosets] = {}
        for i, (root, coset) in enumerate(cosets.items(), 1):
            self.place[root] = i
            if not coset.symmetric:
                self.listed[root] = coset
            for number, states in enumerate(coset.blocks):
                self.labels[i, states] = n + number

    def of(self, maps: Rows, roots: Rows) -> list[bytes]:
        """Return the keys of maps, shape `(n, m)`; roots is the root that each leads onto."""
        n, m = maps.shape
        at = maps * m + np.arange(m)
        first = np.empty(n * m, self.width)
        for point in range(n - 1, -1, -1):
            first[at[point]] = point
        kernel = first.take(at)
        labels = self.labels.ravel().take(maps + self.place[roots] * n)
        for root, coset in self.listed.items():
            chosen = np.flatnonzero(roots == root)
            if len(chosen):
                labels[:, chosen] = self._least(maps[:, chosen].T, kernel[:, chosen].T, coset).T
        keys = np.empty((m, n + 4 // self.width.itemsize), self.width)
        keys[:, :n] = np.where(kernel == np.arange(n, dtype=self.width)[:, None], labels, kernel).T
        keys[:, n:] = roots.astype(np.uint32)[:, None].view(self.width)
        row = np.dtype((np.void, keys.shape[1] * self.width.itemsize))
        found: list[Any] = keys.view(row).ravel().tolist()
        return found

    def _least(self, rows: Rows, kernel: NDArray[np.unsignedinteger], coset: _Cosets) -> Rows:
        """Apply to each row the element of the group that makes the states, as they first appear, least."""
        assert coset.elements is not None
        position = np.zeros(self.n, np.int64)
        position[list(coset.states)] = np.arange(len(coset.states))
        seen = position[rows]
        at = np.nonzero(kernel == np.arange(self.n))
        appearing = seen[at].reshape(len(rows), -1)  # each row holds r first appearances
        candidates = coset.elements[:, appearing[:, 0]]
        alive = candidates == candidates.min(axis=0)
        for i in range(1, appearing.shape[1]):
            candidates = np.where(alive, coset.elements[:, appearing[:, i]], self.n)
            alive = candidates == candidates.min(axis=0)
        best = alive.argmax(axis=0)
        return np.asarray(coset.elements[best[:, None], seen] + self.n)


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

    def of(self, maps: Rows) -> Rows:
        """Return the number of the image set of each map; shape `(n, m)` to `(m,)`."""
        if self.words == 1:
            wanted = np.bitwise_or.reduce(self.bits.take(maps), axis=0)
            return np.asarray(self.order[np.searchsorted(self.masks, wanted)])
        m = maps.shape[1]
        present = np.zeros((m, self.words * 64), np.bool_)
        present[np.arange(m), maps] = True
        return self.index.add(np.packbits(present, axis=1, bitorder="little").view(np.uint64))[0]


def _count(
    dfa: DFA, orbit: ImageOrbit, cosets: dict[int, _Cosets], weight: list[int], budget: Budget
) -> int | None:
    n = dfa.states
    numbers = _Numbers(orbit.sets, n)
    keys = _Keys(n, len(orbit), cosets)
    home = orbit.home.ravel()
    letters = dfa.table.T.astype(np.int64)
    # Maps are columns: what is done to one state of all maps at once is contiguous.
    frontier = np.arange(n)[:, None]
    # Levels are small and many: a set of byte strings has less overhead than a table of rows.
    seen = set(keys.of(frontier, np.zeros(1, np.int64)))
    weights = np.array([min(w, budget.max_elements + 1) for w in weight])
    total = weight[0]
    step = max(1, min(_CHUNK, _CELLS // n))
    while frontier.size:
        found = []
        for low in range(0, frontier.shape[1], step):
            budget.check_time(_DOING)
            chunk = frontier[:, low : low + step]
            products = np.concatenate([chunk[letter] for letter in letters], axis=1)
            ids = numbers.of(products)
            products = home.take(products + ids * n)
            roots = orbit.root.take(ids)
            new = []
            for i, key in enumerate(keys.of(products, roots)):
                if key not in seen:
                    seen.add(key)
                    new.append(i)
            fresh = np.array(new, np.int64)
            found.append(products.take(fresh, axis=1))
            total += int(weights.take(roots.take(fresh)).sum())
            if total > budget.max_elements:
                return None
        frontier = np.concatenate(found, axis=1)
    return total
