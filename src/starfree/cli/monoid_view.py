"""The egg-boxes of a small monoid, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..algebra.greens import EggBox, Greens, egg_boxes, greens
from ..algebra.monoid import Monoid, transition_monoid
from ..budgets import Budget
from ..languages.dfa import DFA
from ..languages.words import format_word
from .screen import Screen, clip, count_of, runs

LARGEST = 200  # a larger monoid is counted, not drawn
_CELL = 24


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


def draw(dfa: DFA, budget: Budget) -> Drawing:
    """Enumerate the monoid of a DFA and its Green's relations."""
    monoid = transition_monoid(dfa, budget=budget)
    relations = greens(monoid)
    return Drawing(dfa.alphabet, monoid, relations, egg_boxes(monoid, relations))


def drawing_document(drawing: Drawing) -> list[dict[str, Any]]:
    """Return the egg-boxes for `--json`: rows are R-classes, columns L-classes, cells H-classes of words."""

    def cell(elements: Sequence[int]) -> list[str]:
        return [format_word(drawing.word(x), drawing.alphabet) for x in elements]

    return [
        {
            "rank": box.rank,
            "regular": box.regular,
            "rows": [[cell(elements) for elements in row] for row in box.rows],
            "idempotents": cell(
                [x for row in box.rows for e in row for x in e if drawing.relations.idempotent[x]]
            ),
        }
        for box in drawing.boxes
    ]


def drawing_text(screen: Screen, drawing: Drawing) -> str:
    """Return the egg-boxes as grids: a line per R-class, a column per L-class; * marks an idempotent."""
    parts = []
    boxes = sorted(drawing.boxes, key=lambda box: (-box.rank, _trivial(box)))
    for (rank, trivial), members in groupby(boxes, key=lambda box: (box.rank, _trivial(box))):
        if trivial:
            parts.append(_singles(screen, drawing, rank, list(members)))
        else:
            parts.extend(_grid(screen, drawing, box) for box in members)
    return "\n".join(parts)


def _trivial(box: EggBox) -> bool:
    """Tell whether an egg-box holds one element."""
    return len(box.rows) == len(box.rows[0]) == len(box.rows[0][0]) == 1


def _singles(screen: Screen, drawing: Drawing, rank: int, boxes: Sequence[EggBox]) -> str:
    """Return the egg-boxes of one element and one rank together."""
    head = f"rank {rank}, 1 x 1" + (f", {count_of(len(boxes), 'class', 'classes')}" if len(boxes) > 1 else "")
    cells = "  ".join(_cell(drawing, box.rows[0][0]) for box in boxes)
    return f"  {screen.style(head, 'dim')}\n{screen.wrap(cells, indent=4)}"


def _grid(screen: Screen, drawing: Drawing, box: EggBox) -> str:
    """Return one egg-box as a grid."""
    kind = "regular" if box.regular else "not regular"
    shape = f"{len(box.rows)} x {len(box.rows[0])}"
    head = f"rank {box.rank}, {shape}, {kind}"
    rows = [[_cell(drawing, elements) for elements in row] for row in box.rows]
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    body = screen.table(rows, indent=4) if sum(widths) + 2 <= screen.width else _marks(screen, drawing, box)
    return f"  {screen.style(head, 'dim')}\n{body}"


def _marks(screen: Screen, drawing: Drawing, box: EggBox) -> str:
    """Return an egg-box without its words: * where a cell holds an idempotent."""
    idempotent = drawing.relations.idempotent
    rows = [["*" if any(idempotent[x] for x in elements) else "." for elements in row] for row in box.rows]
    return "\n".join("    " + clip(" ".join(row), screen.width - 4) for row in rows)


def _cell(drawing: Drawing, elements: Sequence[int]) -> str:
    shown = [runs(drawing.word(x)) + "*" * bool(drawing.relations.idempotent[x]) for x in elements[:_CELL]]
    more = f" and {count_of(len(elements) - _CELL, 'more', 'more')}" if len(elements) > _CELL else ""
    return clip(" ".join(shown), 3 * _CELL) + more
