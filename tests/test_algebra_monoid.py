"""Monoids, Green's relations, sizes, components and longest paths beside brute force."""

from __future__ import annotations

import time

import numpy as np
import pytest
from algebra_brute import Brute, random_dfas, times
from conftest import count

from starfree.algebra.aperiodic import permuting
from starfree.algebra.greens import egg_boxes, greens
from starfree.algebra.monoid import Monoid, enumerate_transformations, first_elements, transition_monoid
from starfree.algebra.scc import longest_path, strong_components
from starfree.algebra.size import monoid_size
from starfree.budgets import Budget
from starfree.errors import BudgetExceeded
from starfree.languages import make_dfa, regex


def assert_monoid(monoid: Monoid, generators: list[tuple[int, ...]]) -> None:
    """Check the closure, both Cayley graphs, and that the words are the least of their elements, in order."""
    elements = [tuple(row) for row in monoid.elements.tolist()]
    number = {x: i for i, x in enumerate(elements)}
    assert len(number) == len(elements)
    assert elements[0] == tuple(range(len(elements[0])))
    words = [monoid.word(i) for i in range(len(monoid))]
    assert words == sorted(words, key=lambda word: (len(word), word))
    least: dict[int, tuple[int, ...]] = {0: ()}
    for i, x in enumerate(elements):
        for a, generator in enumerate(generators):
            j = number[times(x, generator)]
            assert monoid.right[i, a] == j
            assert monoid.left[i, a] == number[times(generator, x)]
            least.setdefault(j, (*words[i], a))
    assert words == [least[i] for i in range(len(monoid))]


def test_monoids_of_random_automata() -> None:
    for dfa in random_dfas(count(150, 1500), seed=1):
        brute = Brute.of(dfa)
        if brute is not None:
            monoid = transition_monoid(dfa)
            assert {tuple(row) for row in monoid.elements.tolist()} == set(brute.monoid)
            assert_monoid(monoid, brute.letters)


@pytest.mark.parametrize("points", [9, 17, 70, 257, 300])
def test_wide_transformations(points: int) -> None:
    rng = np.random.default_rng(points)
    generators = np.sort(rng.integers(points - 3, points, (3, points)), axis=1)
    generators[0, 1:] = np.roll(np.arange(1, points), 1)
    if points > 40:
        generators[0] = np.maximum(np.arange(points), points - 2)
    monoid = enumerate_transformations(generators)
    assert monoid.elements.dtype == (np.uint8 if points <= 256 else np.uint16)
    assert_monoid(monoid, [tuple(row) for row in generators.tolist()])


@pytest.mark.parametrize(("points", "size"), [(1, 1), (2, 4), (3, 27), (4, 256), (5, 3125), (6, 46656)])
def test_full_transformation_monoids(points: int, size: int) -> None:
    swap, merge = np.arange(points), np.arange(points)
    swap[:2] = swap[:2][::-1]
    merge[:2] = 0
    generators = np.array([np.roll(np.arange(points), -1), swap, merge])
    assert len(enumerate_transformations(generators)) == size


def test_equal_and_trivial_generators() -> None:
    generators = np.array([[0, 1, 2], [1, 1, 2], [1, 1, 2], [0, 1, 2]])
    monoid = enumerate_transformations(generators)
    assert [monoid.word(i) for i in range(len(monoid))] == [(), (1,)]
    assert_monoid(monoid, [tuple(row) for row in generators.tolist()])
    assert len(enumerate_transformations(np.zeros((0, 4), int))) == 1


def test_budgets_stop_in_time() -> None:
    big = regex("((a|b)*a(a|b){9})")
    with pytest.raises(BudgetExceeded, match="monoid"):
        transition_monoid(big, budget=Budget(max_elements=1000))
    nine = np.arange(9)
    huge = np.array([np.roll(nine, 1), np.where(nine < 2, 1 - nine, nine), np.where(nine < 2, 0, nine)])
    start = time.monotonic()
    with pytest.raises(BudgetExceeded, match="time"):
        enumerate_transformations(huge, budget=Budget(max_elements=10**9, deadline=start + 0.2))
    assert time.monotonic() - start < 2
    some, complete = first_elements(big.table.T, 100)
    assert not complete
    assert 100 <= len(some) <= 200
    whole, complete = first_elements(regex("(ab)*").table.T, 100)
    assert complete
    assert len(whole) == 6


def test_sizes_are_counted() -> None:
    compared = refused = 0
    limit = 20_000
    for dfa in random_dfas(count(200, 2000), seed=2, largest=9):
        try:
            size = len(transition_monoid(dfa, budget=Budget(max_elements=limit)))
        except BudgetExceeded:
            size = None
        assert monoid_size(dfa, budget=Budget(max_elements=limit)) == size, dfa.table.tolist()
        compared += size is not None
        refused += size is None
    assert compared > 100
    assert refused > 0


