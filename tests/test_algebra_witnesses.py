"""Image sets, and every piece of evidence about groups, checked by running words."""

from __future__ import annotations

import time

import numpy as np
import pytest
from algebra_brute import Brute, random_dfas
from conftest import count

from starfree.algebra import aperiodic, quasi_aperiodic
from starfree.algebra.aperiodic import Aperiodic, Pumping, aperiodicity, pumping_with_odd_period
from starfree.algebra.chain import Chain
from starfree.algebra.images import image_orbit, members, ordered_images
from starfree.algebra.loops import loops
from starfree.algebra.perfect import PerfectSubgroup, perfect_subgroup
from starfree.algebra.permutations import Permutation, commutator, inverse, multiply, power
from starfree.algebra.quasi_aperiodic import EqualLength, QuasiAperiodic, quasi_aperiodicity
from starfree.algebra.subgroups import group_series, subgroups
from starfree.algebra.words import (
    Scribe,
    Spelling,
    StraightLine,
    action,
    length,
    separate,
    shortest,
    spelled,
)
from starfree.budgets import Budget
from starfree.errors import BudgetExceeded
from starfree.languages import DFA, make_dfa, regex


def permutations(*generators: list[int]) -> DFA:
    """The words over permutations whose product fixes the point 0."""
    table = np.array(generators).T
    return make_dfa("abcd"[: len(generators)], table, np.arange(len(table)) == 0)


def run(dfa: DFA, word: Spelling, state: int = 0) -> int:
    return int(action(word, dfa.table)[state])


def assert_pumping(dfa: DFA, found: Pumping) -> None:
    v = action(found.v, dfa.table)
    states = [run(dfa, found.u)]
    for _ in range(found.period):
        states.append(int(v[states[-1]]))
    assert states[0] == states[-1]
    assert len(set(states)) == found.period >= 2
    w = action(found.w, dfa.table)
    assert len({bool(dfa.accepting[w[state]]) for state in states}) == 2


def assert_equal_length(dfa: DFA, found: EqualLength) -> None:
    assert length(found.v_e) == length(found.v_g) > 0
    e, g = action(found.v_e, dfa.table), action(found.v_g, dfa.table)
    states = [run(dfa, found.u)]
    for _ in range(found.period):
        states.append(int(g[states[-1]]))
    assert states[0] == states[-1]
    assert len(set(states)) == found.period >= 2
    assert all(e[state] == state for state in states)


def induced(dfa: DFA, word: Spelling, points: tuple[int, ...]) -> Permutation:
    moved = action(word, dfa.table)
    position = {state: i for i, state in enumerate(points)}
    return tuple(position[int(moved[state])] for state in points)


def assert_perfect(dfa: DFA, found: PerfectSubgroup) -> None:
    generators = [induced(dfa, word, found.points) for word in found.generators]
    identity = tuple(range(len(found.points)))
    assert any(p != identity for p in generators)
    values: list[Permutation] = []
    for step in found.steps:
        if step[0] == "gen":
            values.append(generators[step[1]])
        elif len(step) == 2:
            values.append(inverse(values[step[1]]))
        else:
            values.append(multiply(values[step[1]], values[step[2]]))
    for p, pairs in zip(generators, found.products, strict=True):
        product = identity
        for a, b in pairs:
            product = multiply(product, commutator(values[a], values[b]))
        assert product == p


def test_image_orbits_are_closed() -> None:
    for dfa in random_dfas(count(100, 1000), seed=1):
        rows = dfa.table.tolist()
        for states in (None, sum(1 << int(q) for q in np.flatnonzero(dfa.live))):
            orbit = image_orbit(dfa, states=states)
            kept = set(range(dfa.states) if states is None else members(states))
            number = {s: i for i, s in enumerate(orbit.sets)}
            assert orbit.sets[0] == sum(1 << q for q in kept)
            assert len(number) == len(orbit)
            reach = {0}
            for i, s in enumerate(orbit.sets):
                for a in range(len(dfa.alphabet)):
                    image = {rows[q][a] for q in members(s)} & kept
                    expected = number[sum(1 << q for q in image)] if image else -1
                    assert orbit.successor[i, a] == expected
                    reach.add(expected)
                    assert orbit.keeps[i, a] == (bool(image) and len(image) == len(members(s)))
            assert reach - {-1} == set(range(len(orbit)))


