"""C-RASP: potentials and flows are checked from their definitions, so either answer is proved."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from algebra_brute import random_dfas
from conftest import count

from starfree.algebra.crasp import Component, Flows, Potentials, components, crasp
from starfree.algebra.predict import last_symbol_quotient
from starfree.algebra.scc import strong_components
from starfree.languages import DFA, make_dfa, regex


def assert_rounds(dfa: DFA, part: Component) -> None:
    """Each potential's differences depend on labels only; the classes are what the potentials tell apart."""
    rows = dfa.table.tolist()
    position = {state: i for i, state in enumerate(part.states)}
    names: list[tuple[int, ...]] = [() for _ in part.states]
    for potentials in part.rounds:
        for potential in potentials:
            difference: dict[object, int] = {}
            for u in part.states:
                for a, v in enumerate(rows[u]):
                    if v in position:
                        moved = potential[position[v]] - potential[position[u]]
                        assert difference.setdefault((names[position[u]], a), moved) == moved
        names = [(*name, *(p[i] for p in potentials)) for i, name in enumerate(names)]
    classes: dict[tuple[int, ...], list[int]] = {}
    for state, name in zip(part.states, names, strict=True):
        classes.setdefault(name, []).append(state)
    assert sorted(map(tuple, classes.values())) == sorted(part.classes)


def assert_flows(dfa: DFA, found: Flows) -> None:
    rows = dfa.table.tolist()
    part = found.component
    number = {state: i for i, together in enumerate(part.classes) for state in together}
    wanted = {(c[0], other) for c in part.classes for other in c[1:]}
    assert {(flow.source, flow.target) for flow in found.flows} == wanted
    assert wanted
    for flow in found.flows:
        balance = dict.fromkeys(part.states, Fraction(0))
        labels: dict[tuple[int, int], Fraction] = {}
        for u, a, value in flow.edges:
            balance[u] += value
            balance[rows[u][a]] -= value
            labels[number[u], a] = labels.get((number[u], a), Fraction(0)) + value
        assert not any(labels.values())
        assert {state: value for state, value in balance.items() if value} == {
            flow.source: 1,
            flow.target: -1,
        }


def random_stars(number: int, seed: int) -> Iterator[DFA]:
    """Random words or pairs of words, repeated."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        words = [
            "".join(rng.choice(list("abc"), int(rng.integers(2, 7)))) for _ in range(int(rng.integers(1, 3)))
        ]
        yield regex(f"({'|'.join(words)})*")


def test_answers_come_with_proofs() -> None:
    kinds = {"trivial": 0, "yes": 0, "no": 0, "several rounds": 0}
    for dfa in [*random_dfas(count(150, 1500), seed=1), *random_stars(count(150, 1500), seed=1)]:
        strong = strong_components(dfa.table.tolist())
        for part in components(dfa):
            assert len({strong[state] for state in part.states}) == 1
            assert_rounds(dfa, part)
            kinds["several rounds"] += part.separated and len(part.rounds) > 1
        found = crasp(dfa)
        if isinstance(found, Potentials):
            assert all(part.separated for part in found.components)
            inside = [state for part in found.components for state in part.states]
            assert sorted(inside) == [q for q in range(dfa.states) if strong.count(strong[q]) > 1]
            kinds["yes" if found.components else "trivial"] += 1
        else:
            assert_flows(dfa, found)
            kinds["no"] += 1
    assert min(kinds.values()) > 0, kinds


def dyck(depth: int) -> DFA:
    """Brackets a, b nested at most so deep."""
    bottom = depth + 1
    table = [[q + 1, q - 1 if q else bottom] for q in range(depth + 1)]
    table[depth][0] = bottom
    return make_dfa("ab", [*table, [bottom, bottom]], [q == 0 for q in range(depth + 2)])


@pytest.mark.parametrize(
    ("dfa", "answer"),
    [
        (regex("(ab)*"), True),
        (regex("(aa)*"), False),
        (regex("(ab|bba)*"), False),
        (regex("(abba)*"), True),
        (regex("(c|acbcab)*"), True),
        (regex("a*b*a*b"), True),
        (regex("(a|b)*abb"), False),
        (regex("(a|b|e)*be*"), False),
        (dyck(1), True),
        (dyck(12), True),
        (dyck(60), True),
    ],
)
def test_named_examples(dfa: DFA, answer: bool) -> None:
    found = crasp(dfa)
    assert isinstance(found, Potentials) == answer
    if isinstance(found, Potentials):
        for part in found.components:
            assert_rounds(dfa, part)
    else:
        assert_flows(dfa, found)


def test_large_entries_stay_exact() -> None:
    rng = np.random.default_rng(2)
    table = rng.integers(0, 40, (40, 4))
    dfa = make_dfa("abcd", table, rng.random(40) < 0.5)
    found = crasp(dfa)
    assert isinstance(found, Flows)
    assert_flows(dfa, found)


def partitions(items: list[int]) -> Iterator[list[list[int]]]:
    if not items:
        yield []
        return
    for rest in partitions(items[1:]):
        yield [[items[0]], *rest]
        for i in range(len(rest)):
            yield [*rest[:i], [items[0], *rest[i]], *rest[i + 1 :]]


def is_quotient(dfa: DFA, classes: list[list[int]]) -> bool:
    """Letters respect the classes, no cycle but loops, and the last symbol tells a class's states apart."""
    rows, live = dfa.table.tolist(), dfa.live.tolist()
    number = {q: i for i, states in enumerate(classes) for q in states}
    edges: dict[tuple[int, int], int] = {}
    entered: dict[int, set[int]] = {}
    for q, i in number.items():
        for a, target in enumerate(rows[q]):
            if live[target]:
                if edges.setdefault((i, a), number[target]) != number[target]:
                    return False
                entered.setdefault(a, set()).add(target)
    graph: list[list[int]] = [[] for _ in classes]
    for (i, _), j in edges.items():
        graph[i].append(j)
    if len(set(strong_components(graph))) < len(classes):
        return False
    return all(len({number[q] for q in states}) == len(states) for states in entered.values())


def test_quotients_beside_all_partitions() -> None:
    kinds = {True: 0, False: 0}
    for dfa in random_dfas(count(250, 2000), seed=3, largest=6):
        states = [int(q) for q in np.flatnonzero(dfa.live)]
        found = last_symbol_quotient(dfa)
        assert (found is not None) == any(is_quotient(dfa, classes) for classes in partitions(states))
        if found is not None:
            assert is_quotient(dfa, [list(c) for c in found])
            assert sorted(q for c in found for q in c) == states
        kinds[found is not None] += 1
    assert min(kinds.values()) > 20


def test_named_quotients() -> None:
    assert last_symbol_quotient(regex("(ab)*")) == ((0, 1),)
    assert last_symbol_quotient(regex("a*b*")) == ((0,), (1,))
    assert last_symbol_quotient(regex("(aa)*")) is None
