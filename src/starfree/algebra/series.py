"""Subnormal series of permutation groups with Abelian factors: generators of each term, with recipes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import combinations

from ..budgets import DEFAULT, Budget
from .chain import Chain, Element, Recipes
from .permutations import inverse, multiply

_DOING = "following a series of subgroups"


def derived_series(
    generators: Sequence[Element], degree: int, recipes: Recipes | None = None, *, budget: Budget = DEFAULT
) -> list[list[Element]]:
    """Return generators of each term of the derived series: the group, its commutators, and so on.

    Arguments:
        generators: the group; with the steps of `recipes` that make them.

    Returns:
        the terms; the last is `[]` when the group is solvable, else it generates a perfect group.

    >>> [[p for p, _ in term] for term in derived_series([((1, 2, 0), 0), ((1, 0, 2), 0)], 3)]
    [[(1, 2, 0), (1, 0, 2)], [(1, 2, 0)], []]
    """
    return _series(generators, degree, recipes, squares=False, budget=budget)


def squares_series(
    generators: Sequence[Element], degree: int, recipes: Recipes | None = None, *, budget: Budget = DEFAULT
) -> list[list[Element]]:
    """Return generators of G > G²[G,G] > ..., with powers of Z_2 as factors; `[]` ends it for a 2-group."""
    return _series(generators, degree, recipes, squares=True, budget=budget)


def _series(
    generators: Sequence[Element], degree: int, recipes: Recipes | None, *, squares: bool, budget: Budget
) -> list[list[Element]]:
    notes = Recipes() if recipes is None else recipes
    identity = tuple(range(degree))
    terms = [[g for g in generators if g[0] != identity]]
    sizes = [Chain(degree, terms[0], budget=budget).order]
    while terms[-1]:
        term = terms[-1]
        seeds = []
        for g, h in combinations(term, 2):
            budget.check_time(_DOING)
            seeds.append(commutator_element(g, h, notes))
        if squares:
            seeds += [(multiply(g, g), notes.multiply(i, i)) for g, i in term]
        closed, chain = normal_closure(seeds, term, degree, notes, budget=budget)
        if chain.order == sizes[-1]:
            break
        terms.append(closed)
        sizes.append(chain.order)
    return terms


def commutator_element(g: Element, h: Element, notes: Recipes) -> Element:
    """Return `g^-1 h^-1 g h` with its recipe."""
    (p, i), (q, j) = g, h
    back = notes.multiply(notes.invert(i), notes.invert(j))
    moved = multiply(multiply(inverse(p), inverse(q)), multiply(p, q))
    return moved, notes.multiply(back, notes.multiply(i, j))


def normal_closure(
    seeds: Sequence[Element],
    group: Sequence[Element],
    degree: int,
    notes: Recipes,
    *,
    budget: Budget = DEFAULT,
) -> tuple[list[Element], Chain]:
    """Return generators and the chain of the least normal subgroup of a group that contains the seeds."""
    chain = Chain(degree, budget=budget)
    found: list[Element] = []
    queue = deque(seeds)
    while queue:
        budget.check_time(_DOING)
        element = queue.popleft()
        if not chain.add((element[0], 0)):
            continue
        found.append(element)
        p, i = element
        for q, j in group:
            budget.check_time(_DOING)
            moved = multiply(multiply(inverse(q), p), q)
            if not chain.contains(moved):
                queue.append((moved, notes.multiply(notes.multiply(notes.invert(j), i), j)))
    return found, chain
