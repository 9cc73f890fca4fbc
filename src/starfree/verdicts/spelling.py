"""Words of certificates: lists of symbols, or straight-line programs when they are long."""

from __future__ import annotations

from typing import Any

from ..algebra.words import Spelling, Step, StraightLine
from ..languages import DFA


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
