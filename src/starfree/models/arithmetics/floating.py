"""Floating point of a stated size: IEEE 754 binary32 and binary16, and bfloat16, without a library for them.

Numbers are kept in float64, which holds each of them. A linear map is accumulated exactly and rounded once,
and so is every product and every sum: to the nearest number, ties to the one whose last bit is 0, gradually
below the normal range, to infinity beyond the greatest.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ..fixed import Linear, Reals, fraction_bits


@dataclass(frozen=True)
class Floating:
    """A format of floating point numbers.

    Arguments:
        name: what it is called.
        bits: significant bits, at most 25, so that a sum rounded to float64 first is still rounded right.
        least: of normal numbers, the least is 2^least.
        most: all are below 2^most.

    >>> FORMATS["bfloat16"].rounded(np.array([256.0, 257.0, 259.0])).tolist()
    [256.0, 256.0, 260.0]
    """

    name: str
    bits: int
    least: int
    most: int

    @property
    def whole(self) -> float:
        return 2.0**self.bits

    def rounded(self, x: Reals) -> Reals:
        """Return the nearest number of the format for each float64."""
        _, exponents = np.frexp(x)  # |x| < 2^exponent; of what is not finite it is 0
        units = np.ldexp(1.0, np.maximum(exponents, self.least + 1) - self.bits)
        found: Reals = np.rint(x / units) * units
        beyond = np.where(np.isnan(x), np.nan, np.copysign(np.inf, x))
        return np.where(np.abs(found) < 2.0**self.most, found, beyond)

    def nearest(self, x: Fraction) -> float:
        """Return the nearest number of the format; `rounded` for numbers that float64 may not hold.

        >>> FORMATS["float16"].nearest(Fraction(2049)), FORMATS["float16"].nearest(Fraction(10**6))
        (2048.0, inf)
        """
        exponent = _exponent(abs(x)) if x else self.least
        unit = Fraction(2) ** (max(exponent, self.least) + 1 - self.bits)
        found = round(x / unit) * unit  # Python rounds halves to even
        return float(found) if abs(found) < 2**self.most else float("inf" if x > 0 else "-inf")

    def stored(self, x: Reals) -> Reals:
        return self.rounded(x)

    def linear(self, linear: Linear, x: Reals) -> Reals:
        if np.isfinite(linear.weight).all() and np.isfinite(linear.bias).all() and np.isfinite(x).all():
            y = linear.unrounded(x, max(fraction_bits(x), fraction_bits(linear.bias)))
            if y is not None:
                return self.rounded(y)
        return self.slowly(linear, x)

    def slowly(self, linear: Linear, x: Reals) -> Reals:
        """The same, one sum at a time: the slow twin, and the way out for what float64 cannot add up."""
        out = np.empty((len(x), len(linear.bias)))
        for place, (weights, bias) in enumerate(zip(linear.weight, linear.bias, strict=True)):
            with np.errstate(invalid="ignore"):
                terms = np.concatenate([x * weights, np.full((len(x), 1), bias)], axis=1)
                sums = terms.sum(axis=1)
            for row, numbers in enumerate(terms):
                finite = np.isfinite(numbers).all()
                out[row, place] = (
                    self.nearest(sum(map(Fraction, numbers.tolist()), Fraction(0))) if finite else sums[row]
                )
        return out

    def multiply(self, x: Reals, y: Reals) -> Reals:
        with np.errstate(invalid="ignore"):
            return self.rounded(x * y)

    def add(self, x: Reals, y: Reals) -> Reals:
        with np.errstate(invalid="ignore"):
            return self.rounded(x + y)

    def keys(self, states: Reals) -> NDArray[np.int64]:
        # One zero and one NaN: those of other bits behave alike.
        return np.where(np.isnan(states), np.nan, states + 0.0).view(np.int64)


def _exponent(x: Fraction) -> int:
    """Return the greatest e with 2^e <= x."""
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if Fraction(2) ** guess <= x else guess - 1


FORMATS = {
    one.name: one
    for one in (
        Floating("float32", 24, -126, 128),
        Floating("bfloat16", 8, -126, 128),
        Floating("float16", 11, -14, 16),
    )
}
