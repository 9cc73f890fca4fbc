"""Proofs that a saved model is a language: the product of model and DFA, stepped again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .automaton import Automaton, IntArray
from .model import read_model
from .outcome import Meter, Rejected, require
from .permuting import FORMAT as PERMUTING
from .permuting import read_permuting
from .reading import integer, items, record, shown, text
from .weights import read_config, read_document

BATCH = 4096
FIXED = re.compile(r"FIX\((0|[1-9][0-9]{0,2})\)")
FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,200}")


class Model(Protocol):
    """A saved model of either kind, stepped in integers."""

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The symbols, in order."""

    @property
    def state_size(self) -> int:
        """How many numbers the recurrent state has."""

    def step(self, states: IntArray, symbols: IntArray, meter: Meter) -> tuple[IntArray, NDArray[np.bool_]]:
        """Return the states after a symbol each, and the signs of the logits, END last."""


@dataclass(frozen=True)
class Wide:
    """The DFA over the model's alphabet: a symbol foreign to the language leads to an added dead state.

    Arguments:
        table: shape `(n + 1, k)`; state n is the added one.
        legal: shape `(n + 1, k + 1)`, END last.
        live: shape `(n + 1,)`.
    """

    table: IntArray
    legal: NDArray[np.bool_]
    live: NDArray[np.bool_]


def widen(automaton: Automaton, alphabet: tuple[str, ...]) -> Wide:
    """Return the DFA over the model's alphabet, which must contain the language's."""
    n = automaton.states
    column = {symbol: place for place, symbol in enumerate(alphabet)}
    table = np.full((n + 1, len(alphabet)), n, dtype=np.int64)
    legal = np.zeros((n + 1, len(alphabet) + 1), dtype=np.bool_)
    for symbol in automaton.alphabet:
        require(symbol in column, f"the model does not know the symbol {shown(symbol)}")
    for state, row in enumerate(automaton.table):
        symbols, end = automaton.legal(state)
        legal[state] = [*(symbol in symbols for symbol in alphabet), end]
        for symbol, target in zip(automaton.alphabet, row, strict=True):
            table[state, column[symbol]] = target
    return Wide(table, legal, np.array([*automaton.live, False]))


@dataclass(frozen=True)
class Listed:
    """The product states that a certificate lists.

    Arguments:
        states: shape `(m,)`, the DFA state of each; n for the added one.
        parent, symbol: shape `(m,)`, how each is reached; 0 at place 0.
        successors: shape `(m, k)`; -1 where none is listed.
    """

    states: IntArray
    parent: IntArray
    symbol: IntArray
    successors: IntArray


def read_product(evidence: object, automaton: Automaton, alphabet: tuple[str, ...], meter: Meter) -> Listed:
    """Return what the evidence lists, or reject it when it is malformed."""
    fields = record(evidence, "the evidence", ("kind", "states", "access", "successors"))
    require(
        text(fields["kind"], "the kind of evidence") == "product", "the evidence of a proof must be a product"
    )
    listed, access, rows = (items(fields[name], name) for name in ("states", "access", "successors"))
    count = len(listed)
    meter.states(count)
    meter.keep(count * (3 + len(alphabet)))
    require(len(access) == len(rows) == count > 0, "states, access and successors do not list equally many")
    states = [automaton.states if q is None else integer(q, "a state", 0, automaton.states) for q in listed]
    require(access[0] is None, "access of the product state 0 is not null")
    column = {symbol: place for place, symbol in enumerate(alphabet)}
    ways = [(0, 0)]
    for number, value in enumerate(access[1:], start=1):
        pair = items(value, "an entry of access")
        require(len(pair) == 2, "an entry of access is not [parent, symbol]")
        symbol = text(pair[1], "a symbol of access")
        require(symbol in column, f"access has the symbol {shown(symbol)}, which the model does not know")
        ways.append((integer(pair[0], "a parent", 0, number), column[symbol]))
    successors = []
    for row in rows:
        entries = items(row, "a row of successors")
        require(len(entries) == len(alphabet), "a row of successors does not have one entry per symbol")
        successors.append([-1 if t is None else integer(t, "a successor", 0, count) for t in entries])
    parent, symbols = np.array(ways, dtype=np.int64).T
    return Listed(np.array(states), parent, symbols, np.array(successors, dtype=np.int64).reshape(count, -1))


