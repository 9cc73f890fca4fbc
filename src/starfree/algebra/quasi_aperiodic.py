"""Is a regular language in AC0 (first-order logic with positions modulo constants)? No sets of words are
enumerated.

A language is quasi-aperiodic when no image of the words of one length t contains a group of more than one
element. Let R be the root of a class of image sets, with Schreier generators (g_i, l_i): a permutation of R
and a signed length. They generate a group Γ of pairs.

*Claim*: the language is quasi-aperiodic exactly when for every R no element (g, 0) of Γ has g other than the
identity.

If a group lies in the image of the words of length t, take its identity e and another element g; both permute
the image of e, e trivially and g not, by words of length t. Carried to the root of its class they give (1, t)
and (g', t) in Γ, so (g', 0) too. Conversely let a product of generators and inverses be (g, 0). Spell a
generator forwards, returning from its target by a loop instead of backwards: the length grows by that of a
power A of the loop that acts trivially. Replace an inverse by a positive power: the length grows by that of
B, a trivial power of the generator. So a word v_g acts as g and a word v_e, made of the A and B, acts
trivially on R; after balancing they have the same length. Words with the same length act as a trivial and a
non-trivial permutation of R; powers of them give a group.

With d the greatest common divisor of the l_i and (g_0, d) in Γ, the condition says that g_i = g_0^(l_i / d)
for all i: then Γ is cyclic. So each G_R only ever counts the length of the word modulo a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..budgets import DEFAULT, Budget
from ..languages.dfa import DFA
from .images import ImageOrbit, image_orbit
from .permutations import Permutation, cycles, multiply, order, power
from .schreier import Generators
from .words import Scribe, Spelling, Word, action, paths, trace

_DOING = "looking for words of equal length"
_LAYERS, _WIDTH = 200, 2_000  # how far, and how wide, a short witness is sought


@dataclass(frozen=True)
class Rotation:
    """The group of a root, which only counts the length of the word.

    Arguments:
        root: the states of the root R, increasing.
        d: at least 1; closed walks have signed lengths that are multiples of d.
        g: the state that each state of the root goes to by closed walks of signed length d.
    """

    root: tuple[int, ...]
    d: int
    g: tuple[int, ...]


@dataclass(frozen=True)
class QuasiAperiodic:
    """The language is quasi-aperiodic; `rotations` lists the roots with a group of more than one element."""

    rotations: tuple[Rotation, ...]


@dataclass(frozen=True)
class EqualLength:
    """Two words of one length that no counting of positions tells apart: the language is not quasi-aperiodic.

    Arguments:
        u, v_e, v_g: words; v_e and v_g have the same length; the states after u v_g^i are distinct for i <
            period, u v_g^period leads where u does, and v_e fixes each of these states.
        period: at least 2.
    """

    u: Word
    v_e: Spelling
    v_g: Spelling
    period: int


@dataclass(frozen=True)
class Schreier:
    """A Schreier generator: an edge between image sets, its permutation and its signed length."""

    permutation: Permutation
    signed_length: int
    source: int
    letter: int
    target: int


Factors = list[tuple[Schreier, int]]
"""A product of powers of Schreier generators."""


def quasi_aperiodicity(dfa: DFA, *, budget: Budget = DEFAULT) -> QuasiAperiodic | EqualLength:
    """Decide whether a language is quasi-aperiodic, with evidence either way.

    Arguments:
        dfa: the minimal complete DFA.

    Raises:
        BudgetExceeded: when there are too many image sets, or time is up.

    Complexity: `O(N n k)` for N image sets.

    Source: Barrington, Compton, Straubing, Thérien 1992, for the class; the test is derived above.

    >>> from starfree.languages import regex
    >>> quasi_aperiodicity(regex("(aa)*"))
    QuasiAperiodic(rotations=(Rotation(root=(0, 1), d=1, g=(1, 0)),))
    >>> quasi_aperiodicity(regex("(b|ab*a)*"))
    EqualLength(u=(), v_e=(1,), v_g=(0,), period=2)
    """
    orbit = image_orbit(dfa, budget=budget)
    rotations = []
    for root in orbit.moving:
        found = _rotation(orbit, root, budget)
        if isinstance(found, list):
            return _witness(dfa, orbit, root, found, budget)
        rotations.append(found)
    return QuasiAperiodic(tuple(rotations))


def is_quasi_aperiodic(dfa: DFA, *, budget: Budget = DEFAULT) -> bool:
    """Tell whether a language is quasi-aperiodic, without the evidence; raises as `quasi_aperiodicity`."""
    orbit = image_orbit(dfa, budget=budget)
    return not any(isinstance(_rotation(orbit, root, budget), list) for root in orbit.moving)


def _rotation(orbit: ImageOrbit, root: int, budget: Budget) -> Rotation | Factors:
    """Return the rotation of a root with a group, or a product of length 0 that moves a state."""
    budget.check_time(_DOING)
    table = orbit.schreier[root]
    identity = tuple(range(int(orbit.size[root])))
    level = np.flatnonzero((table.lengths == 0) & (table.permutations != identity).any(axis=1))
    if len(level):
        return [(_generator(table, int(level[0])), 1)]
    generators = [_generator(table, i) for i in range(len(table.lengths))]
    d, bezout = 0, Factors()
    for g in generators:
        if d and g.signed_length % d == 0:
            continue
        d, x, y = _euclid(d, g.signed_length)
        bezout = [*((h, x * e) for h, e in bezout), (g, y)]
    g0 = _product(bezout, identity, budget)
    for g in generators:
        budget.check_time(_DOING)
        j = g.signed_length // d
        if g.permutation != power(g0, j):
            inverted = [(h, -e) for h, e in reversed(bezout)]
            repeated = inverted * j if j >= 0 else bezout * -j
            return [(g, 1), *repeated]
    states = orbit.beta(root)
    return Rotation(states, d, tuple(states[i] for i in g0))


def _generator(table: Generators, i: int) -> Schreier:
    p = tuple(table.permutations[i].tolist())
    return Schreier(
        p, int(table.lengths[i]), int(table.sources[i]), int(table.letters[i]), int(table.targets[i])
    )


def _euclid(a: int, b: int) -> tuple[int, int, int]:
    """Return d > 0, x, y with x a + y b = d, the greatest common divisor (not both are 0)."""
    x, y, u, v = 1, 0, 0, 1
    while b:
        q = a // b
        a, b, x, y, u, v = b, a - q * b, u, v, x - q * u, y - q * v
    return (a, x, y) if a > 0 else (-a, -x, -y)


def _product(factors: Factors, identity: Permutation, budget: Budget) -> Permutation:
    p = identity
    for g, exponent in factors:
        budget.check_time(_DOING)
        p = multiply(p, power(g.permutation, exponent))
    return p


def _witness(dfa: DFA, orbit: ImageOrbit, root: int, factors: Factors, budget: Budget) -> EqualLength:
    p = _product(factors, tuple(range(int(orbit.size[root]))), budget)
    states = orbit.beta(root)
    cycle = [states[i] for i in min(cycles(p), key=len)]
    found = _short(dfa, cycle, budget)
    v_e, v_g = _long(orbit, root, factors) if found is None else found
    moved = action(v_g, dfa.table, budget=budget)
    rows = dfa.table.tolist()
    tree = paths(rows, dfa.start, budget=budget)
    wanted = frozenset(cycle)
    entry = next(state for state in tree if state in wanted and moved[state] != state)
    period, state = 1, int(moved[entry])
    while state != entry:
        period, state = period + 1, int(moved[state])
    return EqualLength(trace(tree, entry), v_e, v_g, period)


def _short(dfa: DFA, cycle: Sequence[int], budget: Budget) -> tuple[Word, Word] | None:
    """Look for the shortest words of one length that fix some states, and permute them, layer by layer."""
    columns = dfa.table.T.tolist()
    start = tuple(cycle)
    layers: list[dict[tuple[int, ...], tuple[tuple[int, ...], int]]] = [{start: ((), -1)}]
    for _ in range(_LAYERS):
        budget.check_time(_DOING)
        after: dict[tuple[int, ...], tuple[tuple[int, ...], int]] = {}
        for number, states in enumerate(layers[-1]):
            if not number % 64:
                budget.check_time(_DOING)
            for a, column in enumerate(columns):
                moved = tuple([column[state] for state in states])
                if moved not in after and len(set(moved)) == len(moved):
                    after[moved] = states, a
        layers.append(after)
        if len(after) > _WIDTH:
            return None
        if start in after:
            wanted = sorted(start)
            turned = next((states for states in after if states != start and sorted(states) == wanted), None)
            if turned is not None:
                return _retrace(layers, start), _retrace(layers, turned)
    return None


def _retrace(
    layers: list[dict[tuple[int, ...], tuple[tuple[int, ...], int]]], states: tuple[int, ...]
) -> Word:
    word = []
    for layer in reversed(layers[1:]):
        states, a = layer[states]
        word.append(a)
    return tuple(reversed(word))


def _long(orbit: ImageOrbit, root: int, factors: Factors) -> tuple[Spelling, Spelling]:
    """Spell out the words of the claim: v_e acts trivially on the root, v_g as the product."""
    back = orbit.back(root)
    columns = orbit.table.T.tolist()
    positions = {state: i for i, state in enumerate(orbit.beta(root))}
    scribe = Scribe()
    v_e = v_g = scribe.empty()
    for g, exponent in factors:
        orbit.budget.check_time(_DOING)
        states = list(orbit.beta(g.target))
        for a in back[g.target]:
            states = [columns[a][state] for state in states]
        turns = order(tuple(positions[state] for state in states))
        away, home = orbit.access(g.target), back[g.target]
        loop = scribe.word((*away, *home))
        forwards = scribe.word((*orbit.access(g.source), g.letter, *home))
        word = scribe.then(forwards, scribe.power(loop, turns - 1))
        trivial = scribe.power(loop, turns)
        if exponent > 0:
            v_g = scribe.then(v_g, scribe.power(word, exponent))
            v_e = scribe.then(v_e, scribe.power(trivial, exponent))
        elif exponent < 0:
            size = order(g.permutation)
            v_g = scribe.then(v_g, scribe.power(word, (size - 1) * -exponent))
            v_g = scribe.then(v_g, scribe.power(trivial, -exponent))
            v_e = scribe.then(v_e, scribe.power(word, size * -exponent))
    return scribe.spell(v_e), scribe.spell(v_g)
