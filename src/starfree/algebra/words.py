"""Words: short ones as tuples of symbol indices, long ones as straight-line programs."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget

Word = tuple[int, ...]
"""Symbol indices (columns of a table), first read first."""

Step = tuple[str, int] | tuple[str, int, int]

_SPELL_OUT = 10_000  # longer words stay straight-line programs
_DOING = "looking for words"
_EVERY = 1 << 14  # nodes between two looks at the clock


@dataclass(frozen=True)
class StraightLine:
    """A word written as a straight-line program; the last step is the word.

    Arguments:
        steps: `("sym", a)`; `("mul", i, j)`, first the word of step i, then that of step j; `("pow", i, e)`,
            the word of step i repeated e >= 0 times. Steps refer to earlier steps only.
    """

    steps: tuple[Step, ...]


Spelling = Word | StraightLine


class Scribe:
    """Writes straight-line programs: equal steps are written once, and every step knows its length."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.lengths: list[int] = []
        self._known: dict[Step, int] = {}

    def _add(self, step: Step, length: int) -> int:
        found = self._known.get(step)
        if found is None:
            found = self._known[step] = len(self.steps)
            self.steps.append(step)
            self.lengths.append(length)
        return found

    def symbol(self, a: int) -> int:
        """Return the step that is the one symbol `a`."""
        return self._add(("sym", a), 1)

    def empty(self) -> int:
        """Return a step that is the empty word."""
        return self.power(self.symbol(0), 0)

    def then(self, i: int, j: int) -> int:
        """Return the step that is the word of step i, then that of step j."""
        if not self.lengths[i]:
            return j
        if not self.lengths[j]:
            return i
        return self._add(("mul", i, j), self.lengths[i] + self.lengths[j])

    def power(self, i: int, exponent: int) -> int:
        """Return the step that repeats the word of step i."""
        if exponent == 1:
            return i
        return self._add(("pow", i, exponent), self.lengths[i] * exponent)

    def word(self, word: Sequence[int]) -> int:
        """Return the step that spells a word."""
        step = self.empty() if not word else self.symbol(word[0])
        for a in word[1:]:
            step = self.then(step, self.symbol(a))
        return step

    def spell(self, i: int) -> Spelling:
        """Return the word of step i: as a tuple when it is short, else the steps that it needs."""
        needed = {i}
        for j in range(i, -1, -1):
            if j in needed:
                needed.update(_uses(self.steps[j]))
        order = sorted(needed)
        number = {old: new for new, old in enumerate(order)}
        steps = tuple(_renumber(self.steps[j], number) for j in order)
        program = StraightLine(steps)
        return spelled(program) if self.lengths[i] <= _SPELL_OUT else program


def _uses(step: Step) -> tuple[int, ...]:
    if len(step) == 2:
        return ()
    kind, i, j = step
    return (i, j) if kind == "mul" else (i,)


def _renumber(step: Step, number: dict[int, int]) -> Step:
    if len(step) == 2:
        return step
    kind, i, j = step
    return kind, number[i], number[j] if kind == "mul" else j


def spelled(program: StraightLine) -> Word:
    """Return a straight-line program's word in full; its length may be exponential in the steps.

    >>> spelled(StraightLine((("sym", 0), ("sym", 1), ("mul", 0, 1), ("pow", 2, 3))))
    (0, 1, 0, 1, 0, 1)
    """
    words: list[Word] = []
    for step in program.steps:
        if len(step) == 2:
            words.append((step[1],))
        else:
            kind, i, j = step
            words.append(words[i] + words[j] if kind == "mul" else words[i] * j)
    return words[-1]


def length(spelling: Spelling) -> int:
    """Return the number of symbols of a word."""
    if isinstance(spelling, tuple):
        return len(spelling)
    sizes: list[int] = []
    for step in spelling.steps:
        if len(step) == 2:
            sizes.append(1)
        else:
            kind, i, j = step
            sizes.append(sizes[i] + sizes[j] if kind == "mul" else sizes[i] * j)
    return sizes[-1]


