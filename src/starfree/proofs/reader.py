"""The language beside a model: its states as numbers, many stepped at once, whatever kind it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..languages import END, Language

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Reader:
    """A language that is read symbol by symbol over the alphabet of a model.

    Each state is made when it is first met, so a language that counts is read as well as an automaton.

    Arguments:
        language: over symbols of the alphabet.
        alphabet: k symbols; those that the language does not have lead to a dead state.

    >>> import starfree
    >>> reader = Reader(starfree.load("@dyck_1"), ("(", ")"))
    >>> ids = reader.run(np.array([0, 0, 1]))
    >>> reader.legal(np.array([ids[-1]])).tolist()
    [[True, True, False]]
    """

    start = 1

    def __init__(self, language: Language, alphabet: tuple[str, ...]) -> None:
        self._language, self._alphabet = language, alphabet
        self._known = frozenset(language.alphabet)
        self._numbers: dict[Any, int] = {}
        self._states: list[Any] = [None]  # number 0 is dead: nothing is legal, and nothing leads away
        self._table = np.zeros((64, len(alphabet)), np.int64)
        self._legal = np.zeros((64, len(alphabet) + 1), np.bool_)
        self._number(language.start)

    def step(self, ids: Ints, symbols: Ints) -> Ints:
        """Return the numbers of the states after one symbol each."""
        found = self._table[ids, symbols]
        missing = found < 0
        if missing.any():
            for state, symbol in set(zip(ids[missing].tolist(), symbols[missing].tolist(), strict=True)):
                name = self._alphabet[symbol]
                number = 0
                if name in self._known:
                    number = self._number(self._language.step(self._states[state], name))
                self._table[state, symbol] = number
            found = self._table[ids, symbols]
        return found

    def legal(self, ids: Ints) -> Flags:
        """Return legal sets, shape `(m, k + 1)`, END last."""
        return self._legal[ids]

    def live(self, ids: Ints) -> Flags:
        """Return whether some word goes on from each state."""
        legal = self._legal[ids]
        found: Flags = np.any(legal, axis=1)
        return found

    def run(self, word: Ints) -> Ints:
        """Return the numbers of the states after every prefix of a word, the empty one first."""
        ids = np.empty(len(word) + 1, np.int64)
        ids[0] = self.start
        for place in range(len(word)):
            ids[place + 1 : place + 2] = self.step(ids[place : place + 1], word[place : place + 1])
        return ids

    def _number(self, state: Any) -> int:
        number = self._numbers.get(state)
        if number is not None:
            return number
        legal = self._language.legal(state)
        if not legal:
            self._numbers[state] = 0
            return 0
        number = len(self._states)
        self._numbers[state] = number
        self._states.append(state)
        if number == len(self._table):
            self._table = np.vstack([self._table, np.zeros_like(self._table)])
            self._legal = np.vstack([self._legal, np.zeros_like(self._legal)])
        self._table[number] = -1
        marks: list[Any] = [*self._alphabet, END]
        self._legal[number] = [mark in legal for mark in marks]
        return number
