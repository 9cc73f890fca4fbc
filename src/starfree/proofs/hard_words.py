"""Long words that are hard for a model: what must be held long or counted far, or is close to an error."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from .decision import Decision
from .machine import Machine, States
from .reader import Reader
from .short_words import Progress, Word

_WAYS = 64  # states of the language from which symbols are repeated
_LOOPS = 512  # rows that are read side by side


def repeated(
    machine: Machine,
    reader: Reader,
    decision: Decision,
    predict: bool,
    budget: Budget,
    progress: Progress | None,
    *,
    most: int,
) -> Word | None:
    """Go to a state of the language, read one or two symbols again and again, and stop at the first error.

    What changes nothing must be held; what goes deeper must be counted; both for as long as `most` symbols.

    Returns:
        the first word that is wrong, of all that are read side by side; None without one.

    Complexity: `most` steps of the model for each of at most 512 rows.
    """
    k = len(machine.alphabet)
    loops = [(symbol,) for symbol in range(k)] + [
        pair for pair in product(range(k), repeat=2) if pair[0] != pair[1]
    ]
    ways = _ways(reader, k)
    rows = [(u, v) for v in loops for u in ways][:_LOOPS]
    words = [(*u, *v * (most // len(v))) for u, v in rows]
    return _side_by_side(machine, reader, decision, predict, budget, progress, words)


def nested(
    machine: Machine,
    reader: Reader,
    decision: Decision,
    predict: bool,
    budget: Budget,
    progress: Progress | None,
    *,
    most: int,
) -> Word | None:
    """Read x^n y^(n+1) for symbols x and y: as deep as a power of two and back, one less and one more.

    Returns:
        the first word that is wrong; None without one.

    Complexity: `2 most` steps of the model for each pair of symbols and each depth.
    """
    k = len(machine.alphabet)
    depths = sorted({2**i + d for i in range(1, most.bit_length()) for d in (-1, 0, 1) if 2**i + d <= most})
    pairs = [pair for pair in product(range(k), repeat=2) if pair[0] != pair[1]]
    words = [(x,) * n + (y,) * (n + 1) for n in depths for x, y in pairs][:_LOOPS]
    return _side_by_side(machine, reader, decision, predict, budget, progress, words)


def narrowest(
    machine: Machine,
    reader: Reader,
    decision: Decision,
    predict: bool,
    budget: Budget,
    progress: Progress | None,
    *,
    most: int,
    beam: int,
) -> Word | None:
    """Follow the words after which the model is closest to an error, some for each state of the language.

    Arguments:
        most: length of the words.
        beam: words that are kept of each length.

    Returns:
        the first word that is wrong; None without one.

    Complexity: `most beam k` steps of the model.
    """
    k = len(machine.alphabet)
    states, logits = machine.begin()
    ids = np.array([reader.start])
    words = np.zeros((1, 0), np.int64)
    for length in range(most):
        left = budget.left()
        if left is not None and left < 0:
            return None
        sources = np.repeat(np.arange(len(ids)), k)
        read = np.tile(np.arange(k), len(ids))
        after = reader.step(ids[sources], read)
        if predict:
            kept = reader.live(after)
            sources, read, after = sources[kept], read[kept], after[kept]
        if not len(read):
            return None
        states, logits = _stepped(machine, states[sources], read)
        flags, distances = decision.read(logits)
        words = np.column_stack([words[sources], read])
        wrong = np.flatnonzero((flags != reader.legal(after)).any(axis=1))
        if len(wrong):
            return tuple(words[wrong[0]].tolist())
        chosen = _spread(distances.min(axis=1), after, beam)
        states, ids, words = states[chosen], after[chosen], words[chosen]
        if progress is not None and length % 16 == 0:
            progress("beam", length)
    return None


def _spread(distances: NDArray[np.float64], ids: NDArray[np.int64], beam: int) -> NDArray[np.int64]:
    """Return the rows to keep: the closest one of each state of the language, then the second, and so on."""
    order = np.lexsort((distances, ids))
    starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    rank = np.arange(len(order)) - np.repeat(starts, sizes)
    return order[np.lexsort((distances[order], rank))][:beam]


def _side_by_side(
    machine: Machine,
    reader: Reader,
    decision: Decision,
    predict: bool,
    budget: Budget,
    progress: Progress | None,
    words: list[Word],
) -> Word | None:
    """Read words side by side, of one length or not, and return the first prefix that is wrong."""
    longest = max(map(len, words), default=0)
    table = np.full((len(words), longest), -1, np.int64)
    for row, word in enumerate(words):
        table[row, : len(word)] = word
    states, _ = machine.begin()
    states = np.repeat(states, len(table), axis=0)
    ids = np.full(len(table), reader.start)
    rows = np.arange(len(table))
    for place in range(longest):
        left = budget.left()
        if left is not None and left < 0:
            return None
        read = table[rows, place]
        after = reader.step(ids, np.maximum(read, 0))
        kept = (read >= 0) & (reader.live(after) if predict else True)
        rows, states, read, ids = rows[kept], states[kept], read[kept], after[kept]
        if not len(rows):
            return None
        states, logits = _stepped(machine, states, read)
        wrong = np.flatnonzero((decision.read(logits)[0] != reader.legal(ids)).any(axis=1))
        if len(wrong):
            return tuple(table[rows[wrong[0]], : place + 1].tolist())
        if progress is not None and place % 16 == 0:
            progress("long words", place)
    return None


def _stepped(machine: Machine, states: States, read: NDArray[np.int64]) -> tuple[States, NDArray[np.float64]]:
    """Step many states, as many together as the model takes."""
    parts = [slice(at, at + machine.batch) for at in range(0, len(read), machine.batch)]
    found = [machine.step(states[part], read[part]) for part in parts]
    return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found])


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
