"""From "accept when" to legal sets: which symbols can still lead to a word.

All memories that can arise are listed. They are the states of an automaton, whose live states say what may
come next after each; that is written as conditions on the parts of the program, so that the program keeps its
own cells and needs no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..diagrams import ANY, Diagrams, Node
from ..errors import BadInput
from ..languages import DFA
from ..languages.dfa import make_dfa
from ..languages.words import brief
from .expressions import (
    FALSE,
    TRUE,
    AtLeast,
    Expression,
    Previously,
    Turned,
    all_of,
    any_of,
    negation,
    walk,
)
from .meaning import Interpreter, Memory, memories_of
from .operators import read

_DOING = "listing the memories of a program"
_MOST_CELLS = 200  # diagrams are followed by functions that call themselves for each variable


class Listing:
    """All memories that can arise in a program that does not count, with what follows which.

    Arguments:
        memories: each state's memory, by number; the empty prefix's is 0.
        table: shape `(n, k)`: the state after one more symbol.
        accepting: shape `(n,)`.

    Raises:
        BadInput: when the condition counts, has more than 200 different temporal operators, or reads a symbol
            outside the alphabet.
        BudgetExceeded: when there are more memories than states allowed.

    Complexity: a step for each memory that can arise and each symbol.
    """

    def __init__(self, alphabet: tuple[str, ...], accept: Expression, *, budget: Budget = DEFAULT) -> None:
        self.interpreter = Interpreter(alphabet, [accept])
        counting = [node for node in self.interpreter.nodes if isinstance(node, AtLeast)]
        if counting:
            why = "a program that counts cannot say by itself what may come next"
            do = "Give legal={symbol: condition, ...} and end=condition."
            raise BadInput(brief(str(counting[0])), why, do)
        cells = len(self.interpreter.memories)
        if cells > _MOST_CELLS:
            why = f"has {cells} different temporal operators, more than {_MOST_CELLS}"
            raise BadInput(brief(str(accept)), why, "Write a smaller one.")
        start = self.interpreter.begin()
        number = {start: 0}
        order = [start]
        rows = []
        for memory, _ in order:  # grows as it is read
            budget.check_states(len(order), _DOING)
            row = []
            for symbol in alphabet:
                state = self.interpreter.step(memory, symbol)
                target = number.setdefault(state, len(order))
                if target == len(order):
                    order.append(state)
                row.append(target)
            rows.append(row)
        self.memories: list[Memory] = [memory for memory, _ in order]
        self.table: NDArray[np.int64] = np.array(rows, np.int64).reshape(len(order), len(alphabet))
        self.accepting = np.array([values[0] for _, values in order], np.bool_)


def automaton(
    alphabet: tuple[str, ...], accept: Expression, *, spec: str = "", budget: Budget = DEFAULT
) -> DFA:
    """Return the minimal complete DFA of the words after which a condition holds; see `Listing`.

    >>> from starfree.programs import once, read
    >>> automaton(("a", "b"), once(read("a"))).states
    2
    """
    found = Listing(alphabet, accept, budget=budget)
    return make_dfa(alphabet, found.table, found.accepting, spec=spec, budget=budget)


def legal_from_acceptance(
    alphabet: tuple[str, ...], accept: Expression, *, budget: Budget = DEFAULT
) -> tuple[Expression, ...]:
    """Return for each symbol the condition under which it may come next, exact after dead prefixes too.

    Complexity: that of `Listing`, and for each symbol a decision diagram over the memories.
    """
    found = Listing(alphabet, accept, budget=budget)
    live = _live(found, budget)
    variables = _variables(found.interpreter)
    columns = np.array(found.memories, np.int64).reshape(len(found.memories), len(variables))
    # States with one memory differ in acceptance only: what may follow is the same.
    rows, first = np.unique(columns, axis=0, return_index=True)
    sizes = [len(values) for values in variables]
    made = []
    for column in live[found.table[first]].T:
        diagrams = Diagrams(sizes, budget=budget)
        root = _diagram(diagrams, rows, column, 0)
        made.append(_condition(diagrams, root, variables, {}))
    return tuple(made)


def _live(found: Listing, budget: Budget) -> NDArray[np.bool_]:
    """Return which states some word leads to acceptance from: those found going backwards from there."""
    n, k = found.table.shape
    order = np.argsort(found.table, axis=None, kind="stable")
    sources = (order // k).tolist() if k else []
    borders = np.searchsorted(found.table.ravel()[order], np.arange(n + 1)).tolist()
    live = found.accepting.tolist()
    stack = np.flatnonzero(found.accepting).tolist()
    while stack:
        budget.check_time(_DOING)
        target = stack.pop()
        for source in sources[borders[target] : borders[target + 1]]:
            if not live[source]:
                live[source] = True
                stack.append(source)
    return np.array(live, np.bool_)


def _variables(interpreter: Interpreter) -> list[list[Expression]]:
    """Return for each memory the conditions that say which value it has now, by value."""
    found: list[list[Expression]] = []
    owners = {memory: node for node in walk(interpreter.roots) for memory in memories_of(node)}
    looked_at = [node.part for node in owners.values() if isinstance(node, Previously)]
    at_first = dict(zip(looked_at, Interpreter(interpreter.alphabet, looked_at).begin()[1], strict=True))
    for memory in interpreter.memories:
        node = owners[memory]
        if isinstance(node, Turned):
            turned = [Turned(node.part, node.order, frozenset([r])) for r in range(node.order)]
            found.append(list(turned))
            continue
        holds = node
        if isinstance(node, Previously):
            holds = node.part
            if at_first[holds]:  # the empty prefix is no position
                holds = all_of(holds, read(*interpreter.alphabet))
        found.append([negation(holds), holds])
    return found


def _diagram(diagrams: Diagrams, rows: NDArray[np.int64], flags: NDArray[Any], depth: int) -> Node:
    """Return the diagram of flags over rows of values that stand in lexicographic order."""
    if not len(rows):
        return ANY
    if depth == rows.shape[1] or flags.all() or not flags.any():
        return diagrams.leaf(bool(flags[0]))
    borders = np.searchsorted(rows[:, depth], np.arange(diagrams.sizes[depth] + 1))
    children = [
        _diagram(diagrams, rows[a:b], flags[a:b], depth + 1)
        for a, b in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)
    ]
    return diagrams.node(depth, children)


def _condition(
    diagrams: Diagrams, node: Node, variables: Sequence[Sequence[Expression]], made: dict[Node, Expression]
) -> Expression:
    """Return a diagram as a condition; nodes shared in one are shared in the other."""
    if node == ANY:
        return FALSE
    if node not in made:
        variable, content = diagrams.content(node)
        if variable == len(variables):
            made[node] = TRUE if content else FALSE
        else:
            assert isinstance(content, tuple)
            branches: dict[Node, list[Expression]] = {}
            for value, child in enumerate(content):
                if child != ANY:
                    branches.setdefault(child, []).append(variables[variable][value])
            made[node] = any_of(
                *(
                    all_of(any_of(*tests), _condition(diagrams, child, variables, made))
                    for child, tests in branches.items()
                )
            )
    return made[node]
