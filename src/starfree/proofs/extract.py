"""From a trained network to the automaton that it is, once its state is rounded to a grid.

A recurrent state of real numbers has no end. Rounded after every step to multiples of a grid it has finitely
many values, and following what the network takes to be legal, symbol by symbol, gives an automaton. It is
that of the rounded network, exactly; how far the network itself agrees is measured beside it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from ..errors import BadInput, BudgetExceeded
from ..languages import DFA, Language, as_language, format_word, make_dfa
from ..models.mamba import Mamba
from ..models.networks.trained import Trained
from ..models.open_model import open_model
from ..models.ssm import SSM
from ..rows import RowIndex, pack
from .decision import Decision, decision_named
from .machine import Floats, Machine, States, Symbols, Way, machine_of
from .reader import Reader
from .short_words import ShortWords, short_words
from .trial import Progress, Trial

GRIDS = (8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.125)
_DOING = "exploring the rounded network"
_STATES = 50_000  # of the rounded network, if not told otherwise
_COMPARED = 20_000  # prefixes on which the rounded network and the network are compared
_BATCH = 4_096


class OnGrid:
    """A model whose recurrent state is rounded to multiples of a grid after every step.

    Arguments:
        machine: with a state of float numbers.
        grid: a power of two, so that multiples of it are exact.
    """

    path: Way = "recurrent"

    def __init__(self, machine: Machine, grid: float) -> None:
        self._machine, self._grid = machine, grid
        self.alphabet, self.batch = machine.alphabet, machine.batch
        self.arithmetic = f"{machine.arithmetic}, state in multiples of {grid:g}"

    def begin(self) -> tuple[States, Floats]:
        states, logits = self._machine.begin()
        return self._round(states), logits

    def step(self, states: States, symbols: Symbols) -> tuple[States, Floats]:
        after, logits = self._machine.step(states, symbols)
        return self._round(after), logits

    def whole(self, words: Symbols) -> Floats | None:
        return None

    def _round(self, states: States) -> States:
        return np.round(states / self._grid) * self._grid + 0.0  # no negative zeros


@dataclass(frozen=True, eq=False)
class Extraction:
    """The automaton of a rounded network.

    Arguments:
        grid: what the state was rounded to.
        states: of the rounded network, reached by what it takes to be legal.
        dfa: the minimal automaton of the words of which every symbol is legal, and END after the last.
        consistent: whether the rounded network says just the legal sets of that automaton: it predicts this
            language, at every length.
        agreement: the network itself beside the automaton, on every short prefix of its words.
        seconds: time taken.
        language: that it is compared with, if any.
    """

    grid: float
    states: int
    dfa: DFA
    consistent: bool
    agreement: ShortWords
    seconds: float
    language: Language | None = None

    @property
    def difference(self) -> tuple[str, ...] | None:
        """A shortest word of just one of the automaton and the language it is compared with; None without."""
        return None if self.language is None else self.dfa.difference(self.language)

    @property
    def agrees(self) -> bool:
        """Whether the network itself says what the automaton says, on every prefix that was compared."""
        return self.consistent and self.agreement.word is None

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree extract --json` prints."""
        from ..languages.json_format import table_to_json

        document = {
            "grid": self.grid,
            "rounded_states": self.states,
            "states": self.dfa.states,
            "alphabet": list(self.dfa.alphabet),
            "dfa": table_to_json(self.dfa),
            "consistent": self.consistent,
            "agrees": self.agrees,
            "compared": {"prefixes": self.agreement.words, "length": self.agreement.length},
            "seconds": round(self.seconds, 3),
        }
        if self.language is None:
            return document
        difference = self.difference
        word = None if difference is None else format_word(difference, self.language.alphabet)
        return {**document, "language": self.language.spec, "equal": difference is None, "difference": word}


