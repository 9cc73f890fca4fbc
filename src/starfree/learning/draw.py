"""Distinct words of a window of lengths: each length alike, and each word of a length alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from ..languages import Language, Word
from ..languages.machine import dfa_of
from ..languages.words import brief
from ..programs.program import Program
from .drawers import MANY, Drawer, Ints, TableDrawer, followed
from .drawers_known import known
from .examples import columns_of, legal_along, words_of

_FEW = 4  # lengths with at most so many times the words wanted are listed, the others drawn until distinct
_BEYOND = 64  # lengths looked at behind a window without words, when the language has no DFA


def drawer(language: Language, hi: int, *, budget: Budget = DEFAULT) -> Drawer:
    """Return what draws the words of a language up to length `hi`.

    Regular languages go by their DFA. Shuffles, bounded Dyck and a^n b^n ... are known by their conditions
    and drawn by counting formulas. Every other language is followed from its start for `hi` steps.

    Raises:
        BudgetExceeded: when that meets too many states, or the table of counts would not fit in memory.

    Complexity: `hi` vectorised steps over the transitions, in memory `hi` numbers for each state.
    """
    if language.kind == "regular":
        return TableDrawer(dfa_of(language, budget=budget), hi, budget=budget)
    found = known(language, hi, budget) if isinstance(language, Program) else None
    return found or TableDrawer(followed(language, hi, budget=budget), hi, budget=budget)


def draw(
    language: Language,
    lo: int,
    hi: int,
    number: int,
    *,
    seed: int,
    exclude: Iterable[Word] = (),
    budget: Budget = DEFAULT,
) -> list[tuple[str, ...]]:
    """Return distinct words with lengths in a window, in random order.

    One after the other, a length is drawn from those that still have words, then a word that is new from all
    of that length. A window with fewer words than asked for gives all it has, or 2^19 of each length.

    Arguments:
        lo, hi: the shortest and the longest length, both included.
        number: how many words, at least 0.
        seed: the same seed gives the same words.
        exclude: words not to give.

    Raises:
        BadInput: when no word has a length in the window, with the nearest lengths that have some.
        BudgetExceeded: when the language has too many states to be counted up to `hi`, or time runs out.

    Complexity: about `hi` vectorised steps over the transitions, and `hi` more over all words.

    >>> from starfree.languages import regex
    >>> sorted("".join(word) for word in draw(regex("a*b"), 1, 3, 10, seed=0))
    ['aab', 'ab', 'b']
    """
    check_window(lo, hi)
    if number < 0:
        raise BadInput(f"number {number}", "is negative", "Give a number of at least 0.")
    source = drawer(language, hi, budget=budget)
    check_words(language, source, lo, hi, budget)
    taken = Taken.of(language, exclude)
    rng = np.random.default_rng(seed)
    found = distinct(source, lo, hi, number, rng, taken)
    return words_of(language.alphabet, *found)


def check_window(lo: int, hi: int) -> None:
    """Raise `BadInput` for what is no range of lengths."""
    _check_range("window", lo, hi)


def check_bin(lo: int, hi: int) -> None:
    """Raise `BadInput` for what is no range of lengths to measure."""
    _check_range("bin", lo, hi)


def _check_range(what: str, lo: int, hi: int) -> None:
    if not 0 <= lo <= hi:
        raise BadInput(f"{what} {lo} to {hi}", "is no range of lengths", "Give 0 <= lo <= hi.")


def check_words(language: Language, source: Drawer, lo: int, hi: int, budget: Budget = DEFAULT) -> None:
    """Raise `BadInput` when no word has a length in a window, with the nearest lengths that have some."""
    if source.sizes[lo : hi + 1].any():
        return
    reach = dfa_of(language).states if language.kind == "regular" else _BEYOND
    below = np.flatnonzero(source.sizes[:lo])
    above = np.flatnonzero(drawer(language, hi + reach, budget=budget).sizes[hi + 1 :]) + hi + 1
    near = [*below[-1:].tolist(), *above[:1].tolist()]
    what = f"{brief(language.spec or 'the language')}, lengths {lo} to {hi}"
    do = (
        f"The nearest lengths that have words: {' and '.join(map(str, near))}."
        if near
        else "It has no words."
    )
    raise BadInput(what, "no word has such a length", do)


def words_in_all(language: Language, *, budget: Budget = DEFAULT) -> int | None:
    """Return how many words a finite regular language has; None for other languages.

    A word as long as there are states can be pumped, so that no finite language has one.
    """
    if language.kind != "regular":
        return None
    states = dfa_of(language, budget=budget).states
    sizes = drawer(language, 2 * states, budget=budget).sizes
    return None if sizes[states:].any() else int(sizes.sum())


@dataclass(frozen=True)
class Taken:
    """Words that must not be drawn again.

    Arguments:
        keys: each word as bytes.
        counts: how many of them the language has, by length.
    """

    keys: set[bytes]
    counts: dict[int, int]

    @classmethod
    def of(cls, language: Language, words: Iterable[Word]) -> Taken:
        """Return the given words, those outside the language not counted."""
        columns, lengths = columns_of(language.alphabet, words)
        member = np.ones(len(lengths), bool)
        if len(lengths):
            member = legal_along(language, columns)[np.arange(len(lengths)), lengths, -1]
        taken = cls(set(), {})
        taken.add(columns[member], lengths[member])
        return taken

    def holds(self, columns: Ints, lengths: Ints) -> NDArray[np.bool_]:
        """Return which of some words are taken."""
        return np.array([key in self.keys for key in _keys(columns, lengths)], np.bool_)

    def add(self, columns: Ints, lengths: Ints) -> Ints:
        """Add words and return the rows of those that are new."""
        fresh = []
        for row, key in enumerate(_keys(columns, lengths)):
            if key not in self.keys:
                self.keys.add(key)
                length = int(lengths[row])
                self.counts[length] = self.counts.get(length, 0) + 1
                fresh.append(row)
        return np.array(fresh, np.int64)


def _keys(columns: Ints, lengths: Ints) -> Iterator[bytes]:
    narrow = columns.astype(np.int32)
    return (row[:length].tobytes() for row, length in zip(narrow, lengths.tolist(), strict=True))


def distinct(
    source: Drawer, lo: int, hi: int, number: int, rng: np.random.Generator, taken: Taken
) -> tuple[Ints, Ints]:
    """Return distinct words of a window that are not taken, as indices, and take them; see `draw`.

    Returns:
        columns, shape `(m, hi)`, m at most the number asked for; lengths, shape `(m,)`.
    """
    wanted = _allotted(source, lo, hi, number, rng, taken)
    parts: list[tuple[Ints, Ints]] = []
    for length in np.flatnonzero(wanted).tolist():
        size, some = int(source.sizes[length]), int(wanted[length])
        if size < min(MANY, _FEW * (some + taken.counts.get(length, 0)) + 1):
            words = source.every(length)
            free = ~taken.holds(words, np.full(len(words), length))
            chosen = rng.permutation(np.flatnonzero(free))[:some]
            lengths = np.full(len(chosen), length)
            taken.add(words[chosen], lengths)
            parts.append((words[chosen], lengths))
            wanted[length] = 0
    while wanted.any():
        lengths = np.repeat(np.arange(hi + 1), wanted)
        words = source.draw(lengths, rng)
        fresh = taken.add(words, lengths)
        parts.append((words[fresh], lengths[fresh]))
        wanted -= np.bincount(lengths[fresh], minlength=hi + 1)
    columns = np.zeros((sum(len(words) for words, _ in parts), hi), np.int64)
    sizes = np.zeros(len(columns), np.int64)
    at = 0
    for words, lengths in parts:
        columns[at : at + len(words), : words.shape[1]] = words
        sizes[at : at + len(words)] = lengths
        at += len(words)
    order = rng.permutation(len(columns))
    return columns[order], sizes[order]


def _allotted(source: Drawer, lo: int, hi: int, number: int, rng: np.random.Generator, taken: Taken) -> Ints:
    """Return how many words of each length to draw, shape `(hi + 1,)`.

    A length that has run out is drawn again, which is the same as drawing among the others.
    """
    room = source.sizes.copy()
    room[room >= MANY] = MANY // 2  # so that a word drawn is new at least every second time
    for length, some in taken.counts.items():
        if length <= hi:
            room[length] = max(0, room[length] - some)
    room[:lo] = 0
    wanted = np.zeros(hi + 1, np.int64)
    left = number
    while left:
        open_lengths = np.flatnonzero(wanted < room)
        if not len(open_lengths):
            break
        drawn = np.bincount(rng.choice(open_lengths, left), minlength=hi + 1)
        more = np.minimum(drawn, room - wanted)
        wanted += more
        left -= int(more.sum())
    return wanted
