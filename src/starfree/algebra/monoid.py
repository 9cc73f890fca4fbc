"""Transition monoids, enumerated breadth-first with a shortest word for every element."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages.dfa import DFA
from ..rows import RowIndex
from .words import Word

_DOING = "enumerating a monoid"
_BYTES = 512  # memory for the elements, for each element that the budget allows
_CHUNK = 1 << 16  # elements whose products are formed at once, at most
_AT_ONCE = 1 << 25  # bytes of products formed at once: bounds memory and time between budget checks

Cells = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Monoid:
    """A monoid of transformations with its Cayley graphs; elements in shortlex order of their shortest words.

    Arguments:
        elements: shape `(m, n)`, of the smallest unsigned type that holds n - 1: the image of each state;
            element 0 is the identity.
        parent, letter: shape `(m,)`: element i is `parent[i]` followed by generator `letter[i]`; -1 for the
            identity.
        right: shape `(m, k)`: the number of x·a for each element x and generator a.
        left: shape `(m, k)`: the number of a·x.
    """

    elements: Cells
    parent: NDArray[np.int32]
    letter: NDArray[np.int32]
    right: NDArray[np.int32]
    left: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.elements)

    def word(self, i: int) -> Word:
        """Return the shortest word of an element, the least in the order of the generators."""
        found = []
        while i:
            found.append(int(self.letter[i]))
            i = int(self.parent[i])
        return tuple(reversed(found))


def transition_monoid(dfa: DFA, *, budget: Budget = DEFAULT) -> Monoid:
    """Return the transition monoid of a DFA: for a minimal one, the syntactic monoid of its language.

    Raises:
        BudgetExceeded: when there are more elements than `budget.max_elements`, or time is up.

    Complexity: `O(m n)` for the m elements and the few products that are no new element, `O(m k)` for the
        rest.

    >>> from starfree.languages import regex
    >>> monoid = transition_monoid(regex("(ab)*"))
    >>> len(monoid), [monoid.word(i) for i in range(len(monoid))]
    (6, [(), (0,), (1,), (0, 0), (0, 1), (1, 0)])
    """
    return enumerate_transformations(dfa.table.T, budget=budget)


def enumerate_transformations(generators: NDArray[np.integer], *, budget: Budget = DEFAULT) -> Monoid:
    """Return the monoid that transformations generate.

    A product u·a is formed and looked up only when its word is reduced after its first letter is dropped:
    else the word's tail has a smaller spelling r, and u·a = b·r is read off the Cayley graphs.

    Arguments:
        generators: shape `(k, n)`: the image of each point, in `0..n-1`.

    Raises, Complexity: as `transition_monoid`.

    Source: Froidure and Pin, Algorithms for computing finite semigroups, 1997; here a whole level at a time.
    """
    return _Enumeration(np.asarray(generators), budget).run(None)[0]


def first_elements(
    generators: NDArray[np.integer], count: int, *, budget: Budget = DEFAULT
) -> tuple[Monoid, bool]:
    """Return the elements with the shortest words, and whether these are all.

    Arguments:
        generators: as for `enumerate_transformations`.
        count: stop at the end of the first level at which there are so many.

    Returns:
        when not all: a `Monoid` whose Cayley graphs are meaningless for the elements of the last level.

    Raises, Complexity: as `enumerate_transformations`; at most `count * k` elements are made.
    """
    return _Enumeration(np.asarray(generators), budget).run(count)


class _Enumeration:
    def __init__(self, generators: NDArray[np.integer], budget: Budget) -> None:
        self.budget = budget
        self.k, self.n = generators.shape
        self.byte = self.n <= 256
        bits = 8 if self.byte else 16 if self.n <= 1 << 16 else 32
        self.dtype = np.dtype(f"u{bits // 8}")
        self.words = max(1, -(-self.n * self.dtype.itemsize // 8))
        self.columns = self.words * 8 // self.dtype.itemsize  # padded with a value that is mapped to itself
        self.chunk = max(1, min(_CHUNK, _AT_ONCE // (8 * self.words)))
        # Bytes are looked up in tables of all 256; where the values are used up, no row needs padding.
        pad = 255 if self.byte else min(self.n, (1 << bits) - 1)
        self.maps = np.full((self.k, pad + 1), pad, self.dtype)
        self.maps[:, : self.n] = generators
        self.translations = [row.tobytes() for row in self.maps] if self.byte else []
        identity = np.full((1, self.columns), pad, self.dtype)
        identity[0, : self.n] = np.arange(self.n)
        self.index = RowIndex(self.words)
        self.index.add(identity.view(np.uint64))
        room = 64
        self.parent = np.full(room, -1, np.int32)
        self.letter = np.full(room, -1, np.int32)
        self.first = np.zeros(room, np.int32)
        self.suffix = np.zeros(room, np.int32)
        self.right = np.zeros((room, self.k), np.int32)
        self.left = np.zeros((room, self.k), np.int32)
        self.fresh = np.zeros(
            (room, self.k), np.bool_
        )  # whether u·a is the word by which its element was found

    def run(self, count: int | None) -> tuple[Monoid, bool]:
        low, high = 0, 1
        while low < high and self.k and (count is None or high < count):
            edges = [self._products(i, min(i + _CHUNK, high)) for i in range(low, high, _CHUNK)]
            self._resolve([e for e, _ in edges], [t for _, t in edges])
            for i in range(low, high, _CHUNK):
                self._left(i, min(i + _CHUNK, high))
            low, high = high, len(self.index)
        m = high
        complete = low == high or not self.k
        rows = self.index.rows.view(self.dtype).reshape(m, self.columns)
        elements = np.ascontiguousarray(rows[:, : self.n])
        monoid = Monoid(elements, self.parent[:m], self.letter[:m], self.right[:m], self.left[:m])
        return monoid, complete

    def _products(self, low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Form the products of elements `low..high-1` that may be new; return the other edges with their
        equals.

        An edge (u, a) is numbered `u k + a`.
        """
        k = self.k
        if low == 0:
            maybe, known = np.arange(k), np.empty(0, np.int64)
            same = known
        else:
            suffix = self.suffix[low:high]
            reduced = self.fresh[suffix].ravel()
            maybe = np.flatnonzero(reduced) + low * k
            known = np.flatnonzero(~reduced)
            tail = self.right[suffix].ravel()[known]
            head = self.first[low + known // k]
            known += low * k
            same = self.left[self.parent[tail], head] * np.int64(k) + self.letter[tail]
            same[tail == 0] = head[tail == 0]
        for i in range(0, len(maybe), self.chunk):
            self._form(maybe[i : i + self.chunk])
        return known, same

    def _form(self, edges: NDArray[np.int64]) -> None:
        """Multiply, number the products and record those that are new."""
        sources, letters = edges // self.k, edges % self.k
        rows = self.index.rows[sources]
        products = np.empty_like(rows)
        for a in range(self.k):
            at = np.flatnonzero(letters == a) if self.k > 1 else slice(None)
            if self.byte:
                moved = rows[at].tobytes().translate(self.translations[a])
                products[at] = np.frombuffer(moved, np.uint64).reshape(-1, self.words)
            else:
                products[at] = self.maps[a][rows[at].view(self.dtype)].view(np.uint64)
        known = len(self.index)
        ids, fresh = self.index.add(products)
        count = len(self.index)
        self.budget.check_elements(count, _DOING)
        if count * 8 * self.words > _BYTES * self.budget.max_elements:
            what = f"{count:,} maps of {self.n:,} states do not fit the memory that --max-elements allows"
            raise BudgetExceeded(_DOING, what, "Raise --max-elements.")
        self._reserve(count)
        flat = self.right.reshape(-1)
        flat[edges] = ids
        if count > known:
            new = slice(known, count)
            u, a = sources[fresh], letters[fresh]
            self.fresh.reshape(-1)[edges[fresh]] = True
            self.parent[new], self.letter[new] = u, a
            self.first[new] = np.where(u == 0, a, self.first[u])
            self.suffix[new] = np.where(u == 0, 0, self.right[self.suffix[u], a])

    def _resolve(self, edges: list[NDArray[np.int64]], targets: list[NDArray[np.int64]]) -> None:
        """Copy the value of equal edges; an equal edge may itself wait, for a smaller edge."""
        flat = self.right.reshape(-1)
        edge, target = np.concatenate(edges), np.concatenate(targets)
        flat[edge] = -1
        while len(edge):
            values = flat[target]
            done = values >= 0
            flat[edge[done]] = values[done]
            edge, target = edge[~done], target[~done]

    def _left(self, low: int, high: int) -> None:
        if low == 0:
            self.left[0] = self.right[0]
            return
        p, c = self.parent[low:high], self.letter[low:high]
        self.left[low:high] = self.right[self.left[p], c[:, None]]

    def _reserve(self, count: int) -> None:
        room = len(self.parent)
        if count <= room:
            return
        room = max(count, 2 * room)
        for name in ("parent", "letter", "first", "suffix", "right", "left", "fresh"):
            old = getattr(self, name)
            grown = np.zeros((room, *old.shape[1:]), old.dtype)
            grown[: len(old)] = old
            setattr(self, name, grown)
        self.parent[0] = self.letter[0] = -1
