"""What the published experiments ask at each position, as classes of one joint head.

The text of a target is that of the published files, so that both can be compared.

Source: Sarrof, Veitsman and Hahn 2024, arXiv:2405.17394, and its code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..languages import Language
from .classes import Classes
from .examples import Examples, Flags

Ints = NDArray[np.int64]

_END = "$"  # END in the keys of `Next`


@dataclass(frozen=True)
class Legal:
    """One bit for each of some symbols: whether it is legal. Whether the word may end is not asked."""

    symbols: str

    def text(self, legal: frozenset[str]) -> str:
        """Return the target of a legal set, written with `$` for END."""
        return "".join(str(int(symbol in legal)) for symbol in self.symbols)


@dataclass(frozen=True)
class MayEnd:
    """One character: whether the word may end here. Which symbols are legal is not asked."""

    no: str
    yes: str

    def text(self, legal: frozenset[str]) -> str:
        """Return the target of a legal set, written with `$` for END."""
        return self.yes if _END in legal else self.no


@dataclass(frozen=True)
class Next:
    """One character for each legal set, written as its symbols in the order of the alphabet."""

    names: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, names: Mapping[str, str]) -> Next:
        """Return the encoding of a mapping from legal sets to characters."""
        return cls(tuple(names.items()))

    def text(self, legal: frozenset[str]) -> str:
        """Return the target of a legal set, written with `$` for END."""
        return next(name for symbols, name in self.names if frozenset(symbols) == legal)


Encoding = Legal | MayEnd | Next


def target_texts(
    encoding: Encoding, language: Language, examples: Examples, as_published: bool
) -> tuple[NDArray[np.str_], Flags]:
    """Return the target of each position, and where one is asked: after each symbol of the word.

    Arguments:
        as_published: with the wrong labels that the published files have for tomita_3 and zot_02.

    Returns:
        texts and flags, shapes `(n, T + 1)`; nothing is asked of the empty prefix.
    """
    asked = examples.mask.copy()
    asked[:, 0] = False
    classes = Classes.of(examples)
    index = classes.index(examples.legal, asked)
    used = frozenset(np.unique(index).tolist())  # the set of the empty prefix alone may have no name
    symbols = (*language.alphabet, _END)
    names = []
    for i, row in enumerate(classes.table.tolist()):
        legal = frozenset(symbol for symbol, flag in zip(symbols, row, strict=True) if flag)
        names.append(encoding.text(legal) if i in used else "")
    texts = np.array([*names, ""])[index]
    if as_published and language.spec == "@tomita_3":
        # The code lists a live state as dead, the one after an odd run of 1 and an odd run of 0: 0 is called
        # illegal before it, and everything in it. (30 % of the published labels are wrong, and however long
        # the runs are, no more than 26 % follow an odd run of 1.)
        texts[(texts == "10") & asked] = "00"
        texts[_odd_run(examples, 1) & asked] = "01"
    if as_published and language.spec == "@zot_02":
        # The labels are those of (0|1|2)*02+: a word that ends in 0 is said not to be one.
        texts[(examples.tokens == language.alphabet.index("0")) & asked] = encoding.text(frozenset())
    return texts, asked


def _odd_run(examples: Examples, symbol: int) -> Flags:
    """Return where an odd number of the same symbol has been read last."""
    same = examples.tokens == symbol
    places = np.arange(same.shape[1])
    other = np.maximum.accumulate(np.where(same, 0, places), axis=1)
    odd: Flags = same & ((places - other) % 2 == 1)
    return odd
