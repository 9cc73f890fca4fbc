"""The samplers of the published experiments, from their description; each has a bias of its own.

They are kept to compare with published figures. Words to learn from come from `splits`.

Source: Sarrof, Veitsman and Hahn 2024, arXiv:2405.17394, and its code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ..errors import BadInput
from ..languages import Language, catalog
from ..programs.counters import OPERATORS, PAIRS
from .examples import columns_of, legal_along

Window = tuple[int, int]
Random = np.random.Generator
Sampler = Callable[[int, int, Random, set[str]], Iterator[str]]

_ROUND = 1024  # candidates, or random numbers, made in one go
_MOST = 10**6  # refused candidates after which a window is taken to have no more words
_LOWERED = 20_000  # refused words of d_n after which inner words are made shorter
_WIDE = 0.4  # spread of the lengths in d_2: with 0.1, as described, there are only 1,400 words, not 6,000
_SINGLE = 0.35  # of the runs in words of tomita_3, besides those that are long
_BLOCKS = ("anbn", "anbncn", "anbncndn")


def published_words(
    name: str,
    window: Window,
    number: int,
    *,
    train: bool,
    rng: Random,
    known: set[str] | None = None,
) -> list[str]:
    """Return words drawn as the published code draws them.

    Arguments:
        name: of one of the 27 languages.
        window: lengths, or values of n for a^n b^n and its like.
        number: how many to draw; fewer are left where repeated words are taken out afterwards, or the
            sampler finds no more.
        train: whether they are for training, where some languages keep words that repeat.
        rng: where chance comes from.
        known: words not to give to languages whose words are distinct; those given are added.

    Raises:
        BadInput: when the language is none of the 27.

    >>> published_words("tomita_2", (3, 4), 3, train=True, rng=np.random.default_rng(0))
    ['1010', '1010', '1010']
    """
    lo, hi = window
    if name in _BLOCKS:
        symbols = name.replace("n", "")
        numbers = rng.integers(lo, hi + 1, number).tolist()
        return list(dict.fromkeys("".join(symbol * n for symbol in symbols) for n in numbers))
    if name not in SAMPLERS:
        raise BadInput(name, "has no published sampler", f"Choose one of {', '.join((*SAMPLERS, *_BLOCKS))}.")
    sampler, distinct = SAMPLERS[name]
    words: list[str] = []
    known = set() if known is None else known
    refused = 0
    source = sampler(lo, hi, rng, known)
    for word in source if number else ():
        if lo <= len(word) <= hi and not (distinct and word in known):
            words.append(word)
            known.add(word)
            if len(words) == number:
                break
            continue
        refused += 1
        if refused > _MOST:
            break
    return words if distinct or train or name == "parity" else list(dict.fromkeys(words))


# Each sampler yields candidates; those outside the window are refused.


def _copies(text: str, least: int, lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    """Yield copies of a text: a random number up to the window's end, divided by its length."""
    while True:
        for drawn in rng.integers(lo + least, hi + 1, _ROUND).tolist():
            yield text * (drawn // len(text))


def _after_pairs(lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    """Yield fair symbols, in which a third 0 in a row is drawn again."""
    while True:
        for length in rng.integers(lo, hi + 1, _ROUND).tolist():
            coins = rng.integers(0, 2, length).tolist()
            for i in range(2, length):
                coins[i] = coins[i] or not (coins[i - 1] or coins[i - 2])
            yield "".join("01"[coin] for coin in coins)


def _runs(lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    """Yield members of Tomita 3 made of runs of a random symbol, of random length.

    The law of that length is not described. This one is fitted to what is known of the published words: how
    many are different, how many labels are wrong, and what look-ups score.
    """
    language = catalog["tomita_3"]
    while True:
        found = []
        for length in rng.integers(lo, hi + 1, _ROUND).tolist():
            word, left = "", length
            while left:
                run = 1 if rng.random() < _SINGLE else int(rng.integers(1, left + 1))
                word += "01"[rng.integers(0, 2)] * run
                left -= run
            found.append(word)
        yield from _members(language, found)


def _coins(language: str | None, lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    """Yield words that stop after each symbol with the same probability, or at the end of the window."""
    goes_on = (lo + hi) // 2 / (1 + (lo + hi) // 2)
    while True:
        lengths = np.minimum(rng.geometric(1 - goes_on, _ROUND) - 1, hi)
        found = ["".join(map(str, rng.integers(0, 2, length).tolist())) for length in lengths.tolist()]
        yield from found if language is None else _members(catalog[language], found)


def _even(lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    """Yield words of parity: a word with an odd number of 1 gets one more."""
    for word in _coins(None, lo, hi, rng, known):
        if lo <= len(word) and word not in known:  # looked up before it gets its last symbol, and so in vain
            yield word + "1" * (word.count("1") % 2)


def _four_blocks(lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    while True:
        word, left = "", hi
        for symbol in "0101":
            run = int(rng.integers(0, max(left, 1)))
            word += symbol * run
            left -= run
        yield word


def _five_blocks(lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    while True:
        word, left = "", hi - lo + 1
        for symbol in "abcde":
            run = int(rng.integers(1, left + 1)) if left else 0
            word += symbol * ((1 + run) if left else max(1, lo // 5))
            left -= run
        yield word


def _around(
    before: str, middle: str, after: str, lo: int, hi: int, rng: Random, known: set[str]
) -> Iterator[str]:
    while True:
        first = int(rng.integers(0, hi - 1))
        last = int(rng.integers(0, hi - first - 1))
        places = rng.integers(0, len(before), first).tolist(), rng.integers(0, len(after), last).tolist()
        yield "".join([*(before[i] for i in places[0]), middle, *(after[i] for i in places[1])])


def _nested(depth: int, spread: float, lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    """Yield words of d_n that fill a random length; inner words fill about `ratio` of the one around them."""
    normal = _normals(rng)
    ratio, refused = 0.75, 0

    def filled(level: int, length: int) -> str:
        if level == 1:
            return "ab" * -(-max(length, 0) // 2)
        word = ""
        while len(word) < length:
            word += "a" + filled(level - 1, int(length * ratio * (1 + spread * next(normal)))) + "b"
        return word

    while True:
        word = filled(depth, int(hi * ratio * (1 + spread * next(normal))))
        if word in known or not lo <= len(word) <= hi:
            refused += 1
            if refused % _LOWERED == 0:
                ratio = max(ratio - 0.02, 0.02)
        yield word


def _brackets(pairs: int, lo: int, hi: int, rng: Random, known: set[str]) -> Iterator[str]:
    """Yield properly nested words of the grammar S -> (S) | SS | empty, each bracket with a random pair."""
    numbers = _uniforms(rng)

    def made(size: int) -> str:
        place = next(numbers)
        if size >= hi or place >= 0.75:
            return ""
        if place < 0.5:
            pair = PAIRS[int(pairs * next(numbers))]
            word = pair[0] + made(size + 1) + pair[1]
        else:
            word = made(size + 1) + made(size + 1)
        return word if len(word) <= hi else ""

    while True:
        yield made(0)


def _expressions(
    arities: int, operand: float, lo: int, hi: int, rng: Random, known: set[str]
) -> Iterator[str]:
    """Yield prefix expressions, symbol by symbol until complete."""
    numbers = _uniforms(rng)
    while True:
        word, missing = "", 1
        while missing and len(word) <= hi:
            place = next(numbers)
            if place < operand:
                word += "01"[place < operand / 2]
                missing -= 1
            else:
                arity = int(arities * next(numbers))
                word += OPERATORS[arity]
                missing += arity
        yield word


def _members(language: Language, words: list[str]) -> list[str]:
    columns, lengths = columns_of(language.alphabet, words)
    legal = legal_along(language, columns)[np.arange(len(words)), lengths, -1]
    return [word for word, flag in zip(words, legal.tolist(), strict=True) if flag]


def _uniforms(rng: Random) -> Iterator[float]:
    while True:
        yield from rng.random(_ROUND).tolist()


def _normals(rng: Random) -> Iterator[float]:
    while True:
        yield from rng.standard_normal(_ROUND).tolist()


# name: (sampler, whether words that repeat are refused)
SAMPLERS: dict[str, tuple[Sampler, bool]] = {
    "tomita_1": (partial(_copies, "1", 0), False),
    "tomita_2": (partial(_copies, "10", 1), False),
    "tomita_3": (_runs, False),
    "tomita_4": (_after_pairs, False),
    "tomita_5": (partial(_coins, "tomita_5"), False),
    "tomita_6": (partial(_coins, "tomita_6"), False),
    "tomita_7": (_four_blocks, False),
    "parity": (_even, False),
    "aa_star": (partial(_copies, "aa", 0), False),
    "aaaa_star": (partial(_copies, "aaaa", 0), False),
    "abab_star": (partial(_copies, "abab", 0), False),
    "aa_bb_cc_dd_ee": (_five_blocks, True),
    "ab_d_bc": (partial(_around, "ab", "d", "bc"), True),
    "zot_02": (partial(_around, "012", "0", "2"), True),
    "d_2": (partial(_nested, 2, _WIDE), True),
    **{f"d_{n}": (partial(_nested, n, 0.1), True) for n in (3, 4, 12)},
    "dyck_1": (partial(_brackets, 1), True),
    **{f"shuffle_{n}": (partial(_brackets, n), True) for n in (2, 4, 6)},
    "boolean_3": (partial(_expressions, 3, 0.5), True),
    "boolean_5": (partial(_expressions, 5, 0.7), True),
}
