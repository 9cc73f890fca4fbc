"""Permutation groups beside sympy, and recipes beside the permutations they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from math import factorial, lcm

import numpy as np
import pytest
from conftest import count
from sympy.combinatorics import Permutation as SympyPermutation
from sympy.combinatorics import PermutationGroup

from starfree.algebra.chain import Chain, GroupStep, Recipes
from starfree.algebra.groups import group_facts, natural_order, prime_cycle, thin
from starfree.algebra.permutations import (
    Permutation,
    commutator,
    cycles,
    inverse,
    multiply,
    odd,
    order,
    power,
    primitive,
)
from starfree.algebra.series import derived_series, squares_series


def random_groups(number: int, seed: int, largest: int = 9) -> Iterator[tuple[list[Permutation], int]]:
    """Generators of random, imprimitive, intransitive and small groups."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        degree = int(rng.integers(2, largest + 1))
        generators = []
        kind = rng.random()
        for _ in range(int(rng.integers(1, 4))):
            p = np.arange(degree)
            if kind < 0.25:
                p = rng.permutation(degree)
            elif kind < 0.5:
                blocks = rng.permutation(degree // 2)
                flips = rng.integers(0, 2, degree // 2)
                p[0 : 2 * len(blocks) : 2] = 2 * blocks + flips
                p[1 : 2 * len(blocks) : 2] = 2 * blocks + 1 - flips
            elif kind < 0.75:
                half = degree // 2
                p[:half] = rng.permutation(half)
                p[half:] = half + rng.permutation(degree - half)
            else:
                moved = rng.choice(degree, int(rng.integers(2, min(5, degree + 1))), replace=False)
                p[moved] = np.roll(moved, 1)
            generators.append(tuple(p.tolist()))
        yield generators, degree


def sympy_group(generators: list[Permutation]) -> PermutationGroup:
    return PermutationGroup([SympyPermutation(list(p)) for p in generators])


def evaluate(steps: list[GroupStep], generators: list[Permutation]) -> list[Permutation]:
    values: list[Permutation] = []
    for step in steps:
        if step[0] == "gen":
            values.append(generators[step[1]])
        elif len(step) == 2:
            values.append(inverse(values[step[1]]))
        else:
            values.append(multiply(values[step[1]], values[step[2]]))
    return values


def test_facts_agree_with_sympy() -> None:
    solvable = 0
    for generators, degree in random_groups(count(100, 1000), seed=1):
        group = sympy_group(generators)
        facts = group_facts(generators, degree)
        assert facts.order == group.order()
        assert facts.abelian == group.is_abelian
        assert facts.solvable == group.is_solvable
        assert facts.two_group == (facts.order & (facts.order - 1) == 0)
        if facts.solvable:
            solvable += 1
            assert facts.derived_length == len(group.derived_series()) - 1
        if facts.order <= 200:
            assert facts.exponent == lcm(*(int(p.order()) for p in group.elements))
    assert 10 < solvable < count(100, 1000)


def test_chains_and_recipes() -> None:
    rng = np.random.default_rng(2)
    for generators, degree in random_groups(count(100, 1000), seed=2):
        recipes = Recipes()
        chain = Chain(degree, [(p, recipes.generator(i)) for i, p in enumerate(generators)], recipes)
        group = sympy_group(generators)
        element = tuple(range(degree))
        for i in rng.integers(0, len(generators), 20).tolist():
            element = multiply(element, generators[i])
        assert chain.contains(element)
        step = chain.recipe(element)
        values = evaluate(recipes.steps, generators)
        assert (values[step] if step >= 0 else tuple(range(degree))) == element
        other = tuple(rng.permutation(degree).tolist())
        assert chain.contains(other) == group.contains(SympyPermutation(list(other)))
        kept = thin(generators * 20, degree)
        assert set(kept) <= set(generators)
        assert sympy_group(kept or [tuple(range(degree))]).order() == chain.order


def test_thinning_many_generators() -> None:
    young = [(1, 0, 2, 3, 4), (0, 2, 1, 3, 4)] * 20
    assert sympy_group(thin([*young, (0, 1, 2, 4, 3)], 5)).order() == 12
    assert sympy_group(thin([*young, (3, 1, 2, 0, 4)], 5)).order() == 24


def test_natural_groups_are_recognised() -> None:
    rng = np.random.default_rng(3)
    for degree in range(8, 16):
        generators = [tuple(rng.permutation(degree).tolist()) for _ in range(2)]
        facts = group_facts(generators, degree)
        assert facts.order == sympy_group(generators).order()
        even = [multiply(p, p) for p in generators] + [(1, 2, 0, *range(3, degree))]
        assert group_facts(even, degree).order == sympy_group(even).order()
    frobenius = [tuple((i + 1) % 11 for i in range(11)), tuple(2 * i % 11 for i in range(11))]
    assert natural_order(frobenius, 11) is None
    assert group_facts(frobenius, 11).order == 110
    mathieu = [
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0),
        (0, 1, 6, 9, 5, 3, 10, 2, 8, 4, 7),
    ]
    assert natural_order(mathieu, 11) is None
    assert group_facts(mathieu, 11).order == 7920
    assert not group_facts(mathieu, 11).solvable


@pytest.mark.parametrize("degree", [5, 6])
def test_exponents_of_alternating_groups(degree: int) -> None:
    generators = [(*range(i), i + 1, i + 2, i, *range(i + 3, degree)) for i in range(degree - 2)]
    facts = group_facts(generators, degree)
    assert facts.order == factorial(degree) // 2
    assert facts.exponent == lcm(*(int(p.order()) for p in sympy_group(generators).elements))


def test_series_have_abelian_factors() -> None:
    for generators, degree in random_groups(count(60, 600), seed=4, largest=8):
        recipes = Recipes()
        start = [(p, recipes.generator(i)) for i, p in enumerate(generators)]
        for squares, terms in (
            (False, derived_series(start, degree, recipes)),
            (True, squares_series(start, degree, recipes)),
        ):
            values = evaluate(recipes.steps, generators)
            chains = [Chain(degree, [(p, 0) for p, _ in term]) for term in terms]
            assert all(values[i] == p for term in terms for p, i in term)
            for term, after, chain in zip(terms, terms[1:], chains[1:], strict=False):
                for p, _ in term:
                    assert all(chain.contains(commutator(p, q)) for q, _ in term)
                    assert not squares or chain.contains(multiply(p, p))
                    assert all(chain.contains(multiply(multiply(inverse(p), q), p)) for q, _ in after)
            facts = group_facts(generators, degree)
            assert (terms[-1] == []) == (facts.two_group if squares else facts.solvable)


def test_permutation_arithmetic() -> None:
    rng = np.random.default_rng(5)
    for _ in range(count(100, 1000)):
        degree = int(rng.integers(1, 10))
        p, q = (tuple(rng.permutation(degree).tolist()) for _ in range(2))
        identity = tuple(range(degree))
        assert multiply(p, inverse(p)) == identity
        assert commutator(p, q) == multiply(multiply(inverse(p), inverse(q)), multiply(p, q))
        repeated = identity
        for e in range(8):
            assert power(p, e) == repeated
            assert power(p, -e) == inverse(repeated)
            repeated = multiply(repeated, p)
        assert order(p) == SympyPermutation(list(p)).order()
        assert odd(p) == (SympyPermutation(list(p)).parity() == 1)
        assert sum(map(len, cycles(p))) == sum(i != j for i, j in enumerate(p))
        for odd_only in (False, True):
            found = prime_cycle(p, odd_only=odd_only)
            if found is None:
                assert order(p) & (order(p) - 1) == 0 if odd_only else p == identity
            else:
                e, cycle = found
                image = power(p, e)
                assert [image[i] for i in cycle] == [*cycle[1:], cycle[0]]
                assert len(cycle) > 1 + odd_only
                assert all(len(cycle) % d for d in range(2, len(cycle)))


def test_primitive_groups() -> None:
    checked = 0
    for generators, degree in random_groups(count(150, 1000), seed=6):
        group = sympy_group(generators)
        if group.is_transitive():
            checked += 1
            assert primitive(generators, degree) == group.is_primitive()
    assert checked > 20
