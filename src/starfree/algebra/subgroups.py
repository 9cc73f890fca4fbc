"""The groups inside a transition monoid, read off the image sets: facts, series, and perfect subgroups."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import combinations
from math import lcm
from typing import Literal

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .chain import Chain, Element, GroupStep, Recipes
from .groups import (
    commutator_element,
    derived_series,
    squares_series,
)
from .images import ImageOrbit, image_orbit
from .permutations import Permutation, commutator, inverse, multiply, order
from .words import Scribe, Spelling, Word

_DOING = "studying the groups of a transition monoid"


@dataclass(frozen=True)
class Subgroups:
    """What the groups inside a monoid have in common.

    Arguments:
        orders: the distinct orders of the maximal subgroups, increasing; None when a budget ran out.
        two_groups, abelian, solvable: whether all groups are.
        derived_length: the longest of any group; None when some group is not solvable.
        exponent: least common multiple of the orders of all group elements; None when a group is too large to list.
    """

    orders: tuple[int, ...] | None
    two_groups: bool
    abelian: bool
    solvable: bool
    derived_length: int | None
    exponent: int | None


def loops(orbit: ImageOrbit, root: int) -> list[tuple[Word, Permutation]]:
    """Return closed walks at a root, forwards only, that generate its group: words and permutations.

    One for each edge of the class: to its source, along it, and back from its target by a shortest way.
    """
    back = orbit.back(root)
    positions = {state: i for i, state in enumerate(orbit.beta(root))}
    columns = orbit.table.T.tolist()
    home: dict[int, Permutation] = {}
    for i, word in back.items():
        states = list(orbit.beta(i))
        for a in word:
            states = [columns[a][state] for state in states]
        home[i] = tuple(positions[state] for state in states)
    found: dict[Permutation, Word] = {}
    for i in back:
        beta, access = orbit.beta(i), orbit.access(i)
        for a, target in enumerate(orbit.successor[i].tolist()):
            if not orbit.inside[i, a]:
                continue
            named = {state: j for j, state in enumerate(orbit.beta(target))}
            p = tuple(home[target][named[columns[a][state]]] for state in beta)
            word = (*access, a, *back[target])
            if p not in found or len(word) < len(found[p]):
                found[p] = word
    return [(word, p) for p, word in found.items()]


def subgroups(dfa: DFA, *, budget: Budget = DEFAULT) -> Subgroups:
    """Return what the groups inside the transition monoid have in common.

    Every maximal subgroup acts faithfully on an image set as the group of that set; the group of any image set is a
    quotient of a subgroup. So a property that subgroups and quotients inherit holds for all subgroups exactly when it
    holds for the groups of the roots. Orders are reported for the classes that hold the image of an idempotent.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.

    >>> from starfree.languages import regex
    >>> subgroups(regex("(aaa)*"))
    Subgroups(orders=(3,), two_groups=False, abelian=True, solvable=True, derived_length=1, exponent=3)
    """
    orbit = image_orbit(dfa, budget=budget)
    facts = {root: orbit.group(root, budget=budget) for root in orbit.moving}
    kinds = set(facts.values())
    lengths = [kind.derived_length for kind in kinds]
    exponents = [kind.exponent for kind in kinds]
    return Subgroups(
        _orders(orbit, {root: fact.order for root, fact in facts.items()}, budget),
        all(kind.two_group for kind in kinds),
        all(kind.abelian for kind in kinds),
        all(kind.solvable for kind in kinds),
        None if None in lengths else max(filter(None, lengths), default=0),
        None if None in exponents else lcm(*filter(None, exponents)),
    )


def _orders(orbit: ImageOrbit, sizes: dict[int, int], budget: Budget) -> tuple[int, ...] | None:
    by_order: dict[int, list[int]] = {}
    for root in orbit.roots:
        by_order.setdefault(sizes.get(root, 1), []).append(root)
    found = []
    for size, roots in sorted(by_order.items()):
        answers = (_regular(orbit, root, budget) for root in roots)
        unknown = False
        for answer in answers:
            if answer:
                found.append(size)
                break
            unknown |= answer is None
        else:
            if unknown:
                return None
    return tuple(found)


def _regular(orbit: ImageOrbit, root: int, budget: Budget) -> bool | None:
    """Tell whether some set of a class is the image of an idempotent; None when there are too many pairs.

    That is: some word x is injective on the root R and has Q·x = R·x. Reading letters, (Q·x, R·x) starts at (Q, R); as
    long as R·x stays in its class and Q·x only shrinks, nothing is lost, so each shrinking step is kept.
    """
    successor, inside, size = orbit.successor, orbit.inside, orbit.size
    large, small = 0, root
    while size[large] > size[small]:
        seen = {(large, small)}
        queue = deque(seen)
        shrunk = None
        while queue and shrunk is None:
            y, z = queue.popleft()
            for a in range(successor.shape[1]):
                if not inside[z, a]:
                    continue
                pair = int(successor[y, a]), int(successor[z, a])
                if size[pair[0]] < size[large]:
                    shrunk = pair
                    break
                if pair not in seen:
                    seen.add(pair)
                    queue.append(pair)
            if len(seen) > budget.max_states:
                return None
            budget.check_time(_DOING)
        if shrunk is None:
            return False
        large, small = shrunk
    return True


@dataclass(frozen=True)
class GroupSeries:
    """The group of a root with a subnormal series.

    Arguments:
        root: the states of the root, increasing.
        series: generators (as permutations of positions in the root) of each term, from the group itself to `()`.
    """

    root: tuple[int, ...]
    series: tuple[tuple[Permutation, ...], ...]


def group_series(
    dfa: DFA, kind: Literal["two-groups", "solvable"], *, budget: Budget = DEFAULT
) -> tuple[GroupSeries, ...] | None:
    """Return a series for the group of every root where it is not trivial, or None when some group has none.

    Arguments:
        kind: "solvable": every factor is Abelian (the derived series); "two-groups": every factor is a power of Z_2.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.
    """
    orbit = image_orbit(dfa, budget=budget)
    series = derived_series if kind == "solvable" else squares_series
    found = []
    for root in orbit.moving:
        degree = int(orbit.size[root])
        facts = orbit.group(root, budget=budget)
        if not (facts.solvable if kind == "solvable" else facts.two_group):
            return None
        first = orbit.generators(root, budget=budget)
        terms = series([(p, -1) for p in first], degree, budget=budget)
        found.append(GroupSeries(orbit.beta(root), tuple(tuple(p for p, _ in term) for term in terms)))
    return tuple(found)


@dataclass(frozen=True)
class PerfectSubgroup:
    """A group of words that is its own commutator group: the monoid has a group that is not solvable.

    Arguments:
        points: states that every generator permutes.
        generators: words; at least one moves a point.
        steps: a program over the generators: `("gen", i)`, `("mul", i, j)`, `("inv", i)`.
        products: for each generator, pairs (a, b) of steps: it is the product of the commutators a^-1 b^-1 a b.
    """

    points: tuple[int, ...]
    generators: tuple[Spelling, ...]
    steps: tuple[GroupStep, ...]
    products: tuple[tuple[tuple[int, int], ...], ...]


def perfect_subgroup(dfa: DFA, *, budget: Budget = DEFAULT) -> PerfectSubgroup | None:
    """Return a perfect group of words, or None when all groups in the monoid are solvable.

    The last term K of a derived series is perfect, so commutators of K generate K. These are taken as the generators;
    each is one commutator of elements of K, which are then written as products of the generators again.

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
    chain = Chain(degree, [(c[0], program.generator(i)) for i, (_, _, c) in enumerate(chosen)], program, budget=budget)
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
            needed.update(steps[i][1:])  # type: ignore[arg-type]
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
