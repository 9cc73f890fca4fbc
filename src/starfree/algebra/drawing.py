"""A small monoid with its egg-boxes, ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from ..languages.words import format_word
from .greens import EggBox, Greens, egg_boxes, greens
from .monoid import Monoid, transition_monoid

LARGEST = 200  # a larger monoid is counted, not drawn


@dataclass(frozen=True)
class Drawing:
    """A monoid that is small enough to draw.

    Arguments:
        alphabet: the symbols that its words are made of.
        monoid, relations, boxes: the elements, and where they lie in the egg-boxes.
    """

    alphabet: tuple[str, ...]
    monoid: Monoid
    relations: Greens
    boxes: tuple[EggBox, ...]

    def word(self, element: int) -> tuple[str, ...]:
        """Return the first of the shortest words of an element."""
        return tuple(self.alphabet[letter] for letter in self.monoid.word(element))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the egg-boxes: rows are R-classes, columns L-classes, cells H-classes of words."""

        def cell(elements: Sequence[int]) -> list[str]:
            return [format_word(self.word(x), self.alphabet) for x in elements]

        return [
            {
                "rank": box.rank,
                "regular": box.regular,
                "rows": [[cell(elements) for elements in row] for row in box.rows],
                "idempotents": cell(
                    [x for row in box.rows for e in row for x in e if self.relations.idempotent[x]]
                ),
            }
            for box in self.boxes
        ]


def draw(dfa: DFA, *, budget: Budget = DEFAULT) -> Drawing:
    """Enumerate the monoid of a DFA and its Green's relations.

    Raises:
        BudgetExceeded: when the monoid is larger than the budget allows.

    Complexity: see `transition_monoid` and `greens`.

    >>> from starfree.languages import regex
    >>> [box["rows"] for box in draw(regex("(aa)*")).to_json()]
    [[[['', 'a']]]]
    """
    monoid = transition_monoid(dfa, budget=budget)
    relations = greens(monoid)
    return Drawing(dfa.alphabet, monoid, relations, egg_boxes(monoid, relations))
