"""A permutation group that acts on tiles, as a base tile and a register of rotors.

The group has a series G = N_0 > N_1 > ... > 1 with Abelian factors. An element is written
n_k s_k(q_k) ... s_1(q_1), where q_j names a coset of N_j in N_{j-1} and s_j chooses an element of it; each
factor is a product of cyclic groups, and q_j is one rotor for each of them. Multiplying by g from the right
adds to q_1 what g is modulo N_1, and to each later q_j a constant that depends on g and on the earlier ones.

Source: Kaloujnine and Krasner: G embeds into the wreath product of a normal subgroup and its quotient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from typing import Literal

from ..algebra.permutations import Permutation, inverse, multiply
from ..algebra.series import derived_series, squares_series
from ..budgets import DEFAULT, Budget
from ..errors import BadInput

Rotors = Literal["signed", "complex"]
"""Which cyclic groups a cell can be: Z_2 alone (chains of them are the 2-groups), or any."""

Turns = tuple[int, ...]
"""A value for each rotor of a factor."""

_DOING = "listing the groups of a cascade"


@dataclass(frozen=True)
class Factor:
    """A factor N / N' of a series, Abelian, as a product of cyclic groups.

    Arguments:
        orders: of the cyclic groups, prime powers.
        turns: for each element of N, its coset.
        chosen: for each coset, an element of it; of the trivial coset the identity.
    """

    orders: tuple[int, ...]
    turns: dict[Permutation, Turns]
    chosen: dict[Turns, Permutation]


@dataclass(frozen=True, eq=False)
class Register:
    """How the tiles of a class are stored: an orbit, and rotors that say how far its base has been moved.

    Arguments:
        degree: number of tiles.
        factors: along the series.
        bases: the least tile of each orbit.
        moves: for each tile, an element of the group that takes the base of its orbit to it.
    """

    degree: int
    factors: tuple[Factor, ...]
    bases: tuple[int, ...]
    moves: tuple[Permutation, ...]

    @cached_property
    def orbit(self) -> tuple[int, ...]:
        """For each tile the number of its orbit."""
        number = {base: i for i, base in enumerate(self.bases)}
        return tuple(number[inverse(move)[tile]] for tile, move in enumerate(self.moves))

    def place(self, tile: int) -> tuple[Turns, ...]:
        """Return the rotors that stand for a tile, in its orbit."""
        rest, found = self.moves[tile], []
        for factor in self.factors:
            turns = factor.turns[rest]
            found.append(turns)
            rest = multiply(rest, inverse(factor.chosen[turns]))
        return tuple(found)

    def tile(self, orbit: int, rotors: Sequence[Turns]) -> int:
        """Return the tile that an orbit and rotors stand for."""
        at = self.bases[orbit]
        for factor, turns in zip(reversed(self.factors), reversed(rotors), strict=True):
            at = factor.chosen[turns][at]
        return at

    def added(self, move: Permutation, rotors: Sequence[Turns]) -> Turns:
        """Return what a move of the tiles adds to the factor that comes after some rotors.

        Arguments:
            rotors: the old values of the rotors of the factors before.
        """
        for factor, turns in zip(self.factors, rotors, strict=False):
            moved = multiply(factor.chosen[turns], move)
            move = multiply(moved, inverse(factor.chosen[factor.turns[moved]]))
        return self.factors[len(rotors)].turns[move]


def register(
    moves: Iterable[Permutation], degree: int, rotors: Rotors, *, budget: Budget = DEFAULT
) -> Register:
    """Return how to store which of some tiles it is when a group moves them.

    Arguments:
        moves: generators of the group, permutations of `0..degree-1`.
        rotors: "signed" takes a series whose factors are powers of Z_2, "complex" the derived series.

    Raises:
        BadInput: when there is no such series.
        BudgetExceeded: when the group has more than `budget.max_elements` elements.

    Complexity: the size of the group times the number of factors and the degree.

    >>> found = register([(1, 2, 0), (1, 0, 2)], 3, "complex")
    >>> [factor.orders for factor in found.factors], found.place(2)
    ([(2,), (3,)], ((1,), (1,)))
    """
    identity = tuple(range(degree))
    generators = sorted(set(moves) - {identity})
    series = squares_series if rotors == "signed" else derived_series
    terms = series([(move, 0) for move in generators], degree, budget=budget)
    if terms[-1]:
        what, why = "an automaton with this group", "it has no series with the factors that these rotors are"
        raise BadInput(what, why, "Use another target.")
    groups = [_elements([move for move, _ in term], identity, budget) for term in terms]
    factors = tuple(_factor(large, small) for large, small in pairwise(groups))
    bases: list[int] = []
    found: dict[int, Permutation] = {}
    for tile in range(degree):
        if tile not in found:
            bases.append(tile)
            for element in groups[0]:  # the identity comes first, so the base is not moved
                found.setdefault(element[tile], element)
    return Register(degree, factors, tuple(bases), tuple(found[tile] for tile in range(degree)))


def _elements(
    generators: Sequence[Permutation], identity: Permutation, budget: Budget
) -> dict[Permutation, None]:
    """Return all elements of a group, the identity first."""
    found = {identity: None}
    queue = [identity]
    for element in queue:  # grows as it is read
        for generator in generators:
            moved = multiply(element, generator)
            if moved not in found:
                found[moved] = None
                queue.append(moved)
        budget.check_elements(len(found), _DOING)
    return found


def _factor(large: dict[Permutation, None], small: dict[Permutation, None]) -> Factor:
    """Return an Abelian factor group by its cyclic parts."""
    coset: dict[Permutation, Permutation] = {}
    for element in large:
        if element not in coset:
            for inner in small:
                coset[multiply(inner, element)] = element
    chosen: dict[Turns, Permutation] = {(): next(iter(large))}
    orders: tuple[int, ...] = ()
    named = {coset[chosen[()]]}
    quotient = list(dict.fromkeys(coset.values()))
    while len(named) < len(quotient):
        generator, order = _next_cyclic(quotient, coset, named, next(iter(large)))
        powers = [next(iter(large))]
        for _ in range(order - 1):
            powers.append(multiply(powers[-1], generator))
        chosen = {
            (*turns, power): multiply(element, powers[power])
            for (turns, element), power in product(chosen.items(), range(order))
        }
        orders = (*orders, order)
        named = {coset[element] for element in chosen.values()}
    turns_of = {coset[element]: turns for turns, element in chosen.items()}
    return Factor(orders, {element: turns_of[coset[element]] for element in large}, chosen)


def _next_cyclic(
    quotient: Sequence[Permutation],
    coset: dict[Permutation, Permutation],
    named: set[Permutation],
    identity: Permutation,
) -> tuple[Permutation, int]:
    """Return a coset of prime power order, as large as can be, that is independent of those named.

    Those named are a product of cyclic groups of the largest orders, so that they are a direct factor, and
    some element has the same order modulo them as by itself.
    """
    best: tuple[Permutation, int] | None = None
    for element in quotient:
        power, order, outside = element, 1, 0
        while coset[power] != coset[identity]:
            if not outside and power != element and coset[power] in named:
                outside = order
            power, order = multiply(power, element), order + 1
        independent = coset[element] not in named and not outside
        if independent and _prime_power(order) and (best is None or order > best[1]):
            best = element, order
    assert best is not None
    return best


def _prime_power(number: int) -> bool:
    prime = next(d for d in range(2, number + 1) if number % d == 0)
    while number % prime == 0:
        number //= prime
    return number == 1
