"""Long words that are hard for a model: what must be held long or counted far, or is close to an error."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from .reader import Reader
from .trial import Trial, Word

_WAYS = 64  # states of the language from which symbols are repeated
_LOOPS = 512  # words that are read side by side


def repeated(trial: Trial, *, most: int) -> Word | None:
    """Go to a state of the language, read one or two symbols again and again, and stop at the first error.

    What changes nothing must be held; what goes deeper must be counted; both for as long as `most` symbols.

    Returns:
        the first word that is wrong, of all that are read side by side; None without one.

    Complexity: `most` steps of the model for each of at most 512 words.
    """
    k = trial.symbols
    loops = [(symbol,) for symbol in range(k)] + _pairs(k)
    rows = [(u, v) for v in loops for u in _ways(trial.reader, k)][:_LOOPS]
    return _side_by_side(trial, [(*u, *v * (most // len(v))) for u, v in rows])


def nested(trial: Trial, *, most: int) -> Word | None:
    """Read x^n y^(n+1) for symbols x and y: as deep as a power of two and back, one less and one more.

    Returns:
        the first word that is wrong; None without one.

    Complexity: `2 most` steps of the model for each pair of symbols and each depth.
    """
    depths = sorted({2**i + d for i in range(1, most.bit_length()) for d in (-1, 0, 1) if 2**i + d <= most})
    words = [(x,) * n + (y,) * (n + 1) for n in depths for x, y in _pairs(trial.symbols)]
    return _side_by_side(trial, words[:_LOOPS])


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


def _pairs(k: int) -> list[Word]:
    """Return the pairs of different symbols."""
    return [pair for pair in product(range(k), repeat=2) if pair[0] != pair[1]]


def _spread(distances: NDArray[np.float64], ids: NDArray[np.int64], beam: int) -> NDArray[np.int64]:
    """Return the rows to keep: the closest one of each state of the language, then the second, and so on."""
    order = np.lexsort((distances, ids))
    starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    return order[np.lexsort((distances[order], rank))][:beam]


def _side_by_side(trial: Trial, words: list[Word]) -> Word | None:
    """Read words side by side, of one length or not, and return the first prefix that is wrong."""
    longest = max(map(len, words), default=0)
    table = np.full((len(words), longest), -1, np.int64)
    for row, word in enumerate(words):
        table[row, : len(word)] = word
    states = np.repeat(trial.machine.begin()[0], len(table), axis=0)
    ids = np.full(len(table), trial.reader.start)
    rows = np.arange(len(table))
    for place in range(longest):
        read = table[rows, place]
        after = trial.reader.step(ids, np.maximum(read, 0))
        kept = (read >= 0) & (trial.reader.live(after) if trial.predict else True)
        rows, states, read, ids = rows[kept], states[kept], read[kept], after[kept]
        if not len(rows) or trial.out_of_time:
            return None
        states, logits = trial.stepped(states, read)
        wrong = np.flatnonzero(trial.wrong(logits, ids))
        if len(wrong):
            return tuple(table[rows[wrong[0]], : place + 1].tolist())
        trial.tell("long words", place)
    return None


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
