"""Counters modulo a power of 2 from a gate of 1, where integers wrap around.

One cell: gate 1, and each symbol adds its step in units of 2^8 / m. In integers of 8 bits that wrap, m units
are 0. In every arithmetic whose steps are monotone the same weights are no such counter, and no others are:
that is the theorem behind `diagonal-nonnegative`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages import DFA
from ..models.fixed import Linear
from ..models.ssm import SSM, Layer

_RANGE = 256  # of the integers of int8wrap
_LARGEST = 128  # m: a unit of 1 would leave no number between two residues


def wrap_counter(dfa: DFA, *, task: str, origin: dict[str, object] | None = None) -> SSM:
    """Return a diagonal SSM with gates of 1 that is a counter modulo 2, 4, ..., 128 in int8wrap.

    Arguments:
        dfa: each symbol adds a number modulo m; one state accepts.
        task: "recognise" or "predict": the same, as no prefix is dead.

    Raises:
        BadInput: when the automaton is no such counter.

    Complexity: states times symbols.

    Source: Nowak, Cotterell and Boumasmoud 2026, arXiv:2606.01765 (even counters by wrap-around); the weights
        are ours.

    >>> import starfree
    >>> model = wrap_counter(starfree.load("@parity").dfa, task="recognise")
    >>> starfree.prove(model, "@parity", arithmetic="int8wrap").proved
    True
    >>> "".join(starfree.prove(model, "@parity", arithmetic="exact").word)
    '11'
    """
    steps = modular_steps(dfa)
    accepting = np.flatnonzero(dfa.accepting)
    if steps is None or len(accepting) != 1 or dfa.states > _LARGEST or dfa.states & (dfa.states - 1):
        why = "is no counter modulo 2, 4, ..., 128 with one accepting residue"
        raise BadInput("the automaton", why, "Use a language such as @parity or @mod_4.")
    positions, added = steps
    unit = _RANGE // dfa.states
    k, goal = len(dfa.alphabet), float(positions[int(accepting[0])] * unit)
    # Residue r is kept as the integer r * unit; `away` is 0 where it is the accepting one, else at least 1.
    # Of the difference -128 the first unit gives 0, as its opposite is itself, and the second 127.
    embedding = np.zeros((k + 1, 2))
    embedding[:k, 0] = added
    layer = Layer(
        inner=Linear(np.array([[1.0, 0.0]]), np.zeros(1)),
        gate=Linear(np.zeros((1, 1)), np.ones(1)),
        write=Linear(np.full((1, 1), float(unit)), np.zeros(1)),
        mix_in=Linear(np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]), np.array([-goal, goal - 1.0])),
        mix_out=Linear(np.array([[0.0, 0.0], [1.0, 1.0]]), np.zeros(2)),
        cells=(f"count modulo {dfa.states}, in units of {unit}",),
    )
    head = Linear(np.zeros((k + 1, 2)), np.ones(k + 1))
    head.weight[-1, 1] = -1.0
    names = ("what the symbol adds", "distance from the accepting residue")
    return SSM(dfa.alphabet, task, 0, False, embedding, (layer,), head, names, dict(origin or {}))


def modular_steps(dfa: DFA) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Return residues of the states and steps of the symbols, when each symbol adds a number modulo n.

    >>> import starfree
    >>> [part.tolist() for part in modular_steps(starfree.load("@mod_3").dfa)]
    [[0, 1, 2], [1, 0]]
    """
    n, table = dfa.states, dfa.table
    for symbol in range(len(dfa.alphabet)):  # one that adds 1 in some numbering goes through all states
        positions, state = np.full(n, -1, np.int64), dfa.start
        for residue in range(n):
            if positions[state] >= 0:
                break
            positions[state] = residue
            state = int(table[state, symbol])
        if (positions < 0).any():
            continue
        added = (positions[table] - positions[:, None]) % n
        return (positions, added[0]) if (added == added[0]).all() else None
    return None