def test_bijections_access_words_and_generators() -> None:
    for dfa in random_dfas(count(100, 1000), seed=2):
        orbit = image_orbit(dfa)
        for i, s in enumerate(orbit.sets):
            root = int(orbit.root[i])
            assert orbit.scc[i] == orbit.scc[root]
            assert set(action(orbit.reach(i), dfa.table).tolist()) == set(members(s))
            moved = action(orbit.access(i), dfa.table)
            assert [int(moved[q]) for q in orbit.beta(root)] == list(orbit.beta(i))
            assert len(orbit.access(i)) == orbit.depth[i]
            back = orbit.back(root)[i]
            assert {run(dfa, back, q) for q in members(s)} == set(orbit.beta(root))
        for root, generators in orbit.schreier.items():
            chain = Chain(int(orbit.size[root]))
            for word, p in loops(orbit, root):
                assert induced(dfa, word, orbit.beta(root)) == p
                chain.add((p, 0))
            other = Chain(int(orbit.size[root]))
            for row in generators.permutations.tolist():
                other.add((tuple(row), 0))
            assert chain.order == other.order == orbit.group(root).order


def test_aperiodicity_and_its_evidence() -> None:
    kinds = dict.fromkeys(["yes", "no", "odd"], 0)
    for dfa in random_dfas(count(200, 1500), seed=3):
        brute = Brute.of(dfa)
        found = aperiodicity(dfa)
        if isinstance(found, Pumping):
            assert_pumping(dfa, found)
            odd = pumping_with_odd_period(dfa)
            assert (odd is None) == subgroups(dfa).two_groups
            if odd is not None:
                assert_pumping(dfa, odd)
                assert odd.period % 2 == 1
                kinds["odd"] += 1
            kinds["no"] += 1
        else:
            assert brute is None or brute.aperiodic
            assert found.images is not None
            assert sorted(map(sorted, found.images)) == sorted(map(members, image_orbit(dfa).sets))
            kinds["yes"] += 1
        if brute is not None:
            assert isinstance(found, Aperiodic) == brute.aperiodic
    assert min(kinds.values()) > 10


