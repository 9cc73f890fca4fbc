"""Small automata by brute force."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from .forms import Malformed, between, distinct, fits, is_text, need

Map = tuple[int, ...]
LARGEST_MONOID = 20_000


class TooLarge(Exception):
    """The oracle is for small automata."""


def then(first: Map, second: Map) -> Map:
    return tuple(second[q] for q in first)


class Machine:
    """A DFA from its JSON; everything about it from its whole transition monoid."""

    def __init__(self, alphabet: Any, dfa: Any) -> None:
        need(distinct(lambda v: is_text(v) and v != "")(alphabet), "alphabet", Malformed)
        need(isinstance(dfa, dict) and isinstance(dfa.get("table"), list), "table", Malformed)
        n = len(dfa["table"])
        state = between(0, n)
        need(
            fits(
                dfa, {"start": state, "accepting": distinct(state), "table": [tuple([state] * len(alphabet))]}
            ),
            "dfa",
            Malformed,
        )
        need(n > 0 and sorted(dfa["accepting"]) == dfa["accepting"], "accepting", Malformed)
        self.alphabet: list[str] = alphabet
        self.n, self.start = n, dfa["start"]
        self.accepting = set(dfa["accepting"])
        self.letters: dict[str, Map] = {
            a: tuple(row[i] for row in dfa["table"]) for i, a in enumerate(alphabet)
        }
        need(len({m[self.start] for m in self.monoid}) == n, "every state is reachable", Malformed)
        futures = [tuple(m[q] in self.accepting for m in self.monoid) for q in range(n)]
        need(len(set(futures)) == n, "no two states are equivalent", Malformed)
        self.live = {q for q in range(n) if any(futures[q])}

    @cached_property
    def monoid(self) -> list[Map]:
        found = [tuple(range(self.n))]
        seen = set(found)
        for element in found:
            for letter in self.letters.values():
                product = then(element, letter)
                if product not in seen:
                    seen.add(product)
                    found.append(product)
                    if len(found) > LARGEST_MONOID:
                        raise TooLarge
        return found

    @cached_property
    def reachable(self) -> list[set[int]]:
        return [{m[q] for m in self.monoid} for q in range(self.n)]

    @cached_property
    def together(self) -> list[set[int]]:
        """The strongly connected component of each state."""
        return [{r for r in self.reachable[q] if q in self.reachable[r]} for q in range(self.n)]

    def legal(self, q: int) -> tuple[set[str], bool]:
        return {a for a, m in self.letters.items() if m[q] in self.live}, q in self.accepting

    def words_of_length(self, length: int) -> set[Map]:
        """The maps of all words of one length, which from some length on come round again."""
        current = frozenset({tuple(range(self.n))})
        when = {current: 0}
        history = [current]
        while len(history) <= length:
            current = frozenset(then(m, letter) for m in current for letter in self.letters.values())
            if current in when:
                first = when[current]
                return set(history[first + (length - first) % (len(history) - first)])
            when[current] = len(history)
            history.append(current)
        return set(history[length])


def closure(generators: list[Map], degree: int) -> set[Map]:
    """All products of permutations, the identity among them."""
    identity = tuple(range(degree))
    found, seen = [identity], {identity}
    for element in found:
        for generator in generators:
            product = then(element, generator)
            if product not in seen:
                seen.add(product)
                found.append(product)
                if len(found) > LARGEST_MONOID:
                    raise TooLarge
    return seen


def backwards(permutation: Map) -> Map:
    return tuple(sorted(range(len(permutation)), key=permutation.__getitem__))


def commutator(a: Map, b: Map) -> Map:
    return then(then(backwards(a), backwards(b)), then(a, b))


def powers(element: Map) -> tuple[list[Map], int]:
    """The distinct powers from the 0th on, and the number of the one that the next equals."""
    found = [tuple(range(len(element)))]
    while True:
        following = then(found[-1], element)
        if following in found:
            return found, found.index(following)
        found.append(following)


def raised(element: Map, exponent: int) -> Map:
    found, back = powers(element)
    if exponent < len(found):
        return found[exponent]
    return found[back + (exponent - back) % (len(found) - back)]
