"""The flip-flop language FFL(p): words of instructions with a bit each, of which most say nothing."""

from __future__ import annotations

import numpy as np

from ..errors import BadInput
from ..languages import catalog
from .drawers import Ints
from .examples import Examples, encode_columns

LENGTH = 512


def flip_flop_columns(number: int, p: float, length: int, rng: np.random.Generator) -> Ints:
    """Return words of FFL(p), shape `(number, length)`, as indices into the alphabet w r i 0 1.

    The first instruction is w and the last r; any other is i with probability p, else w or r, both alike.
    The bit after w or i is fair; that after r is the bit of the latest w.

    Source: Liu et al. 2023, "Exposing Attention Glitches with Flip-Flop Language Modeling".

    >>> words = flip_flop_columns(1, 0.0, 6, np.random.default_rng(0))
    >>> "".join("wri01"[i] for i in words[0])
    'w0w0r0'
    """
    if not 0 <= p <= 1:
        raise BadInput(f"p {p}", "is no probability", "Give a number from 0 to 1.")
    if length < 4 or length % 2:
        raise BadInput(f"length {length}", "has no room for pairs from w to r", "Give an even length from 4.")
    pairs = length // 2
    places = rng.random((number, pairs))
    instructions = np.where(places < p, 2, np.where(places < (1 + p) / 2, 0, 1))
    instructions[:, 0], instructions[:, -1] = 0, 1
    bits = rng.integers(0, 2, (number, pairs))
    written = np.maximum.accumulate(np.where(instructions == 0, np.arange(pairs), 0), axis=1)
    bits = np.where(instructions == 1, np.take_along_axis(bits, written, axis=1), bits)
    return np.stack([instructions, 3 + bits], axis=-1).reshape(number, length)


def flip_flop(number: int, p: float, *, length: int = LENGTH, seed: int) -> Examples:
    """Return independent words of FFL(p) with their legal sets.

    Arguments:
        number: how many.
        p: how often an instruction says nothing; the published experiments train with 0.8 and test with 0.8
            and 0.98.
        length: an even number, at least 4.
        seed: the same seed gives the same words.

    Raises:
        BadInput: when p or the length is out of range.

    >>> examples = flip_flop(2, 0.8, seed=0)
    >>> examples.tokens.shape, bool(examples.legal[:, -1, -1].all())
    ((2, 513), True)
    """
    columns = flip_flop_columns(number, p, length, np.random.default_rng(seed))
    return encode_columns(catalog["flip_flop"], columns, np.full(number, length))
