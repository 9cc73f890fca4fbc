"""Word problems of permutation groups as languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BadInput, BudgetExceeded
from ..rows import RowIndex, pack
from .dfa import DFA, freeze
from .words import brief

_DOING = "enumerating a group"
_POINTS = 1_000
_BYTES = 1 << 28  # most memory for the elements of a group
_CYCLE = re.compile(r"\(([^()]*)\)")
_LIST = re.compile(r"\s*(\([^()]*\)\s*)+(,\s*(\([^()]*\)\s*)+)*")


def parse_generators(text: str) -> NDArray[np.int64]:
    """Read permutations in cycle notation, separated by commas.

    Arguments:
        text: such as `(1 2),(1 2 3)` or `(1 2)(3 4), ()`; points are numbered from 1.

    Returns:
        shape `(k, n)`: the image of each of the points `0..n-1` under each of the k permutations.

    Raises:
        BadInput: when the text is not in this form, or a point comes twice in a permutation.

    >>> parse_generators("(1 2),(1 2 3)").tolist()
    [[1, 0, 2], [1, 2, 0]]
    """
    what = f"generators {brief(text)!r}"
    example = "Write cycles such as (1 2)(3 4),(1 2 3)."
    if not _LIST.fullmatch(text):
        raise BadInput(what, "are not products of cycles, separated by commas", example)
    generators = []
    for part in re.split(r"(?<=\))\s*,", text):
        cycles = [cycle.replace(",", " ").split() for cycle in _CYCLE.findall(part)]
        points = [point for cycle in cycles for point in cycle]
        for point in points:
            if not (
                point.isascii() and point.isdigit() and 1 <= int(point[:9]) <= _POINTS and len(point) < 9
            ):
                raise BadInput(what, f"{point!r} is not a point 1..{_POINTS}", example)
        if len(set(map(int, points))) != len(points):
            raise BadInput(
                f"generators {text!r}", f"{part.strip()!r} moves a point twice", "Use disjoint cycles."
            )
        generators.append([[int(point) - 1 for point in cycle] for cycle in cycles])
    degree = 1 + max((p for cycles in generators for cycle in cycles for p in cycle), default=0)
    images = np.tile(np.arange(degree), (len(generators), 1))
    for row, cycles in zip(images, generators, strict=True):
        for cycle in cycles:
            row[cycle] = cycle[1:] + cycle[:1]
    return images


def format_generators(generators: NDArray[np.integer]) -> str:
    """Write permutations in cycle notation, so that `parse_generators` reads them back.

    >>> format_generators(np.array([[1, 0, 2], [1, 2, 0], [0, 1, 2]]))
    '(1 2),(1 2 3),()'
    """
    return ",".join(map(format_cycles, generators))


def format_cycles(permutation: NDArray[np.integer]) -> str:
    """Write one permutation in cycle notation.

    >>> format_cycles(np.array([1, 0, 3, 2]))
    '(1 2)(3 4)'
    """
    images = permutation.tolist()
    seen: set[int] = set()
    cycles = []
    for point, image in enumerate(images):
        if point not in seen and image != point:
            cycle = [point]
            while images[cycle[-1]] != point:
                cycle.append(images[cycle[-1]])
            seen.update(cycle)
            cycles.append("(" + " ".join(str(p + 1) for p in cycle) + ")")
    return "".join(cycles) or "()"


def word_problem(
    generators: NDArray[np.integer],
    symbols: Sequence[str],
    *,
    spec: str = "",
    budget: Budget = DEFAULT,
) -> DFA:
    """Return the words whose product, read from left to right, is the identity.

    Arguments:
        generators: shape `(k, n)`: permutations of `0..n-1`.
        symbols: the k symbols that stand for them.

    Returns:
        the language; its states are the elements of the group.

    Raises:
        BudgetExceeded: when the group has more than `budget.max_states` elements.

    Complexity: `O(|G| k n)`.

    >>> word_problem(parse_generators("(1 2),(1 2 3)"), "ab").states
    6
    """
    k, n = generators.shape
    maps = generators.astype(np.uint8 if n <= 256 else np.uint16)
    frontier = np.arange(n, dtype=maps.dtype)[None, :]
    index = RowIndex(pack(frontier).shape[1])
    index.add(pack(frontier))
    parts = []
    while len(frontier):
        # First the element, then the generator.
        products = maps[:, frontier].transpose(1, 0, 2).reshape(-1, n)
        ids, fresh = index.add(pack(products))
        budget.check_states(len(index), _DOING)
        if len(index) * n * maps.itemsize > _BYTES:
            raise BudgetExceeded(_DOING, "its elements fill the memory", "Use a smaller group.")
        parts.append(ids.reshape(-1, k))
        frontier = products[fresh]
    table = np.concatenate(parts).astype(np.int32)
    # Distinct elements differ already by their inverses, so this is minimal; the search was breadth-first.
    definition = f"@group[{format_generators(generators)}]"
    return freeze(tuple(symbols), table, np.arange(len(table)) == 0, spec=spec, definition=definition)


def symmetric(n: int) -> NDArray[np.int64]:
    """Return the generators (1 2) and (1 2 ... n) of the symmetric group, n >= 2."""
    generators = np.tile(np.arange(n), (2, 1))
    generators[0, [0, 1]] = 1, 0
    generators[1] = (generators[1] + 1) % n
    return generators


def alternating(n: int) -> NDArray[np.int64]:
    """Return the generators (1 2 3), and (1 2 ... n) or for even n (2 3 ... n), of the alternating group."""
    generators = np.tile(np.arange(n), (2, 1))
    generators[0, [0, 1, 2]] = 1, 2, 0
    moved = np.arange(1 - n % 2, n)
    generators[1, moved] = np.roll(moved, -1)
    return generators
