"""Automata as people write them: named states, missing transitions, several transitions for one symbol."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .dfa import DFA, check_entries, make_dfa
from .words import check_alphabet

Transitions = Mapping[Any, Mapping[str, Any]]
Edge = tuple[int, int, int]  # source, symbol (-1 for the empty word), target


def dfa(
    transitions: Transitions | Sequence[Sequence[Any]],
    *,
    start: Hashable = None,
    accepting: Collection[Hashable],
    alphabet: Sequence[str] | None = None,
    spec: str = "",
    budget: Budget = DEFAULT,
) -> DFA:
    """Return the language of a deterministic automaton with named states; what is missing leads nowhere.

    Arguments:
        transitions: `{state: {symbol: state}}`, or a table with one row per state 0, 1, ... and one column
            per symbol of `alphabet`, whose entries are states or None.
        start: the start state; when None, the first one named.
        accepting: the states in which a word may stop.
        alphabet: the symbols in order; when None, those mentioned, by code point.

    Raises:
        BadInput: when a state or symbol is unknown, or there is no state.
        BudgetExceeded: when there are more states than allowed.

    Complexity: `O(n k log n)`.

    >>> flip = dfa({"off": {"a": "on"}, "on": {"a": "off"}}, accepting=["off"])
    >>> "aa" in flip, "a" in flip
    (True, False)
    """
    rows = _rows(transitions, alphabet)
    states: dict[Hashable, int] = {}
    for state in [
        *([] if start is None else [start]),
        *rows,
        *(t for row in rows.values() for t in row.values()),
    ]:
        states.setdefault(state, len(states))
    if not states:
        raise BadInput("transitions", "name no state", "Give at least one state.")
    mentioned = sorted({symbol for row in rows.values() for symbol in row})
    symbols = check_alphabet(mentioned if alphabet is None else alphabet)
    column = {symbol: i for i, symbol in enumerate(symbols)}
    foreign = [symbol for symbol in mentioned if symbol not in column]
    if foreign:
        raise BadInput(repr(foreign[0]), "is not in the alphabet", "Add it, or remove its transitions.")
    unknown = [state for state in accepting if state not in states]
    if unknown:
        raise BadInput(
            f"accepting state {unknown[0]!r}", "is not a state", "Name only states with transitions."
        )
    edges = [
        (states[state], column[symbol], states[target])
        for state, row in rows.items()
        for symbol, target in row.items()
    ]
    return from_edges(
        symbols, edges, len(states), 0, {states[s] for s in accepting}, spec=spec, budget=budget
    )


def _rows(
    transitions: Transitions | Sequence[Sequence[Any]], alphabet: Sequence[str] | None
) -> dict[Any, dict[str, Any]]:
    if isinstance(transitions, Mapping):
        return {state: dict(row) for state, row in transitions.items()}
    if alphabet is None:
        raise BadInput("table", "has columns without names", "Give alphabet=, one symbol per column.")
    for i, row in enumerate(transitions):
        if len(row) != len(alphabet):
            raise BadInput(
                f"table, row {i}", f"has {len(row)} entries, not {len(alphabet)}", "Give one per symbol."
            )
        wrong = [t for t in row if t is not None and t not in range(len(transitions))]
        if wrong:
            raise BadInput(
                f"table, row {i}", f"{wrong[0]!r} is not a state", f"Use 0..{len(transitions) - 1}."
            )
    named = ({s: t for s, t in zip(alphabet, row, strict=True) if t is not None} for row in transitions)
    return {i: {s: int(t) for s, t in row.items()} for i, row in enumerate(named)}


def from_edges(
    alphabet: tuple[str, ...],
    edges: Iterable[Edge],
    states: int,
    start: int,
    accepting: Collection[int],
    *,
    spec: str = "",
    budget: Budget = DEFAULT,
) -> DFA:
    """Return the language of any finite automaton, nondeterministic or not.

    Arguments:
        alphabet: k symbols.
        edges: source in `0..states-1`, symbol in `0..k-1` or -1 for a silent step, target.
        states: the number of states.
        start: the one start state.
        accepting: states in which a word may stop.

    Raises:
        BudgetExceeded: when more sets of states are reachable than allowed.

    Complexity: linear when deterministic, else up to `2^states` subsets.
    """
    doing = "reading an automaton"
    budget.check_states(states, doing)
    check_entries(states + 1, len(alphabet), budget)
    table = np.full((states + 1, len(alphabet)), states, np.int64)  # the last row is the dead state
    several: list[Edge] = []
    for source, symbol, target in edges:
        if symbol >= 0 and table[source, symbol] in (states, target):
            table[source, symbol] = target
        else:
            several.append((source, symbol, target))
    flags = np.zeros(states + 1, bool)
    flags[list(accepting)] = True
    if not several:
        return make_dfa(alphabet, table, flags, start, spec=spec, budget=budget)
    return _determinise(alphabet, table, several, flags, start, spec, budget)


def _determinise(
    alphabet: tuple[str, ...],
    table: Any,
    several: list[Edge],
    flags: Any,
    start: int,
    spec: str,
    budget: Budget,
) -> DFA:
    """Return the language of an automaton given as a table and the transitions that did not fit into it."""
    doing = "making an automaton deterministic"
    dead = len(flags) - 1
    silent: dict[int, list[int]] = {}
    more: dict[tuple[int, int], list[int]] = {}
    for source, symbol, target in several:
        if symbol < 0:
            silent.setdefault(source, []).append(target)
        else:
            more.setdefault((source, symbol), []).append(target)

    def closed(states: Iterable[int]) -> frozenset[int]:
        found = set(states)
        stack = list(found)
        while stack:
            for target in silent.get(stack.pop(), ()):
                if target not in found:
                    found.add(target)
                    stack.append(target)
        return frozenset(found)

    rows = table.tolist()
    number = {closed([start]): 0}
    subsets = list(number)
    deterministic: list[list[int]] = []
    while len(deterministic) < len(subsets):
        subset = subsets[len(deterministic)]
        row = []
        for a in range(len(alphabet)):
            targets = {rows[state][a] for state in subset} - {dead}
            for state in subset:
                targets.update(more.get((state, a), ()))
            after = closed(targets)
            if after not in number:
                number[after] = len(subsets)
                subsets.append(after)
            row.append(number[after])
        deterministic.append(row)
        budget.check_states(len(subsets), doing)
    accepting = [any(flags[state] for state in subset) for subset in subsets]
    shaped = np.array(deterministic, np.int64).reshape(len(subsets), len(alphabet))
    return make_dfa(alphabet, shaped, accepting, spec=spec, budget=budget)
