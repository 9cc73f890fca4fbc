"""Words and alphabets as text: characters run together, or symbols separated by spaces."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..errors import BadInput
from .notation import symbol_ranges

_SHOWN = 400  # characters of an alphabet in a message


def check_alphabet(symbols: Sequence[str]) -> tuple[str, ...]:
    """Return an alphabet as a tuple, after checking that its words can be written down.

    Raises:
        BadInput: for a repeated or empty symbol, half a surrogate pair, or whitespace in an alphabet where
            words are written with spaces.
    """
    alphabet = tuple(symbols)
    if len(set(alphabet)) != len(alphabet):
        twice = next(s for i, s in enumerate(alphabet) if s in alphabet[:i])
        raise BadInput(
            f"alphabet {brief(' '.join(alphabet))!r}", f"names {twice!r} twice", "Name each symbol once."
        )
    spaced = any(len(symbol) != 1 for symbol in alphabet)
    for symbol in alphabet:
        if not symbol:
            raise BadInput("alphabet", "has an empty symbol", "Give every symbol at least one character.")
        if spaced and any(c.isspace() for c in symbol):
            why = "contains whitespace, beside symbols of several characters"
            raise BadInput(f"symbol {symbol!r}", why, "Use another name for it.")
        if any("\ud800" <= c <= "\udfff" for c in symbol):
            raise BadInput(f"symbol {symbol!r}", "is half a surrogate pair", "Use whole characters.")
    return alphabet


def parse_alphabet(text: str) -> tuple[str, ...]:
    """Read an alphabet: a run of characters, or symbols separated by spaces when any is longer than one.

    Text with a space in it is read as separated symbols when that makes one of them longer than one
    character; otherwise every character is a symbol, the space too.

    Raises:
        BadInput: when a symbol is named twice.

    >>> parse_alphabet("ab"), parse_alphabet("SYN ACK"), parse_alphabet("a b")
    (('a', 'b'), ('SYN', 'ACK'), ('a', ' ', 'b'))
    """
    parts = text.split()
    if len(parts) > 1 and any(len(part) > 1 for part in parts):
        return check_alphabet(parts)
    return check_alphabet(tuple(text))


def parse_word(text: str, alphabet: Collection[str]) -> tuple[str, ...]:
    """Read a word: characters run together when every symbol has one character, else separated by spaces.

    Raises:
        BadInput: for a symbol outside the alphabet, or several spaces in a row between long symbols.

    >>> parse_word("abb", "ab"), parse_word("SYN ACK", ("SYN", "ACK")), parse_word("", "ab")
    (('a', 'b', 'b'), ('SYN', 'ACK'), ())
    """
    spaced = _spaced(alphabet)
    word = tuple(text.split(" ")) if spaced and text else tuple(text)
    known = frozenset(alphabet)
    for position, symbol in enumerate(word):
        if symbol not in known:
            shown = symbol_ranges(list(alphabet), _SHOWN) or "(no symbols)"
            why = f"symbol {position + 1}, {symbol!r}, is not in the alphabet"
            do = f"Use only: {shown}" + (", separated by single spaces." if spaced else ".")
            raise BadInput(f"word {brief(text)!r}", why, do)
    return word


def format_word(symbols: Sequence[str], alphabet: Collection[str]) -> str:
    """Write a word so that `parse_word` reads it back.

    >>> format_word(("a", "b"), "ab"), format_word(("SYN", "ACK"), ("SYN", "ACK"))
    ('ab', 'SYN ACK')
    """
    return (" " if _spaced(alphabet) else "").join(symbols)


def _spaced(alphabet: Collection[str]) -> bool:
    return any(len(symbol) != 1 for symbol in alphabet)


def brief(text: str, width: int = 60) -> str:
    """Return a text for a message, cut when it is long."""
    return text if len(text) <= width else text[: width - 3] + "..."
