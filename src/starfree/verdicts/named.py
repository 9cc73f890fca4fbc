"""Parity and flip-flop, the two languages that theorems single out by name."""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np

from ..languages import DFA, regex
from ..languages.minimise import renumber

_DEFINITIONS = {
    "parity": ("01", "(0|10*1)*"),
    "flip_flop": ("wri01", "(w0(i(0|1)|r0)*|w1(i(0|1)|r1)*)*"),
}


@cache
def _named(name: str) -> DFA:
    symbols, text = _DEFINITIONS[name]
    return regex(text, symbols)


def named(dfa: DFA) -> tuple[str, tuple[str, ...]] | None:
    """Recognise parity and flip-flop, whatever their symbols are called and however they were written.

    Arguments:
        dfa: the minimal DFA of any language.

    Returns:
        the name ("parity" or "flip_flop") and the symbols in the parts of `0 1`, or of `w r i 0 1`; or None.

    Complexity: `k!` renumberings for the k symbols of the named language (2 or 5), and only when the sizes
    agree.

    Source: the languages that time-invariant models cannot have: arXiv:2405.17394, arXiv:2601.19467.

    >>> named(regex("(b|ab*a)*"))
    ('parity', ('b', 'a'))
    """
    for name, (symbols, _) in _DEFINITIONS.items():
        if len(dfa.alphabet) != len(symbols):
            continue
        model = _named(name)
        if model.states != dfa.states or model.accepting.sum() != dfa.accepting.sum():
            continue
        for columns in permutations(range(len(symbols))):
            order, table = renumber(dfa.table[:, columns])
            if np.array_equal(table, model.table) and np.array_equal(dfa.accepting[order], model.accepting):
                return name, tuple(dfa.alphabet[column] for column in columns)
    return None
