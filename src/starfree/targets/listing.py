"""`show --as program`: a language as a program of past temporal logic, in text."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any

from ..algebra.aperiodic import Pumping, aperiodicity
from ..budgets import Budget
from ..cascades.decompile import decompile
from ..cascades.naming import named
from ..errors import NotExpressible
from ..languages import Language, as_language, dfa_of
from ..programs import Program
from ..verdicts.certificates import certificate


@dataclass(frozen=True, eq=False, repr=False)
class Listing:
    """A program, ready to be read.

    Arguments:
        program: the program.
        found: whether it was found by way of the cascade; else it is the language as it was given.
    """

    program: Program
    found: bool

    def __repr__(self) -> str:
        return f"<Listing of {self.program.spec!r}>"

    def __str__(self) -> str:
        """Return lines of Python that end in `accept = ...`, or of a given program what is legal when."""
        if not self.found:
            return str(self.program)
        written = named([self.program.end_when], self.program.alphabet)
        return "\n".join(
            f"{name} = {text}" for name, text in [*written.definitions, ("accept", *written.conditions)]
        )

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree show --as program --json` prints."""
        program = self.program
        symbols = program.alphabet
        written = named([*program.legal_when, program.end_when, program.dead_when], symbols)
        *legal, end, dead = written.conditions
        return {
            "language": {
                "spec": program.spec,
                "definition": program.definition,
                "alphabet": list(symbols),
            },
            "program": {
                "found": self.found,
                "fragment": program.fragment,
                "definitions": [{"name": name, "is": text} for name, text in written.definitions],
                "legal": dict(zip(symbols, legal, strict=True)),
                "end": end,
                "dead": dead,
            },
        }


def listing(
    language: Language | str | PathLike[str],
    *,
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
) -> Listing:
    """Write a language as a program: a program as it is given, a star-free language by way of its cascade.

    Arguments:
        language: a language, or text for `starfree.load`.
        max_states, max_elements, timeout: budgets (seconds for the last).

    Raises:
        BadInput: when the text cannot be read.
        NotRegular: when the language is neither a program nor regular.
        NotExpressible: when it is regular and not star-free; the error carries the witness.
        BudgetExceeded: when a budget runs out.

    Complexity: that of `decompile`.

    >>> print(listing("@zot_02"))
    accept = since(read('2'), read('0'))
    """
    budget = Budget.of(max_states, max_elements, timeout)
    language = as_language(language, max_states=max_states, timeout=timeout)
    if isinstance(language, Program):
        return Listing(language, False)
    dfa = dfa_of(language, budget=budget)
    if isinstance(aperiodicity(dfa, budget=budget), Pumping):
        raise NotExpressible(
            language.spec or "this language",
            "not star-free, so no program of past temporal logic has its words",
            "See `starfree show` for its automaton, `starfree decide` for who can express it.",
            certificate(language, "recognise", "diagonal-nonnegative", budget=budget),
        )
    return Listing(decompile(dfa, budget=budget), True)
