"""The languages of the catalogue that are programs."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BadInput
from .counters import OPERATORS, PAIRS, blocks, boolean, bounded_dyck, shuffle
from .program import Program


def named(stem: str, numbers: Sequence[int]) -> Program | None:
    """Return the program of a name, taken apart into letters and numbers; None when there is none.

    Raises:
        BadInput: when a number is out of range.

    >>> named("shuffle", [2]).spec, named("parity", [])
    ('@shuffle_2', None)
    """
    spec = "_".join([f"@{stem}", *map(str, numbers)])
    n = len(numbers)
    if stem == "dyck" and list(numbers) == [1]:
        return shuffle(PAIRS[:1], spec)
    if stem == "shuffle" and n == 1:
        return shuffle(PAIRS[: _within(spec, numbers[0], len(PAIRS))], spec)
    if stem == "boolean" and n == 1:
        return boolean(_within(spec, numbers[0], len(OPERATORS)), spec)
    if stem in ("anbn", "anbncn", "anbncndn") and not n:
        return blocks(stem.replace("n", ""), spec)
    if stem == "bounded_dyck" and n == 2:
        return bounded_dyck(numbers[0], numbers[1], spec)
    return None


def _within(spec: str, number: int, most: int) -> int:
    if not 1 <= number <= most:
        raise BadInput(spec, f"the number must be from 1 to {most}", "Give such a number.")
    return number
