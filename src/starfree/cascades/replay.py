"""Proving that a cascade is a language: all reachable values beside the DFA, until closed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages import DFA
from ..rows import RowIndex
from .cascade import Cascade, Condition

Values = NDArray[np.uint8]


class CascadeRunner:
    """Steps many value tuples of a cascade at once.

    Arguments:
        cascade: all cells of at most 256 values.
    """

    def __init__(self, cascade: Cascade) -> None:
        self._cascade = cascade
        self._by_symbol = {
            symbol: [
                (number, rule)
                for number, cell in enumerate(cascade.cells)
                for rule in cell.rules
                if symbol in rule.symbols
            ]
            for symbol in cascade.alphabet
        }
        places = {symbol: i for i, symbol in enumerate(cascade.alphabet)}
        self._outcomes = []
        for outcome in cascade.outcomes:
            row = np.zeros(len(cascade.alphabet) + 1, np.bool_)
            row[[places[symbol] for symbol in outcome.symbols]] = True
            row[-1] = outcome.end
            self._outcomes.append((outcome.when, row))

    def step(self, values: Values, symbol: str) -> Values:
        """Return the values, shape `(m, cells)`, after one symbol; raises if two rules disagree."""
        new = values.copy()
        done = np.zeros(values.shape, np.bool_)
        for number, rule in self._by_symbol[symbol]:
            fires = _holds(rule.when, values)
            if np.any(fires & done[:, number] & (new[:, number] != rule.value)):
                raise AssertionError(f"two rules of cell {number} disagree")
            new[fires, number] = rule.value
            done[fires, number] = True
        return new

    def legal(self, values: Values) -> NDArray[np.bool_]:
        """Return the legal sets, shape `(m, k + 1)`, END last."""
        legal = np.zeros((len(values), len(self._cascade.alphabet) + 1), np.bool_)
        for when, row in self._outcomes:
            legal[_holds(when, values)] |= row
        return legal


def _holds(when: Condition, values: Values) -> NDArray[np.bool_]:
    met = np.ones(len(values), np.bool_)
    for cell, allowed in when:
        column = values[:, cell]
        met &= column == allowed[0] if len(allowed) == 1 else np.isin(column, allowed)
    return met


def replay(cascade: Cascade, dfa: DFA, *, budget: Budget = DEFAULT) -> int | None:
    """Run the cascade beside the DFA through everything reachable.

    Returns:
        the number of reachable pairs (values, DFA state) if every legal set agrees (for predict: on live
        states), else None.

    Raises:
        BudgetExceeded: when more than `budget.max_states` pairs are reachable.

    Complexity: pairs times symbols times rules, vectorised over each breadth-first layer.
    """
    runner = CascadeRunner(cascade)
    legal = dfa.legal_table
    width = len(cascade.cells)
    index = RowIndex(-(-(width + 4) // 8))

    def packed(values: Values, states: NDArray[np.int32]) -> NDArray[np.uint64]:
        raw = np.zeros((len(values), -(-(width + 4) // 8) * 8), np.uint8)
        raw[:, :width] = values
        raw[:, width : width + 4] = np.ascontiguousarray(states, np.int32).view(np.uint8).reshape(-1, 4)
        return raw.view(np.uint64)

    values, states = np.zeros((1, width), np.uint8), np.zeros(1, np.int32)
    index.add(packed(values, states))
    while len(values):
        if not np.array_equal(runner.legal(values), legal[states]):
            return None
        layers = []
        for column, symbol in enumerate(cascade.alphabet):
            targets = dfa.table[states, column]
            keep = dfa.live[targets] if cascade.task == "predict" else np.ones(len(targets), np.bool_)
            new, new_states = runner.step(values[keep], symbol), targets[keep]
            _, fresh = index.add(packed(new, new_states))
            layers.append((new[fresh], new_states[fresh]))
            budget.check_states(len(index), "replaying a cascade beside its DFA")
        values = np.concatenate([v for v, _ in layers]) if layers else values[:0]
        states = np.concatenate([s for _, s in layers]) if layers else states[:0]
    return len(index)
