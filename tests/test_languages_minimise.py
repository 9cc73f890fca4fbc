"""Minimal automata and canonical numbering, against slow twins."""

from __future__ import annotations

import time
from collections import deque

import numpy as np
import pytest
from automata.fa import dfa as library
from conftest import count
from hypothesis import given
from hypothesis import strategies as st

from starfree.budgets import Budget
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import make_dfa
from starfree.languages.minimise import minimise

Twin = tuple[list[list[int]], list[bool]]


def slowly(table: list[list[int]], accepting: list[bool], start: int) -> Twin:
    """Refine a partition of the reachable states until it is stable, then number breadth-first."""
    reachable, queue = {start}, deque([start])
    while queue:
        for target in table[queue.popleft()]:
            if target not in reachable:
                reachable.add(target)
                queue.append(target)
    block = {q: int(accepting[q]) for q in reachable}
    while True:
        signature = {q: (block[q], *(block[t] for t in table[q])) for q in reachable}
        names = {s: i for i, s in enumerate(dict.fromkeys(signature.values()))}
        finer = {q: names[signature[q]] for q in reachable}
        if len(set(finer.values())) == len(set(block.values())):
            break
        block = finer
    member = {block[q]: q for q in reachable}
    order = [block[start]]
    for b in order:
        order += [c for c in dict.fromkeys(block[t] for t in table[member[b]]) if c not in order]
    number = {b: i for i, b in enumerate(order)}
    rows = [[number[block[t]] for t in table[member[b]]] for b in order]
    return rows, [bool(accepting[member[b]]) for b in order]


def assert_same(table: np.ndarray, accepting: np.ndarray, start: int) -> None:
    got, flags = minimise(table, accepting, start)
    assert (got.tolist(), flags.tolist()) == slowly(table.tolist(), accepting.tolist(), start)


def test_random_tables() -> None:
    rng = np.random.default_rng(5)
    for _ in range(count(300, 5000)):
        n, k = int(rng.integers(1, 40)), int(rng.integers(0, 4))
        table = rng.integers(0, n, (n, k))
        if rng.random() < 0.5:  # few targets: many states are equivalent
            table = table // 3
        assert_same(table, rng.random(n) < rng.choice([0.1, 0.5, 1.0]), int(rng.integers(n)))


@given(st.integers(1, 60), st.integers(1, 3), st.data())
def test_copies_of_an_automaton_merge(n: int, k: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    table, accepting = rng.integers(0, n, (n, k)), rng.random(n) < 0.5
    copies = int(rng.integers(1, 4))
    shuffle = rng.permutation(n * copies)
    wide = np.empty((n * copies, k), np.int64)
    # Each copy of a state leads to random copies of its successors.
    wide[shuffle] = shuffle[np.tile(table, (copies, 1)) + n * rng.integers(0, copies, (n * copies, k))]
    flags = np.empty(n * copies, bool)
    flags[shuffle] = np.tile(accepting, copies)
    assert [x.tolist() for x in minimise(wide, flags, int(shuffle[0]))] == [
        x.tolist() for x in minimise(table, accepting)
    ]


@pytest.mark.parametrize("n", [2, 50, 250])
def test_long_chains_take_the_other_algorithm(n: int) -> None:
    ahead = np.minimum(np.arange(n) + 1, n - 1)
    last = np.arange(n) == n - 1
    assert_same(np.stack([ahead, np.arange(n)], axis=1), last, 0)
    assert_same(np.stack([ahead, np.zeros(n, int)], axis=1), last, 0)
    assert_same(np.stack([(np.arange(n) + 1) % n, np.arange(n)], axis=1), np.arange(n) % 7 == 0, 0)
    # Two chains that end alike, entered by different symbols, merge state by state.
    double = np.concatenate([ahead, ahead + n, [0]])[:, None].repeat(2, axis=1)
    double[2 * n, 1] = n
    assert_same(double, np.concatenate([last, last, [False]]), 2 * n)


def test_agrees_with_automata_lib() -> None:
    rng = np.random.default_rng(6)
    for _ in range(count(40, 1000)):
        n, k = int(rng.integers(2, 30)), int(rng.integers(1, 4))
        table, accepting = rng.integers(0, n, (n, k)) // 2, rng.random(n) < 0.4
        lib = library.DFA(
            states=set(range(n)),
            input_symbols={str(a) for a in range(k)},
            transitions={q: {str(a): int(table[q, a]) for a in range(k)} for q in range(n)},
            initial_state=0,
            final_states=set(np.flatnonzero(accepting).tolist()),
        ).minify()
        assert make_dfa([str(a) for a in range(k)], table, accepting).states == len(lib.states)


@pytest.mark.parametrize(("n", "k"), [(100_000, 2), (100_000, 10)])
def test_large_random_tables_are_quick(n: int, k: int) -> None:
    rng = np.random.default_rng(7)
    table, accepting = rng.integers(0, n, (n, k)), rng.random(n) < 0.5
    began = time.process_time()
    minimal, _ = minimise(table, accepting)
    assert time.process_time() - began < 4
    assert len(minimal) > 70_000


def test_large_chain_is_quick() -> None:
    n = 100_000
    table = np.minimum(np.arange(n) + 1, n - 1)[:, None].repeat(2, axis=1)
    began = time.process_time()
    minimal, _ = minimise(table, np.arange(n) == n - 1)
    assert time.process_time() - began < 8
    assert (minimal == table).all()


def test_time_limit() -> None:
    n = 20_000
    table = np.minimum(np.arange(n) + 1, n - 1)[:, None]
    with pytest.raises(BudgetExceeded):
        minimise(table, np.arange(n) == n - 1, budget=Budget.of(timeout=0))


def test_make_dfa_checks_its_input() -> None:
    for table, accepting, start in (
        ([[0]], [], 0),
        ([[0, 1]], [True], 0),
        ([[1]], [True], 0),
        ([[-1]], [True], 0),
        ([[0.5]], [True], 0),
        ([[0]], [True], 1),
    ):
        with pytest.raises(BadInput):
            make_dfa("a", table, accepting, start)
    with pytest.raises(BadInput, match="twice"):
        make_dfa("aa", [[0, 0]], [True])
    with pytest.raises(BudgetExceeded):
        make_dfa("a", [[0], [1]], [True, False], budget=Budget(max_states=1))
    assert make_dfa("", [[]], [True]).states == 1
    assert make_dfa((), [], [False]).table.shape == (1, 0)