def extract(
    model: Any,
    language: Language | str | PathLike[str] | None = None,
    *,
    grid: float | None = None,
    decision: str | None = None,
    max_states: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> Extraction:
    """Return the automaton of a recurrent network whose state is rounded to a grid.

    Arguments:
        model: the directory of a trained or built model, or an opened one.
        language: what to compare the automaton with, if anything.
        grid: a power of two. None takes the coarsest of 8, 4, ..., 1/8 that gives an automaton which agrees
            with the network itself on all short prefixes; the language that was trained on has no say.
        decision: how logits are read: see `decision_named`.
        max_states: most states of the rounded network (default 50,000); timeout: in seconds.

    Raises:
        BadInput: for a model that has no recurrent state of real numbers, or a grid that is no power of two.
        BudgetExceeded: when no grid gives an automaton that agrees, within the budget.

    Complexity: the states times k steps of the network.
    """
    opened = open_model(model) if isinstance(model, str | Path) else model
    machine = float_machine(opened)
    rule = decision_named(decision, opened, len(machine.alphabet))
    budget = Budget.of(_STATES if max_states is None else max_states, timeout=timeout)
    target = None if language is None else as_language(language, timeout=timeout)
    last: BudgetExceeded | None = None
    for size in GRIDS if grid is None else (checked_grid(grid),):
        try:
            found = _extracted(machine, rule, size, budget, progress)
        except BudgetExceeded as error:
            last = error
            continue
        if grid is not None or found.agrees:
            return replace(found, language=target)
    if last is not None and grid is not None:
        raise last
    why = "no grid from 8 to 1/8 gives a small automaton that agrees with the network"
    raise BudgetExceeded("extracting an automaton", why, "Raise --max-states, or name a --grid.")


def _extracted(
    machine: Machine, rule: Decision, grid: float, budget: Budget, progress: Progress | None
) -> Extraction:
    begun = time.perf_counter()
    table, flags = _explored(OnGrid(machine, grid), rule, budget, progress)
    k = len(machine.alphabet)
    dfa = make_dfa(machine.alphabet, table, np.append(flags[:, k], False), spec=f"extracted, grid {grid:g}")
    consistent = _consistent(dfa, table, flags)
    few = Budget(max_states=_COMPARED, deadline=budget.deadline)
    agreement = short_words(Trial(machine, Reader(dfa, machine.alphabet), rule, True, few))
    return Extraction(grid, len(flags), dfa, consistent, agreement, time.perf_counter() - begun)


def _explored(
    machine: OnGrid, rule: Decision, budget: Budget, progress: Progress | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the steps of a rounded network, shape `(n + 1, k)`, the last state dead, and its legal sets."""
    k = len(machine.alphabet)
    states, logits = machine.begin()
    flags, rows = [rule.read(logits)[0]], []
    index = RowIndex(_key(states, flags[0]).shape[1])
    index.add(_key(states, flags[0]))
    while len(states):
        sources, read = np.nonzero(flags[-1][:, :k])
        targets = np.full((len(states), k), -1, np.int64)
        found, said = [states[:0]], [flags[-1][:0]]
        for at in range(0, len(read), min(_BATCH, machine.batch)):
            part = slice(at, at + min(_BATCH, machine.batch))
            after, logits = machine.step(states[sources[part]], read[part])
            legal = rule.read(logits)[0]
            ids, fresh = index.add(_key(after, legal))
            targets[sources[part], read[part]] = ids
            found.append(after[fresh])
            said.append(legal[fresh])
            budget.check_states(len(index), _DOING)
            if progress is not None:
                progress("rounded states", len(index))
        rows.append(targets)
        states = np.concatenate(found)
        flags.append(np.concatenate(said))
    table = np.concatenate([*rows, np.full((1, k), -1)])
    table[table < 0] = len(table) - 1
    return table, np.concatenate(flags)


def _key(states: States, legal: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return what tells places apart: what is said at a place need not be a function of the state alone."""
    return np.column_stack([pack(states), pack(legal)])


def _consistent(dfa: DFA, table: NDArray[np.int64], flags: NDArray[np.bool_]) -> bool:
    """Say whether each state says the legal set of the state of the automaton that it belongs to."""
    k = len(dfa.alphabet)
    number = {0: dfa.start}
    waiting = [0]
    for state in waiting:
        if not np.array_equal(flags[state], dfa.legal_table[number[state]]):
            return False
        for symbol in range(k):
            after = int(table[state, symbol])
            if flags[state, symbol] and after not in number:
                number[after] = int(dfa.table[number[state], symbol])
                waiting.append(after)
    return True


def float_machine(model: Any) -> Machine:
    """Return a step function whose states are rows of real numbers.

    A stock checkpoint is run by this package's recurrence with the same weights.

    Raises:
        BadInput: for a model that has none.
    """
    if isinstance(model, SSM):
        return machine_of(model, ())
    if isinstance(model, Mamba | Trained):
        from ..models.networks.exchange import from_stock
        from .torch_machines import NetworkMachine

        if isinstance(model, Mamba):
            return NetworkMachine(from_stock(model), model.alphabet)
        if not model.name.startswith("transformer"):
            return NetworkMachine(model.network, model.alphabet, classes=model.classes is not None)
    why = "has no recurrent state of real numbers that could be rounded"
    raise BadInput(f"the model {getattr(model, 'name', type(model).__name__)}", why, "Use a recurrent one.")


def checked_grid(grid: float) -> float:
    """Return a grid that is a power of two; raises `BadInput` otherwise."""
    number = isinstance(grid, int | float) and 2.0**-60 <= grid <= 2.0**60
    if not number or np.frexp(grid)[0] != 0.5:
        raise BadInput(f"grid {grid}", "is not a power of two", "Write such as 1, 0.5 or 0.25.")
    return float(grid)
