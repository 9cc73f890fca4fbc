"""States whose numbers are grouped, so that a gate can turn them: complex numbers, and cyclic blocks.

A block of n numbers is a polynomial of degree below n, and its gate is another: they are multiplied modulo
x^n - 1 (written n: the gate x^k turns the n numbers by k places) or modulo x^n + 1 (written -n: -2 are the
complex numbers). One number by itself, written 1, is scaled. All are commutative, so a state of blocks is a
diagonal state in other coordinates: the discrete Fourier transform makes a cyclic block one complex number
for each root of unity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from .fixed import Fixed, Reals, bounded, multiply, round_to

COMPLEX = -2


def product(gate: Reals, old: Reals, blocks: Sequence[int], p: int) -> Reals:
    """Return gates times states, each sum of products rounded once.

    Arguments:
        gate, old: shape `(m, n)`.
        blocks: the kind of each block, in order, together n numbers; empty for all 1.
        p: fraction bits.

    Raises:
        BudgetExceeded: when a number would not be exact.

    Complexity: m times the sum of squares of the sizes of the blocks.

    >>> product(np.array([[0.0, 1.0, 2.0]]), np.array([[3.0, 4.0, 5.0]]), (COMPLEX, 1), 4).tolist()
    [[-4.0, 3.0, 10.0]]
    """
    if not blocks:
        return multiply(gate, old, p)
    sums = products(gate, old, blocks)
    # A sum of absolute values bounds every partial sum.
    bounded(products(np.abs(gate), np.abs(old), tuple(map(abs, blocks))), 2 * p)
    return round_to(sums, p)


class Rounding(Protocol):
    """What an arithmetic makes of products and sums."""

    def multiply(self, x: Reals, y: Reals) -> Reals: ...
    def add(self, x: Reals, y: Reals) -> Reals: ...


def turned(gate: Reals, old: Reals, blocks: Sequence[int], numbers: Rounding) -> Reals:
    """Return gates times states in an arithmetic: in FIX(p) as `product`, else every product and sum rounded.

    Arguments:
        gate, old, blocks: as of `product`.
        numbers: the arithmetic.

    Complexity: as `product`.
    """
    if isinstance(numbers, Fixed):
        return product(gate, old, blocks, numbers.bits)
    found = numbers.multiply(gate, old)
    at = 0
    for block in blocks:
        size = abs(block)
        if size > 1:
            part = slice(at, at + size)
            state = old[:, part]
            total: Reals | None = None
            for place in range(size):
                term = numbers.multiply(np.repeat(gate[:, at + place, None], size, axis=1), state)
                total = term if total is None else numbers.add(total, term)
                state = np.roll(state, 1, axis=1)
                if block < 0:
                    state[:, 0] *= -1
            found[:, part] = total
        at += size
    return found


def products(gate: Reals, old: Reals, blocks: Sequence[int]) -> Reals:
    """Return the sums of products, in the arithmetic of the arrays."""
    found = gate * old
    at = 0
    for block in blocks:
        size = abs(block)
        if size > 1:
            part = slice(at, at + size)
            turned = old[:, part]
            total = np.zeros_like(turned)
            for place in range(size):
                total += gate[:, at + place, None] * turned
                turned = np.roll(turned, 1, axis=1)
                if block < 0:
                    turned[:, 0] *= -1
            found[:, part] = total
        at += size
    return found
