"""`sample`: words of a language, uniform over one length, or words just outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from typing import Any

from ..budgets import Budget
from ..errors import BadInput
from .language import Language
from .load import as_language
from .near import near_misses
from .sampling import sample as uniform
from .words import format_word


@dataclass(frozen=True)
class Sample:
    """Words drawn from a language.

    Arguments:
        language: the language.
        length: of the words drawn; near misses may be shorter or longer.
        number: how many words were asked for.
        seed: where chance started.
        near: the largest edit distance of a near miss; None when the words are in the language.
        words: as many as were asked for; fewer when no near miss of some word was found.
    """

    language: Language
    length: int
    number: int
    seed: int
    near: int | None
    words: tuple[tuple[str, ...], ...]

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)

    def texts(self) -> list[str]:
        """Return the words as text, which `parse_word` reads back."""
        return [format_word(word, self.language.alphabet) for word in self.words]

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree sample --json` prints."""
        return {
            "language": {"spec": self.language.spec, "alphabet": list(self.language.alphabet)},
            "length": self.length,
            "seed": self.seed,
            "near": self.near,
            "words": self.texts(),
        }


def sample(
    language: Language | str | PathLike[str],
    *,
    length: int,
    number: int = 1,
    seed: int = 0,
    near: int | None = None,
    max_states: int | None = None,
    timeout: float | None = None,
) -> Sample:
    """Draw words of a length, independent, each equally likely; or a near miss of each.

    Arguments:
        language: a regular language or one that counts, or text for `starfree.load`.
        length: at least 0.
        number: how many words, at least 0.
        seed: at least 0; the same seed gives the same words.
        near: at least 1: give for each word one outside the language, at most so many edits away.
        max_states, timeout: budgets (seconds for the last).

    Returns:
        a `Sample`, which iterates over its words.

    Raises:
        BadInput: when there is no word of that length, with the nearest lengths that have some; or for a
            number that is too small.
        NotRegular: when the language is neither.
        BudgetExceeded: when a budget runs out.

    Complexity: see `starfree.languages.sampling.sample` and `starfree.languages.near.near_misses`.

    >>> sample("(a|b)*a", length=4, number=2, seed=1).texts()
    ['baaa', 'abba']
    >>> sample("(ab)*", length=4, near=1).to_json()["words"]
    ['aba']
    """
    if seed < 0:
        raise BadInput(f"seed {seed}", "must not be negative", "Give a number of at least 0.")
    if near is not None and near < 1:
        raise BadInput(f"near {near}", "is not positive", "Give a distance of at least 1.")
    budget = Budget.of(max_states, timeout=timeout)
    language = as_language(language, max_states=max_states, timeout=timeout)
    words = uniform(language, length, number, seed=seed, budget=budget)
    if near is not None:
        # A seed for each: the words are independent, and so must be their near misses.
        found = [
            near_misses(language, word, near, seed=seed + i, budget=budget) for i, word in enumerate(words)
        ]
        words = [word for some in found for word in some]
    return Sample(language, length, number, seed, near, tuple(words))
