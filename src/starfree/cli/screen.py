"""Text for people: width, colour, aligned tables, and words written so that they can be read."""

from __future__ import annotations

import os
import re
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from ..languages.notation import printable, runs, visible

__all__ = ["Screen", "clip", "count_of", "printable", "runs", "visible"]

_CODES = {"bold": "1", "dim": "2", "yes": "32", "no": "31", "open": "33", "unknown": "35"}
_MIN_WIDTH, _MAX_WIDTH = 60, 120
_GAP = 2
_LEAST = 20  # columns are not made narrower while others can give way
_PIECES = re.compile(r"[^|,]*[|,]|[^|,]+")


@dataclass(frozen=True)
class Screen:
    """How wide a line may be, and whether colour is shown.

    Arguments:
        width: characters in a line.
        colour: whether styles are written.
    """

    width: int = 100
    colour: bool = False

    @classmethod
    def of(cls, stream: IO[str]) -> Screen:
        """Return the screen behind a stream: colour only on a terminal, and never with NO_COLOR."""
        columns = shutil.get_terminal_size((100, 24)).columns
        colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(max(_MIN_WIDTH, min(columns, _MAX_WIDTH)), colour)

    def style(self, text: str, style: str) -> str:
        """Return the text in a style: bold, dim, or that of a verdict."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and style in _CODES else text

    def dim(self, text: str) -> str:
        """Return the text wrapped, as an aside."""
        return "\n".join(self.style(line, "dim") for line in self.wrap(text).splitlines())

    def heading(self, text: str) -> str:
        """Return the text as a heading."""
        return self.style(text, "bold")

    def wrap(self, text: str, indent: int = 0) -> str:
        """Return the text in lines of the screen's width, each indented."""
        space = " " * indent
        return "\n".join(space + line for line in _lines(text, self.width - indent))

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        head: Sequence[str] = (),
        right: Iterable[int] = (),
        indent: int = 0,
        gap: int = _GAP,
        styled: int | None = None,
    ) -> str:
        """Return aligned rows; where a row is too wide its cells are wrapped, the last column first.

        Arguments:
            rows: cells of text, the same number in every row.
            head: the names of the columns, if they are shown.
            right: the columns that are flush right.
            indent: spaces before each line.
            gap: spaces between columns.
            styled: a column whose first word names its own style.
        """
        flush = set(right)
        lines = [list(head), *map(list, rows)] if head else list(map(list, rows))
        if not lines:
            return ""
        last = len(lines[0]) - 1
        widths = [max(len(line[column]) for line in lines) for column in range(last + 1)]
        widths = _fitted(widths, self.width - indent - gap * last)
        out: list[str] = []
        for number, line in enumerate(lines):
            wrapped = [_lines(cell, width) for cell, width in zip(line, widths, strict=True)]
            for part in range(max(map(len, wrapped))):
                cells = []
                for column, (found, width) in enumerate(zip(wrapped, widths, strict=True)):
                    cell = found[part] if part < len(found) else ""
                    cell = cell.rjust(width) if column in flush else cell.ljust(width)
                    if column == styled and (number or not head):
                        cell = self.style(cell, line[column].split(",")[0])
                    cells.append(cell)
                text = (" " * indent + (" " * gap).join(cells)).rstrip()
                out.append(self.style(text, "dim") if head and not number else text)
        return "\n".join(out)


def _fitted(widths: list[int], room: int) -> list[int]:
    """Return widths of columns that fit: the last gives way down to `_LEAST`, then always the widest."""
    fitted = list(widths)
    fitted[-1] = max(min(fitted[-1], _LEAST), min(fitted[-1], room - sum(fitted[:-1])))
    while sum(fitted) > room and max(fitted) > _LEAST // 2:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _lines(text: str, width: int) -> list[str]:
    """Return the text in lines, broken at spaces; a longer word after `|` or `,`, if it has them."""
    wrapper = _Wrapper(width, break_on_hyphens=False)
    return wrapper.wrap(text) or [""]


class _Wrapper(textwrap.TextWrapper):
    """Breaks words that are longer than a line after `|` or `,`; elsewhere only where that is not enough."""

    def _split(self, text: str) -> list[str]:
        chunks = super()._split(text)
        return [
            piece
            for chunk in chunks
            for piece in (_PIECES.findall(chunk) if len(chunk) > self.width else [chunk])
        ]


def clip(text: str, width: int) -> str:
    """Return the text, cut in the middle when it is longer than `width` characters.

    >>> clip("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return text[: width - 1 - tail] + "…" + text[len(text) - tail :]


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> count_of(1, "state"), count_of(2000, "state")
    ('1 state', '2,000 states')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
