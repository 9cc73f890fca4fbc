"""How often predictions are right, with what that many words can tell."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .examples import Examples, Flags

_NORMAL = 1.959963984540054  # 97.5 % of a normal distribution lie below
_CLOSE = 0.8  # the share of the closing mass that the right bracket must exceed


@dataclass(frozen=True)
class Score:
    """So many right of so many.

    Arguments:
        right: from 0 to n.
        n: at least 0.

    >>> score = Score(9, 10)
    >>> score.share, [round(end, 3) for end in score.interval]
    (0.9, [0.596, 0.982])
    >>> Score(1000, 1000).error_bound
    0.003
    """

    right: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.n:
            raise BadInput(f"{self.right} right of {self.n}", "is no share", "Give 0 <= right <= n.")

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.n + other.n)

    @property
    def share(self) -> float:
        """The share that is right; NaN of none."""
        return self.right / self.n if self.n else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence, for independent trials; see `wilson`."""
        return wilson(self.right, self.n)

    @property
    def error_bound(self) -> float:
        """What the true share of errors stays below with 95 % confidence.

        Without an error it is 3 of n, the rule of three; else the upper end of Wilson's interval.
        """
        if self.right == self.n:
            return min(1.0, 3 / self.n) if self.n else 1.0
        return 1 - self.interval[0]

    def to_json(self) -> dict[str, Any]:
        """Return the document that results are written as."""
        low, high = self.interval
        return {"right": self.right, "n": self.n, "low": low, "high": high}


def wilson(right: int, n: int) -> tuple[float, float]:
    """Return the ends of Wilson's interval at 95 % for the probability of being right; (0, 1) without trials.

    Source: Wilson 1927.

    >>> [round(end, 4) for end in wilson(0, 10)]
    [0.0, 0.2775]
    """
    if not n:
        return 0.0, 1.0
    share, square = right / n, _NORMAL**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    radius = _NORMAL * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # At the ends the radius is the distance to 0 or to 1, up to rounding.
    low = 0.0 if right == 0 else max(0.0, middle - radius)
    return low, 1.0 if right == n else min(1.0, middle + radius)


def measure(predicted: Flags, examples: Examples) -> dict[Literal["words", "positions", "end"], Score]:
    """Return how often predicted legal sets are right.

    Arguments:
        predicted: shape `(n, T + 1, k + 1)`; what it says at PAD does not matter.

    Returns:
        words: whether the legal set of every prefix is exactly right. positions: whether that of one prefix
        is, over all prefixes of all words; its interval is too narrow, because those of one word go together.
        end: the same of the bit that says whether the word may end.

    Complexity: linear in the entries.

    >>> from starfree.languages import regex
    >>> from starfree.learning.examples import encode_words
    >>> examples = encode_words(regex("(aa)*"), ["aa", ""])
    >>> {name: (one.right, one.n) for name, one in measure(examples.legal, examples).items()}
    {'words': (2, 2), 'positions': (4, 4), 'end': (4, 4)}
    """
    same = predicted == examples.legal
    return {
        "words": per_word(same.all(axis=-1), examples.mask),
        "positions": per_position(same.all(axis=-1), examples.mask),
        "end": per_position(same[..., -1], examples.mask),
    }


def per_word(right: Flags, mask: Flags) -> Score:
    """Return in how many words every position that counts is right; shapes `(n, T)`."""
    return Score(int((right | ~mask).all(axis=1).sum()), len(right))


def per_position(right: Flags, mask: Flags) -> Score:
    """Return how many of the positions that count are right; shapes `(n, T)`."""
    return Score(int((right & mask).sum()), int(mask.sum()))


def by_length(predicted: Flags, examples: Examples) -> list[tuple[int, int, Score]]:
    """Return how often predicted legal sets are right, by the length of the prefix.

    Arguments:
        predicted: shape `(n, T + 1, k + 1)`.

    Returns:
        ranges of lengths, each with its least and its largest: 0, 1, 2, 3, and from there two for each
        doubling, so that few numbers tell where errors begin; none that no prefix falls into.

    Complexity: linear in the entries.

    >>> from starfree.languages import regex
    >>> from starfree.learning.examples import encode_words
    >>> examples = encode_words(regex("a*"), ["aaaaa"])
    >>> [(lo, hi, one.right, one.n) for lo, hi, one in by_length(examples.legal, examples)]
    [(0, 0, 1, 1), (1, 1, 1, 1), (2, 2, 1, 1), (3, 3, 1, 1), (4, 5, 2, 2)]
    """
    right = ((predicted == examples.legal).all(axis=-1) & examples.mask).sum(axis=0)
    asked = examples.mask.sum(axis=0)
    found, lo, step = [], 0, 1
    while lo < len(asked) and asked[lo]:
        hi = min(lo + step, len(asked))
        # A range may be cut short where no word is longer.
        last = lo + int(np.count_nonzero(asked[lo:hi])) - 1
        found.append((lo, last, Score(int(right[lo:hi].sum()), int(asked[lo:hi].sum()))))
        lo = hi
        power = lo.bit_length() - 1
        step = max(1, (1 << power) // 2)
    return found


def reads(
    predicted: Flags, examples: Examples, *, read: str = "r", bits: tuple[str, ...] = ("0", "1")
) -> Score:
    """Return how often the bits that may follow a read are predicted exactly, of the flip-flop language.

    Arguments:
        predicted: shape `(n, T + 1, k + 1)`.
        read: the instruction after which one bit is legal.
        bits: the symbols that are looked at.

    Raises:
        BadInput: when one of them is not in the alphabet.
    """
    try:
        at = examples.tokens == examples.alphabet.index(read)
        columns = [examples.alphabet.index(bit) for bit in bits]
    except ValueError:
        what = " ".join([read, *bits])
        raise BadInput(what, "are not all in the alphabet", "Name symbols of the language.") from None
    return per_position((predicted == examples.legal)[..., columns].all(axis=-1), at)


def close_right(probabilities: NDArray[np.floating[Any]], tops: NDArray[np.integer]) -> tuple[Flags, Flags]:
    """Return where the bracket to close has more than 0.8 of what all closing brackets have.

    Arguments:
        probabilities: shape `(n, T, K)` of each closing bracket as the next token; need not add up to 1.
        tops: shape `(n, T)`: the type of the innermost open bracket, -1 where none is; see `nested.tops`.

    Returns:
        whether it is right, and where one is open so that it counts; shapes `(n, T)`. `per_position` of the
        two is the accuracy of closing as Hewitt et al. 2020 measure it.
    """
    asked = tops >= 0
    right = np.take_along_axis(probabilities, np.maximum(tops, 0)[..., None], axis=-1)[..., 0]
    return (right > _CLOSE * probabilities.sum(axis=-1)) & asked, asked


def percent(share: float) -> str:
    """Return a share in percent, with as many decimals as it takes not to look like all or nothing.

    >>> percent(1.0), percent(0.98765), percent(0.99996), percent(0.0), percent(0.0004)
    ('100', '98.8', '99.996', '0', '0.04')
    """
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}"
    for decimals in range(1, 9):
        text = f"{100 * share:.{decimals}f}"
        if 0 < float(text) < 100:
            return text
    return text
