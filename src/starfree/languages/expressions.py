"""Postfix expressions over automata and labels, compiled to minimal automata."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from .glushkov import Fragment, Glushkov
from .minimise import minimise
from .regex_parser import CAT, EMPTY, Operator, Repeat
from .subsets import determinise

_DENSE = 1 << 12  # positions up to which sets of them are kept as bit masks


@dataclass(frozen=True)
class Automaton:
    """A minimal complete DFA over classes of symbols, as an operand."""

    table: NDArray[np.int32]
    accepting: NDArray[np.bool_]


@dataclass(frozen=True)
class Label:
    """An operand: any symbol of a set of classes, as a bit mask."""

    mask: int


Step = Automaton | Label | Repeat | Operator


def compile_steps(steps: list[Step], classes: int, budget: Budget) -> Automaton:
    """Return the minimal automaton of steps that contain neither `&` nor `~`."""
    if len(steps) == 1 and isinstance(steps[0], Automaton):
        return steps[0]
    positions, whole = build(steps, budget)
    return determinised(positions, whole, classes, budget)


def build(steps: list[Step], budget: Budget) -> tuple[Glushkov, Fragment]:
    """Return the position automaton of steps that contain neither `&` nor `~`."""
    positions = Glushkov(_count(steps) <= _DENSE, budget)
    stack: list[Fragment] = []
    for step in steps:
        if isinstance(step, Label):
            stack.append(positions.symbols(step.mask))
        elif isinstance(step, Automaton):
            stack.append(positions.automaton(edges(step), step.accepting))
        elif isinstance(step, Repeat):
            stack.append(positions.repeat(stack.pop(), step.least, step.most))
        elif step is EMPTY:
            stack.append(positions.empty())
        else:
            right = stack.pop()
            join = positions.concatenate if step is CAT else positions.unite
            stack.append(join(stack.pop(), right))
    return positions, stack.pop()


def determinised(positions: Glushkov, whole: Fragment, classes: int, budget: Budget) -> Automaton:
    """Return the minimal automaton of a fragment of a position automaton."""
    table, accepting = determinise(positions, whole, classes, budget=budget)
    return Automaton(*minimise(table, accepting, budget=budget))


def _count(steps: list[Step]) -> int:
    """Return the number of positions, or a little more."""
    sizes: list[int] = []
    for step in steps:
        if isinstance(step, Automaton):
            sizes.append(step.table.size)
        elif isinstance(step, Repeat):
            sizes[-1] *= step.most or step.least or 1
        elif isinstance(step, Operator) and step is not EMPTY:
            sizes.append(sizes.pop() + sizes.pop())
        else:
            sizes.append(1)
    return sizes[0]


def edges(automaton: Automaton) -> list[list[tuple[int, int]]]:
    """Return for each state its live successors with the label of all classes that lead there."""
    table, accepting = automaton.table, automaton.accepting
    dead = (table == np.arange(len(table))[:, None]).all(axis=1) & ~accepting
    edges = []
    for row in table.tolist():
        labels: dict[int, int] = {}
        for c, target in enumerate(row):
            if not dead[target]:
                labels[target] = labels.get(target, 0) | 1 << c
        edges.append(list(labels.items()))
    return edges
