"""Schreier generators: the permutations of a root that the edges of its class give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..rows import RowIndex, pack


@dataclass(frozen=True, eq=False)
class Generators:
    """The g Schreier generators of the group of a root R of r states.

    Arguments:
        permutations: shape `(g, r)`: the position in R (states in increasing order) that each position goes
            to.
        lengths: shape `(g,)`: letters read forwards minus letters read backwards.
        sources, letters, targets: shape `(g,)`: the edge between image sets that each comes from.
    """

    permutations: NDArray[np.integer]
    lengths: NDArray[np.int64]
    sources: NDArray[np.int64]
    letters: NDArray[np.int64]
    targets: NDArray[np.int32]

    @cached_property
    def moving(self) -> bool:
        """Whether some generator is not the identity."""
        return bool((self.permutations != np.arange(self.permutations.shape[1])).any())


def schreier_generators(
    table: NDArray[np.int32],
    successor: NDArray[np.int32],
    inside: NDArray[np.bool_],
    size: NDArray[np.int32],
    root: NDArray[np.int64],
    beta: NDArray[np.int32],
    depth: NDArray[np.int64],
) -> dict[int, Generators]:
    """Return the distinct Schreier generators of each class of image sets; see `ImageOrbit.schreier`.

    Arguments:
        table: shape `(n, k)`.
        successor, inside: shape `(N, k)`: the edges between sets, and which to look at.
        size, root, depth: shape `(N,)`.
        beta: shape `(N, n)`: the bijection from the root to each set, padded.

    Complexity: `O(N k n)`, vectorised over the edges between sets of one size.
    """
    n = len(table)
    found: dict[int, Generators] = {}
    sources, letters = np.nonzero(inside)
    targets = successor[sources, letters]
    lengths = depth[sources] + 1 - depth[targets]
    sizes = size[sources]
    for r in np.unique(sizes).tolist():
        edges = np.flatnonzero(sizes == r)
        p, a, q = sources[edges], letters[edges], targets[edges]
        position = np.empty((len(edges), n), np.int16 if n < 1 << 15 else np.int32)
        each = np.arange(len(edges))[:, None]
        position[each, beta[q, :r]] = np.arange(r)
        moved = position[each, table[beta[p, :r], a[:, None]]]
        heads = root[p]
        useful = np.flatnonzero((lengths[edges] != 0) | (moved != np.arange(r)).any(axis=1))
        if not len(useful):
            continue
        rows = pack(np.column_stack([heads, lengths[edges], moved]).astype(np.int32)[useful])
        fresh = useful[RowIndex(rows.shape[1]).add(rows)[1]]
        fresh = fresh[np.argsort(heads[fresh], kind="stable")]
        for part in np.split(fresh, np.flatnonzero(np.diff(heads[fresh])) + 1):
            e = edges[part]
            found[int(heads[part[0]])] = Generators(
                moved[part], lengths[e], sources[e], letters[e], targets[e]
            )
    return found
