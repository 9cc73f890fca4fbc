"""Predictors without memory: the most frequent target, and a look-up of the last few symbols.

What they score is what a task asks for without remembering anything; a model's figure is read beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .classes import Classes
from .examples import Examples, Flags

Ints = NDArray[np.int64]

LENGTHS = (0, 1, 4)  # symbols that the baselines look at, unless told otherwise; 0 is the majority


@dataclass(frozen=True, eq=False)
class Lookup:
    """Predicts the most frequent training target after the same last symbols.

    After symbols that training did not have it looks at fewer of them, in the end at none.

    Arguments:
        tables: for 0, 1, ..., k symbols the contexts as increasing numbers, and the target of each.
        base: of these numbers; one more than the largest token.
    """

    tables: tuple[tuple[Ints, Ints], ...]
    base: int

    def predict(self, tokens: NDArray[np.integer]) -> Ints:
        """Return the target of every position, shape `(n, T)`, of tokens that are after the first symbol."""
        found = np.zeros(tokens.shape, np.int64)
        for symbols, (contexts, targets) in enumerate(self.tables):
            here = _contexts(tokens, symbols, self.base)
            at = np.minimum(np.searchsorted(contexts, here), len(contexts) - 1)
            seen = contexts[at] == here
            found[seen] = targets[at[seen]]
        return found


def fit(tokens: NDArray[np.integer], targets: NDArray[np.integer], symbols: int) -> Lookup:
    """Return the look-up that fits training data best.

    Arguments:
        tokens: shape `(n, T)`; the target of a position may depend on it and on those before.
        targets: shape `(n, T)`: classes from 0; negative where nothing is asked. Of equally frequent ones the
            lowest is taken.
        symbols: k, how many of the last symbols to look at; fewer stand at the start of a word.

    Raises:
        BadInput: when nothing is asked anywhere, or there are more contexts than numbers.

    Complexity: `O(k N log N)` for N positions.

    >>> tokens, targets = np.array([[0, 1, 1, 0]]), np.array([[5, 3, 3, 4]])
    >>> fit(tokens, targets, 0).predict(tokens).tolist(), fit(tokens, targets, 2).predict(tokens).tolist()
    ([[3, 3, 3, 3]], [[5, 3, 3, 4]])
    """
    asked = targets >= 0
    if not asked.any():
        raise BadInput("a look-up", "no position has a target", "Give some words.")
    base = int(tokens.max()) + 2
    if symbols < 0 or base**symbols * (int(targets.max()) + 1) >= 1 << 62:
        raise BadInput(f"a look-up of {symbols} symbols", "is out of range", "Look at fewer symbols.")
    wanted = targets[asked].astype(np.int64)
    several = int(wanted.max()) + 1
    tables = []
    for fewer in range(symbols + 1):
        pairs = _contexts(tokens, fewer, base)[asked] * several + wanted
        pairs, counts = np.unique(pairs, return_counts=True)
        order = np.lexsort([-pairs, counts, pairs // several])
        best = pairs[order][np.flatnonzero(np.diff(pairs[order] // several, append=-1))]
        tables.append((best // several, best % several))
    return Lookup(tuple(tables), base)


def _contexts(tokens: NDArray[np.integer], symbols: int, base: int) -> Ints:
    """Return a number for the last symbols at each position, those before the start being alike."""
    length = tokens.shape[1]
    padded = np.zeros((len(tokens), length + symbols), np.int64)
    padded[:, symbols:] = tokens + 1
    known = padded < base  # a token that training did not have may not be taken for another context
    numbers, seen = np.zeros(tokens.shape, np.int64), np.ones(tokens.shape, np.bool_)
    for back in range(symbols):
        there = slice(symbols - back, symbols - back + length)
        numbers += padded[:, there] * base**back
        seen &= known[:, there]
    return np.where(seen, numbers, -1)


def baseline(training: Examples, examples: Examples, symbols: int) -> Flags:
    """Return the legal sets that a look-up fitted to the training words predicts for others.

    Arguments:
        symbols: how many of the last symbols to look at, BOS being one; 0 for the most frequent legal set.

    Returns:
        shape `(n, T + 1, k + 1)`, for `metrics.measure`.

    >>> from starfree.languages import regex
    >>> from starfree.learning.examples import encode_words
    >>> from starfree.learning.metrics import measure
    >>> words = encode_words(regex("(ab)*"), ["abab", "ab"])
    >>> [measure(baseline(words, words, k), words)["words"].right for k in (0, 1)]
    [0, 2]
    """
    classes = Classes.of(training)
    lookup = fit(training.tokens.astype(np.int64), classes.index(training.legal, training.mask), symbols)
    return classes.sets(lookup.predict(examples.tokens.astype(np.int64)))
