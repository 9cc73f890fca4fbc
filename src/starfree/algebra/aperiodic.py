"""Is a language star-free? If not: words u, v, w such that membership of u v^n w goes round with n."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages.dfa import DFA
from .crasp import components
from .groups import prime_cycle
from .images import ImageOrbit, image_orbit, ordered_images
from .loops import loops
from .monoid import Monoid, first_elements
from .permutations import Permutation, multiply
from .words import Scribe, Spelling, Word, action, paths, separate, trace

_DOING = "looking for a group in a transition monoid"
_SHORT = 2_000  # elements tried for a short witness
_ENTRIES = 1 << 24  # and entries of these elements
_GROWTH = 8
_CELLS = 1 << 20  # entries looked at together: bounds memory


@dataclass(frozen=True)
class Aperiodic:
    """No word permutes a set of states: the language is star-free.

    Arguments:
        images: all image sets as lists that letters inside a class carry elementwise (see `ordered_images`),
            or None when there were too many and the monoid was enumerated instead.
    """

    images: tuple[tuple[int, ...], ...] | None


@dataclass(frozen=True)
class Pumping:
    """A word that permutes states: the language is not star-free.

    Arguments:
        u, v, w: words; the states after u v^i are distinct for i < period, u v^period leads where u does, and
            membership of u v^i w is not the same for all i.
        period: at least 2.
    """

    u: Word
    v: Spelling
    w: Word
    period: int


def aperiodicity(dfa: DFA, *, budget: Budget = DEFAULT) -> Aperiodic | Pumping:
    """Decide whether a language is star-free, with evidence either way.

    The image sets decide; a witness is sought among the elements with short words first. Only when there are
    too many sets, potentials (see `crasp`) or a breadth-first search of the transformations may still decide.

    Arguments:
        dfa: the minimal complete DFA.

    Raises:
        BudgetExceeded: when both searches run out.

    Complexity: `O(N n k)` for N image sets.

    Source: Schützenberger 1965; every group in the monoid acts faithfully on an image set.

    >>> from starfree.languages import regex
    >>> aperiodicity(regex("(aa)*"))
    Pumping(u=(), v=(0,), w=(), period=2)
    """
    try:
        orbit = image_orbit(dfa, budget=budget)
        images = ordered_images(orbit)
    except BudgetExceeded:
        return _by_elements(dfa, budget)
    if images is not None:
        return Aperiodic(tuple(images))
    return _short(dfa, odd_only=False, budget=budget) or _by_loops(dfa, orbit, odd_only=False, budget=budget)


def is_aperiodic(dfa: DFA, *, budget: Budget = DEFAULT) -> bool:
    """Tell whether a language is star-free, without the evidence.

    Raises, Complexity: as `aperiodicity`.
    """
    try:
        orbit = image_orbit(dfa, budget=budget)
    except BudgetExceeded:
        return isinstance(_by_elements(dfa, budget), Aperiodic)
    return not orbit.moving


def pumping_with_odd_period(dfa: DFA, *, budget: Budget = DEFAULT) -> Pumping | None:
    """Return a pumping whose period is an odd prime, or None when all groups in the monoid are 2-groups.

    Arguments:
        dfa: the minimal complete DFA.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.

    Source: Cauchy: a group whose order is not a power of 2 has an element of odd prime order.
    """
    orbit = image_orbit(dfa, budget=budget)
    if all(orbit.group(root, budget=budget).two_group for root in orbit.moving):
        return None
    return _short(dfa, odd_only=True, budget=budget) or _by_loops(dfa, orbit, odd_only=True, budget=budget)


def permuting(elements: NDArray[np.integer], *, budget: Budget = DEFAULT) -> NDArray[np.int64]:
    """Return the numbers of the transformations that permute some points in a cycle of more than one.

    Arguments:
        elements: shape `(m, n)`.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `O(m n log n)`.
    """
    m, n = elements.shape
    rows = max(1, _CELLS // max(n, 1))
    found = []
    for low in range(0, m, rows):
        budget.check_time(_DOING)
        wide = elements[low : low + rows].astype(np.int64)
        settled, steps = wide, 1
        while steps < n:
            settled = np.take_along_axis(settled, settled, axis=1)
            steps *= 2
        moved = np.take_along_axis(wide, settled, axis=1) != settled
        found.append(low + np.flatnonzero(moved.any(axis=1)))
    return np.concatenate(found)


def _by_elements(dfa: DFA, budget: Budget) -> Aperiodic | Pumping:
    # Potentials do not change along a word that permutes states in a cycle, so they separate no such states.
    if all(part.separated for part in components(dfa, budget=budget)):
        return Aperiodic(None)
    count = _few(dfa)
    while True:
        monoid, complete = first_elements(dfa.table.T, min(count, budget.max_elements), budget=budget)
        found = permuting(monoid.elements, budget=budget)
        if len(found):
            return _pump_element(dfa, monoid, int(found[0]), odd_only=False, budget=budget)
        if complete:
            return Aperiodic(None)
        budget.check_elements(count, _DOING)
        count *= _GROWTH


def _short(dfa: DFA, *, odd_only: bool, budget: Budget) -> Pumping | None:
    """Try the elements with the shortest words."""
    try:
        monoid, _ = first_elements(dfa.table.T, min(_few(dfa), budget.max_elements), budget=budget)
    except BudgetExceeded:
        return None
    for i in permuting(monoid.elements, budget=budget).tolist():
        budget.check_time(_DOING)
        if not odd_only or prime_cycle(_recurrent(monoid.elements[i]), odd_only=True):
            return _pump_element(dfa, monoid, i, odd_only=odd_only, budget=budget)
    return None


def _few(dfa: DFA) -> int:
    """Return how many elements to try at first: fewer of a large automaton, each as long as it has states."""
    return max(2, min(_SHORT, _ENTRIES // dfa.states))


def _recurrent(element: NDArray[np.integer]) -> Permutation:
    """Return what a transformation does to the points it returns to, as a permutation fixing the others."""
    settled = element
    for _ in range(len(element).bit_length()):
        settled = settled[settled]
    returning = set(settled.tolist())
    return tuple(j if i in returning else i for i, j in enumerate(element.tolist()))


def _pump_element(dfa: DFA, monoid: Monoid, i: int, *, odd_only: bool, budget: Budget) -> Pumping:
    found = prime_cycle(_recurrent(monoid.elements[i]), odd_only=odd_only)
    assert found is not None
    exponent, cycle = found
    return pump(dfa, monoid.word(i) * exponent, cycle, budget=budget)


def pump(dfa: DFA, v: Spelling, cycle: list[int], *, budget: Budget = DEFAULT) -> Pumping:
    """Return the pumping that goes round a cycle of states with v, entered by a shortest word.

    Raises:
        BudgetExceeded: when time is up.
    """
    rows, accepting = dfa.table.tolist(), dfa.accepting.tolist()
    tree = paths(rows, dfa.start, budget=budget)  # breadth-first: of the cycle, the nearest state comes first
    wanted = frozenset(cycle)
    entry = next(state for state in tree if state in wanted)
    moved = action(v, dfa.table, budget=budget)
    states, state = [entry], int(moved[entry])
    while state != entry:
        states.append(state)
        state = int(moved[state])
    pairs = zip(states, states[1:] + states[:1], strict=True)
    w = min((separate(rows, accepting, p, q, budget=budget) for p, q in pairs), key=len)
    return Pumping(trace(tree, entry), v, w, len(states))


def _by_loops(dfa: DFA, orbit: ImageOrbit, *, odd_only: bool, budget: Budget) -> Pumping:
    """Multiply loops at the root of some class until a product permutes a cycle of the length wanted."""
    best: tuple[int, Pumping] | None = None
    for root in orbit.moving:
        if odd_only and orbit.group(root, budget=budget).two_group:
            continue
        states = orbit.beta(root)
        moves = [(word, p) for word, p in loops(orbit, root) if p != tuple(range(len(p)))]
        scribe = Scribe()
        step, p = _product_with_cycle(moves, odd_only, scribe, budget)
        found = prime_cycle(p, odd_only=odd_only)
        assert found is not None
        exponent, cycle = found
        step = scribe.power(step, exponent)
        size = scribe.lengths[step]
        if best is None or size < best[0]:
            best = size, pump(dfa, scribe.spell(step), [states[i] for i in cycle], budget=budget)
    assert best is not None
    return best[1]


def _product_with_cycle(
    moves: list[tuple[Word, Permutation]], odd_only: bool, scribe: Scribe, budget: Budget
) -> tuple[int, Permutation]:
    """Return a product of loops, of least length, that has a cycle of the kind wanted."""
    steps = [(len(word), scribe.word(word), p) for word, p in moves]
    heap = [(size, step, p) for size, step, p in steps]
    heap.sort()
    seen: set[Permutation] = set()
    while True:
        size, step, p = heappop(heap)
        if p in seen:
            continue
        budget.check_time(_DOING)
        if prime_cycle(p, odd_only=odd_only):
            return step, p
        seen.add(p)
        budget.check_elements(len(seen), _DOING)
        for more, by, q in steps:
            moved = multiply(p, q)
            if moved not in seen:
                heappush(heap, (size + more, scribe.then(step, by), moved))
