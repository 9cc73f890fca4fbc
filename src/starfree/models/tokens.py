"""The tokens of a checkpoint, and its tokenizer as documents.

Symbols have ids 0 to k-1 in the order of the alphabet; BOS, EOS, PAD and UNK follow. The tokenizer reads what
`format_word` writes: characters run together, or symbols separated by spaces. It puts BOS in front, and
reads a piece that is no symbol as UNK.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..languages import Word, parse_word

SPECIAL = ("bos", "eos", "pad", "unk")
LONGEST = 10**30  # what transformers calls no limit: every length works


class TokenIds(NamedTuple):
    """Ids of the special tokens."""

    bos: int
    eos: int
    pad: int
    unk: int


def token_ids(symbols: int) -> TokenIds:
    """Return the ids of the special tokens that follow that many symbols."""
    return TokenIds(symbols, symbols + 1, symbols + 2, symbols + 3)


def token_strings(alphabet: tuple[str, ...]) -> tuple[str, ...]:
    """Return the text of every token, by id; the special ones are spelled so that no word contains them.

    >>> token_strings(("a", "b"))[2:], token_strings(tuple("<bos>"))[5:7]
    (('<bos>', '<eos>', '<pad>', '<unk>'), ('[bos]', '[eos]'))
    """
    if _spaced(alphabet):  # no symbol has a space in it, so the text would have to be inside of one

        def free(text: str) -> bool:
            return all(text not in symbol for symbol in alphabet)
    else:
        letters = frozenset(alphabet)

        def free(text: str) -> bool:
            return not letters.issuperset(text)

    spellings = ([f"{left}{name}{right}" for name in SPECIAL] for left, right in _brackets())
    return (*alphabet, *next(special for special in spellings if all(map(free, special))))


def _brackets() -> Iterator[tuple[str, str]]:
    """Yield pairs of brackets, plain ones first and then characters that Unicode leaves to private use."""
    yield from (("<", ">"), ("[", "]"), ("{", "}"), ("(", ")"), ("⟨", "⟩"), ("«", "»"))
    yield from ((chr(code), chr(code)) for code in (*range(0xE000, 0xF900), *range(0xF0000, 0x10FFFE)))


def encode(alphabet: tuple[str, ...], word: Word) -> list[int]:
    """Return the ids of BOS and the symbols of a word; `BadInput` for a foreign symbol."""
    places = {symbol: i for i, symbol in enumerate(alphabet)}
    if not isinstance(word, str):
        for symbol in word:
            if symbol not in places:
                parse_word(symbol, alphabet)  # says what is wrong with it
        symbols = tuple(word)
    else:
        symbols = parse_word(word, alphabet)
    return [len(alphabet), *(places[symbol] for symbol in symbols)]


def tokenizer_document(alphabet: tuple[str, ...]) -> dict[str, Any]:
    """Return the content of `tokenizer.json`, as the library `tokenizers` writes it."""
    strings, (bos, _, _, unk) = token_strings(alphabet), token_ids(len(alphabet))
    spaced = _spaced(alphabet)
    added = [
        {
            "id": number,
            "content": strings[number],
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for number in token_ids(len(alphabet))
    ]
    start = {"SpecialToken": {"id": strings[bos], "type_id": 0}}
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "} if spaced else {"Regex": "[\\s\\S]"},  # one character, newlines too
            "behavior": "Removed" if spaced else "Isolated",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [start, first],
            "pair": [start, first, second],
            "special_tokens": {strings[bos]: {"id": strings[bos], "ids": [bos], "tokens": [strings[bos]]}},
        },
        "decoder": None if spaced else {"type": "Fuse"},  # without one, tokens are joined by single spaces
        "model": {
            "type": "WordLevel",
            "vocab": {string: number for number, string in enumerate(strings)},
            "unk_token": strings[unk],
        },
    }


def tokenizer_config(alphabet: tuple[str, ...]) -> dict[str, Any]:
    """Return the content of `tokenizer_config.json`."""
    strings = token_strings(alphabet)
    named = zip(SPECIAL, token_ids(len(alphabet)), strict=True)
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **{f"{name}_token": strings[number] for name, number in named},
        "padding_side": "left",
        "clean_up_tokenization_spaces": False,
        "model_input_names": ["input_ids", "attention_mask"],
        "model_max_length": LONGEST,
    }


def _spaced(alphabet: tuple[str, ...]) -> bool:
    return any(len(symbol) != 1 for symbol in alphabet)
