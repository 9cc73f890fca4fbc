"""Which conjunctions of new cell values make which tokens legal, with as few conjunctions as we find.

Tokens that are always legal together share a column. A column may be switched on where it is legal, or off
where it is not: the legal sets of D_n take 2 n conjunctions one way and four the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..budgets import Budget
from ..cascades import Condition
from ..diagrams import ANY, Diagrams, Node
from ..errors import BudgetExceeded
from .cubes import CellBit, conjunctions
from .documents import Documents

_NODES = 20_000  # a diagram larger than this is no saving


@dataclass(frozen=True)
class Column:
    """Tokens that are legal together.

    Arguments:
        tokens: their numbers.
        legal_when_on: whether the feature of this column means legal, or its opposite.
    """

    tokens: frozenset[int]
    legal_when_on: bool


@dataclass(frozen=True)
class Switches:
    """Columns, and disjoint conjunctions with the columns that each switches on."""

    columns: tuple[Column, ...]
    gates: tuple[tuple[dict[CellBit, bool], tuple[int, ...]], ...]


def switches(found: Documents) -> Switches:
    """Return the cheaper of one conjunction for each legal set, and one for each column on its own.

    Complexity: the size of a decision diagram for each column and order of cells, at most a fixed number of
        nodes.
    """
    sizes = [latch.size for latch in found.latches]
    patterns: dict[tuple[int, ...], set[int]] = {}
    for token in frozenset().union(*(tokens for _, tokens in found.outcomes)):
        pattern = tuple(i for i, (_, tokens) in enumerate(found.outcomes) if token in tokens)
        patterns.setdefault(pattern, set()).add(token)
    columns = sorted(patterns.items(), key=lambda item: min(item[1]))
    together = Switches(
        tuple(Column(frozenset(tokens), True) for _, tokens in columns),
        tuple(
            (cube, tuple(j for j, (pattern, _) in enumerate(columns) if i in pattern))
            for i, (when, _) in enumerate(found.outcomes)
            for cube in conjunctions(when, sizes)
        ),
    )
    apart_columns, apart_gates = [], []
    conditions = [when for when, _ in found.outcomes]
    for j, (pattern, tokens) in enumerate(columns):
        best = _cheapest(conditions, set(pattern), sizes)
        if best is None:
            return together
        legal_when_on, chosen = best
        apart_columns.append(Column(frozenset(tokens), legal_when_on))
        apart_gates += [(cube, (j,)) for cube in chosen]
    apart = Switches(tuple(apart_columns), tuple(apart_gates))
    return min(together, apart, key=lambda one: len(one.gates))


def _cheapest(
    conditions: Sequence[Condition], legal: set[int], sizes: Sequence[int]
) -> tuple[bool, list[dict[CellBit, bool]]] | None:
    """Return the fewest conjunctions for where the outcomes in `legal` hold, or for everywhere else."""
    found = []
    cells = sorted({cell for when in conditions for cell, _ in when})
    for order in (cells, cells[::-1]):
        try:
            paths = _paths(conditions, legal, order, sizes)
        except BudgetExceeded:
            continue
        for wanted in (True, False):
            chosen = [
                cube
                for when, value in paths
                if value is wanted
                for cube in conjunctions(tuple(sorted(when.items())), sizes)
            ]
            found.append((wanted, chosen))
    return min(found, key=lambda one: len(one[1])) if found else None


def _paths(
    conditions: Sequence[Condition], legal: set[int], order: Sequence[int], sizes: Sequence[int]
) -> list[tuple[dict[int, tuple[int, ...]], object]]:
    """Return disjoint conditions that cover all values, with whether an outcome in `legal` holds there."""
    budget = Budget.of(max_elements=_NODES)
    diagrams = Diagrams([sizes[cell] for cell in order], budget=budget)
    allowed = [{cell: frozenset(values) for cell, values in when} for when in conditions]
    made: dict[tuple[int, tuple[int, ...]], Node] = {}

    def node(depth: int, possible: tuple[int, ...]) -> Node:
        key = depth, possible
        if key not in made:
            budget.check_elements(len(made), "writing legal sets as conjunctions")
            if depth == len(order):
                made[key] = diagrams.leaf(any(i in legal for i in possible))
            else:
                cell = order[depth]
                below = [
                    node(depth + 1, tuple(i for i in possible if value in allowed[i].get(cell, (value,))))
                    for value in range(sizes[cell])
                ]
                made[key] = diagrams.node(depth, below)
        return made[key]

    root = node(0, tuple(range(len(conditions))))
    assert root != ANY
    return [
        ({order[variable]: values for variable, values in path.items()}, action)
        for path, action in diagrams.conjunctions(root)
    ]
