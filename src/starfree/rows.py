"""Numbering distinct rows of bytes, many at a time.

Breadth-first searches over transformations, image sets, subsets and product states all need the same thing:
given a batch of rows, which are new, and what is each one's number? A dictionary answers one row at a time;
this open-addressing hash table answers a batch with a handful of NumPy calls. Keys are compared in full, so a
hash collision costs time and never truth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CHUNK = 1 << 17  # rows per pass: large enough to hide call overhead, small enough to stay near the cache
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)
_SHIFT = np.uint64(32)
_WIDE = 256  # words from which a row is worth a pass of its own; narrower ones are looked at word by word


def pack(rows: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Return rows of any fixed-size type as rows of 64-bit words, zero padded.

    Arguments:
        rows: shape `(m, w)`, C order is made if needed.

    Returns:
        shape `(m, ceil(w * itemsize / 8))`; equal rows, and only those, give equal words.
    """
    m = len(rows)
    raw = np.zeros((m, 0), np.uint8)
    if rows.size:
        raw = np.ascontiguousarray(rows).view(np.uint8).reshape(m, -1)
    width = max(8, -(-raw.shape[1] // 8) * 8)
    if raw.shape[1] != width:
        padded = np.zeros((m, width), np.uint8)
        padded[:, : raw.shape[1]] = raw
        raw = padded
    return raw.view(np.uint64)


class RowIndex:
    """Numbers distinct rows 0, 1, 2, ... in order of first appearance.

    Arguments:
        width: words of 64 bits per row (see `pack`), at least 1.

    Complexity: expected constant time per row; memory about `8 * width + 16` bytes per distinct row.

    >>> index = RowIndex(1)
    >>> ids, fresh = index.add(np.array([[5], [7], [5]], dtype=np.uint64))
    >>> ids.tolist(), fresh.tolist()
    ([0, 1, 0], [0, 1])
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._count = 0
        self._rows = np.empty((64, width), np.uint64)
        self._table = np.full(128, -1, np.int64)
        # Odd multipliers without pattern, from powers of an odd number (numpy.random is slow to import).
        powers = np.cumprod(np.full(width, _MULTIPLIER))
        self._weights = (powers ^ (powers >> _SHIFT)) | np.uint64(1)

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> NDArray[np.uint64]:
        """The distinct rows so far, shape `(len(self), width)`; a view that the next `add` may invalidate."""
        return self._rows[: self._count]

    def add(self, rows: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number the rows of a batch, adding the new ones.

        Arguments:
            rows: shape `(m, width)`.

        Returns:
            `ids`, shape `(m,)`: the number of each row; and `fresh`, increasing: the positions in the batch
            at which a new row appeared for the first time, so that `ids[fresh]` are the new numbers in order.
        """
        parts = [self._add_chunk(rows[i : i + _CHUNK]) for i in range(0, len(rows), _CHUNK)]
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        ids = np.concatenate([p[0] for p in parts])
        fresh = np.concatenate([p[1] + i * _CHUNK for i, p in enumerate(parts)])
        return ids, fresh

    def _hash(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        h: NDArray[np.uint64]
        if self._width >= _WIDE:
            h = rows @ self._weights
        else:
            h = rows[:, 0] * self._weights[0]
            for i in range(1, self._width):
                h += rows[:, i] * self._weights[i]
        h ^= h >> _SHIFT
        h *= _MIX
        h ^= h >> _SHIFT
        return h

    def _same(self, stored: NDArray[np.int64], rows: NDArray[np.uint64]) -> NDArray[np.bool_]:
        equal: NDArray[np.bool_] = self._rows[stored, 0] == rows[:, 0]
        if self._width >= _WIDE:
            pairs = zip(stored.tolist(), rows, strict=True)
            return np.array([np.array_equal(self._rows[i], row) for i, row in pairs], np.bool_)
        for i in range(1, self._width):
            equal &= self._rows[stored, i] == rows[:, i]
        return equal

    def _add_chunk(self, rows: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        m, base = len(rows), self._count
        self._reserve(base + m)
        # The batch is stored provisionally behind the known rows, so that one comparison serves both.
        self._rows[base : base + m] = rows
        mask = len(self._table) - 1
        slots = (self._hash(rows) & np.uint64(mask)).astype(np.int64)
        ids = np.empty(m, np.int64)
        claimed = np.full(m, -1, np.int64)
        pending = np.arange(m)
        at, keys = slots, rows
        while len(pending):
            found = self._table[at]
            empty = np.flatnonzero(found < 0)
            if len(empty):
                # Assigned backwards: of several rows that claim one slot, the first in the batch wins.
                claims = empty[::-1]
                self._table[at[claims]] = base + pending[claims]
                found[empty] = self._table[at[empty]]
                won = empty[found[empty] == base + pending[empty]]
                claimed[pending[won]] = at[won]
            same = self._same(found, keys)
            ids[pending[same]] = found[same]
            rest = np.flatnonzero(~same)
            pending, at, keys = pending[rest], (at[rest] + 1) & mask, keys[rest]
        fresh = np.flatnonzero(claimed >= 0)
        final = np.empty(m, np.int64)
        final[fresh] = base + np.arange(len(fresh))
        self._table[claimed[fresh]] = final[fresh]
        self._rows[base : base + len(fresh)] = rows[fresh]
        new = ids >= base
        ids[new] = final[ids[new] - base]
        self._count = base + len(fresh)
        return ids, fresh

    def _reserve(self, count: int) -> None:
        if count > len(self._rows):
            grown = np.empty((max(count, 2 * len(self._rows)), self._width), np.uint64)
            grown[: self._count] = self._rows[: self._count]
            self._rows = grown
        if 2 * count > len(self._table):
            self._rebuild(1 << (4 * count - 1).bit_length())

    def _rebuild(self, size: int) -> None:
        self._table = np.full(size, -1, np.int64)
        known = np.arange(self._count)
        at = (self._hash(self.rows) & np.uint64(size - 1)).astype(np.int64)
        while len(known):  # the rows are distinct, so a slot is won or the row moves on
            free = np.flatnonzero(self._table[at] < 0)
            self._table[at[free]] = known[free]
            rest = np.flatnonzero(self._table[at] != known)
            known, at = known[rest], (at[rest] + 1) & (size - 1)
