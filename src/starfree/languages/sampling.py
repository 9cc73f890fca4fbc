"""Words of a given length, exactly uniform, up to lengths of 100,000.

A word is drawn symbol by symbol, each with probability proportional to the number of ways to go on. The
numbers are too long to keep, so they are computed in floating point with exponents of their own and a proved
bound on their relative error. A draw that falls closer to the border between two symbols than the error
allows is decided with exact integers and as many more random bits as that takes: no approximation ever
decides.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .counting import count, count_from
from .dfa import DFA
from .language import Language
from .machine import dfa_for_length
from .scaled import UNIT, Continuations, Scaled, aligned

_DOING = "sampling words"
_BATCH = 1 << 20  # entries of the largest temporary arrays


def sample(
    language: Language,
    length: int,
    number: int = 1,
    *,
    seed: int,
    budget: Budget = DEFAULT,
) -> list[tuple[str, ...]]:
    """Return words of a length, independent, each uniform over all words of that length.

    Arguments:
        length: at least 0.
        number: how many words, at least 0.
        seed: the same seed gives the same words.

    Raises:
        BadInput: when there is no word of that length; it says which lengths near it have words.
        BudgetExceeded: when time runs out.

    Complexity: about `2 length` vectorised steps over the transitions, and one more per symbol for all words
        together; memory `O(n sqrt(length) + number length)`.

    >>> from starfree.languages import regex
    >>> sample(regex("(ab)*"), 4, seed=0)
    [('a', 'b', 'a', 'b')]
    """
    if length < 0 or number < 0:
        raise BadInput(
            f"length {length}, number {number}", "must not be negative", "Give numbers of at least 0."
        )
    counting = language.kind != "regular"
    dfa = dfa_for_length(language, length, budget=budget)
    has_word, below, above = _lengths(dfa, length, budget)
    if not has_word and counting:
        below, above = _near_lengths(language, length, budget)
    if not has_word:
        near = " and ".join(str(n) for n in (below, above) if n is not None)
        empty = "No length near it has words either." if counting else "The language is empty."
        do = f"The nearest lengths that have words: {near}." if near else empty
        raise BadInput(f"length {length}", "no word has this length", do)
    draws, extra = np.random.default_rng(seed).spawn(2)
    batch = max(1, 4 * _BATCH // (len(dfa.alphabet) + length + 1))
    words: list[tuple[str, ...]] = []
    while len(words) < number:
        chosen = _Sampler(dfa, budget).draw(length, min(batch, number - len(words)), draws, extra)
        words += [tuple(dfa.alphabet[i] for i in row) for row in chosen.tolist()]
    return words


class _Sampler:
    """Draws words of one language, a symbol of all of them at a time."""

    margin = 1.0  # tests widen it, to send more draws the exact way

    def __init__(self, dfa: DFA, budget: Budget) -> None:
        self.dfa, self.budget = dfa, budget
        self.counts = Continuations(dfa, budget)

    def draw(
        self, length: int, number: int, draws: np.random.Generator, extra: np.random.Generator
    ) -> NDArray[np.int32]:
        """Return the columns of the symbols of words, shape `(number, length)`."""
        stride = math.isqrt(length) + 1
        marks = [self.counts.none()]  # the counts of words of length 0, stride, 2 stride, ...
        for _ in range((length - 1) // stride):
            mantissas, exponents = self.counts.ahead(marks[-1], stride)
            marks.append((mantissas[-1], exponents[-1]))
        words = np.empty((length, number), np.int32)
        states = np.zeros(number, np.int64)
        left = length
        while left:
            shortest = (left - 1) // stride * stride
            ahead = self.counts.ahead(marks.pop(), left - 1 - shortest)
            slab = max(1, _BATCH // (self.dfa.table.size + 1))
            for top in range(left - 1, shortest - 1, -slab):
                bottom = max(shortest, top + 1 - slab)
                part = slice(bottom - shortest, top + 1 - shortest)
                borders = self._borders((ahead[0][part], ahead[1][part]), bottom)
                places = draws.random((top + 1 - bottom, number))
                for after in range(top, bottom - 1, -1):
                    here = borders[after - bottom], places[after - bottom]
                    columns = words[length - 1 - after]
                    columns[:] = self._choose(states, *here, after, extra)
                    states = self.dfa.table[states, columns]
            left = shortest
        return words.T

    def _borders(self, counts: Scaled, after: int) -> NDArray[np.float64]:
        """Return bounds of the places in [0, 1] that divide the symbols, for each length and state.

        Arguments:
            counts: of the words of length `after`, `after + 1`, ... that may follow; shapes `(m, n)`.

        Returns:
            upper and lower bounds, shape `(m, n, 2, k)`.
        """
        self.budget.check_time(_DOING)
        sums = np.cumsum(aligned(counts, self.dfa.table), axis=-1)
        total = sums[..., -1:]
        borders = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
        # Errors of the counts, of a sum over the alphabet, of a quotient, and of a draw known to 53 bits.
        longest = after + len(sums)
        error = 4 * (longest * self.counts.error + (sums.shape[-1] + 4) * UNIT) * self.margin
        return np.stack([borders + error, borders - error], axis=-2)

    def _choose(
        self,
        states: NDArray[np.integer],
        borders: NDArray[np.float64],
        places: NDArray[np.float64],
        after: int,
        extra: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return the next symbol of each word, after which `after` more symbols follow."""
        passed = np.add.reduce(borders[states] <= places[:, None, None], axis=-1, dtype=np.int64)
        columns: NDArray[np.int64] = passed[:, 0]
        unsure = columns != passed[:, 1]
        if unsure.any():
            for i in np.flatnonzero(unsure).tolist():
                columns[i] = self._decide(self.dfa.table[states[i]].tolist(), after, float(places[i]), extra)
        return columns

    def _decide(self, targets: list[int], after: int, draw: float, extra: np.random.Generator) -> int:
        """Return the symbol that a draw, whose first 53 bits are given, falls on, with exact counts."""
        exact = {target: count_from(self.dfa, target, after, budget=self.budget) for target in set(targets)}
        borders = [0]
        for target in targets:
            borders.append(borders[-1] + exact[target])
        place, bits = int(draw * 2**53), 53
        while True:
            low, high = place * borders[-1], (place + 1) * borders[-1]
            for column in range(len(targets)):
                if borders[column] << bits <= low and high <= borders[column + 1] << bits:
                    return column
            place, bits = place << 32 | int(extra.integers(1 << 32)), bits + 32


