"""Up to which length a model is right in an arithmetic: for ever, up to a length, or as far as was looked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages import DFA
from ..models.arithmetics import Rounded, in_arithmetic
from ..models.arithmetics.exact import Exact
from ..models.ssm import SSM
from ..programs import Program
from ..targets.circuit import Circuit
from ..targets.program_ssm import lower_program, meaning_of
from .explore import Mismatch, explore
from .leaps import Runs, cut, first_difference
from .search import Search, search
from .symbolic import Flaw, executed
from .unrounded import unrounded_until

_SEARCHED = 40_000  # pairs that are visited beside a language that counts
_FEW = 5_000  # pairs that are visited beside an automaton to find a length, when all are too many
_FRACTIONS = 300  # pairs that are visited where numbers grow longer with every step
_STEPS = 2_000  # of a long word that are taken one by one
_PAIRS = 40  # pairs of symbols that long words are made of


@dataclass(frozen=True)
class Horizon:
    """What is known of a model and a language in an arithmetic.

    Arguments:
        up_to: right after every word of up to so many symbols: infinite when at every length, -1 when not
            even at first.
        wrong: a word after which the model is wrong, if one is known.
        how: by what the first is known: "product", "symbolic", "no rounding", "bounded error" or "all words".
    """

    up_to: float
    wrong: Runs | None
    how: str

    @property
    def every_length(self) -> bool:
        return self.up_to == math.inf

    @property
    def wrong_length(self) -> int | None:
        """Symbols in the wrong word."""
        return None if self.wrong is None else sum(number for _, number in self.wrong)

    @property
    def shortest(self) -> bool:
        """Whether no word that is shorter than the wrong one is wrong."""
        return self.wrong is not None and self.wrong_length == self.up_to + 1

    def to_json(self) -> dict[str, Any]:
        """Return what `precision --json` prints of it."""
        return {
            "every_length": self.every_length,
            "up_to": None if self.every_length else int(self.up_to),
            "how": self.how,
            "wrong_word": None if self.wrong is None else [list(run) for run in self.wrong],
            "wrong_length": self.wrong_length,
        }


def horizon(
    model: SSM | Rounded,
    dfa: DFA | None,
    program: Program | None,
    *,
    task: str,
    budget: Budget = DEFAULT,
) -> Horizon:
    """Return up to which length a model is a language.

    Arguments:
        model: in the arithmetic that is asked about.
        dfa: the automaton of the language; None when it counts.
        program: that the model was lowered from; None when it was a cascade. One of the two is given.
        task: "recognise" or "predict".

    Complexity: that of `explore`; for programs of `executed`, `search` up to a fixed number of pairs, and
        some long words in leaps.

    >>> import starfree
    >>> dyck = starfree.load("@dyck_1")
    >>> model = in_arithmetic(starfree.build(dyck), "float32")
    >>> found = horizon(model, None, dyck, task="recognise")
    >>> found.up_to, found.wrong, found.shortest
    (16777215, (('(', 16777216),), True)
    """
    proved = None if program is None else _proved(model, program, task, budget)
    if proved == math.inf:
        return Horizon(math.inf, None, "symbolic")
    if dfa is None:
        assert program is not None
        return _of_counter(model, program, proved, task, budget)
    growing = isinstance(model, Rounded) and isinstance(model.numbers, Exact) and _delays(model.model)
    if not growing:
        try:
            found = explore(model, dfa, task=task, budget=budget)
        except BudgetExceeded:
            budget.check_time("looking for a horizon")
        else:
            if isinstance(found, Mismatch):
                return Horizon(len(found.word) - 1, runs_of(found.word), "product")
            return Horizon(math.inf, None, "product")
    few = min(budget.max_states, _FRACTIONS if growing else _FEW)
    seen = _searched(search(model, dfa, task=task, budget=replace(budget, max_states=few)))
    return seen if proved is None or seen.up_to >= proved else Horizon(proved, None, "no rounding")


def _delays(model: SSM) -> bool:
    """Say whether a gate is a fraction, so that exact numbers grow longer with every step."""
    return any(bool((layer.gate.bias % 1).any()) for layer in model.layers)


def _proved(model: SSM | Rounded, program: Program, task: str, budget: Budget) -> float | None:
    """Return up to which length the weights prove a model right, without running it."""
    if isinstance(model, Rounded):
        return unrounded_until(model, program, task=task, budget=budget)
    circuit = Circuit(program, task, test_layers=0, budget=budget)
    found = executed(model, circuit, meaning_of(circuit, model.fraction_bits))
    return None if isinstance(found, Flaw) else math.inf


def _of_counter(
    model: SSM | Rounded, program: Program, proved: float | None, task: str, budget: Budget
) -> Horizon:
    wrong = _long_word(model, program, task, budget)
    known = Horizon(-1 if proved is None else proved, wrong, "no rounding")
    if known.shortest:
        return known
    few = min(budget.max_states, _SEARCHED)
    found = _searched(search(model, program, task=task, budget=replace(budget, max_states=few)))
    if found.up_to >= known.up_to:
        return found if found.wrong is not None else replace(found, wrong=wrong)
    return known


def _long_word(model: SSM | Rounded, program: Program, task: str, budget: Budget) -> Runs | None:
    """Return the shortest wrong word found among those of one symbol, then another, many times each."""
    right = lower_program(
        program, task="recognise", signed=True, budget=budget
    )  # which knows the dead prefixes
    circuit = Circuit(program, "recognise", test_layers=0, budget=budget)
    sizes = executed(right, circuit, meaning_of(circuit, right.fraction_bits))
    if isinstance(sizes, Flaw) or not sizes.whole or model.numbers.whole == math.inf:
        return None
    reference = in_arithmetic(right, "fixed:0")  # the same where all is whole, and good for larger numbers
    limit, best, shortest = int(model.numbers.whole), None, math.inf
    pairs = [(x, y) for x in program.alphabet for y in program.alphabet][:_PAIRS]
    steps = replace(budget, max_states=_STEPS)
    for x, y in pairs:
        for number in (limit, limit + 1, limit + 2):
            word: Runs = ((x, number), (y, number)) if x != y else ((x, 2 * number),)
            try:
                found = first_difference(model, reference, word, task=task, budget=steps)
            except BudgetExceeded:
                budget.check_time("running long words")
                continue
            if found is not None and found[0] < shortest:
                shortest, best = found[0], cut(word, found[0])
    return best


def _searched(found: Search) -> Horizon:
    if found.difference is not None:
        return Horizon(found.length, runs_of(found.difference.word), "product")
    if found.stopped is None:
        return Horizon(math.inf, None, "product")
    return Horizon(found.length, None, "all words")


def runs_of(word: tuple[str, ...]) -> Runs:
    """Return a word as runs.

    >>> runs_of(("a", "a", "b"))
    (('a', 2), ('b', 1))
    """
    found: list[tuple[str, int]] = []
    for symbol in word:
        if found and found[-1][0] == symbol:
            found[-1] = symbol, found[-1][1] + 1
        else:
            found.append((symbol, 1))
    return tuple(found)