def test_long_witnesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The searches for short words are left out: what always works must work."""
    monkeypatch.setattr(aperiodic, "_short", lambda *_, **__: None)
    monkeypatch.setattr(quasi_aperiodic, "_short", lambda *_, **__: None)
    seen = 0
    for dfa in random_dfas(count(200, 1500), seed=4):
        found = aperiodicity(dfa)
        if isinstance(found, Pumping):
            assert_pumping(dfa, found)
            odd = pumping_with_odd_period(dfa)
            if odd is not None:
                assert_pumping(dfa, odd)
                assert odd.period % 2 == 1
        other = quasi_aperiodicity(dfa)
        if isinstance(other, EqualLength):
            assert_equal_length(dfa, other)
            seen += 1
    assert seen > 20


def test_elements_decide_when_image_sets_are_too_many() -> None:
    small = Budget(max_states=1)
    for dfa in random_dfas(count(100, 1000), seed=5, largest=6):
        brute = Brute.of(dfa)
        if brute is not None:
            found = aperiodicity(dfa, budget=small)
            assert isinstance(found, Aperiodic) == brute.aperiodic
            if isinstance(found, Pumping):
                assert_pumping(dfa, found)
    with pytest.raises(BudgetExceeded):
        aperiodicity(regex("(a|b)*a(a|b){8}"), budget=Budget(max_states=1, max_elements=100))


def test_quasi_aperiodicity_and_its_evidence() -> None:
    kinds = {"yes": 0, "rotating": 0, "no": 0}
    for dfa in random_dfas(count(200, 1500), seed=6):
        brute = Brute.of(dfa)
        found = quasi_aperiodicity(dfa)
        assert brute is None or isinstance(found, QuasiAperiodic) == brute.quasi_aperiodic
        if isinstance(found, EqualLength):
            assert_equal_length(dfa, found)
            kinds["no"] += 1
            continue
        kinds["rotating" if found.rotations else "yes"] += 1
        orbit = image_orbit(dfa)
        assert [r.root for r in found.rotations] == [orbit.beta(root) for root in orbit.moving]
        for root, rotation in zip(orbit.moving, found.rotations, strict=True):
            position = {state: i for i, state in enumerate(rotation.root)}
            g = tuple(position[state] for state in rotation.g)
            assert rotation.d >= 1
            for word, p in loops(orbit, root):
                assert len(word) % rotation.d == 0
                assert p == power(g, len(word) // rotation.d)
    assert min(kinds.values()) > 10


@pytest.mark.parametrize(
    "dfa",
    [
        permutations([1, 2, 3, 4, 0], [1, 2, 0, 3, 4]),
        permutations([1, 2, 3, 4, 0], [1, 0, 2, 3, 4]),
        permutations([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0], [1, 0, *range(2, 12)]),
        permutations([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0], [0, 1, 6, 9, 5, 3, 10, 2, 8, 4, 7]),
        permutations([1, 2, 3, 4, 0, 6, 5], [1, 0, 2, 3, 4, 5, 6], [0, 1, 2, 3, 4, 5, 5]),
    ],
)
def test_perfect_subgroups(dfa: DFA) -> None:
    found = perfect_subgroup(dfa)
    assert found is not None
    assert_perfect(dfa, found)
    assert group_series(dfa, "solvable") is None


def test_perfect_subgroups_of_random_automata() -> None:
    seen = 0
    for dfa in random_dfas(count(200, 1500), seed=7, largest=10):
        found = perfect_subgroup(dfa)
        assert (found is None) == subgroups(dfa).solvable
        if found is not None:
            assert_perfect(dfa, found)
            seen += 1
    assert seen > 0


def test_series_of_random_automata() -> None:
    seen = 0
    for dfa in random_dfas(count(150, 1500), seed=8):
        facts = subgroups(dfa)
        orbit = image_orbit(dfa)
        two, solvable = group_series(dfa, "two-groups"), group_series(dfa, "solvable")
        assert (two is not None) == facts.two_groups
        assert (solvable is not None) == facts.solvable
        assert two == () or ordered_images(orbit) is None
        for found in (two, solvable):
            if found is not None:
                assert [g.root for g in found] == [orbit.beta(root) for root in orbit.moving]
                for root, g in zip(orbit.moving, found, strict=True):
                    chain = Chain(len(g.root), [(p, 0) for p in g.series[0]])
                    assert all(chain.contains(p) for _, p in loops(orbit, root))
                    assert g.series[-1] == ()
                    seen += 1
    assert seen > 20


def test_named_witnesses() -> None:
    assert aperiodicity(regex("(aa)*")) == Pumping((), (0,), (), 2)
    assert pumping_with_odd_period(regex("(aaaaaa)*")) == Pumping((), (0, 0), (), 3)
    assert pumping_with_odd_period(regex("(aaaa)*")) is None
    assert subgroups(regex("(aaaa)*")).exponent == 4
    assert isinstance(quasi_aperiodicity(regex("((a|b)(a|b))*")), QuasiAperiodic)
    assert quasi_aperiodicity(regex("(b|ab*a)*")) == EqualLength((), (1,), (0,), 2)
    assert perfect_subgroup(regex("(aa)*")) is None


def test_words() -> None:
    rng = np.random.default_rng(9)
    for _ in range(count(100, 1000)):
        table = rng.integers(0, 5, (5, 2))
        scribe = Scribe()
        words = [()]
        steps = [scribe.empty()]
        for _ in range(8):
            i, j = rng.integers(0, len(words), 2).tolist()
            kind, e = rng.integers(0, 3), int(rng.integers(0, 4))
            if kind == 0:
                steps.append(scribe.symbol(e % 2))
                words.append((e % 2,))
            elif kind == 1:
                steps.append(scribe.then(steps[i], steps[j]))
                words.append(words[i] + words[j])
            else:
                steps.append(scribe.power(steps[i], e))
                words.append(words[i] * e)
        for step, word in zip(steps, words, strict=True):
            assert scribe.spell(step) == word
            program = StraightLine(tuple(scribe.steps[: step + 1]))
            assert spelled(program) == word
            assert length(program) == scribe.lengths[step] == len(word)
            assert action(program, table).tolist() == action(word, table).tolist()
    scribe = Scribe()
    far = scribe.spell(scribe.power(scribe.word((0, 1)), 10**12))
    assert isinstance(far, StraightLine)
    assert length(far) == 2 * 10**12


def test_shortest_words() -> None:
    assert shortest([[1], [0]], 0, 0) == ()
    assert shortest([[1], [0]], 0, 0, least=1) == (0, 0)
    assert shortest([[1, -1], [1, 1]], 1, 0) is None
    assert separate([[1], [2], [0]], [True, False, False], 1, 2) == (0,)


def test_time_runs_out() -> None:
    late = Budget(deadline=time.monotonic() - 1)
    for ask in (aperiodicity, quasi_aperiodicity, subgroups, perfect_subgroup, pumping_with_odd_period):
        with pytest.raises(BudgetExceeded):
            ask(regex("(aab)*"), budget=late)
