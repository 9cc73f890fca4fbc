"""Words of a given length, exactly uniform, up to lengths of 100,000.

A word is drawn symbol by symbol, each with probability proportional to the number of ways to go on. The numbers
are too long to keep, so they are computed in floating point with an exponent of their own and a proved bound on
their relative error. A draw that falls closer to the border between two symbols than the error allows is decided
with exact integers and as many more random bits as that takes, so no approximation ever decides.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .counting import count_from
from .dfa import DFA
from .language import Language

_DOING = "sampling words"
_UNIT = 2.0**-53
_ZERO = -(1 << 40)  # the exponent of zero
_BATCH = 1 << 22  # entries of the largest temporary array

Scaled = tuple[NDArray[np.float64], NDArray[np.int64]]  # mantissas, exponents


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
    dfa = language.dfa
    if length < 0 or number < 0:
        raise BadInput(f"length {length}, number {number}", "must not be negative", "Give numbers of at least 0.")
    has_word, below, above = _lengths(dfa, length, budget)
    if not has_word:
        near = " and ".join(str(n) for n in (below, above) if n is not None)
        do = f"The nearest lengths that have words: {near}." if near else "The language is empty."
        raise BadInput(f"length {length}", "no word has this length", do)
    draws, extra = np.random.default_rng(seed).spawn(2)
    batch = max(1, _BATCH // (len(dfa.alphabet) + length + 1))
    words: list[tuple[str, ...]] = []
    while len(words) < number:
        chosen = _Sampler(dfa, budget).draw(length, min(batch, number - len(words)), draws, extra)
        words += [tuple(dfa.alphabet[i] for i in row) for row in chosen.tolist()]
    return words


class _Sampler:
    """The counts of continuations of a DFA, in scaled floating point."""

    margin = 1.0  # tests widen it, to send more draws the exact way

    def __init__(self, dfa: DFA, budget: Budget) -> None:
        self.dfa, self.budget = dfa, budget
        live = dfa.live
        pairs = [
            (source, target)
            for source in np.flatnonzero(live).tolist()
            for target in dfa.table[source].tolist()
            if live[target]
        ]
        arrows = np.array(sorted(set(pairs)), np.int64).reshape(-1, 2)
        times = {pair: 0 for pair in map(tuple, arrows.tolist())}
        for pair in pairs:
            times[pair] += 1
        self.target = arrows[:, 1]
        self.times = np.array(list(times.values()), np.float64)
        self.source, self.begin = np.unique(arrows[:, 0], return_index=True)
        self.segment = np.repeat(np.arange(len(self.source)), np.diff([*self.begin.tolist(), len(arrows)]))
        # A step multiplies, aligns and adds: at most fan-out + 3 roundings, each of relative size 2^-53.
        fan_out = int(np.diff([*self.begin.tolist(), len(arrows)]).max(initial=0))
        self.error_per_step = (fan_out + 3) * _UNIT * 1.01

    def draw(
        self, length: int, number: int, draws: np.random.Generator, extra: np.random.Generator
    ) -> NDArray[np.int32]:
        """Return the columns of the symbols of words, shape `(number, length)`."""
        stride = math.isqrt(length) + 1
        marks = [self._none()]  # the counts of words of length 0, stride, 2 stride, ...
        for _ in range(length // stride):
            marks.append(self._ahead(marks[-1], stride)[-1])
        words = np.empty((number, length), np.int32)
        states = np.zeros(number, np.int64)
        left = length
        while left:
            # The counts of words of length left - 1 and fewer, back to the last mark.
            mark = (left - 1) // stride
            counts = [marks[mark], *self._ahead(marks[mark], left - 1 - mark * stride)]
            for after in range(left - 1, mark * stride - 1, -1):
                self.budget.check_time(_DOING)
                columns = self._choose(states, counts[after - mark * stride], after, draws.random(number), extra)
                words[:, length - 1 - after] = columns
                states = self.dfa.table[states, columns].astype(np.int64)
            left = mark * stride
        return words

    def _none(self) -> Scaled:
        accepting = self.dfa.accepting
        mantissas, exponents = np.frexp(accepting.astype(np.float64))
        return mantissas, np.where(accepting, exponents, _ZERO).astype(np.int64)

    def _ahead(self, counts: Scaled, steps: int) -> list[Scaled]:
        """Return the counts of words that are 1, 2, ..., steps symbols longer."""
        found = []
        for _ in range(steps):
            self.budget.check_time(_DOING)
            mantissas, exponents = np.zeros(self.dfa.states), np.full(self.dfa.states, _ZERO)
            if len(self.target):
                terms, powers = counts[0][self.target] * self.times, counts[1][self.target]
                largest = np.maximum.reduceat(powers, self.begin)
                shift = np.maximum(powers - largest[self.segment], -2000).astype(np.int32)
                sums, more = np.frexp(np.add.reduceat(np.ldexp(terms, shift), self.begin))
                mantissas[self.source] = sums
                exponents[self.source] = np.where(sums > 0, largest + more, _ZERO)
            counts = mantissas, exponents
            found.append(counts)
        return found

    def _choose(
        self,
        states: NDArray[np.int64],
        counts: Scaled,
        after: int,
        draws: NDArray[np.float64],
        extra: np.random.Generator,
    ) -> NDArray[np.int64]:
        """Return the next symbol of each word; `counts` are of the words of length `after` that may follow."""
        targets = self.dfa.table[states]
        powers = counts[1][targets]
        shift = np.maximum(powers - powers.max(axis=1, keepdims=True), -2000).astype(np.int32)
        borders = np.cumsum(np.ldexp(counts[0][targets], shift), axis=1)
        total = borders[:, -1:]
        place = draws[:, None] * total
        columns = (borders <= place).sum(axis=1)
        # Borders and place are off by the error of the counts, of a sum over the alphabet, and of the draw itself.
        error = 4 * (after * self.error_per_step + (targets.shape[1] + 4) * _UNIT) * self.margin
        for i in np.flatnonzero((np.abs(borders - place) <= error * total).any(axis=1)).tolist():
            columns[i] = self._decide(targets[i].tolist(), after, float(draws[i]), extra)
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
