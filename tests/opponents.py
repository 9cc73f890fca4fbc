"""Models that are to be refuted, and languages that they are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import and_

import numpy as np
from random_automata import random_any

import starfree
from starfree import program as p
from starfree.algebra.aperiodic import is_aperiodic
from starfree.cascades import Cascade, Cell, Outcome, Rule, decompose
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


def late(dfa: DFA, least: int) -> DFA:
    """Return those words of a language that have at least so many symbols: no shorter one tells it apart."""
    n = dfa.states
    read = np.arange(least + 1)[:, None, None]
    table = np.minimum(read + 1, least) * n + dfa.table
    accepting = np.zeros((least + 1, n), bool)
    accepting[least] = dfa.accepting
    return make_dfa(dfa.alphabet, table.reshape(-1, len(dfa.alphabet)), accepting.reshape(-1), dfa.start)


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


def first_error(model: DFA, dfa: DFA) -> int:
    """Return the length of the shortest word after which two automata have other legal sets."""
    places = np.array([[model.start, dfa.start]])
    seen, length = {(model.start, dfa.start)}, 0
    while (model.legal_table[places[:, 0]] == dfa.legal_table[places[:, 1]]).all():
        after = np.stack([model.table[places[:, 0]].ravel(), dfa.table[places[:, 1]].ravel()], 1)
        fresh = {(int(one), int(other)) for one, other in after} - seen
        seen |= fresh
        places, length = np.array(sorted(fresh)), length + 1
    return length


def latch_chain(dfa: DFA, most: int) -> SSM:
    """Return a model of `first_moves` of any length: a latch that says that a move was made, and one for the
    state after it, for each of the moves."""
    k, n = len(dfa.alphabet), dfa.states
    moves = [[a for a in range(k) if dfa.table[q, a] != q] for q in range(n)]
    live = [list(map(bool, dfa.accepting))]  # after so many moves, the last first
    for _ in range(most):
        after = live[-1]
        live.append([dfa.accepting[q] or any(after[dfa.table[q, a]] for a in moves[q]) for q in range(n)])
    live.reverse()

    def made(i: int, q: int) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Say that there were i moves or more, and the state was q after the first i."""
        return () if i == 0 else ((2 * i - 2, (1,)), (2 * i - 1, (q,)))

    cells, outcomes = [], []
    reached = {int(dfa.start)}
    for i in range(most + 1):
        last = i == most or not any(moves[q] for q in reached)
        for q in sorted(reached):
            legal = [
                a
                for a in range(k)
                if live[i + (not last and a in moves[q])][dfa.table[q, a] if not last else q]
            ]
            no_more = () if last else ((2 * i, (0,)),)
            outcomes.append(
                Outcome(
                    (*made(i, q), *no_more), tuple(dfa.alphabet[a] for a in legal), bool(dfa.accepting[q])
                )
            )
        if last:
            break
        symbols = {q: tuple(dfa.alphabet[a] for a in moves[q]) for q in reached}
        follows = [Rule(symbols[q], made(i, q), 1) for q in sorted(reached) if symbols[q]]
        stored = [
            Rule((dfa.alphabet[a],), (*made(i, q), (2 * i, (0,))), int(dfa.table[q, a]))
            for q in sorted(reached)
            for a in moves[q]
        ]
        cells.append(Cell(f"{i + 1} moves", 2, tuple(follows), 2 * i + 1))
        cells.append(Cell(f"state after {i + 1}", max(n, 2), tuple(stored), 2 * i + 2))
        reached = {int(dfa.table[q, a]) for q in reached for a in moves[q]}
    return lower(Cascade(dfa.alphabet, tuple(cells), tuple(outcomes), "recognise", "latches"), shift=True)


def counted_to(alphabet: str, counted: str, order: int, most: int) -> SSM:
    """Return counters with a readout that goes up and down `most` times: they know counts modulo an order.

    Right as long as each of the counted symbols occurs at most so often. The readout is linear from each
    count to the next and constant after the last, so it is a sum of that many thresholds; a word may end when
    none of these sums is above 0.
    """
    phase = np.minimum(np.arange(most + 2) % order, 1)
    phase[-1] = phase[-2]
    slopes = np.diff(phase, prepend=phase[0])
    bends = np.diff(np.append(slopes, 0))  # what the slope changes by at each count from 0
    places = np.flatnonzero(bends)
    cells = len(counted)
    embedding = np.zeros((len(alphabet) + 1, cells + 1))
    for cell, symbol in enumerate(counted):
        embedding[alphabet.index(symbol), cell] = 1.0
    wide = np.zeros((cells * len(places), 2 * cells + 1))
    wide[np.arange(len(wide)), np.repeat(np.arange(cells), len(places))] = 1.0
    out = np.zeros((cells + 1, len(wide)))
    out[-1] = np.tile(bends[places], cells)
    layer = Layer(
        inner=Linear(np.eye(cells, cells + 1), np.zeros(cells)),
        gate=Linear(np.zeros((cells, cells)), np.ones(cells)),
        write=Linear(np.eye(cells), np.zeros(cells)),
        mix_in=Linear(wide, -np.tile(places.astype(float), cells)),
        mix_out=Linear(out, np.zeros(cells + 1)),
        cells=tuple(f"number of {symbol}" for symbol in counted),
    )
    head = Linear(np.zeros((len(alphabet) + 1, cells + 1)), np.ones(len(alphabet) + 1))
    head.weight[-1, -1] = -2.0
    return SSM(
        tuple(alphabet),
        "recognise",
        0,
        False,
        embedding,
        (layer,),
        head,
        (*(f"symbol {symbol}" for symbol in counted), "phase"),
        {"language": ""},
    )


def counting(alphabet: str, counted: str, order: int) -> Language:
    """Return the words in which some symbols each occur a multiple of some number of times."""
    known = [p.rotor(p.read(symbol), order) == 0 for symbol in counted]
    return p.program(alphabet, legal={symbol: True for symbol in alphabet}, end=reduce(and_, known))


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
