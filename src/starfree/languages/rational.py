"""Concatenation, star, reversal, quotients and renaming of regular languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .dfa import DFA, freeze, make_dfa
from .expressions import Automaton, Step, build, compile_steps, determinised, edges
from .glushkov import Fragment, Glushkov, Positions, bits
from .operations import together
from .regex_parser import CAT, Repeat


def _automaton(language: DFA) -> Automaton:
    return Automaton(language.table, language.accepting)


def concatenation(left: DFA, right: DFA, *, budget: Budget = DEFAULT) -> DFA:
    """Return the words that are a word of the first language followed by one of the second.

    Raises:
        BudgetExceeded: when more states are needed than allowed.

    Complexity: up to `n 2^m` states.

    >>> from starfree.languages import regex
    >>> concatenation(regex("a*"), regex("ab")) == regex("a*ab")
    True
    """
    left, right = together(left, right, budget)
    steps: list[Step] = [_automaton(left), _automaton(right), CAT]
    final = compile_steps(steps, len(left.alphabet), budget)
    return freeze(left.alphabet, final.table, final.accepting)


def star(language: DFA, *, budget: Budget = DEFAULT) -> DFA:
    """Return the words made of any number of words of a language, none included; up to `2^n` states."""
    final = compile_steps([_automaton(language), Repeat(0, None)], len(language.alphabet), budget)
    return freeze(language.alphabet, final.table, final.accepting)


def reversal(language: DFA, *, budget: Budget = DEFAULT) -> DFA:
    """Return the words of a language read backwards; up to `2^n` states.

    >>> from starfree.languages import regex
    >>> reversal(regex("ab*c")) == regex("cb*a")
    True
    """
    forward, whole = build([_automaton(language)], budget)
    count = len(forward.labels)
    before: list[list[int]] = [[] for _ in range(count)]
    for p in range(count):
        for q in forward.members(forward.follow[p]):
            before[q].append(p)
    backward = Glushkov(forward.dense, budget)
    backward.labels = forward.labels
    backward.follow = [_positions(sources, forward.dense) for sources in before]
    turned = Fragment(0, count, whole.last, whole.first, whole.nullable)
    final = determinised(backward, turned, len(language.alphabet), budget)
    return freeze(language.alphabet, final.table, final.accepting)


def _positions(members: list[int], dense: bool) -> Positions:
    if not dense:
        return frozenset(members)
    mask = 0
    for p in members:
        mask |= 1 << p
    return mask


def left_quotient(language: DFA, prefix: str | Sequence[str]) -> DFA:
    """Return what may follow a prefix: the words `v` such that `prefix v` is a word of the language."""
    start = language.run(language.indices(prefix))
    return make_dfa(language.alphabet, language.table, language.accepting, start)


def right_quotient(language: DFA, suffix: str | Sequence[str]) -> DFA:
    """Return what may precede a suffix: the words `v` such that `v suffix` is a word of the language."""
    states = np.arange(language.states)
    for column in language.indices(suffix):
        states = language.table[states, column]
    return make_dfa(language.alphabet, language.table, language.accepting[states])


def rename(language: DFA, mapping: Mapping[str, str], *, budget: Budget = DEFAULT) -> DFA:
    """Return the language with symbols replaced; several may become one, and those not named stay.

    Raises:
        BadInput: when the mapping names a symbol outside the alphabet.
        BudgetExceeded: when symbols that become one lead to more states than allowed.

    Complexity: `O(n k)` when no two symbols become one, else up to `2^n` states.

    >>> from starfree.languages import regex
    >>> rename(regex("a*b"), {"b": "a"}) == regex("a+")
    True
    """
    foreign = sorted(set(mapping) - set(language.alphabet))
    if foreign:
        raise BadInput(repr(foreign[0]), "is not in the alphabet", "Rename only symbols of the language.")
    images = [mapping.get(symbol, symbol) for symbol in language.alphabet]
    symbols = tuple(dict.fromkeys(images))
    if len(symbols) == len(images):
        return make_dfa(symbols, language.table, language.accepting, budget=budget)
    column = [symbols.index(image) for image in images]
    positions = Glushkov(False, budget)
    rows = [[(target, _image(label, column)) for target, label in row] for row in edges(_automaton(language))]
    whole = positions.automaton(rows, language.accepting)
    final = determinised(positions, whole, len(symbols), budget)
    return make_dfa(symbols, final.table, final.accepting, budget=budget)


def _image(label: int, column: list[int]) -> int:
    image = 0
    for i in bits(label):
        image |= 1 << column[i]
    return image
