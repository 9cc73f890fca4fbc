"""How a rotor is kept in the numbers of a state: a sign, a complex number, or a block that turns.

Each coding says which numbers stand for each value, which gate and write turn the rotor, and how to read a
value off the numbers: a sum that is 1 for that value and at most 0 for all others, so that a ReLU unit can
take it into a conjunction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from ..models.rotations import COMPLEX

Vector = tuple[float, ...]
_LARGEST = 1 << 14  # units of a radius


@dataclass(frozen=True)
class Coding:
    """The numbers of a rotor of m values.

    Arguments:
        block: the kind of block, see `starfree.models.rotations`.
        codes: for each value its numbers.
        gates, writes: for each k from 0 to m - 1 what turns the rotor by k.
        tests: for each value the weights and bias of a sum that is 1 for it and at most 0 for others.
        exact: whether all this holds exactly for ever, and not up to errors that grow.
    """

    block: int
    codes: tuple[Vector, ...]
    gates: tuple[Vector, ...]
    writes: tuple[Vector, ...]
    tests: tuple[tuple[Vector, float], ...]
    exact: bool = True


SIGNED = Coding(1, ((0.0,), (1.0,)), ((1.0,), (-1.0,)), ((0.0,), (1.0,)), (((-1.0,), 1.0), ((1.0,), 0.0)))
"""Two values: h' = 1 - h is the gate -1, and writes 1."""


def cyclic(size: int) -> Coding:
    """Return a block of `size` numbers, one of them 1, that a gate turns: 0 and 1 only, exact for ever.

    >>> cyclic(3).gates[1], cyclic(3).tests[2]
    ((0.0, 1.0, 0.0), ((0.0, 0.0, 1.0), 0.0))
    """
    ones = tuple(tuple(float(i == value) for i in range(size)) for value in range(size))
    nothing = ((0.0,) * size,) * size
    return Coding(size, ones, ones, nothing, tuple((one, 0.0) for one in ones))


def rounded(size: int, fraction_bits: int, used: Iterable[int]) -> Coding | None:
    """Return a complex number near a circle, turned by roots of unity as exactly as FIX(p) has them.

    The values are points of the grid of FIX(p), on a circle so small that the error of a gate is far below
    a unit. A radius is taken at which the turns in use take every point to the right point: rounding undoes
    the error at each step, so nothing drifts, and the rotor is exact for ever in this arithmetic.

    Arguments:
        used: by how many places the rotor is ever turned.

    Returns:
        None when no radius up to 2^14 units will do, because the rotor has too many values for the grid.

    Complexity: the radius found times `size` times the number of turns.

    >>> [[n * 2**16 for n in code] for code in rounded(3, 16, [1]).codes]
    [[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]]
    """
    unit, half = 1 << fraction_bits, (1 << fraction_bits) >> 1
    angles = 2 * np.pi * np.arange(size) / size
    circle = np.stack([np.cos(angles), np.sin(angles)])
    turns = np.floor(circle * unit + 0.5).astype(np.int64)
    kept = sorted({*used})
    for radius in range(1, _LARGEST):
        points = np.floor(radius * circle + 0.5).astype(np.int64)
        if all(
            np.array_equal(
                (_times(turns[:, k, None], points) + half) >> fraction_bits, np.roll(points, -k, 1)
            )
            for k in kept
        ):
            found = _tests(points.T.tolist(), float(unit))
            if found is not None:
                codes, gates = (tuple(map(tuple, (each.T / unit).tolist())) for each in (points, turns))
                return Coding(COMPLEX, codes, gates, ((0.0, 0.0),) * size, found)
    return None


def _times(turn: NDArray[np.int64], points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a complex number times complex numbers, shape `(2, m)`, in units of 2^-2p."""
    (a, b), (x, y) = turn, points
    return np.stack([a * x - b * y, a * y + b * x])


def _tests(points: Sequence[Sequence[int]], unit: float) -> tuple[tuple[Vector, float], ...] | None:
    """Return for each point how far along its direction one is: 1 there, at most 0 at the others.

    None when some point does not lie farther along its direction than all others.
    """
    found = []
    for own in points:
        along = [own[0] * x + own[1] * y for x, y in points]
        size = own[0] ** 2 + own[1] ** 2
        most, next_to_most = sorted(along)[-1:-3:-1]
        if most > size or next_to_most == size:
            return None
        # The bias is rounded down, so that others stay at most 0, and the weights make up for it.
        bias = floor(-next_to_most / (size - next_to_most) * unit) / unit
        scale = (1.0 - bias) / size * unit
        found.append(((_weight(own[0] * scale, unit), _weight(own[1] * scale, unit)), bias))
    return tuple(found)


def _weight(value: float, unit: float) -> float:
    """Return the nearest multiple of 2^-p that float32 has, off by far less than what rounds away."""
    return float(np.float32(floor(value * unit + 0.5) / unit))
