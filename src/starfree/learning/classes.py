"""Legal sets as classes: the joint head, which chooses one of the sets that occur in training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..rows import RowIndex, pack
from .examples import Examples, Flags

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Classes:
    """The distinct legal sets of some words.

    Arguments:
        table: shape `(c, k + 1)`: a set in each row, END last.

    >>> from starfree.languages import regex
    >>> from starfree.learning.examples import encode_words
    >>> examples = encode_words(regex("(aa)*"), ["aa", ""])
    >>> classes = Classes.of(examples)
    >>> classes.table.astype(int).tolist(), classes.index(examples.legal, examples.mask).tolist()
    ([[1, 0], [1, 1]], [[1, 0, 1], [1, -1, -1]])
    """

    table: Flags

    def __len__(self) -> int:
        return len(self.table)

    @classmethod
    def of(cls, examples: Examples) -> Classes:
        """Return the legal sets that occur, in the order of their bits."""
        rows = examples.legal[examples.mask]
        _, first = RowIndex(_width(rows)).add(_packed(rows))
        found = rows[first]
        return cls(found[np.lexsort(found.T[::-1])])

    def index(self, legal: Flags, mask: Flags) -> Ints:
        """Return the class of each legal set; -1 for sets that did not occur, and outside the mask.

        Arguments:
            legal: shape `(n, T, k + 1)`.
            mask: shape `(n, T)`.
        """
        known = RowIndex(_width(self.table))
        known.add(_packed(self.table))
        found = known.add(_packed(legal[mask]))[0]
        index = np.full(mask.shape, -1)
        index[mask] = np.where(found < len(self), found, -1)
        return index

    def sets(self, index: NDArray[np.integer]) -> Flags:
        """Return the legal sets of classes, shape `(..., k + 1)`; empty for -1."""
        return np.where((index >= 0)[..., None], self.table[index], False)


def _width(rows: Flags) -> int:
    return pack(np.packbits(rows[:1], axis=1)).shape[1] if len(rows) else 1


def _packed(rows: Flags) -> NDArray[np.uint64]:
    return pack(np.packbits(rows, axis=1))
