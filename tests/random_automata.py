"""Random minimal DFAs for tests: star-free ones by construction or by filter, and others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from starfree.budgets import Budget
from starfree.errors import BudgetExceeded
from starfree.languages import DFA, make_dfa, regex

SYMBOLS = "abcd"


def random_regex(rng: np.random.Generator, symbols: str, depth: int) -> str:
    """Return a random regular expression, all operators used."""
    if depth == 0 or rng.random() < 0.15:
        return str(rng.choice([*symbols, "."]))
    kind = rng.integers(0, 8)
    left = random_regex(rng, symbols, depth - 1)
    if kind in (0, 1, 2):
        return f"({left})({random_regex(rng, symbols, depth - 1)})"
    if kind in (3, 4):
        return f"({left}|{random_regex(rng, symbols, depth - 1)})"
    if kind == 5:
        return f"({left})*"
    if kind == 6:
        return f"({left}&~({random_regex(rng, symbols, depth - 1)}))"
    return f"({left}){{0,2}}"


def from_regex(rng: np.random.Generator) -> DFA | None:
    symbols = SYMBOLS[: rng.integers(2, 5)]
    try:
        return regex(
            random_regex(rng, symbols, int(rng.integers(2, 6))), symbols, budget=Budget(max_states=500)
        )
    except BudgetExceeded:
        return None


def random_table(rng: np.random.Generator, largest: int) -> DFA:
    """Return the minimal DFA of a uniformly random table."""
    n, k = int(rng.integers(2, largest + 1)), int(rng.integers(2, 5))
    return make_dfa(SYMBOLS[:k], rng.integers(0, n, (n, k)), rng.random(n) < 0.5)


def random_monotone(rng: np.random.Generator, largest: int) -> DFA:
    """Letters that keep an order: such maps generate aperiodic monoids, often large ones."""
    n, k = int(rng.integers(largest // 2, largest + 1)), int(rng.integers(2, 5))
    columns = [np.sort(rng.integers(0, n, n)) for _ in range(k)]
    return make_dfa(SYMBOLS[:k], np.array(columns).T, rng.random(n) < 0.5, int(rng.integers(0, n)))


def random_partial_monotone(rng: np.random.Generator, largest: int) -> DFA:
    """Letters that keep an order where they are defined, with a dead state."""
    n, k = int(rng.integers(largest // 2, largest)), int(rng.integers(2, 5))
    columns = [np.where(rng.random(n) < 0.75, np.sort(rng.integers(0, n, n)), n) for _ in range(k)]
    table = np.vstack([np.array(columns).T, np.full((1, k), n)])
    return make_dfa(SYMBOLS[:k], table, np.append(rng.random(n) < 0.5, False), int(rng.integers(0, n)))


def random_resets(rng: np.random.Generator, largest: int) -> DFA:
    """A cascade of latches with random rules, written out as one automaton."""
    sizes = rng.integers(2, 4, int(rng.integers(2, 4)))
    k = int(rng.integers(2, 5))
    n = int(np.prod(sizes))
    table = np.zeros((n, k), np.int64)
    acts = {}
    for state in range(n):
        values = np.unravel_index(state, sizes)
        for letter in range(k):
            new = list(values)
            for level, size in enumerate(sizes):
                key = (level, letter, values[:level])
                if key not in acts:
                    acts[key] = int(rng.integers(-size, size))
                if acts[key] >= 0:
                    new[level] = acts[key]
            table[state, letter] = np.ravel_multi_index(new, sizes)
    return make_dfa(SYMBOLS[:k], table, rng.random(n) < 0.5, int(rng.integers(0, n)))


def random_any(rng: np.random.Generator, largest: int = 12) -> DFA:
    """Return a random minimal DFA of any kind; its size is drawn first, and a third are among the largest."""
    makers = [random_table, random_monotone, random_partial_monotone, random_resets]
    while True:
        wanted = (
            int(rng.integers(2, largest + 1)) if rng.random() < 0.67 else largest - int(rng.integers(0, 3))
        )
        for _ in range(30):
            kind = int(rng.integers(0, 6))
            made = from_regex(rng) if kind >= 4 else makers[kind](rng, wanted + 3)
            if made is not None and made.states == wanted and 2 <= len(made.alphabet) <= 4:
                return made


def up_to_renaming(dfa: DFA) -> bytes:
    """Return a key that two DFAs share exactly when a renaming of the symbols makes them equal."""
    keys = []
    for order in permutations(range(len(dfa.alphabet))):
        number = {dfa.start: 0}
        rows = []
        for state in (queue := [dfa.start]):
            row = []
            for letter in order:
                target = int(dfa.table[state, letter])
                if target not in number:
                    number[target] = len(number)
                    queue.append(target)
                row.append(number[target])
            rows.append((*row, int(dfa.accepting[state])))
        keys.append(np.array(rows, np.int32).tobytes())
    return min(keys)


def distinct(seed: int, largest: int = 12) -> Iterator[DFA]:
    """Yield random minimal DFAs, none equal to another up to renaming of symbols."""
    rng = np.random.default_rng(seed)
    seen = set()
    while True:
        dfa = random_any(rng, largest)
        key = up_to_renaming(dfa)
        if key not in seen:
            seen.add(key)
            yield dfa
