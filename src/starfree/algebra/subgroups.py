"""The groups inside a transition monoid, read off the image sets: what they share, and why."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import lcm
from typing import Literal

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .images import ImageOrbit, image_orbit
from .perfect import perfect_subgroup as perfect_subgroup
from .permutations import Permutation
from .series import derived_series, squares_series

_DOING = "studying the groups of a transition monoid"


@dataclass(frozen=True)
class Subgroups:
    """What the groups inside a monoid have in common.

    Arguments:
        orders: the distinct orders of the maximal subgroups, increasing; None when a budget ran out.
        two_groups, abelian, solvable: whether all groups are.
        derived_length: the longest of any group; None when some group is not solvable.
        exponent: least common multiple of the orders of all group elements; None when a group is too large to
            list.
    """

    orders: tuple[int, ...] | None
    two_groups: bool
    abelian: bool
    solvable: bool
    derived_length: int | None
    exponent: int | None


def subgroups(dfa: DFA, *, budget: Budget = DEFAULT) -> Subgroups:
    """Return what the groups inside the transition monoid have in common.

    Every maximal subgroup acts faithfully on an image set as the group of that set; the group of any image
    set is a quotient of a subgroup. So a property that subgroups and quotients inherit holds for all
    subgroups exactly when it holds for the groups of the roots. Orders are reported for the classes that hold
    the image of an idempotent.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.

    >>> from starfree.languages import regex
    >>> subgroups(regex("(aaa)*"))
    Subgroups(orders=(3,), two_groups=False, abelian=True, solvable=True, derived_length=1, exponent=3)
    """
    orbit = image_orbit(dfa, budget=budget)
    facts = {root: orbit.group(root, budget=budget) for root in orbit.moving}
    kinds = set(facts.values())
    lengths = [kind.derived_length for kind in kinds]
    exponents = [kind.exponent for kind in kinds]
    return Subgroups(
        _orders(orbit, {root: fact.order for root, fact in facts.items()}, budget),
        all(kind.two_group for kind in kinds),
        all(kind.abelian for kind in kinds),
        all(kind.solvable for kind in kinds),
        None if None in lengths else max(filter(None, lengths), default=0),
        None if None in exponents else lcm(*filter(None, exponents)),
    )


def _orders(orbit: ImageOrbit, sizes: dict[int, int], budget: Budget) -> tuple[int, ...] | None:
    by_order: dict[int, list[int]] = {}
    for root in orbit.roots:
        by_order.setdefault(sizes.get(root, 1), []).append(root)
    found = []
    for size, roots in sorted(by_order.items()):
        answers = (_regular(orbit, root, budget) for root in roots)
        unknown = False
        for answer in answers:
            if answer:
                found.append(size)
                break
            unknown |= answer is None
        else:
            if unknown:
                return None
    return tuple(found)


def _regular(orbit: ImageOrbit, root: int, budget: Budget) -> bool | None:
    """Tell whether some set of a class is the image of an idempotent; None when there are too many pairs.

    That is: some word x is injective on the root R and has Q·x = R·x. Reading letters, (Q·x, R·x) starts at
    (Q, R); as long as R·x stays in its class and Q·x only shrinks, nothing is lost, so each shrinking step is
    kept.
    """
    successor, inside, size = orbit.successor, orbit.inside, orbit.size
    large, small = 0, root
    while size[large] > size[small]:
        seen = {(large, small)}
        queue = deque(seen)
        shrunk = None
        while queue and shrunk is None:
            y, z = queue.popleft()
            for a in range(successor.shape[1]):
                if not inside[z, a]:
                    continue
                pair = int(successor[y, a]), int(successor[z, a])
                if size[pair[0]] < size[large]:
                    shrunk = pair
                    break
                if pair not in seen:
                    seen.add(pair)
                    queue.append(pair)
            if len(seen) > budget.max_states:
                return None
            budget.check_time(_DOING)
        if shrunk is None:
            return False
        large, small = shrunk
    return True


@dataclass(frozen=True)
class GroupSeries:
    """The group of a root with a subnormal series.

    Arguments:
        root: the states of the root, increasing.
        series: generators (as permutations of positions in the root) of each term, from the group itself to
            `()`.
    """

    root: tuple[int, ...]
    series: tuple[tuple[Permutation, ...], ...]


def group_series(
    dfa: DFA, kind: Literal["two-groups", "solvable"], *, budget: Budget = DEFAULT
) -> tuple[GroupSeries, ...] | None:
    """Return a series for the group of every root where it is not trivial, or None when some group has none.

    Arguments:
        kind: "solvable": every factor is Abelian (the derived series); "two-groups": every factor is a power
            of Z_2.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.
    """
    orbit = image_orbit(dfa, budget=budget)
    series = derived_series if kind == "solvable" else squares_series
    found = []
    for root in orbit.moving:
        degree = int(orbit.size[root])
        facts = orbit.group(root, budget=budget)
        if not (facts.solvable if kind == "solvable" else facts.two_group):
            return None
        first = orbit.generators(root, budget=budget)
        terms = series([(p, -1) for p in first], degree, budget=budget)
        found.append(GroupSeries(orbit.beta(root), tuple(tuple(p for p, _ in term) for term in terms)))
    return tuple(found)
