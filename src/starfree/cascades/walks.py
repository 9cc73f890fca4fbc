"""All that can happen in a cascade while a word can still be completed: its live values, and what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from .cascade import Cascade
from .replay import CascadeRunner

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Walks:
    """The live values of a cascade as nodes, each with the last symbol read, and the steps between them.

    Arguments:
        classes: the symbols, those that do the same together; class i is written i + 1, and 0 is no symbol.
        nodes: shape `(n, 1 + cells)`: the last symbol's class, then the values; the first is the start.
        legal: shape `(n, classes + 1)`: whether each class, and END last, is legal.
        steps: shape `(m, 3)`: node, class (from 1) and node after it, where the class is legal.
    """

    classes: tuple[tuple[str, ...], ...]
    nodes: Rows
    legal: NDArray[np.bool_]
    steps: Rows


def walks(cascade: Cascade, *, everywhere: bool = False, budget: Budget = DEFAULT) -> Walks:
    """Return the live nodes of a cascade.

    Arguments:
        everywhere: take every symbol as legal, so that all nodes are live.

    Raises:
        BudgetExceeded: when there are more than `budget.max_states`.

    Complexity: a step of the cascade for each node and class, many at a time.

    >>> from starfree.languages import regex
    >>> from starfree.cascades import decompose
    >>> found = walks(decompose(regex("[ab]*d[bc]*"), task="predict"))
    >>> found.classes, len(found.nodes)
    ((('a',), ('b',), ('c',), ('d',)), 6)
    """
    classes = _classes(cascade)
    runner = CascadeRunner(_restricted(cascade, {symbols[0] for symbols in classes}))
    start = (0, *cascade.initial)
    number = {start: 0}
    nodes = [start]
    legal: list[NDArray[np.bool_]] = []
    steps = []
    done = 0
    while done < len(nodes):
        batch = np.array(nodes[done:], np.int64)
        ok = runner.legal(batch[:, 1:])
        new = runner.steps(batch[:, 1:])
        if everywhere:
            ok[:, :-1] = True
        legal.append(ok)
        for i, flags in enumerate(ok.tolist()):
            for letter in range(len(classes)):
                if flags[letter]:
                    target = (letter + 1, *new[letter, i].tolist())
                    place = number.setdefault(target, len(nodes))
                    if place == len(nodes):
                        nodes.append(target)
                    steps.append((done + i, letter + 1, place))
        done += len(batch)
        budget.check_states(len(nodes), "walking through a cascade")
    return Walks(
        classes,
        np.array(nodes, np.int64),
        np.concatenate(legal),
        np.array(steps, np.int64).reshape(len(steps), 3),
    )


def _classes(cascade: Cascade) -> tuple[tuple[str, ...], ...]:
    """Return the symbols, those together that every rule and every outcome treats alike."""
    lists = [rule.symbols for cell in cascade.cells for rule in cell.rules]
    lists += [outcome.symbols for outcome in cascade.outcomes]
    sets = [frozenset(symbols) for symbols in lists]
    groups: dict[tuple[bool, ...], list[str]] = {}
    for symbol in cascade.alphabet:
        groups.setdefault(tuple(symbol in one for one in sets), []).append(symbol)
    return tuple(map(tuple, groups.values()))


def _restricted(cascade: Cascade, kept: set[str]) -> Cascade:
    """Return the cascade over some of its symbols."""

    def only(symbols: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(symbol for symbol in symbols if symbol in kept)

    return replace(
        cascade,
        alphabet=only(cascade.alphabet),
        cells=tuple(
            replace(cell, rules=tuple(replace(rule, symbols=only(rule.symbols)) for rule in cell.rules))
            for cell in cascade.cells
        ),
        outcomes=tuple(replace(one, symbols=only(one.symbols)) for one in cascade.outcomes),
    )
