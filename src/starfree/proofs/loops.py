"""Loops that are pumped: one or two symbols, read again and again from each state of the language.

A language that is star-free counts no word, but a model may lose what it holds while it reads one, or count
no further.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from .reader import Reader
from .side_by_side import first_wrong
from .trial import Trial, Word

_WAYS = 64  # states of the language from which symbols are repeated
_LOOPS = 512  # words that are read side by side


def pumped_loops(trial: Trial, *, most: int) -> Word | None:
    """Go to a state of the language, read one or two symbols again and again, and stop at the first error.

    What changes nothing must be held; what goes deeper must be counted; both for as long as `most` symbols.

    Returns:
        the first word that is wrong, of all that are read side by side; None without one.

    Complexity: `most` steps of the model for each of at most 512 words.
    """
    k = trial.symbols
    ways = _ways(trial.reader, k)
    loops = [*permutations(range(k), 1), *permutations(range(k), 2)]
    words = [(*u, *v * (most // len(v))) for v in loops for u in ways]
    return first_wrong(trial, words[:_LOOPS])


def _ways(reader: Reader, k: int) -> list[Word]:
    """Return shortest words to the first live states of the language, the start first."""
    ways: dict[int, Word] = {reader.start: ()}
    waiting = [reader.start]
    for state in waiting:
        after = reader.step(np.full(k, state), np.arange(k))
        for symbol, (target, live) in enumerate(
            zip(after.tolist(), reader.live(after).tolist(), strict=True)
        ):
            if live and target not in ways and len(ways) < _WAYS:
                ways[target] = (*ways[state], symbol)
                waiting.append(target)
    return list(ways.values())
