"""Words with the legal set of every prefix, as arrays: what models are trained and measured on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages import DFA, END, Language, Word, parse_word
from ..languages.machine import dfa_of
from ..models.tokens import token_ids
from ..programs.program import Program

Columns = NDArray[np.integer]
Flags = NDArray[np.bool_]

_CELLS = 1 << 22  # entries of the largest temporary arrays


@dataclass(frozen=True, eq=False, repr=False)
class Examples:
    """Words of a language, each with the legal set of every prefix.

    Arguments:
        alphabet: the k symbols.
        tokens: shape `(n, T + 1)`: BOS, the symbols of the word, then PAD; ids as in `models.tokens`.
        legal: shape `(n, T + 1, k + 1)`: which symbols are legal after each prefix, then END; False at PAD.
        lengths: shape `(n,)`: of the words.

    >>> from starfree.languages import regex
    >>> found = encode_words(regex("(ab)*"), ["ab", ""])
    >>> found.tokens.tolist(), found.words()
    ([[2, 0, 1], [2, 4, 4]], [('a', 'b'), ()])
    >>> found.legal[0].astype(int).tolist()
    [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    """

    alphabet: tuple[str, ...]
    tokens: Columns
    legal: Flags
    lengths: NDArray[np.int64]

    def __repr__(self) -> str:
        return f"<Examples: {len(self)} words up to length {self.tokens.shape[1] - 1}>"

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: slice | Sequence[int] | NDArray[np.integer] | Flags) -> Examples:
        """Return some of the words, chosen as rows of an array are; the width stays."""
        return Examples(self.alphabet, self.tokens[index], self.legal[index], self.lengths[index])

    @property
    def mask(self) -> Flags:
        """Shape `(n, T + 1)`: whether a prefix ends there, so that its legal set counts."""
        mask: Flags = np.arange(self.tokens.shape[1]) <= self.lengths[:, None]
        return mask

    def trimmed(self) -> Examples:
        """Return the same without columns that are PAD in every word."""
        width = int(self.lengths.max(initial=0)) + 1
        return Examples(self.alphabet, self.tokens[:, :width], self.legal[:, :width], self.lengths)

    def words(self) -> list[tuple[str, ...]]:
        """Return the words as tuples of symbols."""
        return words_of(self.alphabet, self.tokens[:, 1:], self.lengths)


def joined(parts: Sequence[Examples]) -> Examples:
    """Return the words of several examples of the same alphabet and width, one after the other."""
    first = parts[0]
    tokens, legal, lengths = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("tokens", "legal", "lengths")
    )
    return Examples(first.alphabet, tokens, legal, lengths)


def encode_words(language: Language, words: Iterable[Word], *, width: int | None = None) -> Examples:
    """Return words with the legal set of every prefix.

    Arguments:
        words: sequences of symbols, or text for `parse_word`; they need not be in the language.
        width: T, at least the length of the longest word, which is also its default.

    Raises:
        BadInput: for a symbol outside the alphabet, or a width that is too small.

    Complexity: see `encode_columns`.
    """
    columns, lengths = columns_of(language.alphabet, words)
    return encode_columns(language, columns, lengths, width=width)


def encode_columns(
    language: Language, columns: Columns, lengths: NDArray[np.int64], *, width: int | None = None
) -> Examples:
    """Return words, given as indices into the alphabet, with the legal set of every prefix.

    Arguments:
        columns: shape `(n, T)`; what stands behind the end of a word does not matter.
        lengths: shape `(n,)`.
        width: T of the result; as it is when None.

    Raises:
        BadInput: when a word is longer than the width.

    Complexity: T vectorised steps through the table of a DFA, or over the conditions of a program.
    """
    longest = int(lengths.max(initial=0))
    width = columns.shape[1] if width is None else width
    if longest > width:
        why = f"is shorter than the longest word, {longest}"
        raise BadInput(f"width {width}", why, "Give a larger one, or leave it out.")
    k = len(language.alphabet)
    ids = token_ids(k)
    kind = np.uint8 if ids.unk < 256 else np.int16 if ids.unk < 1 << 15 else np.int32
    inside = np.arange(width) < lengths[:, None]
    fitted = np.zeros((len(lengths), width), np.int64)
    shared = min(width, columns.shape[1])
    fitted[:, :shared] = columns[:, :shared]
    fitted[~inside] = 0
    tokens = np.full((len(lengths), width + 1), ids.pad, kind)
    tokens[:, 0] = ids.bos
    tokens[:, 1:][inside] = fitted[inside]
    legal = legal_along(language, fitted)
    legal &= (np.arange(width + 1) <= lengths[:, None])[:, :, None]
    return Examples(language.alphabet, tokens, legal, np.asarray(lengths, np.int64))


def legal_along(language: Language, columns: Columns) -> Flags:
    """Return the legal set after each prefix of many words of one length.

    Arguments:
        columns: shape `(n, T)`: indices into the alphabet.

    Returns:
        shape `(n, T + 1, k + 1)`: the empty prefix first, END last.
    """
    if isinstance(language, DFA) or language.kind == "regular":
        return _along_table(dfa_of(language), columns)
    n, length = columns.shape
    k = len(language.alphabet)
    found = np.empty((n, length + 1, k + 1), np.bool_)
    if isinstance(language, Program):
        step = max(1, _CELLS // ((length + 1) * (k + 1)))
        for i in range(0, n, step):
            found[i : i + step] = language.legal_along(np.asarray(columns[i : i + step], np.int64))
        return found
    for row, word in zip(found, np.asarray(columns).tolist(), strict=True):
        state = language.start
        for at in range(length + 1):
            if at:
                state = language.step(state, language.alphabet[word[at - 1]])
            legal = language.legal(state)
            row[at] = [*(symbol in legal for symbol in language.alphabet), END in legal]
    return found


def _along_table(dfa: DFA, columns: Columns) -> Flags:
    n, length = columns.shape
    states = np.zeros((length + 1, n), np.int32)
    for at in range(length):
        states[at + 1] = dfa.table[states[at], columns[:, at]]
    legal: Flags = dfa.legal_table[states.T]
    return legal


def columns_of(
    alphabet: tuple[str, ...], words: Iterable[Word]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return words as indices into the alphabet.

    Returns:
        columns, shape `(n, T)` for the longest length T, zero behind the end; lengths, shape `(n,)`.

    Raises:
        BadInput: for a symbol outside the alphabet.
    """
    listed = list(words)
    texts = ["".join(word) for word in listed]
    lengths = np.array([len(word) for word in listed], np.int64)
    if all(len(symbol) == 1 for symbol in alphabet) and all(map(_same_length, texts, listed)):
        indices = _looked_up(alphabet, "".join(texts))
    else:
        places = {symbol: i for i, symbol in enumerate(alphabet)}
        split = [parse_word(word, alphabet) if isinstance(word, str) else word for word in listed]
        foreign = [symbol for word in split for symbol in word if symbol not in places]
        if foreign:
            why = f"{foreign[0]!r} is not in the alphabet"
            raise BadInput("a word", why, f"Use only: {' '.join(alphabet)}.")
        lengths = np.array([len(word) for word in split], np.int64)
        indices = np.array([places[symbol] for word in split for symbol in word], np.int64)
    columns = np.zeros((len(listed), int(lengths.max(initial=0))), np.int64)
    columns[np.arange(columns.shape[1]) < lengths[:, None]] = indices
    return columns, lengths


def _same_length(text: str, word: Word) -> bool:
    return len(text) == len(word)


def _looked_up(alphabet: tuple[str, ...], text: str) -> NDArray[np.int64]:
    """Return the characters of a text as indices into the alphabet; `BadInput` when one is not in it."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    known = np.array([ord(symbol) for symbol in alphabet], np.uint32)
    if not len(codes) or not set(text).issubset(alphabet):
        parse_word(text, alphabet)  # says what is wrong with it
        return np.zeros(0, np.int64)
    order = np.argsort(known)
    return order[np.searchsorted(known[order], codes)]


def words_of(
    alphabet: tuple[str, ...], columns: Columns, lengths: NDArray[np.int64]
) -> list[tuple[str, ...]]:
    """Return words, given as indices into the alphabet, as tuples of symbols."""
    sizes = lengths.tolist()
    rows = columns.tolist()
    return [tuple([alphabet[i] for i in row[:n]]) for row, n in zip(rows, sizes, strict=True)]
