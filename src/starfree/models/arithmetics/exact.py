"""Real numbers as far as a model needs them: rationals, never rounded, as large as they become."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ..fixed import Linear, Reals


@dataclass(frozen=True)
class Exact:
    """Nothing is rounded. Arrays hold objects: Python's integers, and fractions where those do not do.

    Two states are the same when their numbers are; each number met gets a number of its own for that.
    """

    _met: dict[Any, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        return "exact"

    @property
    def whole(self) -> float:
        return math.inf

    def stored(self, x: Reals) -> Reals:
        out = np.empty(x.shape, np.object_)
        out.ravel()[:] = [int(v) if v == int(v) else Fraction(v) for v in x.ravel().tolist()]
        return cast(Reals, out)

    def linear(self, linear: Linear, x: Reals) -> Reals:
        if x.shape[1] == 0:  # an empty sum of objects is None
            return np.repeat(linear.bias[None], len(x), axis=0)
        y: Reals = x @ linear.weight.T + linear.bias
        return y

    def multiply(self, x: Reals, y: Reals) -> Reals:
        return x * y

    def add(self, x: Reals, y: Reals) -> Reals:
        return x + y

    def keys(self, states: Reals) -> NDArray[np.int64]:
        numbers = [self._met.setdefault(v, len(self._met)) for v in states.ravel().tolist()]
        return np.array(numbers, np.int64).reshape(states.shape)
