"""Every short word, shortest first, equal states taken together: the first error is a shortest one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..rows import RowIndex, pack
from .trial import Trial, Word

_MEMORY = 1 << 30  # bytes of states that are kept


@dataclass(frozen=True)
class ShortWords:
    """What running every short word gave.

    Arguments:
        word: a shortest one after which the legal set is wrong, the first in the order of the symbols; None
            without an error.
        closed: no further word leads to a pair of states that was not seen, so there is no error at all.
        length: up to which every word was run.
        words: words that were run; those that lead to the same pair of states count once.
    """

    word: Word | None
    closed: bool
    length: int
    words: int


def short_words(trial: Trial) -> ShortWords:
    """Run a model on every word, breadth-first, until one is wrong, nothing is new, or the budget ends.

    The states of the budget are pairs of a state of the model and one of the language.

    Complexity: the pairs times k steps of the model.
    """
    machine, reader = trial.machine, trial.reader
    states, logits = machine.begin()
    ids = np.array([reader.start])
    if not (trial.predict and not reader.live(ids)[0]) and trial.wrong(logits, ids).any():
        return ShortWords((), False, 0, 1)
    most = max(1, min(trial.budget.max_states, _MEMORY // max(1, states[0].nbytes + 8)))
    index, width = _index(states), states.shape[1]
    index.add(_packed(states, ids))
    parents, symbols = [np.array([-1])], [np.array([-1])]
    first, length, run = 0, 0, 1
    while len(ids):
        fresh_states, fresh_ids = [], []
        if states.shape[1] != width:  # the state of a model that keeps the word grows with it
            index, width = _index(states), states.shape[1]
        sources, read, after = trial.branches(ids)
        total = first + len(ids)
        for at in range(0, len(read), machine.batch):
            part = slice(at, at + machine.batch)
            if total > most or trial.out_of_time:
                return ShortWords(None, False, length, run)
            new, logits = machine.step(states[sources[part]], read[part])
            run += len(new)
            wrong = np.flatnonzero(trial.wrong(logits, after[part]))
            if len(wrong):
                place = at + int(wrong[0])
                word = _access(parents, symbols, first + int(sources[place]))
                return ShortWords((*word, int(read[place])), False, length + 1, run)
            grown = new.shape[1] != width
            fresh = np.arange(len(new)) if grown else index.add(_packed(new, after[part]))[1]
            fresh_states.append(new[fresh])
            fresh_ids.append(after[part][fresh])
            parents.append(first + sources[part][fresh])
            symbols.append(read[part][fresh])
            total += len(fresh)
            trial.tell("short words", run)
        length += 1
        first += len(ids)
        states = np.concatenate(fresh_states) if fresh_states else states[:0]
        ids = np.concatenate(fresh_ids) if fresh_ids else ids[:0]
    return ShortWords(None, True, length, run)


def _index(states: NDArray[np.generic]) -> RowIndex:
    return RowIndex(pack(states[:1]).shape[1] + 1)


def _packed(states: NDArray[np.generic], ids: NDArray[np.int64]) -> NDArray[np.uint64]:
    return np.column_stack([pack(states), ids.astype(np.uint64)])


def _access(parents: list[NDArray[np.int64]], symbols: list[NDArray[np.int64]], state: int) -> Word:
    parent, symbol = np.concatenate(parents), np.concatenate(symbols)
    word = []
    while state > 0:
        word.append(int(symbol[state]))
        state = int(parent[state])
    return tuple(word[::-1])
