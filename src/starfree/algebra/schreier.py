"""Schreier generators: the permutations of a root that the edges of its class give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..rows import RowIndex, pack

_DOING = "finding the generators of groups"
_CELLS = 1 << 22  # edges times states looked at together: bounds memory, and time between two checks


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
    *,
    budget: Budget = DEFAULT,
) -> dict[int, Generators]:
    """Return the distinct Schreier generators of each class of image sets; see `ImageOrbit.schreier`.

    Arguments:
        table: shape `(n, k)`.
        successor, inside: shape `(N, k)`: the edges between sets, and which to look at.
        size, root, depth: shape `(N,)`.
        beta: shape `(N, n)`: the bijection from the root to each set, padded.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(N k n)`, vectorised.
    """
    n = len(table)
    columns = np.concatenate([table, np.full((1, table.shape[1]), n, table.dtype)])
    points = np.arange(n, dtype=np.int32)
    sources, letters = np.nonzero(inside)
    index = RowIndex(pack(np.zeros((1, n + 2), np.int32)).shape[1])
    parts: dict[int, list[Generators]] = {}
    chunk = max(1, _CELLS // (n + 1))
    for low in range(0, len(sources), chunk):
        budget.check_time(_DOING)
        p, a = sources[low : low + chunk], letters[low : low + chunk]
        q = successor[p, a]
        lengths, r = depth[p] + 1 - depth[q], size[p]
        each = np.arange(len(p))[:, None]
        position = np.empty((len(p), n + 1), np.int32)
        position[each, beta[q]] = points
        moved = position[each, columns[beta[p], a[:, None]]]
        moved = np.where(points < r[:, None], moved, points)
        useful = np.flatnonzero((lengths != 0) | (moved != points).any(axis=1))
        rows = np.column_stack([root[p[useful]], lengths[useful], moved[useful]]).astype(np.int32)
        fresh = useful[index.add(pack(rows))[1]]
        fresh = fresh[np.argsort(root[p[fresh]], kind="stable")]
        starts = np.flatnonzero(np.diff(root[p[fresh]], prepend=-1))
        for e in np.split(fresh, starts)[1:]:
            found = Generators(moved[e, : r[e[0]]], lengths[e], p[e], a[e], q[e])
            parts.setdefault(int(root[p[e[0]]]), []).append(found)
    return {i: _joined(found) for i, found in parts.items()}


def _joined(parts: list[Generators]) -> Generators:
    if len(parts) == 1:
        return parts[0]
    return Generators(
        np.concatenate([part.permutations for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.sources for part in parts]),
        np.concatenate([part.letters for part in parts]),
        np.concatenate([part.targets for part in parts]),
    )
