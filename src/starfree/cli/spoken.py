"""The language that a user names, with notes on standard error where it may not be what was meant."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInput
from ..languages.notation import symbol_ranges
from .options import AS_JSON

if TYPE_CHECKING:
    from ..languages import Language

# What stands for itself whatever it holds: an escaped character, or a class.
_LITERAL = re.compile(r"\\.|\[(\^?)(?:\\.|[^\]\\])*\]", re.DOTALL)


def spoken(
    text: str, alphabet: str | None, epsilon: str | None, max_states: int | None, timeout: float | None
) -> Language:
    """Return the language that LANG names, and say on standard error what its writer may not expect.

    Raises:
        BadInput: when the text cannot be read, or is a Python file without the name of a language in it.
        BudgetExceeded: when the language needs more states or time than allowed.
    """
    from ..languages.load import load

    if text.endswith(".py") and Path(text).is_file():
        raise BadInput(text, "is a Python file, without the name of a language in it", f"Write {text}:name.")
    language = load(text, alphabet=alphabet, epsilon=epsilon, max_states=max_states, timeout=timeout)
    if not click.get_current_context().meta.get(AS_JSON):
        for note in notes(text, alphabet, language):
            print(f"starfree: note: {note}", file=sys.stderr)
    return language


def notes(text: str, alphabet: str | None, language: Language) -> Iterator[str]:
    """Yield what a reader of a text should know, when it is read as a regular expression."""
    from ..languages.catalog import catalog

    if (
        text.startswith(("@", "ltlf:", "pltl:"))
        or text.endswith((".att", ".json"))
        or re.search(r"\.py:\w+$", text)
    ):
        return
    if re.match("(?i)(ltl|ltlf|pltl|ldl|mso):", text):
        yield "read as a regular expression; formulas begin with ltlf: or pltl:, in lower case"
    if text in catalog:
        yield f"read as a regular expression; did you mean @{text}?"
    if ("/" in text or "." in text) and os.path.isfile(text):
        yield "read as a regular expression, not as the file: files are read from .att, .json, .py:name only"
    bare = _LITERAL.sub("", text)
    if "^" in bare or "$" in bare:
        yield "^ and $ are ordinary symbols here: an expression always speaks of the whole word"
    others = "." in bare or any(found[1] for found in _LITERAL.finditer(text))
    if others and alphabet is None:
        symbols = symbol_ranges(language.alphabet, 200) or "no symbols"
        yield f". and [^...] range over the symbols written, {symbols}; widen with --alphabet"
