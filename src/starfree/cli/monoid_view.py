"""The egg-boxes of a small monoid, for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..algebra.drawing import Drawing
from ..algebra.greens import EggBox
from ..languages.notation import bracketed, listed
from .screen import Screen, count_of

_CELL = 72  # characters of the words in a cell; what does not fit is counted
_WORD = 40
_IDEMPOTENT = "●"
_LEGEND = f"{_IDEMPOTENT}: idempotent; rows x columns: R- x L-classes; regular: has an idempotent"


def drawing_text(screen: Screen, drawing: Drawing) -> str:
    """Return the egg-boxes as grids, a line per R-class and a column per L-class, and a legend."""

    def kind(box: EggBox) -> tuple[int, bool, bool]:
        return -box.rank, _trivial(box), not box.regular

    parts = []
    for (_, trivial, _), members in groupby(sorted(drawing.boxes, key=kind), key=kind):
        if trivial:
            parts.append(_singles(screen, drawing, list(members)))
        else:
            parts.extend(_grid(screen, drawing, box) for box in members)
    return "\n".join([*parts, screen.dim(_LEGEND)])


def _head(screen: Screen, box: EggBox, more: str = "") -> str:
    """Return the heading of an egg-box: its rank, its shape, and whether it is regular."""
    shape = f"{len(box.rows)} x {len(box.rows[0])}"
    kind = "regular" if box.regular else "not regular"
    return "  " + screen.style(f"rank {box.rank}, {shape}, {kind}{more}", "dim")


def _trivial(box: EggBox) -> bool:
    """Tell whether an egg-box holds one element."""
    return len(box.rows) == len(box.rows[0]) == len(box.rows[0][0]) == 1


def _singles(screen: Screen, drawing: Drawing, boxes: Sequence[EggBox]) -> str:
    """Return the egg-boxes of one element and one rank together."""
    more = f", {count_of(len(boxes), 'class', 'classes')}" if len(boxes) > 1 else ""
    cells = "  ".join(_cell(drawing, box.rows[0][0]) for box in boxes)
    return f"{_head(screen, boxes[0], more)}\n{screen.wrap(cells, indent=4)}"


def _grid(screen: Screen, drawing: Drawing, box: EggBox) -> str:
    """Return one egg-box as a grid."""
    rows = [[_cell(drawing, elements) for elements in row] for row in box.rows]
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    body = screen.table(rows, indent=4) if sum(widths) + 2 <= screen.width else _marks(screen, drawing, box)
    return f"{_head(screen, box)}\n{body}"


def _marks(screen: Screen, drawing: Drawing, box: EggBox) -> str:
    """Return an egg-box without its words: only which cells hold an idempotent."""
    idempotent = drawing.relations.idempotent
    rows = [
        [_IDEMPOTENT if any(idempotent[x] for x in elements) else "." for elements in row] for row in box.rows
    ]
    room = screen.width - 4
    if 2 * len(rows[0]) > room:
        room -= len(" and 100 more")
    return "\n".join("    " + listed(row, room) for row in rows)


def _cell(drawing: Drawing, elements: Sequence[int]) -> str:
    """Return the words of a cell, those of idempotents marked."""
    idempotent = drawing.relations.idempotent
    words = [bracketed(drawing.word(x), _WORD) + _IDEMPOTENT * bool(idempotent[x]) for x in elements]
    return listed(words, _CELL)
