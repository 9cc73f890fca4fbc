"""Everything a model and a DFA can do together, breadth-first, until closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages import DFA
from ..models.fixed import Reals
from ..models.steps import Stepped
from ..rows import RowIndex, pack

Progress = Callable[[int], None]
_DOING = "exploring the product of model and language"
_BATCH = 1 << 14  # product states advanced in one call: bounds the memory


@dataclass(frozen=True, eq=False, repr=False)
class Product:
    """The closed product of a model and a DFA whose legal sets agree everywhere.

    Arguments:
        alphabet: k symbols of the model.
        states: shape `(m,)`, the DFA state of each product state; -1 for the state after a foreign symbol.
        parent, symbol: shape `(m,)`: from which product state and by which symbol each was first reached; -1
            at 0.
        successors: shape `(m, k)`; -1 where not explored (predict, dead).
    """

    alphabet: tuple[str, ...]
    states: NDArray[np.int32]
    parent: NDArray[np.int64]
    symbol: NDArray[np.int64]
    successors: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.states)

    def __repr__(self) -> str:
        return f"<Product: {len(self)} states over {len(self.alphabet)} symbols>"


@dataclass(frozen=True)
class Mismatch:
    """A shortest word after which the legal sets differ, the first in symbol order."""

    word: tuple[str, ...]
    model_legal: NDArray[np.bool_] = field(compare=False)
    language_legal: NDArray[np.bool_] = field(compare=False)


def widen(
    dfa: DFA, alphabet: tuple[str, ...]
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return table, legal sets and live flags over a larger alphabet; a new dead state takes the rest."""
    n, k = dfa.states, len(alphabet)
    columns = {symbol: i for i, symbol in enumerate(dfa.alphabet)}
    table = np.full((n + 1, k), n, np.int32)
    legal = np.zeros((n + 1, k + 1), np.bool_)
    for i, symbol in enumerate(alphabet):
        if symbol in columns:
            table[:n, i] = dfa.table[:, columns[symbol]]
            legal[:n, i] = dfa.legal_table[:, columns[symbol]]
    legal[:n, k] = dfa.accepting
    live = np.append(dfa.live, False)
    return table, legal, live


def explore(
    model: Stepped, dfa: DFA, *, task: str, budget: Budget = DEFAULT, progress: Progress | None = None
) -> Product | Mismatch:
    """Compare legal sets in every reachable pair (bit pattern of the recurrent state, DFA state).

    Arguments:
        task: "recognise" compares after every word, "predict" after every live prefix.
        progress: called with the number of product states found so far.

    Returns:
        the closed product, or a shortest word on which the two differ.

    Raises:
        BudgetExceeded: more than `budget.max_states` product states, out of time, or a number of the model
            too large to be exact, and no word up to that length differs among those that could be followed.

    Complexity: product states times symbol classes (symbols that share their embedding and their DFA column)
        times the number of parameters, in batches.
    """
    from threadpoolctl import threadpool_limits

    # The products are small: threads inside BLAS gain nothing here and lose much on a busy machine.
    with threadpool_limits(1, user_api="blas"):
        return _explore(model, dfa, task, budget, progress)


