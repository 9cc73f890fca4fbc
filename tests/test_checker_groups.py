"""The checker's permutation groups beside enumeration, and its components beside reachability."""

from __future__ import annotations

import math

import numpy as np
from conftest import SEED, count
from oracle.automata import closure

from starfree.checker.graphs import components
from starfree.checker.outcome import Meter
from starfree.checker.permutations import Group, inverse, power, product


def order(group: Group) -> int:
    return math.prod(len(level.leading) for level in group.levels)


def test_membership_and_order_beside_enumeration() -> None:
    rng = np.random.default_rng(SEED)
    orders = set()
    for _ in range(count(60, 600)):
        degree = int(rng.integers(1, 7))
        blocks = rng.integers(0, 2, degree) if rng.integers(2) else np.zeros(degree, int)
        generators = []
        for _ in range(int(rng.integers(0, 4))):
            permutation = np.arange(degree)
            for block in (0, 1):
                inside = np.flatnonzero(blocks == block)
                permutation[inside] = rng.permutation(inside)
            generators.append(tuple(permutation.tolist()))
        group = Group(degree, generators, Meter(10**6, None))
        elements = closure(generators, degree)
        assert order(group) == len(elements)
        orders.add(len(elements))
        for _ in range(20):
            permutation = tuple(rng.permutation(degree).tolist())
            assert (permutation in group) == (permutation in elements)
    assert len(orders) >= 8


def test_groups_of_large_order() -> None:
    degree = 20
    swap = (1, 0, *range(2, degree))
    turn = (*range(1, degree), 0)
    symmetric = Group(degree, [swap, turn], Meter(10**6, None))
    assert order(symmetric) == math.factorial(degree)
    alternating = Group(degree, [(1, 2, 0, *range(3, degree)), (0, *range(2, degree), 1)], Meter(10**6, None))
    assert order(alternating) == math.factorial(degree) // 2
    assert swap not in alternating
    assert product(swap, product(turn, swap)) not in alternating  # a cycle of even length is odd


def test_powers_and_inverses() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(50):
        permutation = tuple(rng.permutation(9).tolist())
        repeated = tuple(range(9))
        for exponent in range(12):
            assert power(permutation, exponent) == repeated
            assert power(permutation, -exponent) == inverse(repeated)
            repeated = product(repeated, permutation)
        assert power(permutation, 10**30 * math.lcm(*range(1, 10)) + 1) == permutation


def test_components_beside_reachability() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(100):
        n = int(rng.integers(1, 9))
        edges = rng.random((n, n)) < 1.5 / n
        number = components([np.flatnonzero(row).tolist() for row in edges], Meter(10**6, None))
        reach = np.eye(n, dtype=bool) | edges
        for _ in range(n):
            reach = reach | (reach.astype(int) @ reach.astype(int) > 0)
        for i in range(n):
            for j in range(n):
                assert (number[i] == number[j]) == (reach[i, j] and reach[j, i])
                assert not edges[i, j] or number[i] <= number[j]
