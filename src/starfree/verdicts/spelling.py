"""Words of certificates: lists of symbols, or straight-line programs when they are long."""

from __future__ import annotations

from typing import Any

from ..algebra.words import Spelling, Step, StraightLine
from ..languages import DFA
from ..languages.notation import bracketed, enclosed, fitting_in, joined, spaced, visible


def write_word(spelling: Spelling, dfa: DFA) -> Any:
    """Return a word as docs/certificates.md writes it."""
    if isinstance(spelling, tuple):
        return [dfa.alphabet[column] for column in spelling]
    steps: list[list[Any]] = []
    for step in spelling.steps:
        steps.append(["sym", dfa.alphabet[step[1]]] if len(step) == 2 else list(step))
    return {"steps": steps}


def read_word(word: Any, dfa: DFA) -> Spelling:
    """Return the word that `write_word` wrote."""
    if isinstance(word, list):
        return tuple(dfa.column[symbol] for symbol in word)
    steps: list[Step] = []
    for step in word["steps"]:
        steps.append(("sym", dfa.column[step[1]]) if step[0] == "sym" else tuple(step))
    return StraightLine(tuple(steps))


def word_text(word: Any, width: int = 160) -> str:
    """Return a word of a certificate for people; one that is longer than `width` is cut and says its length.

    >>> word_text(["a", "b"]), word_text([])
    ('⟨ab⟩', 'ε')
    >>> word_text({"steps": [["sym", "a"], ["sym", "b"], ["mul", 0, 1], ["pow", 2, 10**9]]})
    '⟨⟨ab⟩^1000000000⟩'
    """
    if isinstance(word, list):
        return bracketed(word, width)
    apart = spaced(step[1] for step in word["steps"] if step[0] == "sym")
    # A step may double the one before it, so of each only the beginning is kept.
    found: list[_Text] = []
    for kind, *operands in word["steps"]:
        if kind == "sym":
            found.append(([visible(operands[0])], 1, False))
        elif kind == "mul":
            found.append(_product(found[operands[0]], found[operands[1]], width))
        else:
            found.append(_power(found[operands[0]], operands[1], apart))
    parts, length, cut = found[-1]
    return enclosed(parts, length, apart, cut=cut)


_Text = tuple[list[str], int, bool]
"""The first parts of a word, how many symbols it has, and whether more parts follow."""


def _product(first: _Text, second: _Text, width: int) -> _Text:
    parts = first[0] if first[2] else first[0] + second[0]
    fitting = fitting_in(parts, width)
    cut = fitting < len(parts) or first[2] or second[2]
    return parts[:fitting], first[1] + second[1], cut


def _power(base: _Text, times: int, apart: bool) -> _Text:
    parts, length, cut = base
    if not length or not times:
        return [], 0, False
    if times == 1:
        return base
    one = length == 1
    text = parts[0] if one else f"⟨{joined([*parts, '…'] if cut else parts, apart)}⟩"
    return [f"{text}^{times}"], length * times, False
