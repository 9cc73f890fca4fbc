"""One text for any language, as it is written on the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from os import PathLike

from ..budgets import Budget
from ..errors import BadInput
from .att import read_att
from .catalog import catalog
from .dfa import DFA
from .json_format import read_json
from .language import Language
from .operations import widen
from .python_file import read_python
from .readers import formula_reader
from .regex import regex
from .words import brief, check_alphabet, parse_alphabet

_PYTHON = re.compile(r"(.+\.py):([^\W\d]\w*)", re.DOTALL)


def as_language(
    language: Language | str | PathLike[str],
    *,
    max_states: int | None = None,
    timeout: float | None = None,
) -> Language:
    """Return a language that may be given as text or as the path of a file; see `load`."""
    if isinstance(language, Language):
        return language
    return load(language, max_states=max_states, timeout=timeout)


def load(
    spec: str | PathLike[str],
    *,
    alphabet: str | Sequence[str] | None = None,
    epsilon: str | None = None,
    max_states: int | None = None,
    timeout: float | None = None,
) -> Language:
    """Return the language that a text names.

    Arguments:
        spec: a regular expression; `@name` of the catalogue; `ltlf:` or `pltl:` and a formula of temporal
            logic; a file `.att`, `.json` or `.py:name`. As a path, only a file.
        alphabet: symbols to have, in this order; as text, literal as `parse_alphabet` reads it. It widens a
            regular expression or formula; a file or a name must not have others.
        epsilon: one more name of the empty word in an AT&T file.
        max_states, timeout: the budget, in states and seconds.

    Raises:
        BadInput: when the text cannot be read, or a symbol is outside the alphabet.
        BudgetExceeded: when the language needs more states or time than allowed.

    Complexity: that of the reader it calls.

    >>> load("@parity") == load("(0|10*1)*")
    True
    """
    budget = Budget.of(max_states=max_states, timeout=timeout)
    spec = _text(spec)
    symbols = parse_alphabet(alphabet) if isinstance(alphabet, str) else check_alphabet(alphabet or ())
    if epsilon is not None and not spec.endswith(".att"):
        raise BadInput(f"epsilon {epsilon!r}", "has a meaning only in AT&T files", "Leave it out.")
    read_formula = formula_reader(spec)
    if read_formula is not None:
        formula: Language = read_formula(spec[5:], symbols, budget=budget)
        return formula
    python = _PYTHON.fullmatch(spec)
    language: Language
    if spec.startswith("@"):
        language = catalog.load(spec[1:], budget=budget)
    elif spec.endswith(".att"):
        language = read_att(spec, epsilon=epsilon, budget=budget)
    elif spec.endswith(".json"):
        language = read_json(spec, budget=budget)
    elif python:
        language = read_python(python[1], python[2])
    else:
        return regex(spec, symbols, budget=budget)
    return _fit(language, symbols, budget) if symbols else language


def _text(spec: object) -> str:
    """Return a text or path as text; of a path, only what names a file of a language."""
    if isinstance(spec, str):
        return spec
    name = os.fspath(spec) if isinstance(spec, PathLike) else None
    if not isinstance(name, str):
        what = f"a language given as {type(spec).__name__}"
        raise BadInput(what, "is neither text nor a path", "Write text such as '(ab)*' or '@parity'.")
    if not (name.endswith((".att", ".json")) or _PYTHON.fullmatch(name)):
        raise BadInput(brief(name), "is not the path of a language", "Name a file .att, .json or .py:name.")
    return name


def _fit(language: Language, symbols: tuple[str, ...], budget: Budget) -> Language:
    """Return the language over the given alphabet, which must have all its symbols."""
    foreign = [symbol for symbol in language.alphabet if symbol not in set(symbols)]
    if foreign:
        why = f"has the symbol {foreign[0]!r}, which is not in the alphabet given"
        raise BadInput(brief(language.spec), why, "Add it to the alphabet.")
    if symbols == language.alphabet:
        return language
    if not isinstance(language, DFA):
        raise BadInput(brief(language.spec), "has its own alphabet", "Leave the alphabet out.")
    return widen(language, symbols, budget=budget)
