"""A perfect group of words: evidence that some group inside a transition monoid is not solvable."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import combinations

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .chain import Chain, Element, GroupStep, Recipes
from .images import image_orbit
from .loops import loops
from .permutations import Permutation, commutator, inverse, multiply, order
from .series import commutator_element, derived_series
from .words import Scribe, Spelling, Word


@dataclass(frozen=True)
class PerfectSubgroup:
    """A group of words that is its own commutator group: the monoid has a group that is not solvable.

    Arguments:
        points: states that every generator permutes.
        generators: words; at least one moves a point.
        steps: a program over the generators: `("gen", i)`, `("mul", i, j)`, `("inv", i)`.
        products: for each generator, pairs (a, b) of steps: it is the product of the commutators a^-1 b^-1 a
            b.
    """

    points: tuple[int, ...]
    generators: tuple[Spelling, ...]
    steps: tuple[GroupStep, ...]
    products: tuple[tuple[tuple[int, int], ...], ...]


def perfect_subgroup(dfa: DFA, *, budget: Budget = DEFAULT) -> PerfectSubgroup | None:
    """Return a perfect group of words, or None when all groups in the monoid are solvable.

    The last term K of a derived series is perfect, so commutators of K generate K. These are taken as the
    generators; each is one commutator of elements of K, which are then written as products of the generators
    again.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.

    Source: Galois; Schreier-Sims with recipes.
    """
    orbit = image_orbit(dfa, budget=budget)
    roots = [root for root in orbit.moving if not orbit.group(root, budget=budget).solvable]
    if not roots:
        return None
    root = min(roots, key=lambda i: int(orbit.size[i]))
    degree = int(orbit.size[root])
    words = sorted(loops(orbit, root), key=lambda pair: len(pair[0]))
    chain = Chain(degree, budget=budget)
    kept = [(word, p) for word, p in words if chain.add((p, 0))]
    notes = Recipes()
    first = [(p, notes.generator(i)) for i, (_, p) in enumerate(kept)]
    perfect = derived_series(first, degree, notes, budget=budget)[-1]
    chosen = _commutator_generators(perfect, degree, notes, budget)
    generators = _spell(kept, notes, [notes_step for _, _, (_, notes_step) in chosen])
    program = Recipes()
    chain = Chain(
        degree, [(c[0], program.generator(i)) for i, (_, _, c) in enumerate(chosen)], program, budget=budget
    )
    pairs = [(chain.recipe(x[0]), chain.recipe(y[0])) for x, y, _ in chosen]
    steps, number = _needed(program.steps, [i for pair in pairs for i in pair])
    products = tuple(((number[a], number[b]),) for a, b in pairs)
    return PerfectSubgroup(orbit.beta(root), generators, steps, products)


def _commutator_generators(
    perfect: list[Element], degree: int, notes: Recipes, budget: Budget
) -> list[tuple[Element, Element, Element]]:
    """Return triples (x, y, commutator) in a perfect group whose commutators generate it."""
    goal = Chain(degree, ((p, 0) for p, _ in perfect), budget=budget).order
    chain = Chain(degree, budget=budget)
    chosen: list[tuple[Element, Element, Element]] = []
    queue = deque(combinations(perfect, 2))
    while chain.order < goal:
        x, y = queue.popleft()
        if not chain.add((commutator(x[0], y[0]), 0)):
            continue
        chosen.append((x, y, commutator_element(x, y, notes)))
        queue.extend((_conjugate(x, g, notes), _conjugate(y, g, notes)) for g in perfect)
    return chosen


def _conjugate(x: Element, g: Element, notes: Recipes) -> Element:
    p = multiply(multiply(inverse(g[0]), x[0]), g[0])
    return p, notes.multiply(notes.multiply(notes.invert(g[1]), x[1]), g[1])


def _spell(kept: list[tuple[Word, Permutation]], notes: Recipes, wanted: list[int]) -> tuple[Spelling, ...]:
    """Turn recipes into words: an inverse becomes a positive power."""
    scribe = Scribe()
    spelled: list[tuple[int, Permutation]] = []
    for step in notes.steps:
        if step[0] == "gen":
            word, p = kept[step[1]]
            spelled.append((scribe.word(word), p))
        elif len(step) == 2:
            i, p = spelled[step[1]]
            spelled.append((scribe.power(i, order(p) - 1), inverse(p)))
        else:
            (i, p), (j, q) = spelled[step[1]], spelled[step[2]]
            spelled.append((scribe.then(i, j), multiply(p, q)))
    return tuple(scribe.spell(spelled[i][0]) for i in wanted)


def _needed(steps: list[GroupStep], wanted: list[int]) -> tuple[tuple[GroupStep, ...], dict[int, int]]:
    """Return the steps that some steps need, renumbered."""
    needed = set(wanted)
    for i in range(len(steps) - 1, -1, -1):
        if i in needed and steps[i][0] != "gen":
            needed.update(steps[i][1:])
    number = {old: new for new, old in enumerate(sorted(needed))}
    found: list[GroupStep] = []
    for old in number:
        step = steps[old]
        if step[0] == "gen":
            found.append(step)
        elif len(step) == 2:
            found.append((step[0], number[step[1]]))
        else:
            found.append((step[0], number[step[1]], number[step[2]]))
    return tuple(found), number
