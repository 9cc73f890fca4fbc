"""Drawers of families whose words are counted by a formula: shuffles, bounded Dyck, a^n b^n and its like."""

from __future__ import annotations

from math import comb, lgamma

import numpy as np

from ..budgets import Budget
from ..languages import make_dfa
from ..programs.counters import blocks, bounded_dyck, bracket_pairs, shuffle
from ..programs.expressions import AtLeast, Not
from ..programs.program import Program
from .drawers import MANY, Drawer, Ints, TableDrawer, followed

_CELLS = 1 << 22  # entries of the largest temporary arrays


def known(language: Program, hi: int, budget: Budget) -> Drawer | None:
    """Return the drawer of a member of a family, known by its conditions; None when it is of none."""
    symbols = language.alphabet
    means = language.legal_when, language.end_when

    def same(other: Program) -> bool:
        return symbols == other.alphabet and means == (other.legal_when, other.end_when)

    short = len(symbols) >= 2 and all(len(symbol) == 1 for symbol in symbols)
    if short and same(blocks("".join(symbols), "")):
        return BlockDrawer(len(symbols), hi)
    if short and len(symbols) % 2 == 0:
        pairs = ["".join(symbols[i : i + 2]) for i in range(0, len(symbols), 2)]
        if same(shuffle(pairs, "")):
            return ShuffleDrawer(language, hi, budget)
    types = len(symbols) // 2
    first = language.legal_when[0] if language.legal_when else None
    if (
        types
        and symbols == tuple(symbol for pair in bracket_pairs(types) for symbol in pair)
        and isinstance(first, Not)
        and isinstance(first.part, AtLeast)
        and 1 <= first.part.bound * types <= 1000
        and same(bounded_dyck(types, first.part.bound))
    ):
        return NestedDrawer(types, first.part.bound, hi, budget)
    return None


