"""Symbols and words as people read them: every symbol visible, a word between ⟨ and ⟩, the empty word ε."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_RUN = 4  # so many equal symbols in a row are written as a power


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


def runs(word: Sequence[str]) -> str:
    """Return a word in run-length notation: symbols that repeat carry a count, and the empty word is ε.

    >>> runs("abbbbbc"), runs(["up", "up", "up", "up", "down"]), runs("")
    ('ab^5c', 'up^4 down', 'ε')
    """
    return joined(powers(word), spaced(word)) or "ε"


def bracketed(word: Sequence[str], width: int | None = None) -> str:
    """Return a word in run-length notation between brackets; one that is cut says how long it is.

    >>> bracketed('"a,'), bracketed(["up", "down"]), bracketed("")
    ('⟨"a,⟩', '⟨up down⟩', 'ε')
    >>> bracketed("abc" * 9, 8)
    '⟨abcabcab…⟩ (27 symbols)'
    """
    parts = powers(word)
    fitting = len(parts) if width is None else fitting_in(parts, width)
    return enclosed(parts[:fitting], len(word), spaced(word), cut=fitting < len(parts))


def enclosed(parts: Sequence[str], length: int, apart: bool, *, cut: bool) -> str:
    """Return the parts of a word between brackets; when they are only its beginning, with its length."""
    if not parts:
        return "ε"
    text = joined([*parts, "…"] if cut else parts, apart)
    return f"⟨{text}⟩ ({length:,} symbols)" if cut else f"⟨{text}⟩"


def spaced(symbols: Iterable[str]) -> bool:
    """Tell whether symbols are written with spaces between them."""
    return any(len(symbol) > 1 for symbol in symbols)


def powers(word: Sequence[str]) -> list[str]:
    """Return the symbols of a word, `symbol^count` for those that repeat.

    A word that contains the symbol ^ is written out.
    """
    parts: list[str] = []
    start = 0
    plain = "^" in word
    for end in range(1, len(word) + 1):
        if end < len(word) and word[end] == word[start]:
            continue
        symbol, length = visible(word[start]), end - start
        parts.extend([symbol] * length if plain or length < _RUN else [f"{symbol}^{length}"])
        start = end
    return parts


def joined(parts: Sequence[str], apart: bool) -> str:
    """Return parts of a word as one text: with spaces where they are apart, or a digit follows a power."""
    text, before = "", ""
    for part in parts:
        digits = "^" in before[1:] and part[0].isdigit()
        text += " " * bool(text and (apart or digits)) + part
        before = part
    return text


def listed(items: Sequence[str], width: int, *, sizes: Sequence[int] | None = None) -> str:
    """Return items with spaces between them; those that do not fit in the width are left out and counted.

    Arguments:
        items: texts; at least one of them is shown.
        sizes: what each item counts for; None means 1.

    >>> listed(["one", "two", "three"], 8), listed(["one", "two"], 8)
    ('one two and 1 more', 'one two')
    """
    fitting = fitting_in(items, width, gap=1)
    left = len(items) - fitting if sizes is None else sum(sizes[fitting:])
    return " ".join(items[:fitting]) + (f" and {left:,} more" if left else "")


def symbol_ranges(symbols: Sequence[str], width: int = 1 << 30) -> str:
    """Return symbols as text, with runs of consecutive characters written as ranges.

    Arguments:
        symbols: in any order; ranges are formed of neighbours.
        width: symbols that do not fit in so many characters are left out and counted.

    >>> symbol_ranges(["a", "b", "c", "d", "x", "0"]), symbol_ranges(["SYN", "ACK"])
    ('a-d x 0', 'SYN ACK')
    >>> symbol_ranges(["SYN", "ACK", "FIN", "RST"], 8)
    'SYN ACK and 2 more'
    """
    parts: list[list[str]] = []
    for symbol in symbols:
        follows = parts and len(symbol) == len(parts[-1][-1]) == 1 and ord(symbol) == ord(parts[-1][-1]) + 1
        if follows:
            parts[-1].append(symbol)
        else:
            parts.append([symbol])
    ranges = [part for run in parts for part in ([run] if len(run) > 3 else [[symbol] for symbol in run])]
    items = [visible(part[0]) + (f"-{visible(part[-1])}" if len(part) > 1 else "") for part in ranges]
    return listed(items, width, sizes=list(map(len, ranges)))


def fitting_in(items: Iterable[str], width: int, gap: int = 0) -> int:
    """Return how many of the first items fit in the width, at least one if there is any."""
    used = number = 0
    for number, item in enumerate(items, 1):
        used += len(item) + gap * (number > 1)
        if used > width and number > 1:
            return number - 1
    return number
