"""Text for people: width, colour, aligned tables, and words written so that they can be read."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

_CODES = {"bold": "1", "dim": "2", "yes": "32", "no": "31", "open": "33", "unknown": "35"}
_MIN_WIDTH, _MAX_WIDTH = 60, 120
_GAP = 2


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
        return textwrap.fill(
            text, self.width, initial_indent=space, subsequent_indent=space, break_on_hyphens=False
        )

    def table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        head: Sequence[str] = (),
        right: Iterable[int] = (),
        indent: int = 0,
        styled: int | None = None,
    ) -> str:
        """Return aligned rows; the last column is wrapped into the width that the others leave.

        Arguments:
            rows: cells of text, the same number in every row.
            head: the names of the columns, if they are shown.
            right: the columns that are flush right.
            indent: spaces before each line.
            styled: a column whose first word names its own style.
        """
        flush = set(right)
        lines = [list(head), *map(list, rows)] if head else list(map(list, rows))
        if not lines:
            return ""
        last = len(lines[0]) - 1
        widths = [max(len(line[column]) for line in lines) for column in range(last + 1)]
        before = indent + sum(width + _GAP for width in widths[:last])
        room = max(20, self.width - before)
        out: list[str] = []
        for number, line in enumerate(lines):
            cells = [
                cell.rjust(width) if column in flush else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(line[:last], widths, strict=False))
            ]
            if styled is not None and styled < last and (number or not head):
                cells[styled] = self.style(cells[styled], line[styled].split(",")[0])
            end = line[last].rjust(min(widths[last], room)) if last in flush else line[last]
            wrapped = textwrap.wrap(end, room, break_on_hyphens=False, drop_whitespace=last not in flush) or [
                ""
            ]
            text = " " * indent + (" " * _GAP).join([*cells, wrapped[0]])
            out.append(self.style(text.rstrip(), "dim") if head and not number else text.rstrip())
            out.extend(" " * before + more for more in wrapped[1:])
        return "\n".join(out)


def printable(text: str) -> str:
    """Return the text with characters that cannot be seen written as escapes.

    >>> printable("a\\tb")
    'a\\\\tb'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def visible(symbol: str) -> str:
    """Return a symbol so that it can be seen: the space too.

    >>> visible(" "), visible("a")
    ('␣', 'a')
    """
    return "␣" if symbol == " " else printable(symbol)


def clip(text: str, width: int) -> str:
    """Return the text, cut in the middle when it is longer than `width` characters.

    >>> clip("abcdefghij", 7)
    'abc…hij'
    """
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return text[: width - 1 - tail] + "…" + text[len(text) - tail :]


def runs(word: Sequence[str]) -> str:
    """Return a word in run-length notation: symbols that repeat carry a count, and the empty word is ε.

    >>> runs("abbbbbc"), runs(["up", "up", "up", "up", "down"]), runs("")
    ('ab^5c', 'up^4 down', 'ε')
    """
    parts: list[str] = []
    start = 0
    apart = " " if any(len(symbol) > 1 for symbol in word) else ""
    for end in range(1, len(word) + 1):
        if end < len(word) and word[end] == word[start]:
            continue
        symbol, length = visible(word[start]), end - start
        if length >= _RUN:
            parts.append(
                f"{symbol}^{length}" + ("" if apart or end == len(word) or not word[end].isdigit() else " ")
            )
        else:
            parts.extend([symbol] * length)
        start = end
    return apart.join(parts) or "ε"


_RUN = 4


def count_of(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> count_of(1, "state"), count_of(2000, "state")
    ('1 state', '2,000 states')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
