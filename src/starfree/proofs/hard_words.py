"""Long words that are hard for a model: what must be counted far and back, or is close to an error."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from .side_by_side import first_wrong
from .trial import Trial, Word

_MOST = 512  # words that are read side by side


def nested(trial: Trial, *, most: int) -> Word | None:
    """Read x^n y^(n+1) for symbols x and y: as deep as a power of two and back, one less and one more.

    Returns:
        the first word that is wrong; None without one.

    Complexity: `2 most` steps of the model for each pair of symbols and each depth.
    """
    depths = sorted({2**i + d for i in range(1, most.bit_length()) for d in (-1, 0, 1) if 2**i + d <= most})
    words = [(x,) * n + (y,) * (n + 1) for n in depths for x, y in permutations(range(trial.symbols), 2)]
    return first_wrong(trial, words[:_MOST])


def narrowest(trial: Trial, *, most: int, beam: int) -> Word | None:
    """Follow the words after which the model is closest to an error, some for each state of the language.

    Arguments:
        most: length of the words.
        beam: words that are kept of each length.

    Returns:
        the first word that is wrong; None without one.

    Complexity: `most beam k` steps of the model.
    """
    states, _ = trial.machine.begin()
    ids = np.array([trial.reader.start])
    words = np.zeros((1, 0), np.int64)
    for length in range(most):
        sources, read, after = trial.branches(ids)
        if not len(read) or trial.out_of_time:
            return None
        states, logits = trial.stepped(states[sources], read)
        words = np.column_stack([words[sources], read])
        wrong = np.flatnonzero(trial.wrong(logits, after))
        if len(wrong):
            return tuple(words[wrong[0]].tolist())
        chosen = _spread(trial.decision.read(logits)[1].min(axis=1), after, beam)
        states, ids, words = states[chosen], after[chosen], words[chosen]
        trial.tell("beam", length)
    return None


def _spread(distances: NDArray[np.float64], ids: NDArray[np.int64], beam: int) -> NDArray[np.int64]:
    """Return the rows to keep: the closest one of each state of the language, then the second, and so on."""
    order = np.lexsort((distances, ids))
    starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    return order[np.lexsort((distances[order], rank))][:beam]
