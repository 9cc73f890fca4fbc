"""Verdicts beside a brute force from definitions: the whole monoid, all partitions, plain fractions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np
from conftest import count

from starfree.languages import DFA, make_dfa
from starfree.verdicts.decide import decide
from starfree.verdicts.families import FAMILIES

Map = tuple[int, ...]


def random_dfas(number: int, seed: int, largest: int = 5) -> Iterator[DFA]:
    rng = np.random.default_rng(seed)
    for _ in range(number):
        n, k = int(rng.integers(1, largest + 1)), int(rng.integers(1, 4))
        table = rng.integers(0, n, (n, k))
        if rng.random() < 0.6:  # mostly forward or sparse tables, so that small classes are met too
            if rng.random() < 0.5:
                table = np.maximum(table, np.arange(n)[:, None])
            table[rng.random((n, k)) < 0.3] = n - 1
        yield make_dfa("abc"[:k], table, rng.random(n) < 0.5)


def times(x: Map, y: Map) -> Map:
    return tuple(y[i] for i in x)


def monoid(dfa: DFA) -> tuple[list[Map], set[Map]]:
    """All transformations of words, and those of words that are not empty."""
    letters = [tuple(column) for column in dfa.table.T.tolist()]
    identity = tuple(range(dfa.states))
    proper, frontier = set(letters), list(letters)
    while frontier:
        x = frontier.pop()
        for a in letters:
            if (y := times(x, a)) not in proper:
                proper.add(y)
                frontier.append(y)
    return sorted(proper | {identity}), proper


def idempotent_power(x: Map) -> Map:
    power = x
    while times(power, power) != power:
        power = times(power, x)
    return power


def groups(elements: list[Map]) -> list[set[Map]]:
    """The maximal subgroups: for each idempotent e, the invertible elements of eMe."""
    found = []
    for e in elements:
        if times(e, e) == e:
            local = {times(times(e, x), e) for x in elements}
            found.append({x for x in local if any(times(x, y) == e == times(y, x) for y in local)})
    return found


def solvable(group: set[Map]) -> bool:
    while len(group) > 1:
        inverse = {x: next(y for y in group if times(times(x, y), x) == x) for x in group}
        commutators = {times(times(inverse[x], inverse[y]), times(x, y)) for x in group for y in group}
        derived = set(commutators)
        frontier = list(commutators)
        while frontier:
            x = frontier.pop()
            for y in commutators:
                if (z := times(x, y)) not in derived:
                    derived.add(z)
                    frontier.append(z)
        if len(derived) == len(group):
            return False
        group = derived
    return True


def quasi_aperiodic(dfa: DFA) -> bool:
    """Whether the stable semigroup, the transformations of words of a length that repeats, has no group."""
    letters = frozenset(tuple(column) for column in dfa.table.T.tolist())
    powers = [letters]
    while (after := frozenset(times(x, a) for x in powers[-1] for a in letters)) not in powers:
        powers.append(after)
    # From here on the sets of transformations of words of each length go round a cycle.
    start = powers.index(after)
    cycle = len(powers) - start
    stable = powers[start:][-(start + 1) % cycle]  # the length is a multiple of the cycle, hence idempotent
    return all(times(idempotent_power(x), x) == idempotent_power(x) for x in stable)


def rank(rows: list[list[Fraction]]) -> int:
    rows, found = [row[:] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(len(rows)):
            if i != found and rows[i][column]:
                factor = rows[i][column] / rows[found][column]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def reaches(dfa: DFA) -> list[set[int]]:
    found = []
    for q in range(dfa.states):
        seen, stack = {q}, [q]
        while stack:
            for t in dfa.table[stack.pop()].tolist():
                if t not in seen:
                    seen.add(t)
                    stack.append(t)
        found.append(seen)
    return found


def inseparable(dfa: DFA) -> set[tuple[int, int]]:
    """Pairs of states of one component that no potentials separate, after all rounds."""
    reach = reaches(dfa)
    pairs = {(p, q) for p in range(dfa.states) for q in reach[p] if p in reach[q]}
    while True:
        block = {p: min(q for q in range(dfa.states) if (p, q) in pairs) for p in range(dfa.states)}
        n, k = dfa.table.shape
        labels = {(block[p], a): i for i, (p, a) in enumerate(product(range(n), range(k)))}
        width = n + n * k
        rows = []
        for p, a in product(range(n), range(k)):
            t = int(dfa.table[p, a])
            if p in reach[t]:
                row = [Fraction(0)] * width
                row[t] += 1
                row[p] -= 1
                row[n + labels[block[p], a]] -= 1
                rows.append(row)
        full = rank(rows)

        kept = set()
        for p, q in pairs:
            row = [Fraction(0)] * width
            row[p] += 1
            row[q] -= 1
            if rank([*rows, row]) == full:
                kept.add((p, q))
        if kept == pairs:
            return {(p, q) for p, q in pairs if p != q}
        pairs = kept


def partitions(items: list[int]) -> Iterator[list[list[int]]]:
    if not items:
        yield []
        return
    for rest in partitions(items[1:]):
        yield [[items[0]], *rest]
        for i, part in enumerate(rest):
            yield [*rest[:i], [items[0], *part], *rest[i + 1 :]]


def last_symbol(dfa: DFA) -> bool:
    live = [q for q in range(dfa.states) if dfa.live[q]]
    letters = range(dfa.table.shape[1])
    step = {(q, a): t for q in live for a in letters if dfa.live[t := int(dfa.table[q, a])]}
    for parts in partitions(live):
        block = {q: i for i, part in enumerate(parts) for q in part}
        edges: dict[tuple[int, int], int] = {}
        if any(edges.setdefault((block[q], a), block[t]) != block[t] for (q, a), t in step.items()):
            continue
        order = set(range(len(parts)))
        while leaves := {b for b in order if all(edges.get((b, a), b) not in order - {b} for a in letters)}:
            order -= leaves
        entered = [{t for (_, b), t in step.items() if b == a} for a in letters]
        if not order and all(len({block[t] for t in states}) == len(states) for states in entered):
            return True
    return False


def expected(dfa: DFA, task: str) -> dict[str, str]:
    elements, proper = monoid(dfa)
    n, letters = dfa.states, range(dfa.table.shape[1])
    subgroups = groups(elements)
    aperiodic = all(len(group) == 1 for group in subgroups)
    orders = [len(group) for group in subgroups]
    two = all(order & (order - 1) == 0 for order in orders)
    solv = all(solvable(group) for group in subgroups)
    right = {x: frozenset(times(x, y) for y in elements) for x in elements}
    r_trivial = len(set(right.values())) == len(elements)
    definite = all(times(s, e) == e for e in proper if times(e, e) == e for s in proper)
    confused = inseparable(dfa)
    c_rasp = not confused
    quasi = quasi_aperiodic(dfa)
    pairs = {(p, q) for p in range(n) for q in range(n) if p != q and dfa.live[p] and dfa.live[q]}
    for _ in range(n * n):
        moved = {(int(dfa.table[p, a]), int(dfa.table[q, a])) for p, q in pairs for a in letters}
        pairs = {(p, q) for p, q in moved if p != q and dfa.live[p] and dfa.live[q]}
    yes_no = {True: "yes", False: "no"}
    answers = dict.fromkeys(("deltanet-negative", "deltaproduct", "permutation-diagonal", "rnn"), "yes")
    for family in ("diagonal-nonnegative", "deltanet", "transformer-hard"):
        answers[family] = yes_no[aperiodic]
    for family in ("time-invariant-mixed", "transformer-hard-pe"):
        answers[family] = yes_no[quasi]
    answers["time-invariant-decaying"] = yes_no[definite if task == "recognise" else not pairs]
    answers["time-invariant-unit"] = "yes" if definite or r_trivial or c_rasp else "open" if quasi else "no"
    answers["diagonal-signed"] = yes_no[two]
    answers["diagonal-complex"] = yes_no[solv]
    answers["transformer-softmax-fixed"] = yes_no[r_trivial]
    answers["transformer-c-rasp"] = yes_no[c_rasp]
    answers["transformer-log-precision"] = "yes" if c_rasp else "open" if solv else "no"
    answers["ssm-log-precision"] = "yes" if aperiodic else "open" if solv else "no"
    if task == "predict":
        reach = reaches(dfa)
        differ = {(p, q) for p in range(n) for q in range(n) if (dfa.table[p] != dfa.table[q]).any()}
        back = {(p, q) for p in range(n) for q in reach[p] if p in reach[q]}
        complete = bool(dfa.live.all())
        if not r_trivial:
            no = not aperiodic or (complete and differ & back)
            answers["transformer-softmax-fixed"] = "yes" if last_symbol(dfa) else "no" if no else "open"
        if not c_rasp:
            no = not aperiodic or (complete and differ & confused)
            answers["transformer-c-rasp"] = "no" if no else "open"
    return answers


def test_verdicts_are_those_of_the_definitions() -> None:
    met: dict[tuple[str, str, str], int] = {}
    for dfa in random_dfas(count(100, 1500), seed=20):
        for task in ("recognise", "predict"):
            wanted = expected(dfa, task)
            decision = decide(dfa, task=task)
            found = {verdict.family: verdict.expressible for verdict in decision.verdicts}
            assert found == wanted, (dfa.table.tolist(), dfa.accepting.tolist(), task)
            for family, answer in found.items():
                met[task, family, answer] = met.get((task, family, answer), 0) + 1
    never_no = {"deltanet-negative", "deltaproduct", "permutation-diagonal", "rnn"}
    never_no |= {"diagonal-complex", "transformer-log-precision", "ssm-log-precision"}  # not at these sizes
    for task in ("recognise", "predict"):  # the sample tries both answers of (nearly) every family
        for family in FAMILIES:
            assert met[task, family.id, "yes"] > 3
            if family.id not in never_no:
                assert met[task, family.id, "no"] > 3, (task, family.id)
