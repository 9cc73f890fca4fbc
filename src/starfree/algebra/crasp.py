"""Is a regular language in C-RASP? Counting inside strongly connected components, round by round.

Within a component a counter that adds φ(label) on each letter follows the state as far as some potential π on
the states satisfies π(v) - π(u) = φ(label) for every edge u -a-> v. At first the label of an edge is its
letter; then also the class of u, where a class is a set of states that no earlier potential tells apart. The
language is in C-RASP exactly when in every component all states are told apart in the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .scc import strong_components

_DOING = "looking for potentials"
_SAFE = 1 << 62
_EVERY = 1 << 12  # states between two looks at the clock
_CELLS = 64  # entries of a matrix, for each state that the budget allows

Integers = NDArray[np.int64] | NDArray[np.object_]


@dataclass(frozen=True)
class Component:
    """A strongly connected component of more than one state, and what counting tells apart in it.

    Arguments:
        states: increasing.
        rounds: for each round the potentials, each with one integer per state.
        classes: the states that remain together, by least state.
    """

    states: tuple[int, ...]
    rounds: tuple[tuple[tuple[int, ...], ...], ...]
    classes: tuple[tuple[int, ...], ...]

    @property
    def separated(self) -> bool:
        """Whether all states are told apart."""
        return len(self.classes) == len(self.states)


@dataclass(frozen=True)
class Potentials:
    """The language is in C-RASP: in every component all states are told apart."""

    components: tuple[Component, ...]


@dataclass(frozen=True)
class Flow:
    """Why no potential tells two states apart: edges whose labels cancel.

    Arguments:
        source, target: the two states.
        edges: `(u, a, value)`; outflow minus inflow is 1 at the source, -1 at the target, 0 elsewhere, and
            the values on the edges of each label add up to 0. So π(target) - π(source), the sum of values
            times φ(label), is 0.
    """

    source: int
    target: int
    edges: tuple[tuple[int, int, Fraction], ...]


@dataclass(frozen=True)
class Flows:
    """Not in C-RASP: in one component some states stay together, each with the least of its class."""

    component: Component
    flows: tuple[Flow, ...]


def crasp(dfa: DFA, *, budget: Budget = DEFAULT) -> Potentials | Flows:
    """Decide whether a regular language is in C-RASP, with evidence either way.

    Arguments:
        dfa: the minimal complete DFA.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: polynomial: at most n rounds of exact Gaussian elimination on `n k` rows.

    Source: arXiv:2608.13433 for the class; linear algebra replaces its cycles.

    >>> from starfree.languages import regex
    >>> crasp(regex("(ab)*")).components
    (Component(states=(0, 1), rounds=(((0, 1),),), classes=((0,), (1,))),)
    >>> crasp(regex("(aa)*")).component.classes
    ((0, 1),)
    """
    found = components(dfa, budget=budget)
    for component in found:
        if not component.separated:
            return flows(dfa, component, budget=budget)
    return Potentials(found)


def components(dfa: DFA, *, budget: Budget = DEFAULT) -> tuple[Component, ...]:
    """Return what counting tells apart in each component of more than one state; raises as `crasp`."""
    budget.check_time(_DOING)
    number = strong_components(dfa.table.tolist(), budget=budget)
    parts: dict[int, list[int]] = {}
    for state, c in enumerate(number):
        parts.setdefault(c, []).append(state)
    return tuple(_separate(dfa, part, budget) for part in parts.values() if len(part) > 1)


@dataclass(frozen=True, eq=False)
class _Edges:
    """The edges inside a component of m states, by position, with a spanning tree.

    Arguments:
        source, letter, target: shape `(e,)`.
        order: the states but the first, breadth-first.
        by: shape `(m,)`: the edge by which each state was reached.
    """

    source: NDArray[np.int64]
    letter: NDArray[np.int64]
    target: NDArray[np.int64]
    order: list[int]
    by: NDArray[np.int64]
    budget: Budget

    def ways(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each state the sum of values, shape `(e, w)`, of the edges on the way to it."""
        found = np.zeros((len(self.by), values.shape[1]), np.int64)
        for place, v in enumerate(self.order):
            if not place % _EVERY:
                self.budget.check_time(_DOING)
            e = self.by[v]
            found[v] = found[self.source[e]] + values[e]
        return found

    def cycles(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each edge the sum on the way to it, along it, and back the way to its target."""
        ways = self.ways(values)
        return ways[self.source] + values - ways[self.target]


def _edges(dfa: DFA, states: list[int], budget: Budget) -> _Edges:
    position = np.full(dfa.states, -1, np.int64)
    position[states] = np.arange(len(states))
    targets = position[dfa.table[states]]
    source, letter = np.nonzero(targets >= 0)
    target = targets[source, letter]
    starts = np.searchsorted(source, np.arange(len(states) + 1)).tolist()
    by = np.full(len(states), -1, np.int64)
    frontier, reached = [0], {0}
    for place, u in enumerate(frontier):  # grows as it is read
        if not place % _EVERY:
            budget.check_time(_DOING)
        for e in range(starts[u], starts[u + 1]):
            v = int(target[e])
            if v not in reached:
                reached.add(v)
                frontier.append(v)
                by[v] = e
    return _Edges(source, letter, target, frontier[1:], by, budget)


def _labels(edges: _Edges, classes: NDArray[np.int64], budget: Budget) -> NDArray[np.int64]:
    """Shape `(e, labels)`: 1 where an edge has a label, the class of its source with its letter."""
    width = int(edges.letter.max()) + 1
    _, label = np.unique(classes[edges.source] * width + edges.letter, return_inverse=True)
    budget.check_states(len(label) * int(label.max() + 1) // _CELLS, _DOING)
    found = np.zeros((len(label), int(label.max()) + 1), np.int64)
    found[np.arange(len(label)), label] = 1
    return found


def _separate(dfa: DFA, states: list[int], budget: Budget) -> Component:
    edges = _edges(dfa, states, budget)
    classes = np.zeros(len(states), np.int64)
    rounds = []
    while classes.max() + 1 < len(states):
        budget.check_time(_DOING)
        labels = _labels(edges, classes, budget)
        rows, pivots = _echelon(np.unique(edges.cycles(labels), axis=0), labels.shape[1], budget)
        remainder, _ = _reduce(edges.ways(labels), rows, pivots, budget)
        potential = _combine(remainder, budget)
        _, refined = np.unique(np.column_stack([classes, _ranks(potential)]), axis=0, return_inverse=True)
        refined = refined.reshape(-1)
        if refined.max() == classes.max():
            break
        classes = refined
        rounds.append((tuple(potential),))
    members: dict[int, list[int]] = {}
    for state, c in zip(states, classes.tolist(), strict=True):
        members.setdefault(c, []).append(state)
    return Component(tuple(states), tuple(rounds), tuple(map(tuple, members.values())))


def _ranks(values: list[int]) -> NDArray[np.int64]:
    order = {value: i for i, value in enumerate(sorted(set(values)))}
    return np.array([order[value] for value in values])


def _combine(vectors: Integers, budget: Budget) -> list[int]:
    """Return one integer for each row so that distinct rows have distinct integers, linear in the rows."""
    found = [0] * len(vectors)
    for column in np.unique(vectors.astype(object).T.tolist(), axis=0).tolist() if vectors.size else []:
        budget.check_time(_DOING)
        together = len(set(zip(found, column, strict=True)))
        if together == len(set(found)):
            continue
        factor = 1
        while len({x + factor * y for x, y in zip(found, column, strict=True)}) < together:
            factor += 1
        found = [x + factor * y for x, y in zip(found, column, strict=True)]
    divisor = gcd(*found) or 1
    if next((x for x in found if x), 1) < 0:
        divisor = -divisor
    return [x // divisor for x in found]


def _echelon(rows: Integers, width: int, budget: Budget) -> tuple[Integers, list[int]]:
    """Eliminate the first `width` columns; row i is zero in the pivots of the rows before it."""
    done, pivots = [], []
    while len(rows):
        budget.check_time(_DOING)
        filled = (rows[:, :width] != 0).any(axis=1)
        rows = rows[filled]
        if not len(rows):
            break
        sizes = np.count_nonzero(rows[:, :width], axis=1)
        first = int(sizes.argmin())
        row = rows[first]
        pivot = int(np.flatnonzero(row[:width])[0])
        done.append(row)
        pivots.append(pivot)
        rows = _divide(_eliminate(np.delete(rows, first, axis=0), row, pivot))
    return (np.array(done) if done else rows), pivots


def _eliminate(vectors: Integers, row: Integers, pivot: int) -> Integers:
    """Make all vectors zero in a column: multiply each by the row's pivot, take off a multiple of the row."""
    factors = vectors[:, pivot]
    if vectors.dtype != object and row.dtype != object and len(vectors):
        high = int(abs(vectors).max()) * abs(int(row[pivot])) + int(abs(factors).max()) * int(abs(row).max())
        if high >= _SAFE:
            vectors = vectors.astype(object)
            factors = vectors[:, pivot]
    return np.asarray(vectors * row[pivot] - np.multiply.outer(factors, row))


def _divide(vectors: Integers) -> Integers:
    """Divide each vector by the greatest common divisor of its entries."""
    if not vectors.size:
        return vectors
    divisors = np.gcd.reduce(vectors, axis=1)
    divisors[divisors == 0] = 1
    return np.asarray(vectors // divisors[:, None])


def _reduce(vectors: Integers, rows: Integers, pivots: list[int], budget: Budget) -> tuple[Integers, int]:
    """Return vectors reduced to zero in all pivots, times one positive factor, and the factor."""
    factor = 1
    for row, pivot in zip(rows, pivots, strict=True):
        budget.check_time(_DOING)
        if not vectors[:, pivot].any():
            continue
        row = row if row[pivot] > 0 else -row
        vectors = _eliminate(vectors, row, pivot)
        factor *= int(row[pivot])
        divisor = gcd(factor, *np.unique(np.gcd.reduce(vectors, axis=1)).tolist())
        vectors, factor = np.asarray(vectors // divisor), factor // divisor
    return vectors, factor


def flows(dfa: DFA, component: Component, *, budget: Budget = DEFAULT) -> Flows:
    """Return for each state that is not told apart from the least of its class, why; raises as `crasp`."""
    states = list(component.states)
    edges = _edges(dfa, states, budget)
    position = {state: i for i, state in enumerate(states)}
    classes = np.empty(len(states), np.int64)
    for c, together in enumerate(component.classes):
        classes[[position[state] for state in together]] = c
    labels = _labels(edges, classes, budget)
    width, count = labels.shape[1], len(labels)
    budget.check_states(count * count // _CELLS, _DOING)
    values = np.concatenate(
        [labels, np.eye(count, dtype=np.int64)], axis=1
    )  # what to cancel, and the edges used
    rows, pivots = _echelon(edges.cycles(values), width, budget)
    ways = edges.ways(values)
    pairs = [(together[0], other) for together in component.classes for other in together[1:]]
    found = []
    for source, target in pairs:
        budget.check_time(_DOING)
        walk = ways[position[target]] - ways[position[source]]
        vector, factor = _reduce(walk[None, :], rows, pivots, budget)
        assert not vector[0, :width].any()
        listed = tuple(
            (states[int(edges.source[e])], int(edges.letter[e]), Fraction(value, factor))
            for e, value in enumerate(vector[0, width:].tolist())
            if value
        )
        found.append(Flow(source, target, listed))
    return Flows(component, tuple(found))
