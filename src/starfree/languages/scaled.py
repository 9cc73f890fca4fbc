"""Numbers of words in floating point, each with an exponent of its own and a proved relative error.

Counts are never negative, so relative errors do not grow by cancellation: each step multiplies and adds, and
costs each count a relative error of at most `Continuations.error`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from .counting import transitions
from .dfa import DFA

ZERO = -(1 << 40)  # the exponent of zero
UNIT = 2.0**-53  # the relative error of one rounding
_BLOCK = 32  # steps between two adjustments of the exponents
_SMALL = 128  # states up to which a step is a product with a full matrix
_SAFE = 900  # exponents of numbers that neither overflow nor lose bits

Scaled = tuple[NDArray[np.float64], NDArray[np.int64]]  # mantissas in [0.5, 1) or 0, exponents


class Continuations:
    """For each state, the number of words of a given length that lead to acceptance.

    Arguments:
        dfa: n states; the counts are vectors of length n.
    """

    def __init__(self, dfa: DFA, budget: Budget) -> None:
        self.states, self._budget = dfa.states, budget
        self._accepting = dfa.accepting
        self._source, self._target, times = transitions(dfa)
        self._times = times.astype(np.float64)
        self._rows, self._begin, fan_out = np.unique(self._source, return_index=True, return_counts=True)
        self._segment = np.repeat(np.arange(len(self._rows)), fan_out)
        if self.states <= _SMALL:
            self._matrix = np.zeros((self.states, self.states))
            self._matrix[self._source, self._target] = self._times
            self._walks = _walks(self._matrix > 0)
            self._reach = _closure(self._matrix > 0)
        # Each term is multiplied and aligned, then added: at most n + 3 roundings in whatever order.
        self.error = (dfa.states + 3) * UNIT * 1.01

    def none(self) -> Scaled:
        """Return the counts of words of length 0."""
        return _normal(self._accepting.astype(np.float64), np.zeros(self.states, np.int64))

    def ahead(self, counts: Scaled, steps: int) -> Scaled:
        """Return the counts of words that are 0, 1, ..., steps symbols longer, shape `(steps + 1, n)`."""
        mantissas = np.zeros((steps + 1, self.states))
        exponents = np.full((steps + 1, self.states), ZERO)
        mantissas[0], exponents[0] = counts
        done = 0
        while done < steps:
            self._budget.check_time("counting words")
            now = mantissas[done], exponents[done]
            size = min(_BLOCK, steps - done)
            block = self._block(now, size) if self.states <= _SMALL else None
            if block is None:
                size = 1
                block = self._step(now)
            mantissas[done + 1 : done + 1 + size], exponents[done + 1 : done + 1 + size] = block
            done += size
        return mantissas, exponents

    def _step(self, counts: Scaled) -> Scaled:
        """Return the counts one step ahead, each with an exponent fitted to its largest term."""
        mantissas, exponents = np.zeros(self.states), np.full(self.states, ZERO)
        if len(self._rows):
            powers = counts[1][self._target]
            largest = np.maximum.reduceat(powers, self._begin)
            terms = np.ldexp(counts[0][self._target] * self._times, _clipped(powers - largest[self._segment]))
            mantissas[self._rows] = np.add.reduceat(terms, self._begin)
            exponents[self._rows] = largest
        return _normal(mantissas, exponents)

    def _block(self, counts: Scaled, steps: int) -> Scaled | None:
        """Return the counts 1, ..., steps ahead, their exponents fixed, or None when they do not fit."""
        mantissas, powers = counts
        # A count that is zero now will, if ever, be about as large as the largest that its state leads to.
        later = np.where(self._reach, powers, ZERO).max(axis=1)
        powers = np.where(mantissas > 0, powers, np.where(later == ZERO, 0, later))
        shift = powers[None, :] - powers[:, None]
        if (shift[self._source, self._target] > _SAFE).any():
            return None
        matrix = np.ldexp(self._matrix, _clipped(np.minimum(shift, _SAFE)))
        found = np.empty((steps, self.states))
        now = mantissas
        with np.errstate(over="ignore", invalid="ignore"):
            for i in range(steps):
                now = np.dot(matrix, now, out=found[i])
        # Terms that underflow are harmless beside a sum of at least 2^-900; a sum of nothing else is not.
        possible = self._walks[:steps] @ (mantissas > 0).astype(np.float32) > 0
        inside = (found > 2.0**-_SAFE) & (found < 2.0**_SAFE)
        if not (inside == possible).all():
            return None
        return _normal(found, np.broadcast_to(powers, found.shape))


def _normal(values: NDArray[np.float64], exponents: NDArray[np.int64]) -> Scaled:
    mantissas, more = np.frexp(values)
    return mantissas, np.where(mantissas > 0, exponents + more, ZERO)


def _clipped(shift: NDArray[np.int64]) -> NDArray[np.int32]:
    return np.maximum(shift, -2000).astype(np.int32)


def _walks(arrows: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return which states can be reached from which in exactly 1, 2, ... steps, for the steps of a block."""
    walks = np.empty((_BLOCK, *arrows.shape), np.float32)
    walks[0] = arrows
    for i in range(1, _BLOCK):
        walks[i] = walks[i - 1] @ walks[0] > 0
    return walks


def _closure(arrows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which states can be reached from which, in any number of steps."""
    reach = arrows | np.eye(len(arrows), dtype=bool)
    while True:
        further = reach.astype(np.float32) @ reach.astype(np.float32) > 0
        if (further == reach).all():
            return reach
        reach = further


def aligned(counts: Scaled, targets: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the counts of the given states, each row divided by a power of two of its own.

    Arguments:
        counts: shapes `(..., n)`.
        targets: shape `(m, k)`: states.

    Returns:
        shape `(..., m, k)`; the largest of a row is below 1 and, unless all are zero, at least 1/2.
    """
    powers = counts[1][..., targets]
    return np.ldexp(counts[0][..., targets], _clipped(powers - powers.max(axis=-1, keepdims=True)))
