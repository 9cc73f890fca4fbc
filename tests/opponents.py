"""Models that are to be refuted, and languages that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from random_automata import random_any

import starfree
from starfree import program as p
from starfree.algebra.aperiodic import is_aperiodic
from starfree.cascades import Cascade, decompose
from starfree.languages import DFA, Language, make_dfa, regex
from starfree.models.fixed import Linear
from starfree.models.networks import make
from starfree.models.networks.trained import Trained, member_of
from starfree.models.ssm import SSM, Layer
from starfree.proofs.prove import Difference
from starfree.targets.ssm import lower

NAMED: dict[str, Language] = {
    "parity": starfree.load("@parity"),
    "(aa)*": regex("(aa)*"),
    "(aaa)*": regex("(aaa)*"),
    "tomita_3": starfree.load("@tomita_3"),
    "tomita_5": starfree.load("@tomita_5"),
    "tomita_6": starfree.load("@tomita_6"),
    "abab_star": starfree.load("@abab_star"),
    "aaaa_star": starfree.load("@aaaa_star"),
    "mod_3": starfree.load("@mod_3"),
}


def random_not_star_free(number: int, seed: int, largest: int = 12) -> Iterator[DFA]:
    """Yield minimal automata of up to so many states whose language is not star-free."""
    rng, found = np.random.default_rng(seed), 0
    while found < number:
        dfa = random_any(rng, largest)
        if dfa.states > 1 and not is_aperiodic(dfa):
            found += 1
            yield dfa


def random_network(language: Language, layers: int, seed: int, name: str = "mamba") -> Trained:
    """Return a network with random weights, in which gates are far from 0 and 1 as well as close."""
    width = 8
    network = make(name, len(language.alphabet) + 4, layers=layers, width=width, seeds=[seed])
    about = {"name": name, "alphabet": language.alphabet, "task": "recognise", "origin": {"language": ""}}
    return member_of(network, 0, layers=layers, width=width, **about)


def first_moves(dfa: DFA, most: int) -> DFA:
    """Return the language that is right as long as at most so many symbols have moved the automaton.

    After them every symbol is held, so that the language is star-free, whatever the one of the automaton is.
    """
    k, n = len(dfa.alphabet), dfa.states
    table = np.empty((n * (most + 1), k), np.int64)
    for moved in range(most + 1):
        for state in range(n):
            for symbol in range(k):
                after = int(dfa.table[state, symbol])
                same = after == state or moved == most
                table[moved * n + state, symbol] = moved * n + state if same else (moved + 1) * n + after
    return make_dfa(dfa.alphabet, table, np.tile(dfa.accepting, most + 1), dfa.start)


def counted_to(alphabet: str, counted: str, order: int, most: int) -> SSM:
    """Return one counter with a readout that goes up and down `most` times: it knows a count modulo an order.

    Right as long as the counted symbol occurs at most so often. The readout is linear from each count to the
    next and constant after the last, so it is a sum of that many thresholds.
    """
    phase = np.minimum(np.arange(most + 2) % order, 1)
    phase[-1] = phase[-2]
    slopes = np.diff(phase, prepend=phase[0])
    bends = np.diff(np.append(slopes, 0))  # what the slope changes by at each count from 0
    places = np.flatnonzero(bends)
    embedding = np.zeros((len(alphabet) + 1, 2))
    embedding[alphabet.index(counted), 0] = 1.0
    wide = np.zeros((len(places), 3))
    wide[:, 0] = 1.0
    out = np.zeros((2, len(places)))
    out[1] = bends[places]
    layer = Layer(
        inner=Linear(np.array([[1.0, 0.0]]), np.zeros(1)),
        gate=Linear(np.zeros((1, 1)), np.ones(1)),
        write=Linear(np.ones((1, 1)), np.zeros(1)),
        mix_in=Linear(wide, -places.astype(float)),
        mix_out=Linear(out, np.zeros(2)),
        cells=(f"number of {counted}",),
    )
    head = Linear(np.zeros((len(alphabet) + 1, 2)), np.ones(len(alphabet) + 1))
    head.weight[-1, 1] = -2.0
    return SSM(
        tuple(alphabet),
        "recognise",
        0,
        False,
        embedding,
        (layer,),
        head,
        ("symbol", "phase"),
        {"language": ""},
    )


def counting(alphabet: str, counted: str, order: int) -> Language:
    """Return the words in which a symbol occurs a multiple of some number of times."""
    ends = p.rotor(p.read(counted), order) == 0
    return p.program(alphabet, legal={symbol: True for symbol in alphabet}, end=ends)


def changed(cascade: Cascade, place: tuple[int, int]) -> Cascade:
    """Return a cascade with one rule changed: a symbol less sets the cell, or it is set to another value."""
    number, at = place
    cell = cascade.cells[number]
    rules = list(cell.rules)
    rule = rules[at]
    if len(rule.symbols) > 1:
        rules[at] = replace(rule, symbols=rule.symbols[1:])
    else:
        rules[at] = replace(rule, value=(rule.value + 1) % cell.size)
    cells = list(cascade.cells)
    cells[number] = replace(cell, rules=tuple(rules))
    return replace(cascade, cells=tuple(cells))


def changed_deep_inside(language: Language, tried: int, seed: int) -> tuple[SSM, int] | None:
    """Return the SSM of a star-free language with one rule changed, and the length of its shortest error.

    Of some rules, chosen at random, that one is changed whose change shows latest; None where none shows.
    """
    cascade = decompose(language.dfa)
    places = [(number, at) for number, cell in enumerate(cascade.cells) for at in range(len(cell.rules))]
    rng = np.random.default_rng(seed)
    best: tuple[SSM, int] | None = None
    for place in rng.permutation(np.array(places))[:tried].tolist() if places else []:
        model = lower(changed(cascade, (place[0], place[1])), shift=False)
        found = starfree.prove(model, language)
        if isinstance(found, Difference) and (best is None or len(found.word) > best[1]):
            best = model, len(found.word)
    return best
