"""Training, validation and test words of a language: all distinct, the test words in bins of lengths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from ..languages import Language, Word
from ..languages.words import brief
from .draw import Taken, check_bin, check_window, check_words, distinct, drawer, words_in_all
from .drawers import MANY, Drawer, Ints
from .examples import Examples, encode_columns

Window = tuple[int, int]

TRAIN, VALIDATION, BIN = 10_000, 1_000, 1_000  # how many words each part has, unless told otherwise
_SHARE = 5  # of few words, every fifth is for validation, and every fifth for the test


@dataclass(frozen=True, eq=False)
class Bin:
    """Test words of a range of lengths.

    Arguments:
        lo, hi: the range, both included.
        examples: the words.
        exhaustive: whether the parts together have all words of the range.
    """

    lo: int
    hi: int
    examples: Examples
    exhaustive: bool


@dataclass(frozen=True, eq=False)
class Split:
    """Words to train on, to select by and to test on; no word is in two parts.

    Arguments:
        language: of the words.
        train: the words to train on.
        validation: words of the same lengths, the only ones that may choose between models.
        bins: test words; bin 0 has the lengths of the training words, the others lengths of their own.
        few: whether the training window has fewer words than were asked for, so that they were shared out.
        seed: where chance started.
    """

    language: Language
    train: Examples
    validation: Examples
    bins: tuple[Bin, ...]
    few: bool
    seed: int


def default_bins(lo: int, hi: int) -> tuple[Window, ...]:
    """Return ranges of lengths around once, twice and ten times those of a training window.

    >>> default_bins(1, 50)
    ((1, 50), (51, 100), (451, 500))
    """
    return (lo, hi), (hi + 1, 2 * hi), (9 * hi + 1, 10 * hi)


def make_split(
    language: Language,
    train: Window,
    bins: Sequence[Window] | None = None,
    *,
    train_size: int = TRAIN,
    validation_size: int = VALIDATION,
    bin_size: int = BIN,
    seed: int,
    budget: Budget = DEFAULT,
) -> Split:
    """Return distinct words for training, validation and test.

    When the training window has fewer words than asked for, three of five are for training, one for
    validation and one for bin 0, and the split says so; at most as many each as asked for.

    Arguments:
        train: the shortest and the longest training word.
        bins: the first is the training window again, then ranges that do not meet; `default_bins` when None.
        train_size, validation_size, bin_size: how many words of each, at least 1.
        seed: the same seed gives the same split.

    Raises:
        BadInput: when the ranges meet, or one has no word, or the training window fewer than 3.
        BudgetExceeded: as `draw`.

    Complexity: that of `draw`, for each range.

    >>> from starfree.languages import regex
    >>> split = make_split(regex("(aa)*"), (1, 20), ((1, 20), (21, 24)), seed=0)
    >>> len(split.train), len(split.validation), [len(bin.examples) for bin in split.bins], split.few
    (6, 2, [2, 2], True)
    """
    windows = tuple(default_bins(*train) if bins is None else bins)
    check_window(*train)
    check_bins(train, windows)
    for size in (train_size, validation_size, bin_size):
        if size < 1:
            raise BadInput(f"size {size}", "is not positive", "Give at least one word to each part.")
    streams = np.random.default_rng(seed).spawn(len(windows))
    sizes = train_size, validation_size, bin_size
    parts, few = _window(language, train, sizes, streams[0], budget)
    found = [Bin(*train, parts[2], few)]
    for (lo, hi), rng in zip(windows[1:], streams[1:], strict=True):
        source = drawer(language, hi, budget=budget)
        check_words(language, source, lo, hi, budget)
        columns, lengths = distinct(source, lo, hi, bin_size, rng, Taken(set(), {}))
        some = source.sizes[lo : hi + 1]
        exhaustive = bool(some.max() < MANY and some.sum() == len(lengths))
        found.append(Bin(lo, hi, encode_columns(language, columns, lengths), exhaustive))
    return Split(language, parts[0], parts[1], tuple(found), few, seed)


def check_bins(train: Window, bins: Sequence[Window]) -> None:
    """Raise `BadInput` unless the first bin is the training window and the others do not meet."""
    for each in bins:
        check_bin(*each)
    if not bins or tuple(bins[0]) != tuple(train):
        what = f"bin {bins[0][0]} to {bins[0][1]}" if bins else "no bins"
        why = f"the first bin must be the training window, {train[0]} to {train[1]}"
        raise BadInput(what, why, f"Begin the bins with {train[0]}-{train[1]}.")
    for i, (lo, hi) in enumerate(bins):
        for other in bins[:i]:
            if lo <= other[1] and other[0] <= hi:
                what = f"bins {other[0]} to {other[1]} and {lo} to {hi}"
                raise BadInput(what, "have lengths in common", "Give ranges that do not meet.")


def _window(
    language: Language,
    window: Window,
    sizes: tuple[int, int, int],
    rng: np.random.Generator,
    budget: Budget,
) -> tuple[list[Examples], bool]:
    """Return the words of the training window for its three parts, and whether they were few."""
    source = drawer(language, window[1], budget=budget)
    check_words(language, source, *window, budget)
    columns, lengths = distinct(source, *window, sum(sizes), rng, Taken(set(), {}))
    few = len(lengths) < sum(sizes)
    if few:
        if len(lengths) < 3:
            raise _too_few(language, window, len(lengths), budget)
        share = max(1, len(lengths) // _SHARE)
        kept = min(sizes[1], share), min(sizes[2], share)
        sizes = (min(sizes[0], len(lengths) - sum(kept)), *kept)
    borders = np.cumsum([0, *sizes])
    parts = [slice(a, b) for a, b in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)]
    return [encode_columns(language, columns[part], lengths[part]) for part in parts], few


def _too_few(language: Language, window: Window, number: int, budget: Budget) -> BadInput:
    """Return what to say of a window with so few words: whether a wider one would have more."""
    what = f"{brief(language.spec or 'the language')}, lengths {window[0]} to {window[1]}"
    few = "too few to train, select and test"
    every = words_in_all(language, budget=budget)
    if every is not None and every < 3:
        why = f"the language has only {_words(every)}, {few}"
        return BadInput(what, why, "Choose one with at least 3 words.")
    return BadInput(what, f"has {_words(number)}, {few}", "Give a wider training window.")


def _words(number: int) -> str:
    return f"{number} word{'s' if number != 1 else ''}"


@dataclass(frozen=True, eq=False)
class Stream:
    """What draws batches of words, made as they are asked for; see `stream`.

    Arguments:
        language: of the words.
        source: draws them.
        lengths: of a window, those that have words left.
        hi: the greatest length; batches are `hi + 1` wide.
        batch: words in each.
        taken: words that never come.
    """

    language: Language
    source: Drawer
    lengths: Ints
    hi: int
    batch: int
    taken: Taken

    def draw(self, rng: np.random.Generator) -> Examples:
        """Return one batch."""
        lengths = rng.choice(self.lengths, self.batch)
        columns = np.zeros((self.batch, self.hi), np.int64)
        missing = np.arange(self.batch)
        while len(missing):  # words that are excluded are drawn again, at the same length
            words = self.source.draw(lengths[missing], rng)
            columns[missing, : words.shape[1]] = words
            missing = missing[self.taken.holds(words, lengths[missing])]
        return encode_columns(self.language, columns, lengths)


def make_stream(
    language: Language,
    lo: int,
    hi: int,
    batch: int,
    *,
    exclude: Iterable[Word] = (),
    budget: Budget = DEFAULT,
) -> Stream:
    """Return what draws batches of words; arguments and errors as of `stream`."""
    check_window(lo, hi)
    if batch < 1:
        raise BadInput(f"batch {batch}", "is not positive", "Give at least one word to a batch.")
    source = drawer(language, hi, budget=budget)
    check_words(language, source, lo, hi, budget)
    taken = Taken.of(language, exclude)
    room = source.sizes - np.array([taken.counts.get(length, 0) for length in range(hi + 1)])
    open_lengths = np.flatnonzero((room > 0) & (np.arange(hi + 1) >= lo))
    if not len(open_lengths):
        what = f"{brief(language.spec or 'the language')}, lengths {lo} to {hi}"
        raise BadInput(what, "every word is excluded", "Exclude fewer, or give a wider window.")
    return Stream(language, source, open_lengths, hi, batch, taken)


def stream(
    language: Language,
    lo: int,
    hi: int,
    batch: int,
    *,
    seed: int,
    exclude: Iterable[Word] = (),
    budget: Budget = DEFAULT,
) -> Iterator[Examples]:
    """Yield batches of words without end, made as they are asked for.

    Lengths are uniform over those of the window that have words, words over those of their length, and
    independent: words come back, in a batch too.

    Arguments:
        lo, hi: the shortest and the longest length; batches are `hi + 1` wide.
        batch: words in each, at least 1.
        seed: the same seed gives the same bytes.
        exclude: words that never come, such as those of a test.

    Raises:
        BadInput: when the window has no words, or none that is not excluded.

    >>> from starfree.languages import regex
    >>> next(stream(regex("(a|b)*"), 2, 2, 3, seed=0, exclude=["aa", "ab", "ba"])).words()
    [('b', 'b'), ('b', 'b'), ('b', 'b')]
    """
    made, rng = (
        make_stream(language, lo, hi, batch, exclude=exclude, budget=budget),
        np.random.default_rng(seed),
    )
    return (made.draw(rng) for _ in repeat(None))
