"""`run`: a model on a word, with the legal set after every prefix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import BadInput
from ..languages import END, LegalSet, Word, format_word, parse_word
from ..languages.language import legal_to_json
from .arithmetics import in_arithmetic
from .open_model import open_model
from .ssm import SSM


class Model(Protocol):
    """What can be run on a word: every model that `build` makes, and whatever else has these two."""

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The symbols, in order."""

    def legal_sets(self, word: Word) -> list[LegalSet]:
        """Return the legal set after every prefix, the empty one first; `BadInput` for a foreign symbol."""


@dataclass(frozen=True)
class Run:
    """What a model says about a word.

    Arguments:
        model: the directory of the model; None when it was given as a value.
        alphabet: the model's symbols, in order.
        word: the symbols read.
        legal: what the model takes to be legal after every prefix, the empty one first.
        horizon: the length up to which the model is certainly exact; None for every length, or when nothing
            is known.
    """

    model: str | None
    alphabet: tuple[str, ...]
    word: tuple[str, ...]
    legal: tuple[LegalSet, ...]
    horizon: int | None = None

    @property
    def illegal(self) -> tuple[int, ...]:
        """The places in the word, from 1, of the symbols that were not legal when they were read."""
        places = zip(self.word, self.legal, strict=False)
        return tuple(place for place, (symbol, legal) in enumerate(places, 1) if symbol not in legal)

    @property
    def accepted(self) -> bool:
        """Whether every symbol is legal where it stands, and the word may end where it does."""
        return not self.illegal and END in self.legal[-1]

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree run --json` prints."""
        return {
            "model": self.model,
            "word": format_word(self.word, self.alphabet),
            "accepted": self.accepted,
            "legal": [legal_to_json(allowed, self.alphabet) for allowed in self.legal],
            **({} if self.horizon is None else {"horizon": self.horizon}),
        }


def run(model: Model | str | Path, word: Word, *, arithmetic: str | None = None) -> Run:
    """Run a model on a word.

    Arguments:
        model: a built model, or the directory of one.
        word: a sequence of symbols, or text: symbols run together, or separated by single spaces when any is
            longer than one character.
        arithmetic: of an ssm, instead of its own: "exact", "fixed:P", "float32", "bfloat16", "float16" or
            "int8wrap".

    Returns:
        a `Run`: whether the model accepts, and what is legal after every prefix.

    Raises:
        BadInput: when the directory holds no model, for a symbol that the model does not know, or for an
            arithmetic of another model than an ssm.

    Complexity: the length of the word times the number of parameters.

    >>> import starfree
    >>> found = run(starfree.build("(ab)*"), "aba")
    >>> found.accepted, found.legal[-1]
    (False, frozenset({'b'}))
    """
    directory = str(model) if isinstance(model, str | Path) else None
    opened: Model = open_model(model) if isinstance(model, str | Path) else model
    if arithmetic is not None:
        opened = _rounded(opened, arithmetic)
    symbols = parse_word(word, opened.alphabet) if isinstance(word, str) else tuple(word)
    horizon = getattr(opened, "horizon", None)
    return Run(directory, opened.alphabet, symbols, tuple(opened.legal_sets(symbols)), horizon)


def _rounded(model: Model, arithmetic: str) -> Model:
    if not isinstance(model, SSM):
        raise BadInput(
            f"arithmetic {arithmetic!r}", "is for an ssm, and this is another model", "Leave it out."
        )
    return in_arithmetic(model, arithmetic)
