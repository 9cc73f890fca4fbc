"""Near misses: words just outside a language."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .language import Language

_EXHAUSTIVE = 20_000  # neighbourhoods with at most about so many words are listed in full
_ENOUGH = 64  # edits beyond the length of the word
_TRIES = 1_000  # random tries for each word asked for, in larger neighbourhoods


def near_misses(
    language: Language,
    word: str | Sequence[str],
    distance: int = 1,
    number: int = 1,
    *,
    seed: int,
    budget: Budget = DEFAULT,
) -> list[tuple[str, ...]]:
    """Return different words outside a language, at edit distance 1 to `distance` from a word.

    An edit inserts, deletes or replaces one symbol.

    Arguments:
        word: the word to start from, in the language or not.
        distance: the largest edit distance, at least 1.
        number: how many words; fewer come back when there are fewer, or when they are so rare that 1,000
            random tries for each word asked for found no more (small neighbourhoods are searched in full).
        seed: the same seed gives the same words.

    Raises:
        BadInput: for a distance below 1, or a symbol outside the alphabet.
        BudgetExceeded: when time runs out.

    Complexity: `O(|word|)` steps of the language for each word tried.

    >>> from starfree.languages import regex
    >>> near_misses(regex("(ab)*"), "ab", 1, 3, seed=0)
    [('a', 'a', 'b'), ('a', 'b', 'b'), ('a', 'b', 'a')]
    """
    if distance < 1:
        raise BadInput(f"distance {distance}", "is not positive", "Give a distance of at least 1.")
    original = language.symbols_of(word)
    language.state_after(original)  # complains about foreign symbols
    rng = np.random.default_rng(seed)
    alphabet = language.alphabet
    distance = _bounded(distance, len(original))
    if searched_in_full(len(original), len(alphabet), distance):
        outside = []
        for candidate in sorted(_neighbours(original, alphabet, distance)):
            budget.check_time("searching near misses")
            if candidate not in language:
                outside.append(candidate)
        return [outside[i] for i in rng.permutation(len(outside))[:number].tolist()]
    found: dict[tuple[str, ...], None] = {}
    for _ in range(_TRIES * number):
        budget.check_time("searching near misses")
        if len(found) == number:
            break
        candidate = _edited(original, alphabet, int(rng.integers(1, distance + 1)), rng)
        if candidate != original and candidate not in found and candidate not in language:
            found[candidate] = None
    return list(found)


def searched_in_full(length: int, symbols: int, distance: int) -> bool:
    """Tell whether every word near a word of a length is tried: finding none then means there is none."""
    distance = _bounded(distance, length)
    return bool(((2 * length + distance) * (symbols + 1)) ** min(distance, _ENOUGH) <= _EXHAUSTIVE)


def _bounded(distance: int, length: int) -> int:
    """Return a distance that is no longer than needed: words at a smaller one are within a larger one."""
    return min(distance, length + _ENOUGH)


def _neighbours(word: tuple[str, ...], alphabet: Sequence[str], distance: int) -> set[tuple[str, ...]]:
    """Return all other words at an edit distance of at most `distance`."""
    ball = {word}
    fresh = [word]
    for _ in range(distance):
        found: set[tuple[str, ...]] = set()
        for one in fresh:
            for i in range(len(one) + 1):
                head, tail = one[:i], one[i:]
                found.update((*head, symbol, *tail) for symbol in alphabet)
                if tail:
                    found.add(head + tail[1:])
                    found.update((*head, symbol, *tail[1:]) for symbol in alphabet)
        fresh = sorted(found - ball)
        ball |= found
    return ball - {word}


def _edited(
    word: tuple[str, ...], alphabet: Sequence[str], edits: int, rng: np.random.Generator
) -> tuple[str, ...]:
    """Return a word after random edits."""
    symbols = list(word)
    for _ in range(edits):
        kind = int(rng.integers(3)) if symbols and alphabet else 1 if symbols else 0
        if kind == 0 and alphabet:
            at = int(rng.integers(len(symbols) + 1))
            symbols.insert(at, alphabet[int(rng.integers(len(alphabet)))])
        elif kind == 1:
            del symbols[int(rng.integers(len(symbols)))]
        elif kind == 2:
            symbols[int(rng.integers(len(symbols)))] = alphabet[int(rng.integers(len(alphabet)))]
    return tuple(symbols)
