"""Bounded Dyck words as the published experiments draw them, and what is open at each position of one.

A token is a bracket or the END of a word; windows are in tokens. In the arrays, symbol 2i opens type i and
2i + 1 closes it, as in the alphabet of `@bounded_dyck_K_h`.

Source: Hewitt et al. 2020, "RNNs can generate bounded hierarchical languages with optimal memory".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .drawers import Ints

_ROUND = 1024  # words drawn in one go
_LOST = 100  # rounds without a word after which the window is taken to be empty


def nested_words(
    types: int,
    depth: int,
    lo: int,
    hi: int,
    *,
    tokens: int | None = None,
    number: int | None = None,
    seed: int,
) -> tuple[Ints, Ints]:
    """Return words drawn bracket by bracket: half of the time it closes, or ends where nothing is open.

    With nothing open it ends with probability 1/2, unless there are fewer brackets than `lo`, or else opens;
    with `depth` open it closes; otherwise it closes with probability 1/2 or else opens. All types are alike.
    Words of more than `hi` tokens are refused.

    Arguments:
        types, depth: K and h, at least 1.
        lo, hi: the window, in tokens, END included.
        tokens: draw words until they have so many tokens.
        number: draw so many words; give this or `tokens`.
        seed: the same seed gives the same words.

    Returns:
        columns, shape `(n, T)`, zero behind the end; lengths, shape `(n,)`: brackets, END not counted.

    Raises:
        BadInput: when neither or both of `tokens` and `number` are given, or the window has no words.

    Complexity: a vectorised step for each token of the longest words, for every 1,024 words drawn.

    >>> columns, lengths = nested_words(2, 3, 1, 5, number=3, seed=0)
    >>> ["".join("()[]"[i] for i in row[:n]) for row, n in zip(columns.tolist(), lengths, strict=True)]
    ['([])', '()', '[()]']
    """
    if (tokens is None) == (number is None):
        raise BadInput("bounded Dyck", "needs tokens or number, one of them", "Give one.")
    if types < 1 or depth < 1 or not 0 < lo <= hi:
        what = f"bounded Dyck with {types} types to depth {depth}, {lo} to {hi} tokens"
        raise BadInput(what, "has no words", "Give larger numbers.")
    rng = np.random.default_rng(seed)
    parts: list[tuple[Ints, Ints]] = []
    words = total = lost = 0
    while words < number if number is not None else total < (tokens or 0):
        columns, lengths = _round(types, depth, lo, hi, rng)
        lost = 0 if len(lengths) else lost + 1
        if lost == _LOST:
            why = f"none of {_LOST * _ROUND:,} words drawn lies in it"
            raise BadInput(f"window {lo} to {hi} tokens", why, "Give another one.")
        parts.append((columns, lengths))
        words += len(lengths)
        total += int(lengths.sum()) + len(lengths)
    lengths = np.concatenate([part[1] for part in parts] or [np.zeros(0, np.int64)])
    if number is None:
        number = int(np.searchsorted(np.cumsum(lengths + 1), tokens)) + 1 if tokens else 0
    lengths = lengths[:number]
    columns = np.zeros((number, int(lengths.max(initial=0))), np.int64)
    at = 0
    for part, _ in parts:
        rows = part[: number - at, : columns.shape[1]]
        columns[at : at + len(rows), : rows.shape[1]] = rows
        at += len(rows)
    return columns, lengths


def _round(types: int, depth: int, lo: int, hi: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return those of a number of words that are not longer than the window."""
    words = np.zeros((_ROUND, hi), np.int64)
    lengths = np.full(_ROUND, -1)
    stack = np.zeros((_ROUND, depth + 1), np.int64)
    level = np.zeros(_ROUND, np.int64)
    rows = np.arange(_ROUND)  # words that go on
    for at in range(hi):
        coins, kinds = rng.random(len(rows)) < 0.5, rng.integers(0, types, len(rows))
        here = level[rows]
        ends = (here == 0) & coins & (at >= lo)
        lengths[rows[ends]] = at
        rows, coins, kinds, here = rows[~ends], coins[~ends], kinds[~ends], here[~ends]
        if not len(rows):
            break
        closes = (here == depth) | ((here > 0) & coins)
        kinds = np.where(closes, stack[rows, here], kinds)
        level[rows] = np.where(closes, here - 1, here + 1)
        opening = ~closes
        stack[rows[opening], level[rows[opening]]] = kinds[opening]
        words[rows, at] = 2 * kinds + closes
    kept = np.flatnonzero(lengths >= 0)
    columns = words[kept]
    columns[np.arange(hi) >= lengths[kept, None]] = 0
    return columns, lengths[kept]


def tops(columns: NDArray[np.integer], lengths: Ints, depth: int) -> tuple[Ints, Ints]:
    """Return what the innermost open bracket is after each prefix, the empty one first.

    Arguments:
        columns: shape `(n, T)`: words of bounded Dyck, or prefixes of such.
        lengths: shape `(n,)`.
        depth: at least that of the words.

    Returns:
        its type, and how many symbols before the last one read it stands; shapes `(n, T + 1)`, both -1 where
        nothing is open or the word has ended.

    Complexity: T vectorised steps.

    >>> tops(np.array([[0, 2, 3, 1]]), np.array([4]), 2)[0].tolist()
    [[-1, 0, 1, 0, -1]]
    """
    n, longest = columns.shape
    each = np.arange(n)
    stack = np.full((2, n, depth + 1), -1)  # types, and where they were opened
    level = np.zeros(n, np.int64)
    found = np.full((2, n, longest + 1), -1)
    for at in range(longest):
        opens = (columns[:, at] % 2 == 0) & (at < lengths)
        level += np.where(opens, 1, -1) * (at < lengths)
        stack[0, each[opens], level[opens]] = columns[opens, at] // 2
        stack[1, each[opens], level[opens]] = at
        shown = (level > 0) & (at < lengths)
        found[0, shown, at + 1] = stack[0, each[shown], level[shown]]
        found[1, shown, at + 1] = at - stack[1, each[shown], level[shown]]
    return found[0], found[1]


def entropy_floor(columns: NDArray[np.integer], lengths: Ints, types: int, depth: int, lo: int) -> float:
    """Return the mean uncertainty of the next token, in nats, of who knows how `nested_words` draws.

    Arguments:
        columns, lengths: words, as `nested_words` returns them.
        types, depth: K and h.
        lo: the start of the window; with fewer brackets the word did not end.

    Complexity: linear in the entries.
    """
    steps = np.where(columns % 2 == 0, 1, -1) * (np.arange(columns.shape[1]) < lengths[:, None])
    level = np.concatenate([np.zeros((len(columns), 1), np.int64), np.cumsum(steps, axis=1)], axis=1)
    asked = np.arange(level.shape[1]) <= lengths[:, None]
    unsure = np.full(level.shape, np.log(2) + np.log(types) / 2)
    unsure[(level == 0) & (np.arange(level.shape[1]) < lo)] = np.log(types)
    unsure[level == depth] = 0
    return float(unsure[asked].mean())
