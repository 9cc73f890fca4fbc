"""Exact numbers of words, as big integers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .dfa import DFA
from .language import Language
from .machine import dfa_for_length, dfa_of

_DOING = "counting words"
_MERSENNE = (521, 2203, 9689)  # exponents of primes; a larger one when coefficients do not fit
_LONG = 512  # shorter words are counted step by step


def count(language: Language, length: int, *, budget: Budget = DEFAULT) -> int:
    """Return the number of words of a length.

    Arguments:
        length: at least 0.

    Raises:
        BadInput: for a negative length.
        BudgetExceeded: when time runs out.

    Complexity: with n states, for lengths N much longer than n, about `n^2 log N` products of numbers as long
        as the result; otherwise N steps over the transitions. For a language that counts, N steps over the
        states that it reaches in so many.

    Source: Fiduccia 1985 for the N-th term of a linear recurrence; Massey 1969 for the recurrence.

    >>> from starfree.languages import regex
    >>> count(regex("(ab|c)*"), 10), len(str(count(regex("(a|b)*"), 1000)))
    (89, 302)
    """
    _check_length(length)
    return count_from(dfa_for_length(language, length, budget=budget), 0, length, budget=budget)


def counts(language: Language, up_to: int, *, budget: Budget = DEFAULT) -> list[int]:
    """Return the numbers of words of the lengths `0, 1, ..., up_to`; up_to steps over the transitions."""
    _check_length(up_to)
    if language.kind != "regular":
        return [count(language, length, budget=budget) for length in range(up_to + 1)]
    return list(islice(_totals(dfa_of(language, budget=budget), 0, budget), up_to + 1))


def count_from(dfa: DFA, state: int, length: int, *, budget: Budget = DEFAULT) -> int:
    """Return the number of words of a length that lead from a state to acceptance; see `count`."""
    _check_length(length)
    if length > max(_LONG, 4 * dfa.states):
        totals = _totals(dfa, state, budget)
        terms = list(islice(totals, 2 * dfa.states))
        recurrence = _recurrence(terms, budget)
        if recurrence is not None:
            return _term(recurrence, terms, length, budget)
    return next(islice(_totals(dfa, state, budget), length, None))


def _check_length(length: int) -> None:
    if length < 0:
        raise BadInput(f"length {length}", "is negative", "Give a length of at least 0.")


def _totals(dfa: DFA, state: int, budget: Budget) -> Iterator[int]:
    """Return the numbers of words of length 0, 1, 2, ... from a state, a step over the transitions each."""
    sources, targets, times_each = transitions(dfa)
    edges = list(zip(sources.tolist(), targets.tolist(), times_each.tolist(), strict=True))
    final = np.flatnonzero(dfa.accepting).tolist()
    ways = [0] * dfa.states
    ways[state] = 1
    while True:
        yield sum(ways[q] for q in final)
        budget.check_time(_DOING)
        after = [0] * dfa.states
        for source, target, times in edges:
            if ways[source]:
                after[target] += ways[source] if times == 1 else times * ways[source]
        ways = after


def transitions(dfa: DFA) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return sources, targets and numbers of symbols of the transitions to live states, by source."""
    sources, columns = np.nonzero(dfa.live[dfa.table])
    pairs, times = np.unique(sources * dfa.states + dfa.table[sources, columns], return_counts=True)
    return pairs // dfa.states, pairs % dfa.states, times


def _recurrence(terms: list[int], budget: Budget) -> list[int] | None:
    """Return `c` with `s[i] = c[0] s[i-1] + ... + c[d-1] s[i-d]` for all i >= d, or None when not found.

    Arguments:
        terms: the first 2n terms of a sequence that satisfies some recurrence of order at most n.

    The recurrence is found modulo a prime and lifted to small integers. It is certain once it holds for the
    given terms: its error satisfies the recurrence of order n as well, and is zero n times in a row.
    """
    for exponent in _MERSENNE:
        prime = (1 << exponent) - 1
        lifted = [c - prime if 2 * c > prime else c for c in _massey(terms, prime, budget)]
        order = len(lifted)
        if 2 * order <= len(terms) and all(
            terms[i] == sum(c * terms[i - 1 - j] for j, c in enumerate(lifted))
            for i in range(order, len(terms))
        ):
            return lifted
    return None


def _massey(terms: list[int], prime: int, budget: Budget) -> list[int]:
    """Return the shortest linear recurrence of a sequence modulo a prime."""
    current, former = [1], [1]  # connection polynomials; former is the one before the order last grew
    order, gap, divisor = 0, 1, 1
    for i, term in enumerate(terms):
        budget.check_time(_DOING)
        error = (
            term + sum(current[j] * terms[i - j] for j in range(1, min(order, len(current) - 1) + 1))
        ) % prime
        if not error:
            gap += 1
            continue
        factor = error * pow(divisor, -1, prime) % prime
        corrected = current + [0] * (len(former) + gap - len(current))
        for j, c in enumerate(former):
            corrected[j + gap] = (corrected[j + gap] - factor * c) % prime
        if 2 * order <= i:
            former, divisor, order, gap = current, error, i + 1 - order, 1
        else:
            gap += 1
        current = corrected
    padded = current + [0] * (order + 1 - len(current))
    return [-c % prime for c in padded[1 : order + 1]]


def _term(recurrence: list[int], terms: list[int], n: int, budget: Budget) -> int:
    """Return the n-th term of a linear recurrence, by squaring x modulo its characteristic polynomial."""
    order = len(recurrence)
    if order == 0:
        return 0
    # Always x^m modulo the polynomial, for m a leading part of n in binary.
    power = [1] + [0] * (order - 1)
    for bit in bin(n)[2:]:
        power = _reduced(_square(power, budget), recurrence)
        if bit == "1":
            power = _reduced([0, *power], recurrence)
    return sum(c * term for c, term in zip(power, terms, strict=False))


def _square(a: list[int], budget: Budget) -> list[int]:
    result = [0] * (2 * len(a) - 1)
    for i, x in enumerate(a):
        budget.check_time(_DOING)
        if x:
            result[2 * i] += x * x
            for j in range(i + 1, len(a)):
                if a[j]:
                    result[i + j] += 2 * x * a[j]
    return result


def _reduced(a: list[int], recurrence: list[int]) -> list[int]:
    order = len(recurrence)
    for i in range(len(a) - 1, order - 1, -1):
        top = a[i]
        if top:
            for j, c in enumerate(recurrence):
                if c:
                    a[i - 1 - j] += top * c
    return a[:order] + [0] * (order - len(a))
