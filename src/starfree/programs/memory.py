"""How much memory bounded brackets need, and how much their program uses, in closed form."""

from __future__ import annotations

from math import log2

from .counters import bounded_dyck
from .expressions import Latch, walk


def live_states(types: int, depth: int) -> int:
    """Return the number of live states of bounded Dyck: one for each stack of at most `depth` brackets.

    Arguments:
        types: K, at least 1.
        depth: h, at least 1.

    Source: Hewitt et al. 2020: no model that predicts the language has fewer.

    >>> live_states(2, 3), live_states(1, 12)
    (15, 13)
    """
    return sum(types**level for level in range(depth + 1))


def program_bits(types: int, depth: int) -> int:
    """Return the bits that the program of bounded Dyck holds on live prefixes: its latches and its depth.

    >>> program_bits(8, 10), program_bits(2, 3)
    (34, 5)
    """
    conditions = bounded_dyck(types, depth).conditions("predict")
    return sum(isinstance(node, Latch) for node in walk(conditions)) + depth.bit_length()


def least_bits(types: int, depth: int) -> float:
    """Return log2 of the number of live states: what any model needs.

    >>> round(least_bits(8, 10), 2)
    30.19
    """
    return log2(live_states(types, depth))
