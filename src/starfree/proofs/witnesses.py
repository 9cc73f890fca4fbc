"""Words that a language counts, for models that cannot: what `refute` pumps, and which theorem says so."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from ..algebra.aperiodic import Pumping, aperiodicity, pumping_with_odd_period
from ..algebra.words import StraightLine, length, spelled
from ..budgets import Budget
from ..errors import BudgetExceeded, NotRegular
from ..languages import Language, dfa_of
from ..models.arithmetics import Rounded
from ..models.arithmetics.exact import Exact
from ..models.arithmetics.wrapping import Wrapping
from ..models.mamba import Mamba
from ..models.ssm import SSM
from .reader import Reader
from .trial import Word

LONGEST = 200_000  # symbols of a word that is pumped
_STATES = 100_000  # of an automaton that is looked at for words that go round


def witness_against(
    model: Any, language: Language, alphabet: tuple[str, ...], budget: Budget
) -> tuple[tuple[Word, Word, Word] | None, bool, str]:
    """Return words u, v, w that the language counts, whether a theorem says that a pair exists, and why.

    Arguments:
        model: as opened.
        alphabet: of the model; the words are indices into it.

    Complexity: that of `aperiodicity`.
    """
    kind, layers = _gates(model)
    try:
        dfa = dfa_of(language, budget=replace(budget, max_states=_STATES))
        found = aperiodicity(dfa, budget=budget)
        odd = pumping_with_odd_period(dfa, budget=budget) if kind == "signed" else None
    except NotRegular:
        return None, False, "the language is not regular: no word need go round with it"
    except BudgetExceeded:
        return None, False, "a budget ran out before a word was found that the language counts"
    if not isinstance(found, Pumping):
        why = "the language is star-free: these models can express it, and no pair need exist"
        return None, False, why
    best = odd or found
    if length(best.v) > LONGEST:
        return None, False, "the word that the language counts is too long to be read"
    v = spelled(best.v) if isinstance(best.v, StraightLine) else best.v
    reader = Reader(dfa, alphabet)
    place = {symbol: i for i, symbol in enumerate(alphabet)}
    u, v, w = (tuple(place[dfa.alphabet[symbol]] for symbol in word) for word in (best.u, v, best.w))
    w = _parting(reader, u, v, w, best.period)
    if odd:
        v *= 2**layers
    witness = (u, v, w)
    because = {
        "nonnegative": "no model with gates in [0, 1] expresses a language that is not star-free",
        "signed": f"gates in [-1, 1] come to rest on v^{2**layers}; the language counts v mod {best.period}",
        "free": "no theorem about such models says that a pair exists",
    }
    if kind == "signed" and odd is None:
        return witness, False, "all groups of the language are 2-groups, which enough signed layers express"
    return witness, kind != "free", because[kind]


def _parting(reader: Reader, u: Word, v: Word, w: Word, period: int) -> Word:
    """Return the shortest beginning of w after which two neighbours on the cycle have other legal sets.

    Where they differ first, both are still prefixes of words: a symbol that only one can read is legal in one
    only.
    """
    states = [reader.run(np.array([*u, *v * n], np.int64))[-1:] for n in range(period + 1)]
    for read in range(len(w) + 1):
        legal = [reader.legal(state).tobytes() for state in states]
        if any(one != other for one, other in pairwise(legal)):
            return w[:read]
        states = [reader.step(state, np.array([symbol])) for state in states for symbol in w[read : read + 1]]
    raise AssertionError("w tells two of the states apart")


def _gates(model: Any) -> tuple[Literal["nonnegative", "signed", "free"], int]:
    """Return which theorem is about a model, and its number of layers."""
    if isinstance(model, SSM | Rounded):
        # Integers that wrap around are not monotone; without rounding a state may hold all that was read.
        if isinstance(model, Rounded) and isinstance(model.numbers, Wrapping | Exact):
            return "free", 1
        gates = (model if isinstance(model, SSM) else model.model).gates
        if gates == "nonnegative":
            return "nonnegative", 1
        return ("signed" if gates == "signed" else "free"), len(model.layers)
    if isinstance(model, Mamba):
        return "nonnegative", model.layers
    name = getattr(model, "name", "")
    if name in ("mamba-signed", "mamba2-signed"):
        return "signed", model.layers
    return ("nonnegative" if name in ("mamba", "mamba2") else "free"), 1
