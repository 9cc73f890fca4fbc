"""Green's relations of an enumerated monoid, and the egg-box picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from .monoid import Monoid
from .scc import strong_components

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Greens:
    """Class numbers of the m elements of a monoid; classes are numbered by their first element.

    Arguments:
        r, l, d, h: shape `(m,)`; D = J in a finite monoid.
        idempotent: shape `(m,)`: whether e·e = e.
    """

    r: Numbers
    l: Numbers  # noqa: E741
    d: Numbers
    h: Numbers
    idempotent: NDArray[np.bool_]


@dataclass(frozen=True)
class EggBox:
    """One D-class as a grid.

    Arguments:
        rows: for each R-class, for each L-class, the elements that the two share.
        rank: number of states in the image of each element.
        regular: whether some element is idempotent; then every row and every column holds one.
    """

    rows: tuple[tuple[tuple[int, ...], ...], ...]
    rank: int
    regular: bool


def greens(monoid: Monoid, *, budget: Budget = DEFAULT) -> Greens:
    """Return Green's relations of a monoid.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: linear in the Cayley graphs, `O(m (n + k))`.

    Source: Green 1951; R and L are the strongly connected components of the Cayley graphs, and D = R∘L.

    >>> from starfree.languages import regex
    >>> from starfree.algebra.monoid import transition_monoid
    >>> relations = greens(transition_monoid(regex("(ab)*")))
    >>> relations.d.tolist(), relations.idempotent.tolist()
    ([0, 1, 1, 2, 1, 1], [True, False, False, True, True, True])
    """
    r = _by_first(np.array(strong_components(monoid.right.tolist(), budget=budget), np.int64))
    l = _by_first(np.array(strong_components(monoid.left.tolist(), budget=budget), np.int64))  # noqa: E741
    # x D y exactly when some z has x L z R y: so the least R-class that an L-class meets names its D-class.
    least = np.full(len(monoid), len(monoid), np.int64)
    np.minimum.at(least, l, r)
    d = _by_first(least[l])
    h = _by_first(r * (int(l.max()) + 1) + l)
    elements = monoid.elements.astype(np.int64)
    idempotent = (np.take_along_axis(elements, elements, axis=1) == elements).all(axis=1)
    return Greens(r, l, d, h, idempotent)


def _by_first(classes: Numbers) -> Numbers:
    _, first, back = np.unique(classes, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[back])


def egg_boxes(monoid: Monoid, relations: Greens) -> tuple[EggBox, ...]:
    """Return the D-classes as grids, in the order of their first elements.

    Complexity: `O(m log m)` and the number of cells.
    """
    boxes = []
    order = np.argsort(relations.d, kind="stable")
    starts = np.flatnonzero(np.diff(relations.d[order], prepend=-1))
    for elements in np.split(order, starts[1:]):
        columns = {int(c): j for j, c in enumerate(np.unique(relations.l[elements]))}
        grid: dict[int, list[list[int]]] = {}
        for x in elements.tolist():
            row = grid.setdefault(int(relations.r[x]), [[] for _ in columns])
            row[columns[int(relations.l[x])]].append(x)
        rows = tuple(tuple(tuple(cell) for cell in row) for row in grid.values())
        rank = len(np.unique(monoid.elements[elements[0]]))
        boxes.append(EggBox(rows, rank, bool(relations.idempotent[elements].any())))
    return tuple(boxes)