class BlockDrawer(Drawer):
    """Draws from a^n b^n ...: one word for each positive multiple of the number of symbols.

    >>> BlockDrawer(2, 4).sizes.tolist(), BlockDrawer(2, 4).every(4).tolist()
    ([0, 0, 1, 0, 1], [[0, 0, 1, 1]])
    """

    def __init__(self, symbols: int, hi: int) -> None:
        lengths = np.arange(hi + 1)
        self._symbols = symbols
        self.sizes = ((lengths > 0) & (lengths % symbols == 0)).astype(np.int64)

    def draw(self, lengths: Ints, rng: np.random.Generator) -> Ints:
        places = np.arange(int(lengths.max(initial=0)))
        block = np.maximum(lengths // self._symbols, 1)[:, None]
        return np.where(places < lengths[:, None], places // block, 0)

    def every(self, length: int) -> Ints:
        words = self.draw(np.array([length]), np.random.default_rng(0))
        return words[: self.sizes[length]]


class NestedDrawer(Drawer):
    """Draws from bounded Dyck: the depth and the types of what is opened by a table, what is closed follows.

    Arguments:
        types, depth: of the brackets; symbol 2i opens type i, and 2i + 1 closes it.
    """

    def __init__(self, types: int, depth: int, hi: int, budget: Budget) -> None:
        levels = np.arange(depth + 2)
        dead = depth + 1
        table = np.empty((depth + 2, types + 1), np.int64)
        table[:, :types] = np.minimum(levels + 1, dead)[:, None]
        table[:, types] = np.where((levels == 0) | (levels == dead), dead, levels - 1)
        names = tuple(map(str, range(types + 1)))
        self._types, self._depth = types, depth
        self._paths = TableDrawer(make_dfa(names, table, levels == 0), hi, budget=budget)
        self.sizes = self._paths.sizes

    def draw(self, lengths: Ints, rng: np.random.Generator) -> Ints:
        paths = self._paths.draw(lengths, rng)
        return np.where(np.arange(paths.shape[1]) < lengths[:, None], self._closed(paths), 0)

    def every(self, length: int) -> Ints:
        return self._closed(self._paths.every(length))

    def _closed(self, paths: Ints) -> Ints:
        """Give every closing bracket, column `types` of the paths, the type that it closes."""
        stack = np.zeros((len(paths), self._depth + 2), np.int64)
        level = np.zeros(len(paths), np.int64)
        each = np.arange(len(paths))
        words = np.zeros_like(paths)
        for at in range(paths.shape[1]):
            here = paths[:, at]
            opens = here < self._types
            level = np.where(opens, np.minimum(level + 1, self._depth + 1), level)
            stack[each[opens], level[opens]] = here[opens]
            words[:, at] = 2 * stack[each, level] + ~opens
            level = np.where(opens, level, np.maximum(level - 1, 0))
        return words


class ShuffleDrawer(Drawer):
    """Draws true interleavings of one word of Dyck-1 for each pair of brackets.

    First how many brackets each pair has, by the numbers of interleavings; then where they stand, all ways
    alike; then each Dyck word by the ballot numbers, with integers.
    """

    def __init__(self, language: Program, hi: int, budget: Budget) -> None:
        self._language, self._budget = language, budget
        self._pairs = len(language.alphabet) // 2
        most = hi // 2
        # Logarithms of Catalan(m) / (2m)!, and of their k-fold convolutions: words of k pairs over (2m)!.
        self._one = np.array([-lgamma(m + 1) - lgamma(m + 2) for m in range(most + 1)])
        self._all = [self._one]
        for _ in range(self._pairs - 1):
            self._all.append(_convolved(self._all[-1], self._one))
        self.sizes = np.zeros(hi + 1, np.int64)
        for length, size in enumerate(_interleavings(self._pairs, most)):
            self.sizes[2 * length] = size

    def draw(self, lengths: Ints, rng: np.random.Generator) -> Ints:
        step = max(1, _CELLS // (int(lengths.max(initial=0)) + 1))
        words = np.zeros((len(lengths), int(lengths.max(initial=0))), np.int64)
        for at in range(0, len(lengths), step):
            part = self._draw(lengths[at : at + step], rng)
            words[at : at + step, : part.shape[1]] = part
        return words

    def _draw(self, lengths: Ints, rng: np.random.Generator) -> Ints:
        n, longest = len(lengths), int(lengths.max(initial=0))
        left = lengths // 2
        half = np.zeros((n, self._pairs), np.int64)  # brackets of each pair
        for pair in range(self._pairs - 1, 0, -1):
            half[:, pair] = self._share(left, self._all[pair - 1], rng)
            left = left - half[:, pair]
        half[:, 0] = left
        ends = np.cumsum(2 * half, axis=1)
        places = np.arange(longest)
        sorted_pairs = np.zeros((n, longest), np.int64)
        for pair in range(self._pairs - 1):
            sorted_pairs += places >= ends[:, pair, None]
        keys = np.where(places < lengths[:, None], rng.random((n, longest)), 2)
        pairs = np.take_along_axis(sorted_pairs, np.argsort(keys, axis=1, kind="stable"), axis=1)
        height, rest = np.zeros_like(half), 2 * half
        words = np.zeros((n, longest), np.int64)
        for at in range(longest):
            self._budget.check_time("drawing words")
            rows = np.flatnonzero(at < lengths)
            pair = pairs[rows, at]
            h, r = height[rows, pair], rest[rows, pair]
            opens = rng.integers(0, 2 * r * (h + 1)) < (h + 2) * (r - h)
            words[rows, at] = 2 * pair + ~opens
            height[rows, pair] = np.where(opens, h + 1, h - 1)
            rest[rows, pair] = r - 1
        return words

    def _share(self, left: Ints, others: np.ndarray, rng: np.random.Generator) -> Ints:
        """Return how many of the `left` brackets are of one pair, when earlier pairs have the others."""
        found = np.empty(len(left), np.int64)
        places = rng.random(len(left))
        for m in np.unique(left).tolist():
            rows = np.flatnonzero(left == m)
            logs = self._one[: m + 1] + others[m::-1]
            borders = np.cumsum(np.exp(logs - logs.max()))
            at = np.searchsorted(borders, places[rows] * borders[-1], side="right")
            found[rows] = np.minimum(at, m)
        return found

    def every(self, length: int) -> Ints:
        return TableDrawer(followed(self._language, length), length).every(length)


def _convolved(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the logarithms of a convolution of numbers given by their logarithms."""
    return np.array([np.logaddexp.reduce(x[: m + 1] + y[m::-1]) for m in range(len(x))])


def _interleavings(pairs: int, most: int) -> list[int]:
    """Return how many words of 0, 2, ..., 2 most brackets there are, `MANY` where there are no fewer."""
    catalan = [comb(2 * m, m) // (m + 1) for m in range(most + 1)]
    numbers = catalan
    for _ in range(pairs - 1):
        sums: list[int] = []
        for m in range(most + 1):
            ways = (comb(2 * m, 2 * i) * catalan[i] * numbers[m - i] for i in range(m + 1))
            sums.append(MANY if sums and sums[-1] >= MANY else sum(ways))
        numbers = sums
    return [min(number, MANY) for number in numbers]
