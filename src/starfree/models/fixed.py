"""Fixed-point arithmetic FIX(p), exact, at the speed of floating point where that is exact too.

Numbers are integers in units of 2^-p, as large as they need to be. A linear map is accumulated exactly and
rounded once, to the nearest unit, halves up. While all sums stay below 2^53 units a float64 matrix product
computes just that; the bound is checked on every call, and beyond it Python's integers take over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import BudgetExceeded

Reals = NDArray[np.float64]
"""Values of FIX(p), each an exact multiple of 2^-p."""

_DOUBLE = 53  # bits of a float64
_EXACT = 2.0**52  # one bit to spare for the sum of bound and bias


@dataclass(frozen=True, eq=False)
class Linear:
    """A linear map with weights in FIX(p).

    Arguments:
        weight: shape `(out, in)`, multiples of 2^-p.
        bias: shape `(out,)`, multiples of 2^-p.
    """

    weight: Reals
    bias: Reals

    @cached_property
    def _fraction_bits(self) -> int:
        return fraction_bits(self.weight)

    @cached_property
    def _norm(self) -> float:
        return float(np.abs(self.weight).sum(axis=1).max(initial=0.0))

    @cached_property
    def _bias_norm(self) -> float:
        return float(np.abs(self.bias).max(initial=0.0))

    def __call__(self, x: Reals, p: int) -> Reals:
        """Return `x @ weight.T + bias` rounded to multiples of 2^-p, shape `(m, out)`."""
        y = self.unrounded(x, p)
        if y is None:
            return self.with_integers(x, p)
        return y if self._fraction_bits == 0 else round_to(y, p)

    def unrounded(self, x: Reals, bits: int) -> Reals | None:
        """Return `x @ weight.T + bias`, or None where float64 might not hold it.

        Arguments:
            x: shape `(m, in)`, multiples of 2^-bits; so is the bias.
        """
        if not (self._fits(_norm(x), bits) or self._fits(_largest(x), bits)):
            return None
        y = x @ self.weight.T
        y += self.bias
        return y

    def _fits(self, size: float, p: int) -> bool:
        return (self._norm * size + self._bias_norm) * 2.0 ** (p + self._fraction_bits) < _EXACT

    def with_integers(self, x: Reals, p: int) -> Reals:
        """The same with Python's integers: the slow twin, and the way out for very large values."""
        units = [[int(v) for v in row] for row in (self.weight * 2.0**p).tolist()]
        biases = [int(v) << p for v in (self.bias * 2.0**p).tolist()]
        half = (1 << p) >> 1
        out = np.empty((len(x), len(units)))
        for i, row in enumerate((x * 2.0**p).tolist()):
            inputs = [int(v) for v in row]
            for j, (weights, bias) in enumerate(zip(units, biases, strict=True)):
                total = (sum(w * v for w, v in zip(weights, inputs, strict=True)) + bias + half) >> p
                if abs(total) >= _EXACT:
                    raise _outgrown(p)
                out[i, j] = total / 2.0**p
        return out


@dataclass(frozen=True)
class Fixed:
    """FIX(p) as what a model computes with; see `starfree.models.ssm.Numbers`.

    Arguments:
        bits: p.
    """

    bits: int

    @property
    def name(self) -> str:
        return f"FIX({self.bits})"

    @property
    def whole(self) -> float:
        return _EXACT * 2.0**-self.bits

    def stored(self, x: Reals) -> Reals:
        return round_to(x, self.bits)

    def linear(self, linear: Linear, x: Reals) -> Reals:
        return linear(x, self.bits)

    def multiply(self, x: Reals, y: Reals) -> Reals:
        return multiply(x, y, self.bits)

    def add(self, x: Reals, y: Reals) -> Reals:
        return bounded(x + y, self.bits)

    def keys(self, states: Reals) -> NDArray[np.int64]:
        return (states * 2.0**self.bits).astype(np.int64)


def multiply(x: Reals, y: Reals, p: int) -> Reals:
    """Return the elementwise product, rounded once; `BudgetExceeded` where that would not be exact."""
    limit = _EXACT * 2.0 ** (-2 * p)
    if _norm(x) * _norm(y) >= limit and _largest(x) * _largest(y) >= limit:
        raise _outgrown(p)
    return round_to(x * y, p)


def bounded(x: Reals, p: int) -> Reals:
    """Return the same numbers; `BudgetExceeded` when one is beyond 2^52 units, so that sums are exact."""
    limit = _EXACT * 2.0**-p
    if _norm(x) >= limit and _largest(x) >= limit:
        raise _outgrown(p)
    return x


def _norm(x: Reals) -> float:
    """The Euclidean norm: a bound on the largest entry that costs one pass, and is enough as a rule."""
    return math.sqrt(float(np.vdot(x, x)))


def _largest(x: Reals) -> float:
    return float(np.abs(x).max(initial=0.0))


def _outgrown(p: int) -> BudgetExceeded:
    why = f"a number of the model grew beyond what FIX({p}) is computed with exactly"
    return BudgetExceeded("running the model", why, "Use a model whose numbers stay bounded.")


def round_to(x: Reals, p: int) -> Reals:
    """Round to the nearest multiple of 2^-p, halves up."""
    return np.floor(x * 2.0**p + 0.5) * 2.0**-p


def fraction_bits(x: Reals) -> int:
    """Return the least number of bits after the point, at least 0, in which finite numbers can be written."""
    if np.array_equal(x, np.floor(x)):
        return 0
    mantissas, exponents = np.frexp(x[x != 0])
    units = np.ldexp(mantissas, _DOUBLE).astype(np.int64)
    zeros = np.frexp((units & -units).astype(np.float64))[1] - 1
    return int((_DOUBLE - exponents - zeros).max())


def relu(x: Reals) -> Reals:
    """Return the positive part."""
    return np.maximum(x, 0)