def _explore(
    model: Stepped, dfa: DFA, task: str, budget: Budget, progress: Progress | None
) -> Product | Mismatch:
    table, legal, live = widen(dfa, model.alphabet)
    predict = task == "predict"
    k = len(model.alphabet)
    representatives, like = _classes(model, table)
    index = RowIndex(model.state_size + 1)
    parents, symbols = [np.array([-1])], [np.array([-1])]
    rows, states = [], [np.zeros(1, np.int32)]
    hidden, predicted = model.begin()
    if (not predict or live[0]) and not np.array_equal(predicted[0], legal[0]):
        return Mismatch((), predicted[0], legal[0])
    index.add(_packed(model, hidden, states[0]))
    frontier, frontier_states, first = hidden, states[0], 0
    outgrown: BudgetExceeded | None = None
    while len(frontier):
        found_hidden, found_states = [], []
        targets = np.full((len(frontier), k), -1, np.int64)
        for at in range(0, len(frontier), _BATCH):
            batch, batch_states = frontier[at : at + _BATCH], frontier_states[at : at + _BATCH]
            m, c = len(batch), len(representatives)
            # Row i * c + j: product state i reads symbol j, so that first discoveries come in shortlex order.
            sources = np.repeat(np.arange(m), c)
            read = np.tile(representatives, m)
            next_states = table[batch_states[sources], read]
            if predict:
                alive = live[next_states]
                sources, read, next_states = sources[alive], read[alive], next_states[alive]
            exact, next_hidden, next_legal, failure = _stepped(model, batch[sources], read, budget)
            outgrown = outgrown or failure
            wrong = np.flatnonzero((next_legal != legal[next_states]).any(axis=1) & exact)
            if len(wrong):
                i = wrong[0]
                tail = _access(parents, symbols, first + at + sources[i])
                word = (*(model.alphabet[s] for s in tail), model.alphabet[read[i]])
                return Mismatch(word, next_legal[i], legal[next_states[i]])
            if outgrown is not None:  # a word of this length may still differ, and would be a shortest one
                continue
            ids, fresh = index.add(_packed(model, next_hidden, next_states))
            targets[at + sources, read] = ids
            found_hidden.append(next_hidden[fresh])
            found_states.append(next_states[fresh])
            parents.append(first + at + sources[fresh])
            symbols.append(read[fresh])
            budget.check_states(len(index), _DOING)
            if progress is not None:
                progress(len(index))
        if outgrown is not None:
            raise outgrown
        rows.append(targets[:, like])
        first += len(frontier)
        frontier, frontier_states = np.concatenate(found_hidden), np.concatenate(found_states)
        states.append(frontier_states)
    return Product(
        model.alphabet,
        np.concatenate(states),
        np.concatenate(parents),
        np.concatenate(symbols),
        np.concatenate(rows),
    )


def _stepped(
    model: Stepped, hidden: Reals, read: NDArray[np.int64], budget: Budget
) -> tuple[NDArray[np.bool_], Reals, NDArray[np.bool_], BudgetExceeded | None]:
    """Step many states, each as far as that is exact.

    Returns:
        which of them were stepped, the new states and legal sets (of no meaning for the others), and why not
        all were.
    """
    exact = np.ones(len(read), np.bool_)
    new, legal = np.empty_like(hidden), np.zeros((len(read), len(model.alphabet) + 1), np.bool_)
    failure = None
    parts = [slice(0, len(read))]
    while parts:
        part = parts.pop()
        try:
            new[part], legal[part] = model.step(hidden[part], read[part])
        except BudgetExceeded as error:
            budget.check_time(_DOING)
            middle = (part.start + part.stop) // 2
            if middle > part.start:  # large numbers in one row may be what stops the others
                parts += [slice(part.start, middle), slice(middle, part.stop)]
            else:
                exact[part], failure = False, error
    return exact, new, legal, failure


def _classes(model: Stepped, table: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a symbol of each class that model and DFA cannot tell apart, and each symbol's class."""
    first: dict[tuple[int, bytes], int] = {}
    like = np.array(
        [first.setdefault((int(c), table[:, i].tobytes()), i) for i, c in enumerate(model.symbol_classes)],
        np.int64,
    )
    return np.array(sorted(first.values()), np.int64), like


def _packed(model: Stepped, hidden: Reals, states: NDArray[np.int32]) -> NDArray[np.uint64]:
    return pack(np.column_stack([model.keys(hidden), states]))


def _access(parents: list[NDArray[np.int64]], symbols: list[NDArray[np.int64]], state: int) -> list[int]:
    parent, symbol = np.concatenate(parents), np.concatenate(symbols)
    word = []
    while state > 0:
        word.append(int(symbol[state]))
        state = int(parent[state])
    return word[::-1]
