"""Integers that wrap around: 127 + 1 is -128, as in hardware without saturation.

Here a recurrence is no longer made of monotone maps, and the theorem that keeps parity from gates in [0, 1]
does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..fixed import Linear, Reals, round_to


@dataclass(frozen=True)
class Wrapping:
    """Integers modulo 2^bits, read as -2^(bits-1) to 2^(bits-1) - 1 wherever a sign is asked for.

    A linear map is accumulated exactly, then wrapped; so is each product and sum. Weights are rounded to
    integers, halves up, and wrapped.

    Source: Nowak, Cotterell and Boumasmoud 2026, arXiv:2606.01765, where such integers realise counters that
        floating point does not.

    >>> Wrapping(8).wrapped(np.array([127.0, 128.0, -129.0, 256.0])).tolist()
    [127.0, -128.0, 127.0, 0.0]
    """

    bits: int

    @property
    def name(self) -> str:
        return f"int{self.bits}wrap"

    @property
    def whole(self) -> float:
        return 2.0 ** (self.bits - 1) - 1

    def wrapped(self, x: Reals) -> Reals:
        """Return the integer in range that is the same modulo 2^bits."""
        half = 2.0 ** (self.bits - 1)
        return np.mod(x + half, 2 * half) - half

    def stored(self, x: Reals) -> Reals:
        return self.wrapped(round_to(x, 0))

    def linear(self, linear: Linear, x: Reals) -> Reals:
        # Products of 8 bits: float64 holds the sum of 2^37 of them.
        return self.wrapped(x @ linear.weight.T + linear.bias)

    def multiply(self, x: Reals, y: Reals) -> Reals:
        return self.wrapped(x * y)

    def add(self, x: Reals, y: Reals) -> Reals:
        return self.wrapped(x + y)

    def keys(self, states: Reals) -> NDArray[np.int64]:
        return states.astype(np.int64)
