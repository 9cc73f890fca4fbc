"""Brute force for the algebra: the whole monoid as tuples, and every property by its definition."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from math import lcm

import numpy as np

from starfree.languages import DFA, make_dfa

Map = tuple[int, ...]
TOO_MANY = 150


def times(x: Map, y: Map) -> Map:
    """First x, then y."""
    return tuple([y[i] for i in x])


def random_dfas(number: int, seed: int, largest: int = 8) -> Iterator[DFA]:
    """Random minimal DFAs of many kinds: uniform, forward, contracting, graded, and of permutations."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        n, k = int(rng.integers(1, largest + 1)), int(rng.integers(0, 4)) or 2
        table = rng.integers(0, n, (n, k))
        kind = rng.random()
        if kind < 0.3:
            table = np.maximum(table, np.arange(n)[:, None])
        elif kind < 0.45:
            table = np.sort(table, axis=0)
        elif kind < 0.55:
            table[rng.random((n, k)) < 0.5] = n - 1
        elif kind < 0.65:
            for a in range(k):
                if rng.random() < 0.7:
                    table[:, a] = rng.permutation(n)
        elif kind < 0.75:
            d = int(rng.integers(1, 4))
            table = (table // d * d + (np.arange(n)[:, None] + 1) % d) % n
        elif kind < 0.85:
            table[:] = rng.integers(0, n, k)
            table[rng.random((n, k)) < 0.2] = 0
        yield make_dfa("abcd"[:k], table, rng.random(n) < 0.5)


class Brute:
    """The syntactic monoid and semigroup of a minimal DFA, with at most `TOO_MANY` elements."""

    def __init__(self, dfa: DFA) -> None:
        self.dfa = dfa
        self.letters = [tuple(column) for column in dfa.table.T.tolist()]
        self.identity = tuple(range(dfa.states))
        proper = dict.fromkeys(self.letters)
        queue = list(proper)
        for x in queue:
            for a in self.letters:
                y = times(x, a)
                if y not in proper:
                    proper[y] = None
                    queue.append(y)
            if len(proper) > TOO_MANY:
                raise OverflowError
        self.semigroup = list(proper)
        self.monoid = list(dict.fromkeys([self.identity, *proper]))
        self.idempotents = [x for x in self.monoid if times(x, x) == x]

    @classmethod
    def of(cls, dfa: DFA) -> Brute | None:
        try:
            return cls(dfa)
        except OverflowError:
            return None

    def omega(self, x: Map) -> Map:
        power = x
        while times(power, power) != power:
            power = times(power, x)
        return power

    @property
    def aperiodic(self) -> bool:
        return all(times(self.omega(x), x) == self.omega(x) for x in self.monoid)

    @cached_property
    def right(self) -> dict[Map, frozenset[Map]]:
        """xM for each x."""
        return {x: frozenset(times(x, y) for y in self.monoid) for x in self.monoid}

    @cached_property
    def left(self) -> dict[Map, frozenset[Map]]:
        """Mx for each x."""
        return {x: frozenset(times(y, x) for y in self.monoid) for x in self.monoid}

    @cached_property
    def ideal(self) -> dict[Map, frozenset[Map]]:
        """MxM for each x."""
        return {x: frozenset[Map]().union(*{self.right[y] for y in self.left[x]}) for x in self.monoid}

    @property
    def r_trivial(self) -> bool:
        return len(set(self.right.values())) == len(self.monoid)

    @property
    def l_trivial(self) -> bool:
        return len(set(self.left.values())) == len(self.monoid)

    @property
    def j_trivial(self) -> bool:
        return self.r_trivial and self.l_trivial

    @property
    def da(self) -> bool:
        regular = {self.ideal[e] for e in self.idempotents}
        return all(times(x, x) == x for x in self.monoid if self.ideal[x] in regular)

    def _proper_idempotents(self) -> list[Map]:
        return [e for e in self.semigroup if times(e, e) == e]

    @property
    def definite(self) -> bool:
        return all(times(s, e) == e for e in self._proper_idempotents() for s in self.semigroup)

    @property
    def window(self) -> int | None:
        if not self.definite:
            return None
        k, words = 0, {self.identity}
        while any(len(set(x)) > 1 for x in words):
            k, words = k + 1, {times(x, a) for x in words for a in self.letters}
        return k

    @property
    def reverse_definite(self) -> bool:
        return all(times(e, s) == e for e in self._proper_idempotents() for s in self.semigroup)

    @property
    def generalised_definite(self) -> bool:
        return all(times(times(e, s), e) == e for e in self._proper_idempotents() for s in self.semigroup)

    @property
    def locally_testable(self) -> bool:
        for e in self._proper_idempotents():
            local = {times(times(e, s), e) for s in self.semigroup}
            if any(times(x, x) != x for x in local) or any(
                times(x, y) != times(y, x) for x, y in product(local, local)
            ):
                return False
        return True

    @property
    def strictly_local(self) -> bool:
        """Words of length k - 1 = n^2 lead all live states, where they stay live, to one state."""
        live = [bool(flag) for flag in self.dfa.live]
        words = set(self.letters) or {self.identity}
        for _ in range(self.dfa.states**2):
            words = {times(x, a) for x in words for a in self.letters}
        ends = ({x[q] for q in range(len(x)) if live[q] and live[x[q]]} for x in words)
        return all(len(end) <= 1 for end in ends)

    @property
    def stutter_invariant(self) -> bool:
        return all(times(a, a) == a for a in self.letters)

    @property
    def group_language(self) -> bool:
        return self.idempotents == [self.identity]

    @property
    def r_infinity(self) -> bool:
        classes = [self.right[e] for e in self.idempotents]
        return self.aperiodic and len(set(classes)) == len(classes)

    @property
    def quasi_aperiodic(self) -> bool:
        """The stable semigroup: the images of the words of length t for a t with image(t) = image(2t)."""
        if not self.letters:
            return True
        images = [frozenset(self.letters)]
        first = {images[0]: 1}
        while True:
            after = frozenset(times(x, a) for x in images[-1] for a in self.letters)
            if after in first:
                break
            images.append(after)
            first[after] = len(images)
        start, period = first[after], len(images) + 1 - first[after]
        t = period * -(-start // period)
        return all(times(self.omega(x), x) == self.omega(x) for x in images[t - 1])

    def groups(self) -> list[set[Map]]:
        """The maximal subgroups: the units of eMe for each idempotent e."""
        found = []
        for e in self.idempotents:
            local = {times(times(e, x), e) for x in self.monoid}
            found.append({x for x in local if any(times(x, y) == e == times(y, x) for y in local)})
        return found

    @property
    def subgroups(self) -> tuple[tuple[int, ...], bool, bool, bool, int | None, int]:
        groups = self.groups()
        lengths = [derived_length(group) for group in groups]
        sizes = {len(group) for group in groups}
        return (
            tuple(sorted(sizes)),
            all(size & (size - 1) == 0 for size in sizes),
            all(times(x, y) == times(y, x) for group in groups for x, y in product(group, group)),
            None not in lengths,
            None if None in lengths else max(length or 0 for length in lengths),
            lcm(*(self._order(x) for group in groups for x in group)),
        )

    def _order(self, x: Map) -> int:
        e, power, order = self.omega(x), x, 1
        while power != e:
            power, order = times(power, x), order + 1
        return order


def derived_length(group: set[Map]) -> int | None:
    length = 0
    while len(group) > 1:
        e = next(x for x in group if times(x, x) == x)
        inverse = {x: next(y for y in group if times(x, y) == e) for x in group}
        commutators = {times(times(inverse[x], inverse[y]), times(x, y)) for x in group for y in group}
        derived, queue = set(commutators), list(commutators)
        for x in queue:
            for y in commutators:
                z = times(x, y)
                if z not in derived:
                    derived.add(z)
                    queue.append(z)
        if len(derived) == len(group):
            return None
        group, length = derived, length + 1
    return length