def _near_lengths(language: Language, length: int, budget: Budget) -> tuple[int | None, int | None]:
    """Return the nearest lengths below and above, at most 16 away, of words of a language that counts."""

    def first(lengths: range) -> int | None:
        return next((n for n in lengths if count(language, n, budget=budget)), None)

    return first(range(length - 1, max(-1, length - 17), -1)), first(range(length + 1, length + 17))


def _lengths(dfa: DFA, length: int, budget: Budget) -> tuple[bool, int | None, int | None]:
    """Tell whether a length has words, and the nearest lengths below and above that do."""
    live = dfa.live
    after = [0] * dfa.states
    for source, row in enumerate(dfa.table.tolist()):
        for target in set(row):
            if live[target]:
                after[source] |= 1 << target
    final = sum(1 << q for q in np.flatnonzero(dfa.accepting).tolist())
    known: dict[int, int] = {}  # sets of states reached after n symbols, and their successors
    now, below = 1, None
    # Above the length, removing a loop from a word shortens it by at most the number of states.
    for n in range(length + dfa.states + 1):
        budget.check_time(_DOING)
        if now & final:
            if n == length:
                return True, None, None
            if n > length:
                return False, below, n
            below = n
        if now not in known:
            known[now] = _union(after, now)
        now = known[now]
    return False, below, None


def _union(after: list[int], states: int) -> int:
    union = 0
    for source, targets in enumerate(after):
        if states >> source & 1:
            union |= targets
    return union
