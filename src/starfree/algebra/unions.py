"""Images of sets of states, given as bit masks, under letters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_HALVES = 20  # up to so many states, tables of the images of all subsets of each half are small
_BYTES = 256  # up to so many, tables of the images of all subsets of eight states are

Images = Callable[[int], list[int]]


def images(table: NDArray[np.int32]) -> Images:
    """Return a function from a set of states to its image under each letter.

    Arguments:
        table: shape `(n, k)`; negative where a letter is undefined: such states are left out.

    Complexity: of the function: per letter, two look-ups for up to 20 states, `n / 8` up to 256, else `O(n)`.

    >>> images(np.array([[1], [2], [-1]], np.int32))(0b111)
    [6]
    """
    n = len(table)
    if n > _BYTES:
        return _by_arrays(table)
    bits, blocks = (-(-n // 2), 2) if n <= _HALVES else (8, -(-n // 8))
    unions = [_unions(column, bits, blocks) for column in table.T.tolist()]
    if n <= _HALVES:
        mask = (1 << bits) - 1

        def halves(states: int) -> list[int]:
            low, high = states & mask, states >> bits
            return [first[low] | second[high] for first, second in unions]

        return halves

    def by_bytes(states: int) -> list[int]:
        parts = states.to_bytes(blocks, "little")
        return [_unite(union, parts) for union in unions]

    return by_bytes


def _unions(column: list[int], bits: int, blocks: int) -> list[list[int]]:
    """For each block of so many states, the image of each of its subsets."""
    found = []
    for i in range(blocks):
        block = [0]
        for target in column[i * bits : (i + 1) * bits]:
            single = 0 if target < 0 else 1 << target
            block += [single | known for known in block]
        found.append(block)
    return found


def _unite(union: list[list[int]], parts: bytes) -> int:
    image = 0
    for block, part in zip(union, parts, strict=True):
        image |= block[part]
    return image


def _by_arrays(table: NDArray[np.int32]) -> Images:
    n, k = table.shape
    size = -(-n // 8)

    def found(states: int) -> list[int]:
        raw = np.frombuffer(states.to_bytes(size, "little"), np.uint8)
        reached = table[np.flatnonzero(np.unpackbits(raw, bitorder="little"))]
        answers = []
        for a in range(k):
            flags = np.zeros(n + 1, np.uint8)  # the last place takes what is undefined
            flags[reached[:, a]] = 1
            answers.append(int.from_bytes(np.packbits(flags[:n], bitorder="little").tobytes(), "little"))
        return answers

    return found
