"""Facts about small permutation groups: order, exponent, solvability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import factorial, lcm, prod

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from .chain import Chain, group_order
from .permutations import (
    Permutation,
    cycles,
    multiply,
    odd,
    orbits,
    order,
    primitive,
    restrict,
)
from .series import derived_series

_NATURAL = 8  # from this degree on, look for a symmetric or alternating group before building a chain
_TRIES = 60  # random elements looked at; missing a natural group costs time only
_MANY = 12  # generators looked at between two checks that the rest add nothing
_FEW = 4  # so many generators are kept as they are
_LISTED = 100_000  # larger groups are not listed to find their exponent
_CELLS = 1 << 24  # nor are those whose elements have more images together: bounds memory
_DOING = "studying a permutation group"


@dataclass(frozen=True)
class GroupFacts:
    """What the verdicts ask of a finite group.

    Arguments:
        order: number of elements.
        abelian, two_group, solvable: the trivial group is all three.
        derived_length: steps down the derived series to the trivial group; None when it is never reached.
        exponent: least common multiple of the orders of the elements; None when the group is too large to
            list.
    """

    order: int
    abelian: bool
    two_group: bool
    solvable: bool
    derived_length: int | None
    exponent: int | None


TRIVIAL = GroupFacts(1, True, True, True, 0, 1)


def group_facts(generators: Sequence[Permutation], degree: int, *, budget: Budget = DEFAULT) -> GroupFacts:
    """Return the facts about the group that permutations generate.

    All but the order are read off the groups induced on the orbits: a group is a subdirect product of these,
    and each of the properties, the derived length and the exponent passes between the two.

    Arguments:
        generators: permutations of `0..degree-1`; when they are many, `thin` them first.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: that of a stabiliser chain for each term of the derived series; the exponent lists groups up
        to 100,000 elements. Symmetric and alternating groups in their natural action are recognised.

    >>> group_facts([(1, 2, 0), (1, 0, 2)], 3)
    GroupFacts(order=6, abelian=False, two_group=False, solvable=True, derived_length=2, exponent=6)
    """
    useful = [p for p in generators if p != tuple(range(degree))]
    if not useful:
        return TRIVIAL
    parts = [orbit for orbit in orbits(useful, degree, budget=budget) if len(orbit) > 1]
    facts = []
    for orbit in parts:
        budget.check_time(_DOING)
        induced = {restrict(p, orbit) for p in useful} - {tuple(range(len(orbit)))}
        facts.append(_transitive(tuple(sorted(induced)), budget))
    if len(facts) == 1:
        return facts[0]
    if all(fact.order == 2 for fact in facts):
        size = 1 << _rank(
            [sum(1 << i for i, orbit in enumerate(parts) if p[orbit[0]] != orbit[0]) for p in useful]
        )
    else:
        size = group_order(useful, degree, budget=budget)
    lengths = [fact.derived_length for fact in facts]
    exponents = [fact.exponent for fact in facts]
    return GroupFacts(
        size,
        all(fact.abelian for fact in facts),
        all(fact.two_group for fact in facts),
        all(fact.solvable for fact in facts),
        None if None in lengths else max(filter(None, lengths)),
        None if None in exponents else lcm(*filter(None, exponents)),
    )


def thin(
    generators: NDArray[np.integer] | Sequence[Permutation], degree: int, *, budget: Budget = DEFAULT
) -> list[Permutation]:
    """Return some of the permutations, few, that generate the same group.

    Arguments:
        generators: shape `(g, degree)`.

    Complexity: that of a stabiliser chain; the search ends early when some move their orbits in all ways and
        the others respect these orbits.
    """
    table = np.asarray(generators, np.int64).reshape(-1, degree)
    table = table[(table != np.arange(degree)).any(axis=1)]
    if len(table) <= _FEW:
        return list(dict.fromkeys(map(tuple, table.tolist())))
    chain = Chain(degree, budget=budget)
    found: list[Permutation] = []
    for low in range(0, len(table), _MANY):
        found += [p for p in map(tuple, table[low : low + _MANY].tolist()) if chain.add((p, 0))]
        parts = orbits(found, degree, budget=budget)
        if chain.order == prod(factorial(len(part)) for part in parts):
            label = np.empty(degree, np.int64)
            for i, part in enumerate(parts):
                label[part] = i
            if (label[table] == label).all():
                break
    return found


def _rank(rows: list[int]) -> int:
    """Rank over the field of two elements, rows as bit masks."""
    basis: list[int] = []
    for row in rows:
        for known in basis:
            row = min(row, row ^ known)
        if row:
            basis.append(row)
    return len(basis)


class _Cache:
    """Hands a budget past the memory of earlier answers, which does not depend on it."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Cache)

    def __hash__(self) -> int:
        return 0


