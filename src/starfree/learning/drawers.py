"""Machines that draw many words at once, of different lengths, each uniform over the words of its length.

A drawer goes through a word symbol by symbol, each with probability proportional to the number of ways to go
on. Unlike `languages.sampling` it does not decide the closest cases with exact integers: probabilities are
right to a relative error below 2^-24. That is for data; a claim about frequencies takes the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages import DFA, END, Language, make_dfa
from ..languages.scaled import Continuations

MANY = 1 << 20  # numbers of words are exact below this one, which stands for all that are not

_DOING = "drawing words"
_STATES = 1 << 15  # most states of a language that is followed step by step
_CELLS = 1 << 24  # most entries of a table of counts
_WORDS = 1 << 14  # words drawn in one go

Ints = NDArray[np.int64]


class Drawer(ABC):
    """Draws words of a language up to a length.

    Arguments:
        sizes: shape `(hi + 1,)`: how many words each length has, exact below `MANY`, and `MANY` from there.
    """

    sizes: Ints

    @abstractmethod
    def draw(self, lengths: Ints, rng: np.random.Generator) -> Ints:
        """Return independent words of the given lengths, all of which have words.

        Arguments:
            lengths: shape `(n,)`, each at most `hi`.

        Returns:
            shape `(n, T)`, T the longest length: indices into the alphabet, zero behind the end.
        """

    @abstractmethod
    def every(self, length: int) -> Ints:
        """Return all words of a length that has fewer than `MANY`, shape `(number, length)`."""


class TableDrawer(Drawer):
    """Draws by the table of a DFA and the numbers of ways to go on from each of its states.

    Arguments:
        dfa: n states, k symbols.
        hi: the longest length.

    Raises:
        BudgetExceeded: when n times hi numbers would not fit in memory.

    Complexity: `hi` vectorised steps over the transitions, and one more per symbol of all words together.

    >>> from starfree.languages import regex
    >>> found = TableDrawer(regex("(ab|c)*"), 4)
    >>> found.sizes.tolist(), found.every(2).tolist()
    ([1, 1, 2, 3, 5], [[0, 1], [2, 2]])
    """

    def __init__(self, dfa: DFA, hi: int, *, budget: Budget = DEFAULT) -> None:
        if dfa.states * (hi + 1) > _CELLS:
            why = f"{dfa.states:,} states and length {hi:,} need too large a table"
            raise BudgetExceeded(_DOING, why, "Draw shorter words.")
        self.dfa, self._budget = dfa, budget
        counts = Continuations(dfa, budget)
        self._mantissas, self._exponents = counts.ahead(counts.none(), hi)
        small = self._exponents <= MANY.bit_length() - 1
        powers = np.where(small, np.maximum(self._exponents, -60), 0).astype(np.int32)
        # The error of a number below MANY is far below one half, so that rounding gives it exactly.
        exact = np.rint(np.ldexp(self._mantissas, powers)).astype(np.int64)
        self._exact = np.where(small, exact, MANY)
        self.sizes = self._exact[:, 0]

    def draw(self, lengths: Ints, rng: np.random.Generator) -> Ints:
        order = np.argsort(-lengths, kind="stable")
        words = np.zeros((len(lengths), int(lengths.max(initial=0))), np.int64)
        for at in range(0, len(order), _WORDS):
            rows = order[at : at + _WORDS]
            self._draw(words, rows, lengths[rows], rng)
        return words

    def _draw(self, words: Ints, rows: Ints, lengths: Ints, rng: np.random.Generator) -> None:
        """Fill in the given rows, whose lengths decrease."""
        states = np.zeros(len(rows), np.int64)
        for at in range(int(lengths.max(initial=0))):
            self._budget.check_time(_DOING)
            going = int(np.searchsorted(-lengths, -at))  # so many words are longer than this
            targets = self.dfa.table[states[:going]]
            after = (lengths[:going] - at - 1)[:, None]
            powers = self._exponents[after, targets]
            powers = np.maximum(powers - powers.max(axis=1, keepdims=True), -2000).astype(np.int32)
            borders = np.cumsum(np.ldexp(self._mantissas[after, targets], powers), axis=1)
            total = borders[:, -1]
            places = np.minimum(rng.random(going) * total, np.nextafter(total, 0))
            columns = np.add.reduce(borders <= places[:, None], axis=1, dtype=np.int64)
            words[rows[:going], at] = columns
            states[:going] = targets[np.arange(going), columns]

    def every(self, length: int) -> Ints:
        ranks = np.arange(self.sizes[length])
        words = np.zeros((len(ranks), length), np.int64)
        states = np.zeros(len(ranks), np.int64)
        each = np.arange(len(ranks))
        for at in range(length):
            targets = self.dfa.table[states]
            borders = np.cumsum(self._exact[length - at - 1, targets], axis=1)
            columns = np.add.reduce(borders <= ranks[:, None], axis=1, dtype=np.int64)
            ranks = ranks - np.where(columns > 0, borders[each, columns - 1], 0)
            words[:, at] = columns
            states = targets[each, columns].astype(np.int64)
        return words


def followed(language: Language, steps: int, *, budget: Budget = DEFAULT) -> DFA:
    """Return a DFA that has the same words as a language up to a length, and none of those beyond.

    States that come back are met once, so that a counter costs as many states as it counts to.

    Raises:
        BudgetExceeded: when more states are met than allowed.

    Complexity: a step for each symbol that is legal in each state that is met.

    >>> import starfree
    >>> found = followed(starfree.load("@dyck_1"), 4)
    >>> "(())" in found, "(()))" in found
    (True, False)
    """
    number: dict[Any, int] = {language.start: 0}
    order = [(language.start, 0)]  # each with the fewest symbols that lead there
    rows: list[list[int]] = []
    accepting: list[bool] = []
    for state, depth in order:  # grows as it is read
        budget.check_states(len(order), _DOING)
        if len(order) > _STATES:
            why = f"more than {_STATES:,} states lie within {steps} steps"
            raise BudgetExceeded(_DOING, why, "Draw shorter words.")
        legal = language.legal(state)
        row = [-1] * len(language.alphabet)
        for i, symbol in enumerate(language.alphabet):
            if symbol in legal and depth < steps:
                after = language.step(state, symbol)
                row[i] = number.setdefault(after, len(order))
                if row[i] == len(order):
                    order.append((after, depth + 1))
        rows.append(row)
        accepting.append(END in legal)
    table = np.array([*rows, [-1] * len(language.alphabet)], np.int64)
    table[table < 0] = len(rows)
    return make_dfa(language.alphabet, table, [*accepting, False], spec=language.spec, budget=budget)
