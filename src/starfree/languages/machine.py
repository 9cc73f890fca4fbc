"""The finite automaton of any language: what it gives itself, or its states followed until closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..budgets import DEFAULT, Budget
from ..errors import BadInput, BudgetExceeded, NotRegular, StarfreeError
from .dfa import DFA, make_dfa
from .language import END, Language
from .words import brief, check_alphabet

_DOING = "following the states of a language"
_SMALL = 5_000  # states of a language that may count, before it is followed for one length only


def dfa_of(language: Language, *, budget: Budget = DEFAULT) -> DFA:
    """Return the minimal complete DFA of a language; what its own code does wrong is said as bad input.

    Raises:
        NotRegular: when the language is not regular.
        BudgetExceeded: when it has more states than allowed.
        BadInput: when the language's code raises another error, or gives something else than a DFA.

    Complexity: see `explored`, unless the language has an automaton of its own.
    """
    if isinstance(language, DFA):
        return language
    try:
        found: object = language.dfa_within(budget)
    except (StarfreeError, MemoryError):
        raise
    except Exception as error:  # whatever a user's class raises is about that class
        why = f"its code fails: {type(error).__name__}: {error}"
        raise BadInput(_name(language), brief(why, 300), "Correct the language.") from error
    if not isinstance(found, DFA):
        why = f"its dfa is {brief(repr(found))}, not a DFA"
        raise BadInput(_name(language), why, "Give one made with starfree.dfa, or leave the property out.")
    return found


def dfa_for_length(language: Language, length: int, *, budget: Budget = DEFAULT) -> DFA:
    """Return a DFA that has the same words of one length as a language: its own, if it has one of some size.

    Raises:
        BudgetExceeded: when more states are needed than allowed.
        BadInput: as `dfa_of`.

    Complexity: that of `dfa_of`, and of `unrolled` for a language that counts.
    """
    if language.kind == "counter":
        return unrolled(language, length, budget=budget)
    if language.kind == "regular":
        return dfa_of(language, budget=budget)
    try:
        return dfa_of(language, budget=replace(budget, max_states=min(budget.max_states, _SMALL)))
    except BudgetExceeded:  # it may count, and then has no DFA
        return unrolled(language, length, budget=budget)


def unrolled(language: Language, length: int, *, budget: Budget = DEFAULT) -> DFA:
    """Return a DFA that has the words of a language of exactly one length, and no others.

    This is how a language that counts is counted and drawn from: within a bounded length it has finitely many
    states.

    Raises:
        BudgetExceeded: when more than `budget.max_states` pairs of a state and a length are met.

    Complexity: a step for each symbol that is legal in each pair.
    """
    symbols = check_alphabet(language.alphabet)
    number: dict[tuple[int, Any], int] = {(0, language.start): 0}
    order = list(number)
    rows: list[list[int]] = []
    for at, state in order:  # grows as it is read
        budget.check_states(len(order) + 1, _DOING)
        legal = language.legal(state) if at < length else ()
        row = []
        for symbol in symbols:
            target = -1
            if symbol in legal:
                after = at + 1, language.step(state, symbol)
                target = number.setdefault(after, len(order))
                if target == len(order):
                    order.append(after)
            row.append(target)
        rows.append(row)
    accepting = [at == length and END in language.legal(state) for at, state in order]
    table = np.array([*rows, [-1] * len(symbols)], np.int64).reshape(len(rows) + 1, len(symbols))
    table[table < 0] = len(rows)
    return make_dfa(symbols, table, [*accepting, False], spec=language.spec, budget=budget)


def explored(language: Language, *, budget: Budget = DEFAULT) -> DFA:
    """Return the minimal complete DFA of a language from its start, steps and legal sets alone.

    Only legal symbols are read: after any other no word can be completed.

    Arguments:
        language: its states must be hashable, and equal exactly when they are the same.

    Raises:
        NotRegular: when the language says that it counts.
        BudgetExceeded: when it reaches more than `budget.max_states` states, as every language does that is
            not regular.
        BadInput: when a legal set holds what is no symbol.

    Complexity: a step for each symbol that is legal in each state.
    """
    if language.kind == "counter":
        why = "it counts without bound, so no finite automaton has its words"
        raise NotRegular(_name(language), why, "Ask `starfree decide`, which knows about counting.")
    symbols = check_alphabet(language.alphabet)
    number: dict[Any, int] = {language.start: 0}
    order = list(number)
    rows: list[list[int]] = []
    accepting: list[bool] = []
    for state in order:  # grows as it is read
        budget.check_states(len(order) + 1, _DOING)
        legal = language.legal(state)
        foreign = [one for one in legal if one is not END and one not in symbols]
        if foreign:
            why = f"a legal set holds {foreign[0]!r}, which is not in the alphabet"
            raise BadInput(_name(language), why, "Use symbols of the alphabet, and END.")
        row = []
        for symbol in symbols:
            target = -1
            if symbol in legal:
                after = language.step(state, symbol)
                target = number.setdefault(after, len(order))
                if target == len(order):
                    order.append(after)
            row.append(target)
        rows.append(row)
        accepting.append(END in legal)
    table = np.array([*rows, [-1] * len(symbols)], np.int64).reshape(len(rows) + 1, len(symbols))
    table[table < 0] = len(rows)  # the dead state
    return make_dfa(
        symbols,
        table,
        [*accepting, False],
        spec=language.spec,
        definition=language.definition,
        budget=budget,
    )


def _name(language: Language) -> str:
    return brief(language.spec) or f"a language of class {type(language).__name__}"
