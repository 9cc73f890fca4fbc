"""Conditions on cell values as conjunctions of bits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from ..cascades import Condition

Cube = tuple[int, int]
"""The bits that are 1 (value) among those that matter (mask)."""

CellBit = tuple[int, int]
"""A cell and one of its bits, 0 the least significant."""


def cubes(values: Sequence[int], size: int, bits: int) -> list[Cube]:
    """Cover a set of values by disjoint cubes (value, mask) of bits; codes from `size` on do not matter.

    >>> cubes([1, 2, 3], 4, 2)
    [(2, 2), (1, 3)]
    """
    found = []
    stack = [(0, 0, bits)]
    while stack:
        value, mask, free = stack.pop()
        inside = [v for v in range(size) if v & mask == value]
        hits = sum(v in values for v in inside)
        if not hits:
            continue
        if hits == len(inside):
            found.append((value, mask))
            continue
        bit = 1 << (free - 1)
        stack += [(value, mask | bit, free - 1), (value | bit, mask | bit, free - 1)]
    return found


def conjunctions(when: Condition, sizes: Sequence[int]) -> list[dict[CellBit, bool]]:
    """Return a condition as disjoint conjunctions of bits.

    Arguments:
        when: which values each of some cells may have.
        sizes: the number of values of every cell.

    Complexity: the product of the numbers of cubes of the cells named.

    >>> conjunctions(((0, (1,)), (1, (2, 3))), [2, 4])
    [{(0, 0): True, (1, 1): True}]
    """
    choices = []
    for cell, values in when:
        bits = (sizes[cell] - 1).bit_length()
        choices.append(
            [
                {(cell, bit): bool(value >> bit & 1) for bit in range(bits) if mask >> bit & 1}
                for value, mask in cubes(values, sizes[cell], bits)
            ]
        )
    return [{place: value for part in parts for place, value in part.items()} for parts in product(*choices)]
