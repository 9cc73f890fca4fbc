"""A control that must fail: words whose legal sets have nothing to do with them."""

from __future__ import annotations

import numpy as np

from .examples import Examples


def shuffled(examples: Examples, seed: int) -> Examples:
    """Return the same words, with the legal sets of all their prefixes in random order.

    What is left to learn is how frequent each is, so training on them must score as a constant does.

    >>> from starfree.languages import regex
    >>> from starfree.learning.examples import encode_words
    >>> words = encode_words(regex("(ab)*"), ["abab", "ab"])
    >>> other = shuffled(words, seed=0)
    >>> bool((other.legal == words.legal).all()), int((other.legal ^ words.legal).sum(axis=(0, 1)).sum() % 2)
    (False, 0)
    """
    legal = examples.legal.copy()
    sets = legal[examples.mask]
    legal[examples.mask] = sets[np.random.default_rng(seed).permutation(len(sets))]
    return Examples(examples.alphabet, examples.tokens, legal, examples.lengths)