def _transitive(generators: tuple[Permutation, ...], budget: Budget) -> GroupFacts:
    return _remembered(generators, _Cache(budget))


@lru_cache(maxsize=4096)
def _remembered(generators: tuple[Permutation, ...], cache: _Cache) -> GroupFacts:
    budget = cache.budget
    degree = len(generators[0])
    if _commute(generators, budget):
        # A transitive Abelian group is regular: as many elements as points.
        return GroupFacts(degree, True, degree & (degree - 1) == 0, True, 1, lcm(*map(order, generators)))
    size = natural_order(generators, degree, budget=budget) if degree >= _NATURAL else None
    if size is None:
        size = group_order(generators, degree, budget=budget)
    if degree >= 5 and 2 * size >= factorial(degree):
        return GroupFacts(
            size, False, False, False, None, _natural_exponent(degree, size == factorial(degree))
        )
    two_group = size & (size - 1) == 0
    series = derived_series([(p, 0) for p in generators], degree, budget=budget)
    solvable = not series[-1]
    exponent = _exponent(generators, size, budget)
    return GroupFacts(size, False, two_group, solvable, len(series) - 1 if solvable else None, exponent)


def _commute(generators: Sequence[Permutation], budget: Budget) -> bool:
    for p, q in combinations(generators, 2):
        budget.check_time(_DOING)
        if multiply(p, q) != multiply(q, p):
            return False
    return True


def natural_order(generators: Sequence[Permutation], degree: int, *, budget: Budget = DEFAULT) -> int | None:
    """Return the order of a transitive group if it is found to be symmetric or alternating, else None.

    None says nothing: the search looks at a few dozen products.

    Raises:
        BudgetExceeded: when time is up.

    Source: Jordan 1873: a primitive group of degree r with a cycle of prime length p and fixed points
        elsewhere contains the alternating group when p <= r - 3, or p is 2 or 3.
    """
    if not _finds_prime_cycle(generators, degree, budget) or not primitive(generators, degree, budget=budget):
        return None
    return factorial(degree) // (1 if any(map(odd, generators)) else 2)


def _finds_prime_cycle(generators: Sequence[Permutation], degree: int, budget: Budget) -> bool:
    rng = np.random.default_rng(degree)
    pool = list(generators)
    while len(pool) < 6:
        pool += generators
    p = pool[0]
    for _ in range(_TRIES):
        budget.check_time(_DOING)
        i, j = rng.integers(len(pool), size=2).tolist()
        p = multiply(p, pool[i])
        pool[j] = multiply(pool[j], p) if i != j else p
        lengths = Counter(len(cycle) for cycle in cycles(p))
        for length, times in lengths.items():
            # A power of p is one cycle of this length when the length is a prime that divides no other.
            alone = times == 1 and all(other % length for other in lengths if other != length)
            if alone and (length <= 3 or length <= degree - 3) and _is_prime(length):
                return True
    return False


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))


def _natural_exponent(degree: int, symmetric: bool) -> int:
    """The exponent of S_r, or of A_r: there a cycle of length 2^e needs two more points to be even."""
    if symmetric:
        return lcm(*range(1, degree + 1))
    two = 1 << ((degree - 2).bit_length() - 1)
    return lcm(two, *range(1, degree + 1, 2))


def _exponent(generators: Sequence[Permutation], size: int, budget: Budget) -> int | None:
    degree = len(generators[0])
    if size > min(_LISTED, budget.max_elements) or size * degree > _CELLS:
        return None
    elements = Chain(degree, [(p, 0) for p in generators], budget=budget).elements()
    points = np.arange(degree)
    current, lengths, open_ = elements, {1}, np.ones(elements.shape, bool)
    for length in range(1, degree + 1):
        budget.check_time(_DOING)
        back = (current == points) & open_
        if back.any():
            lengths.add(length)
            open_ &= ~back
            if not open_.any():
                break
        current = np.take_along_axis(elements, current, axis=1)
    return lcm(*lengths)


def prime_cycle(p: Permutation, *, odd_only: bool) -> tuple[int, list[int]] | None:
    """Return an exponent e and a cycle of prime length of p^e, or None when p has none.

    Arguments:
        odd_only: the prime must be odd.
    """
    for cycle in sorted(cycles(p), key=len):
        length = len(cycle)
        for prime in range(3 if odd_only else 2, length + 1):
            if length % prime == 0 and _is_prime(prime):
                return length // prime, cycle[:: length // prime]
    return None
