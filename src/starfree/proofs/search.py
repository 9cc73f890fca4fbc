"""Everything a model and any language can do together, breadth-first, until they differ or the budget ends.

Where `explore` needs an automaton, this one steps the language itself, which may count without end.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages import END, Language
from ..models.steps import Stepped
from .explore import Mismatch, Progress

_DOING = "exploring the product of model and language"


@dataclass(frozen=True)
class Search:
    """How far a search came.

    Arguments:
        length: model and language agree after every word of up to so many symbols; -1 when not even at first.
        difference: a shortest word after which they differ, if one was found.
        stopped: why the search ended with neither that word nor a proof; None when nothing is left.
    """

    length: int
    difference: Mismatch | None
    stopped: BudgetExceeded | None


def search(
    model: Stepped,
    language: Language,
    *,
    task: str,
    budget: Budget = DEFAULT,
    progress: Progress | None = None,
) -> Search:
    """Compare legal sets in every reachable pair (numbers of the recurrent state, state of the language).

    Arguments:
        model: with the alphabet of the language.
        task: "recognise" compares after every word, "predict" after every live prefix.
        progress: called with the number of pairs found so far.

    Returns:
        a `Search`; with neither difference nor reason to stop, the two are equal at every length.

    Complexity: pairs times symbols: a step of the model, in batches, and one of the language.

    >>> import starfree
    >>> from starfree.models.arithmetics import in_arithmetic
    >>> dyck = starfree.load("@dyck_1")
    >>> found = search(in_arithmetic(starfree.build(dyck), "int8wrap"), dyck, task="recognise")
    >>> found.length, "".join(found.difference.word) == "(" * 128
    (127, True)
    """
    from threadpoolctl import threadpool_limits

    # The products are small: threads inside BLAS gain nothing here and lose much on a busy machine.
    with threadpool_limits(1, user_api="blas"):
        return _Searching(model, language, task, budget, progress).run()


class _Searching:
    def __init__(
        self, model: Stepped, language: Language, task: str, budget: Budget, progress: Progress | None
    ) -> None:
        self.model, self.language, self.task = model, language, task
        self.budget, self.progress = budget, progress
        self.met: set[tuple[bytes, Hashable]] = set()
        self.came: list[tuple[int, int]] = [(-1, -1)]  # for each pair: from which, by which symbol

    def run(self) -> Search:
        k = len(self.model.alphabet)
        hidden, said = self.model.begin()
        states: list[Hashable] = [self.language.start]
        right = self._legal(states)
        if self._differ(said, right).any():
            return Search(-1, Mismatch((), said[0], right[0]), None)
        self.met.add((self.model.keys(hidden).tobytes(), states[0]))
        numbers, length = [0], 0
        while numbers:
            try:
                sources = np.repeat(np.arange(len(numbers)), k)
                read = np.tile(np.arange(k), len(numbers))
                stepped, said = self.model.step(hidden[sources], read)
                following = [self.language.step(q, a) for q in states for a in self.model.alphabet]
                right = self._legal(following)
                wrong = np.flatnonzero(self._differ(said, right))
                if len(wrong):
                    at = int(wrong[0])
                    word = (*self._word(numbers[at // k]), self.model.alphabet[at % k])
                    return Search(length, Mismatch(word, said[at], right[at]), None)
                length += 1
                fresh = self._fresh(stepped, following, right)
                first = len(self.came)
                self.came += [(numbers[at // k], at % k) for at in fresh]
                self.budget.check_states(len(self.came), _DOING)
            except BudgetExceeded as stopped:
                return Search(length, None, stopped)
            if self.progress is not None:
                self.progress(len(self.came))
            hidden, states = stepped[fresh], [following[at] for at in fresh]
            numbers = list(range(first, len(self.came)))
        return Search(length, None, None)

    def _legal(self, states: list[Hashable]) -> NDArray[np.bool_]:
        legal = (self.language.legal(q) for q in states)
        marks = [*self.model.alphabet, END]
        return np.array([[mark in allowed for mark in marks] for allowed in legal], np.bool_)

    def _differ(self, said: NDArray[np.bool_], right: NDArray[np.bool_]) -> NDArray[np.bool_]:
        wrong: NDArray[np.bool_] = (said != right).any(axis=1)
        return wrong & right.any(axis=1) if self.task == "predict" else wrong

    def _fresh(
        self, hidden: NDArray[np.float64], states: list[Hashable], right: NDArray[np.bool_]
    ) -> list[int]:
        """Return the places of new pairs; for predict without those of dead prefixes."""
        wanted = [self.task == "recognise" or bool(flags.any()) for flags in right]
        fresh = []
        for at, (row, state) in enumerate(zip(self.model.keys(hidden), states, strict=True)):
            pair = row.tobytes(), state
            if wanted[at] and pair not in self.met:
                self.met.add(pair)
                fresh.append(at)
        return fresh

    def _word(self, number: int) -> tuple[str, ...]:
        word = []
        while number > 0:
            number, symbol = self.came[number]
            word.append(self.model.alphabet[symbol])
        return tuple(word[::-1])
