"""Stabiliser chains: order and membership of a permutation group, and words for its elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from .permutations import Permutation, inverse, multiply

_DOING = "computing a permutation group"
_ENTRIES = 32  # entries of permutations kept, for each element that the budget allows

GroupStep = tuple[str, int] | tuple[str, int, int]


class Recipes:
    """A straight-line program over the generators of a group.

    Steps are `("gen", i)`, `("mul", i, j)` (first i, then j) and `("inv", i)`. Step numbers stand for
    elements; -1 stands for the identity.
    """

    def __init__(self) -> None:
        self.steps: list[GroupStep] = []

    def _add(self, step: GroupStep) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def generator(self, i: int) -> int:
        """Return a step for generator i."""
        return self._add(("gen", i))

    def multiply(self, i: int, j: int) -> int:
        """Return a step for the product."""
        if i < 0 or j < 0:
            return max(i, j)
        return self._add(("mul", i, j))

    def invert(self, i: int) -> int:
        """Return a step for the inverse."""
        return i if i < 0 else self._add(("inv", i))


class NoRecipes(Recipes):
    """Stands in for `Recipes` where nobody asks how an element was made."""

    def generator(self, i: int) -> int:
        return 0

    def multiply(self, i: int, j: int) -> int:
        return 0

    def invert(self, i: int) -> int:
        return 0


Element = tuple[Permutation, int]
"""A permutation and the step that makes it."""


class _Level:
    def __init__(self, base: int, degree: int) -> None:
        self.base = base
        self.generators: list[Element] = []
        self.orbit = [base]
        self.to: dict[int, Element] = {base: (tuple(range(degree)), -1)}
        self.fro: dict[int, Permutation] = {base: tuple(range(degree))}
        self.pending: list[
            tuple[int, int]
        ] = []  # (point, generator) whose Schreier generator is not yet sifted


class Chain:
    """A permutation group that grows by generators and always knows its stabiliser chain.

    Arguments:
        degree: number of points.
        generators: permutations; each may come with the step of `recipes` that makes it.
        recipes: where the elements of the chain are written down.

    Complexity: `O(r^2 log^3 |G| + g r^2 log |G|)` for r points and g generators; deterministic.

    Source: Sims 1970; Knuth 1991.

    >>> chain = Chain(4, [((1, 2, 3, 0), 0), ((1, 0, 2, 3), 0)])
    >>> chain.order, chain.contains((0, 2, 1, 3))
    (24, True)
    """

    def __init__(
        self,
        degree: int,
        generators: Iterable[Element] = (),
        recipes: Recipes | None = None,
        *,
        budget: Budget = DEFAULT,
    ) -> None:
        self.degree = degree
        self.recipes = NoRecipes() if recipes is None else recipes
        self.budget = budget
        self._identity = tuple(range(degree))
        self._levels: list[_Level] = []
        self._entries = 0
        for generator in generators:
            self.add(generator)

    @property
    def order(self) -> int:
        """The number of elements."""
        return prod(len(level.orbit) for level in self._levels)

    def contains(self, p: Permutation) -> bool:
        """Tell whether a permutation is in the group."""
        for level in self._levels:
            back = level.fro.get(p[level.base])
            if back is None:
                return False
            p = multiply(p, back)
        return p == self._identity

    def recipe(self, p: Permutation) -> int:
        """Return a step that makes an element of the group."""
        found = -1
        for level in self._levels:
            target = p[level.base]
            found = self.recipes.multiply(level.to[target][1], found)
            p = multiply(p, level.fro[target])
        return found

    def elements(self) -> NDArray[np.int64]:
        """Return all elements, shape `(order, degree)`, the identity first."""
        found = np.array([self._identity], np.int64)
        for level in reversed(self._levels):
            moves = np.array([level.to[point][0] for point in level.orbit], np.int64)
            found = moves[:, found].reshape(-1, self.degree)
        return found

    def add(self, element: Element) -> bool:
        """Add a generator; tell whether the group grew."""
        residue, depth = self._sift(element, 0)
        if residue is None:
            return False
        # The generator itself, not the residue, keeps recipes short; it belongs to the first level only.
        self._extend(0, element)
        deepest = len(self._levels) - 1
        while deepest >= 0:
            level = self._levels[deepest]
            if not level.pending:
                deepest -= 1
                continue
            self.budget.check_time(_DOING)
            point, number = level.pending.pop()
            generator = level.generators[number]
            target = generator[0][point]
            product = multiply(multiply(level.to[point][0], generator[0]), level.fro[target])
            if product == self._identity or self._member(product, deepest + 1):
                continue
            recipe = self.recipes.multiply(level.to[point][1], generator[1])
            recipe = self.recipes.multiply(recipe, self.recipes.invert(level.to[target][1]))
            residue, depth = self._sift((product, recipe), deepest + 1)
            assert residue is not None
            for i in range(deepest + 1, depth + 1):
                self._extend(i, residue)
            deepest = len(self._levels) - 1
        return True

    def _member(self, p: Permutation, depth: int) -> bool:
        for level in self._levels[depth:]:
            back = level.fro.get(p[level.base])
            if back is None:
                return False
            p = multiply(p, back)
        return p == self._identity

    def _sift(self, element: Element, depth: int) -> tuple[Element | None, int]:
        """Divide an element by the transversals; return what is left and the level it belongs to."""
        p, recipe = element
        for i in range(depth, len(self._levels)):
            level = self._levels[i]
            target = p[level.base]
            back = level.fro.get(target)
            if back is None:
                return (p, recipe), i
            if target != level.base:
                recipe = self.recipes.multiply(recipe, self.recipes.invert(level.to[target][1]))
                p = multiply(p, back)
        return (None if p == self._identity else (p, recipe)), len(self._levels)

    def _extend(self, depth: int, element: Element) -> None:
        """Give a level one more generator and close its orbit."""
        p, _ = element
        if depth == len(self._levels):
            base = next(i for i, j in enumerate(p) if i != j)
            self._levels.append(_Level(base, self.degree))
        level = self._levels[depth]
        number = len(level.generators)
        level.generators.append(element)
        known = len(level.orbit)
        for position, point in enumerate(level.orbit):  # grows as it is read
            self.budget.check_elements(self._entries // _ENTRIES, _DOING)
            for i in range(number if position < known else 0, number + 1):
                move, step = level.generators[i]
                target = move[point]
                if target in level.to:
                    level.pending.append((point, i))
                    continue
                to, recipe = level.to[point]
                level.to[target] = multiply(to, move), self.recipes.multiply(recipe, step)
                level.fro[target] = inverse(level.to[target][0])
                self._entries += 2 * self.degree
                level.orbit.append(target)


def group_order(generators: Sequence[Permutation], degree: int, *, budget: Budget = DEFAULT) -> int:
    """Return the order of the group that permutations generate."""
    return Chain(degree, ((p, 0) for p in generators), budget=budget).order
