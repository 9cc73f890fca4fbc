"""How a rotor is kept in the numbers of a state: a sign, a complex number, or a block that turns.

Each coding says which numbers stand for each value, which gate and write turn the rotor, and how to read a
value off the numbers: a sum that is 1 for that value and at most 0 for all others, so that a ReLU unit can
take it into a conjunction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, floor, pi, sin

import numpy as np

from ..errors import BudgetExceeded
from ..models.rotations import COMPLEX

Vector = tuple[float, ...]


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


def rounded(size: int, fraction_bits: int, used: Iterable[int]) -> Coding:
    """Return a complex number near a circle, turned by roots of unity as exactly as FIX(p) has them.

    The values are points of the grid of FIX(p), on a circle so small that the error of a gate is far below
    a unit. A radius is taken at which the turns in use take every point to the right point: rounding undoes
    the error at each step, so nothing drifts, and the rotor is exact for ever in this arithmetic.

    Arguments:
        used: by how many places the rotor is ever turned.

    Raises:
        BudgetExceeded: when there is none, because the rotor has too many values for the grid.

    Complexity: the radius found times the square of `size`.

    >>> [[n * 2**16 for n in code] for code in rounded(3, 16, [1]).codes]
    [[2.0, 0.0], [-1.0, 2.0], [-1.0, -2.0]]
    """
    unit = 2.0**fraction_bits
    kept = sorted({*used})
    turns = [(_nearest(cos(angle) * unit), _nearest(sin(angle) * unit)) for angle in _angles(size)]
    for radius in range(1, 1 << fraction_bits):
        points = [(_nearest(radius * cos(angle)), _nearest(radius * sin(angle))) for angle in _angles(size)]
        found = _tests(points, unit)
        if found is not None and all(
            _turned(turns[k], points[v], fraction_bits) == points[(v + k) % size]
            for v in range(size)
            for k in kept
        ):
            codes = tuple((x / unit, y / unit) for x, y in points)
            gates = tuple((x / unit, y / unit) for x, y in turns)
            return Coding(COMPLEX, codes, gates, ((0.0, 0.0),) * size, found)
    why = f"no circle on the grid of FIX({fraction_bits}) is turned exactly by that"
    raise BudgetExceeded(f"a rotor of {size} values", why, "Use cyclic blocks.")


def _angles(size: int) -> list[float]:
    return [2 * pi * k / size for k in range(size)]


def _nearest(x: float) -> int:
    return floor(x + 0.5)


def _turned(turn: tuple[int, int], point: tuple[int, int], fraction_bits: int) -> tuple[int, int]:
    """Return a product of complex numbers in units of 2^-p, rounded as FIX(p) does."""
    half = (1 << fraction_bits) >> 1
    x = turn[0] * point[0] - turn[1] * point[1]
    y = turn[0] * point[1] + turn[1] * point[0]
    return (x + half) >> fraction_bits, (y + half) >> fraction_bits


def _tests(points: Sequence[tuple[int, int]], unit: float) -> tuple[tuple[Vector, float], ...] | None:
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
    return float(np.float32(_nearest(value * unit) / unit))