@pytest.mark.parametrize(
    ("generators", "size"),
    [
        ([[1, 2, 3, 4, 0, 5, 6], [1, 2, 0, 3, 4, 5, 5], [0, 1, 2, 3, 5, 4, 6]], None),
        ([[1, 2, 3, 4, 5, 6, 0], [0, 2, 4, 6, 1, 3, 5]], 21),
        ([[1, 0, 3, 2, 4, 5], [2, 3, 0, 1, 4, 5], [0, 1, 2, 3, 5, 4], [0, 0, 1, 1, 2, 2]], None),
    ],
)
def test_sizes_with_groups_of_several_kinds(generators: list[list[int]], size: int | None) -> None:
    table = np.array(generators).T
    dfa = make_dfa("abcd"[: table.shape[1]], table, np.arange(len(table)) == 1)
    found = monoid_size(dfa)
    assert found == len(transition_monoid(dfa))
    assert size in {None, found}


def test_greens_relations() -> None:
    for dfa in random_dfas(count(100, 1000), seed=3, largest=6):
        brute = Brute.of(dfa)
        if brute is None:
            continue
        monoid = transition_monoid(dfa)
        relations = greens(monoid)
        elements = [tuple(row) for row in monoid.elements.tolist()]
        for numbers, ideals in (
            (relations.r, brute.right),
            (relations.l, brute.left),
            (relations.d, brute.ideal),
        ):
            first: dict[object, int] = {}
            assert numbers.tolist() == [first.setdefault(ideals[x], len(first)) for x in elements]
        pairs = set(zip(relations.r.tolist(), relations.l.tolist(), strict=True))
        assert len(pairs) == relations.h.max() + 1
        assert [bool(e) for e in relations.idempotent] == [times(x, x) == x for x in elements]
        boxes = egg_boxes(monoid, relations)
        cells = [cell for box in boxes for row in box.rows for cell in row]
        assert sorted(x for cell in cells for x in cell) == list(range(len(monoid)))
        assert all(len({len(cell) for row in box.rows for cell in row}) == 1 for box in boxes)
        assert all(len({relations.h[x] for x in cell}) == 1 for cell in cells)


def test_permuting_elements() -> None:
    for dfa in random_dfas(count(100, 1000), seed=4):
        brute = Brute.of(dfa)
        if brute is not None:
            found = permuting(np.array(brute.monoid)).tolist()
            wanted = [i for i, x in enumerate(brute.monoid) if times(brute.omega(x), x) != brute.omega(x)]
            assert found == wanted


def test_components_and_longest_paths() -> None:
    rng = np.random.default_rng(5)
    cyclic = 0
    for _ in range(count(300, 3000)):
        n, k = int(rng.integers(1, 9)), int(rng.integers(0, 4))
        graph = rng.integers(-4, n, (n, k))
        if rng.random() < 0.5:
            graph = np.where(graph > np.arange(n)[:, None], graph, -1)
        reach = np.eye(n, dtype=bool)
        step = np.zeros((n, n), bool)
        for u, row in enumerate(graph.tolist()):
            step[u, [v for v in row if v >= 0]] = True
        for _ in range(n):
            reach = reach | (reach.astype(int) @ step > 0)
        component = strong_components(graph.tolist())
        for u in range(n):
            for v in range(n):
                assert (component[u] == component[v]) == (reach[u, v] and reach[v, u])
                assert component[u] >= component[v] or not reach[u, v]
        longest: int | None = 0
        power = np.eye(n, dtype=bool)
        for length in range(1, n + 2):
            if power.any():
                longest = length
            power = power.astype(int) @ step > 0
        longest = None if longest == n + 1 else longest
        assert longest_path(graph) == longest
        cyclic += longest is None
    assert 50 < cyclic < count(300, 3000) - 50


def test_deep_graphs_need_no_recursion() -> None:
    n = 50_000
    chain = [[i + 1] for i in range(n - 1)] + [[0]]
    assert set(strong_components(chain)) == {0}
    assert longest_path(np.array([[i + 1] for i in range(999)] + [[-1]])) == 1000


@pytest.mark.parametrize("points", [65_535, 65_536, 65_537, 70_000])
def test_transformations_of_many_points(points: int) -> None:
    one = np.roll(np.arange(points), -1)
    swap = np.arange(points)
    swap[[0, 1, -2, -1]] = swap[[1, 0, -1, -2]]
    some, complete = first_elements(np.array([one, swap]), 4)
    assert not complete
    assert [some.word(i) for i in range(4)] == [(), (0,), (1,), (0, 0)]
    words = {(): np.arange(points), (0,): one, (1,): swap, (0, 0): one[one], (0, 1): swap[one]}
    for i in range(len(some)):
        if some.word(i) in words:
            assert np.array_equal(some.elements[i], words[some.word(i)])


def test_large_elements_are_bounded() -> None:
    with pytest.raises(BudgetExceeded, match="max-elements"):
        enumerate_transformations(np.roll(np.arange(70_000), -1)[None, :], budget=Budget(max_elements=1000))