def check_proof(
    certificate: dict[str, Any], automaton: Automaton, directory: Path | None, meter: Meter
) -> str:
    """Step the saved weights through every listed product state and symbol; return what was checked.

    Complexity: product states times symbols times the number of weights.
    """
    name = text(certificate["model"], "model")
    require(FILE_NAME.fullmatch(name) is not None, "model is not the name of a file beside the certificate")
    if directory is None:
        raise Rejected("the model of the proof is not at hand")
    model, fraction_bits = open_model(directory, name, meter)
    arithmetic = FIXED.fullmatch(text(certificate["arithmetic"], "arithmetic"))
    require(
        arithmetic is not None and int(arithmetic[1]) == fraction_bits,
        f"the arithmetic of the model is FIX({fraction_bits})",
    )
    wide = widen(automaton, model.alphabet)
    listed = read_product(certificate["evidence"], automaton, model.alphabet, meter)
    predict = certificate["task"] == "predict"
    check_listed(listed, wide, automaton.start, predict)
    hidden = follow_access(model, listed, wide, predict, meter)
    check_successors(model, listed, hidden, wide, meter)
    return (
        f"the weights, run again, close after {len(hidden):,} product states with the legal sets of the dfa"
    )


def open_model(directory: Path, name: str, meter: Meter) -> tuple[Model, int]:
    """Return the model in a directory, of either kind, and its fraction bits, or reject it."""
    document = read_document(directory, meter)
    if document.get("format") == PERMUTING:
        return read_permuting(directory / name, document, meter), 0
    config = read_config(document, meter)
    return read_model(directory / name, config, meter), config.fraction_bits


def check_listed(listed: Listed, wide: Wide, start: int, predict: bool) -> None:
    """Reject unless the DFA's side of the product is right: the successors, and null where it must be."""
    require(int(listed.states[0]) == start, "the product state 0 is not at the start of the dfa")
    targets = wide.table[listed.states]
    explored = wide.live[targets] if predict else np.ones(targets.shape, dtype=np.bool_)
    present = listed.successors >= 0
    require(
        bool((explored == present).all()), "a successor is null where it must not be, or not where it must be"
    )
    require(
        bool((listed.states[listed.successors] == targets)[present].all()),
        "a successor has another state of the dfa",
    )
    later = np.arange(1, len(listed.states))
    reached = listed.successors[listed.parent[1:], listed.symbol[1:]]
    require(bool((reached == later).all()), "access does not follow the successors")


def follow_access(model: Model, listed: Listed, wide: Wide, predict: bool, meter: Meter) -> IntArray:
    """Return the recurrent state of each product state, shape `(m, state_size)`, and reject equal ones."""
    count = len(listed.states)
    meter.keep(count * (1 + model.state_size))
    hidden = np.zeros((count, model.state_size), dtype=np.int64)
    bos = np.array([len(model.alphabet)])
    hidden[:1], positive = model.step(hidden[:1], bos, meter)
    if wide.live[listed.states[0]] or not predict:
        require(
            bool((positive[0] == wide.legal[listed.states[0]]).all()),
            "the legal set at the beginning differs",
        )
    done = 1
    while done < count:
        # Parents come first, so everything up to the first parent that is not done can be stepped at once.
        waiting = np.flatnonzero(listed.parent[done : done + BATCH] >= done)
        end = done + int(waiting[0]) if len(waiting) else min(done + BATCH, count)
        parents, symbols = listed.parent[done:end], listed.symbol[done:end]
        hidden[done:end], _ = model.step(hidden[parents], symbols, meter)
        done = end
    distinct = {(row.tobytes(), int(state)) for row, state in zip(hidden, listed.states, strict=True)}
    require(len(distinct) == count, "two product states are equal")
    return hidden


def check_successors(model: Model, listed: Listed, hidden: IntArray, wide: Wide, meter: Meter) -> None:
    """Reject unless every listed successor is what the model computes, with the legal set of the DFA."""
    sources, symbols = np.nonzero(listed.successors >= 0)
    for at in range(0, len(sources), BATCH):
        source, symbol = sources[at : at + BATCH], symbols[at : at + BATCH]
        target = listed.successors[source, symbol]
        after, positive = model.step(hidden[source], symbol, meter)
        wrong = np.flatnonzero((after != hidden[target]).any(axis=1))
        require(not len(wrong), f"the model goes elsewhere from the product state {source[wrong[:1]]}")
        wrong = np.flatnonzero((positive != wide.legal[listed.states[target]]).any(axis=1))
        require(
            not len(wrong),
            f"a legal set after the product state {source[wrong[:1]]} differs from the language's",
        )
