"""The evidence `named`: the language is one of two for which a theorem names it."""

from __future__ import annotations

from typing import Any

from .automaton import Automaton
from .outcome import Meter, require
from .reading import choice, record, subset
from .regex import RegexReader
from .spec import compare
from .terms import Terms

NAMED = {"parity": ("(0|10*1)*", "01"), "flip_flop": ("(w0(i(0|1)|r0)*|w1(i(0|1)|r1)*)*", "wri01")}


def named(evidence: dict[str, Any], automaton: Automaton, task: str, meter: Meter) -> None:
    """Parity or the flip-flop, up to renaming symbols; no time-invariant model has it (Sarrof 2024)."""
    record(evidence, "the evidence", ("kind", "name", "symbols"))
    name = choice(evidence["name"], "name", NAMED)
    regex, letters = NAMED[name]
    symbols = subset(evidence["symbols"], "symbols", automaton.number)
    require(
        len(symbols) == len(letters) == len(automaton.alphabet), f"symbols does not rename those of {name}"
    )
    terms = Terms(meter)
    root = RegexReader(regex, tuple(letters), terms).read()
    letter_of = [symbols.index(symbol) for symbol in automaton.alphabet]
    outcome = compare(
        root,
        lambda term, symbol: terms.derivative(term, letter_of[symbol]),
        terms.nullable.__getitem__,
        automaton,
        meter,
    )
    require(outcome.startswith("the dfa is"), f"the language is not {name}")
