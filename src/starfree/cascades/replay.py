"""Proving that a cascade is a language: all reachable values beside the DFA, until closed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages import DFA
from ..rows import RowIndex, pack
from .cascade import Cascade, Condition

Values = NDArray[np.int64]
Counts = NDArray[np.float32]
_BATCH = 1 << 12  # pairs advanced in one go: bounds the memory


class CascadeRunner:
    """Steps many value tuples of a cascade at once.

    All conditions are one matrix product: the values, one-hot, times the allowed values of each condition,
    count the literals that hold (counts are small integers, so float32 is exact).
    """

    def __init__(self, cascade: Cascade) -> None:
        sizes = [cell.size for cell in cascade.cells]
        self._start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        rules = [(number, rule) for number, cell in enumerate(cascade.cells) for rule in cell.rules]
        self._rules = self._conditions([rule.when for _, rule in rules])
        self._outcomes = self._conditions([outcome.when for outcome in cascade.outcomes])
        self._sets = np.zeros((len(cascade.alphabet), len(rules), len(sizes)), np.float32)
        values = np.zeros((len(rules), len(sizes)), np.float32)
        places = {symbol: i for i, symbol in enumerate(cascade.alphabet)}
        for row, (number, rule) in enumerate(rules):
            self._sets[[places[symbol] for symbol in rule.symbols], row, number] = 1
            values[row, number] = rule.value
        self._writes = self._sets * values
        self._turns = self._sets * np.array([[rule.adds] for _, rule in rules], np.float32).reshape(-1, 1)
        self._sizes = np.array(sizes, np.int64)
        self._legal = np.zeros((len(cascade.outcomes), len(places) + 1), np.float32)
        for row, outcome in enumerate(cascade.outcomes):
            self._legal[row, [places[symbol] for symbol in outcome.symbols]] = 1
            self._legal[row, -1] = outcome.end

    def _conditions(self, conditions: Sequence[Condition]) -> tuple[Counts, Counts]:
        literals = np.zeros((int(self._start[-1]), len(conditions)), np.float32)
        for column, when in enumerate(conditions):
            for cell, allowed in when:
                literals[self._start[cell] + np.array(allowed), column] = 1
        return literals, np.array([len(when) for when in conditions], np.float32)

    def _met(self, values: Values, conditions: tuple[Counts, Counts]) -> Counts:
        literals, wanted = conditions
        one_hot = np.zeros((len(values), len(literals)), np.float32)
        np.put_along_axis(one_hot, self._start[:-1] + values, 1, axis=1)
        met: Counts = (one_hot @ literals == wanted).astype(np.float32)
        return met

    def steps(self, values: Values) -> Values:
        """Return the values after one symbol, for every symbol.

        Arguments:
            values: shape `(m, cells)`.

        Returns:
            shape `(k, m, cells)`.

        Raises:
            AssertionError: when two rules of a cell fire at once; `decompose` writes disjoint ones.
        """
        fired = self._met(values, self._rules)
        count = fired @ self._sets
        if np.any(count > 1):
            raise AssertionError("two rules of a cell fire at once")
        kept = (count == 0) | (fired @ self._turns > 0)
        moved: Values = (np.where(kept, values, 0) + (fired @ self._writes).astype(np.int64)) % self._sizes
        return moved

    def legal(self, values: Values) -> NDArray[np.bool_]:
        """Return the legal sets, shape `(m, k + 1)`, END last."""
        return self._met(values, self._outcomes) @ self._legal > 0


def replay(cascade: Cascade, dfa: DFA, *, budget: Budget = DEFAULT) -> int | None:
    """Run the cascade beside the DFA through everything reachable.

    Returns:
        the number of reachable pairs (values, DFA state) if every legal set agrees (for predict: on live
        states), else None.

    Raises:
        BudgetExceeded: when more than `budget.max_states` pairs are reachable.

    Complexity: pairs times symbols times rules, many pairs at a time.
    """
    runner = CascadeRunner(cascade)
    k = len(cascade.alphabet)
    index = RowIndex(len(cascade.cells) + 1)
    values, states = np.zeros((1, len(cascade.cells)), np.int64), np.zeros(1, np.int64)
    index.add(pack(np.column_stack([values, states])))
    waiting = [(values, states)]
    while waiting:
        values, states = waiting.pop()
        if not np.array_equal(runner.legal(values), dfa.legal_table[states]):
            return None
        new = runner.steps(values).swapaxes(0, 1).reshape(len(values) * k, len(cascade.cells))
        targets = dfa.table[states].reshape(-1).astype(np.int64)
        if cascade.task == "predict":
            new, targets = new[dfa.live[targets]], targets[dfa.live[targets]]
        _, fresh = index.add(pack(np.column_stack([new, targets])))
        for at in range(0, len(fresh), _BATCH):
            part = fresh[at : at + _BATCH]
            waiting.append((new[part], targets[part]))
        budget.check_states(len(index), "replaying a cascade beside its DFA")
    return len(index)