def action(spelling: Spelling, table: NDArray[np.integer], *, budget: Budget = DEFAULT) -> NDArray[np.int64]:
    """Return the transformation that a word induces.

    Arguments:
        spelling: the word.
        table: shape `(n, k)`, complete.

    Returns:
        shape `(n,)`: the state after the word, from each state.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(n)` per symbol of a tuple, `O(n log e)` per step of a program.

    >>> action(StraightLine((("sym", 0), ("pow", 0, 10**9))), np.array([[1], [2], [0]])).tolist()
    [1, 2, 0]
    """
    columns = np.ascontiguousarray(table.T).astype(np.int64)
    identity = np.arange(len(table))
    if isinstance(spelling, tuple):
        state = identity
        for a in spelling:
            budget.check_time(_DOING)
            state = columns[a][state]
        return state
    done: list[NDArray[np.int64]] = []
    for step in spelling.steps:
        budget.check_time(_DOING)
        if len(step) == 2:
            done.append(columns[step[1]])
            continue
        kind, i, j = step
        if kind == "mul":
            done.append(done[j][done[i]])
        else:
            result, square, exponent = identity, done[i], j
            while exponent:
                if exponent & 1:
                    result = square[result]
                square = square[square]
                exponent >>= 1
            done.append(result)
    return done[-1]


def paths(
    successors: Sequence[Sequence[int]], start: int, *, budget: Budget = DEFAULT
) -> dict[int, tuple[int, int]]:
    """Return the breadth-first tree from a node: for each node reached, the node before it and the edge's
    position.

    Negative successors are no edge. The start maps to `(-1, -1)`. Raises `BudgetExceeded` when time is up.
    """
    tree = {start: (-1, -1)}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if not len(tree) % _EVERY:
            budget.check_time(_DOING)
        for a, target in enumerate(successors[node]):
            if target >= 0 and target not in tree:
                tree[target] = (node, a)
                queue.append(target)
    return tree


def trace(tree: dict[int, tuple[int, int]], node: int) -> Word:
    """Return the edge positions on the way to a node of a breadth-first tree."""
    found: list[int] = []
    while True:
        node, a = tree[node]
        if a < 0:
            return tuple(reversed(found))
        found.append(a)


def shortest(
    successors: Sequence[Sequence[int]],
    start: int,
    goal: int,
    *,
    least: int = 0,
    budget: Budget = DEFAULT,
) -> Word | None:
    """Return a shortest word from one node to another with at least `least` (0 or 1) symbols, or None."""
    if start == goal and not least:
        return ()
    if not least or start != goal:
        tree = paths(successors, start, budget=budget)
        return trace(tree, goal) if goal in tree else None
    around = [
        (a, *rest)
        for a, target in enumerate(successors[start])
        if target >= 0 and (rest := shortest(successors, target, goal, budget=budget)) is not None
    ]
    return min(around, key=len, default=None)


def separate(
    rows: Sequence[Sequence[int]], accepting: Sequence[bool], p: int, q: int, *, budget: Budget = DEFAULT
) -> Word:
    """Return a shortest word accepted from exactly one of two inequivalent states.

    Arguments:
        rows: the table as lists.
        accepting: the accepting flags.
        p, q: distinct states of a minimal DFA.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(n^2 k)` at worst.
    """
    tree: dict[tuple[int, int], tuple[tuple[int, int], int] | None] = {(p, q): None}
    queue = deque([(p, q)])
    while queue:
        pair = queue.popleft()
        if not len(tree) % _EVERY:
            budget.check_time(_DOING)
        if accepting[pair[0]] != accepting[pair[1]]:
            found = []
            while (before := tree[pair]) is not None:
                pair = before[0]
                found.append(before[1])
            return tuple(reversed(found))
        for a, target in enumerate(zip(rows[pair[0]], rows[pair[1]], strict=True)):
            if target not in tree:
                tree[target] = (pair, a)
                queue.append(target)
    raise AssertionError("two states of a minimal DFA are separated by some word")
