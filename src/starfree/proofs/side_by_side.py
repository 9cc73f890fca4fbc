"""Many words that are read at the same time, until the model is wrong after one of them."""

from __future__ import annotations

import numpy as np

from .trial import Trial, Word


def first_wrong(trial: Trial, words: list[Word]) -> Word | None:
    """Read words side by side, of one length or not, and return the shortest prefix that is wrong.

    Arguments:
        words: for predict, each is read as far as words go on.

    Complexity: as many steps of the model as there are symbols.
    """
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
