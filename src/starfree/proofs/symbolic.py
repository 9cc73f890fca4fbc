"""Running an ssm on all inputs at once: the proof that its weights are a program, at every length.

By induction over positions and layers. Suppose that each cell holds what it stands for: a latch or a bit of a
rotor its value, a combination of counts the number, a delay cell the values now and one position before. Then
everything in the residual stream is a function of finitely many variables, which thresholds of counters,
latches, bits and symbols have as values, and is kept as a decision diagram with numbers at its leaves. Sums
and relu act on these exactly. What the weights make of a cell must be what its definition says, as the same
diagram; counters are met by `relu(h - k)` only, whose sums must be the threshold at every integer. The empty
prefix is run.

No state is enumerated, so that bounded Dyck with 10^9 states takes a second. The arithmetic is FIX(p).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from ..diagrams import Node
from ..models.fixed import Linear, Reals
from ..models.ssm import SSM
from ..programs.expressions import Latch
from ..targets.blocks import Key
from ..targets.circuit import SYMBOL, Circuit, Form, Turn, Variable, What
from ..targets.program_ssm import Delay, Meaning


@dataclass(frozen=True)
class Flaw:
    """The first thing in a model that is not what it should be.

    Arguments:
        where: the place, for people.
    """

    where: str


@dataclass(frozen=True)
class Sizes:
    """How large the numbers of a proved model are.

    Arguments:
        largest: no number is further from 0, but for counters and what is compared with them.
        growth: no counter moves further in one step.
        edge: what is subtracted from a counter to compare it is at most this far from 0.
        whole: whether all are integers, and nothing is rounded: there is no delay cell.
    """

    largest: Fraction
    growth: Fraction
    edge: int
    whole: bool


class _Found(Exception):
    """A flaw was found."""


def flaw(model: SSM, circuit: Circuit, meaning: Meaning) -> Flaw | None:
    """Prove that a model is a program at every length, or return where its weights are not what they mean.

    Arguments:
        model: an ssm without shift.
        circuit: the program, as diagrams.
        meaning: what each coordinate of the stream and each cell stands for.

    Returns:
        None when the proof is complete. A flaw need not be an error: weights can be right in another way.

    Complexity: that of the diagrams; linear in the weights for conditions that depend on few variables each.

    Source: the induction of Sarrof, Veitsman and Hahn, NeurIPS 2024, done by machine; symbolic execution.
    """
    found = executed(model, circuit, meaning)
    return found if isinstance(found, Flaw) else None


def executed(model: SSM, circuit: Circuit, meaning: Meaning) -> Sizes | Flaw:
    """Do what `flaw` does, and return how large the numbers were where there is none."""
    execution = _Execution(model, circuit, meaning)
    try:
        execution.run()
    except _Found as found:
        return Flaw(str(found))
    return execution.sizes()


class _Execution:
    def __init__(self, model: SSM, circuit: Circuit, meaning: Meaning) -> None:
        self.model, self.circuit, self.meaning = model, circuit, meaning
        self.diagrams = circuit.diagrams
        self.zero, self.one = self.diagrams.leaf(Fraction(0)), self.diagrams.leaf(Fraction(1))
        self.unit = Fraction(1, 2**model.fraction_bits)
        self.largest, self.growth, self.edge, self.integers = Fraction(1), Fraction(0), 0, True

    def run(self) -> None:
        model, meaning = self.model, self.meaning
        cells = [len(layer.cells) for layer in model.layers]
        shape = len(model.coordinates), cells, model.alphabet
        if shape != (len(meaning.keys), list(map(len, meaning.cells)), self.circuit.alphabet) or model.shift:
            raise _Found("the shape of the model")
        gates = ("signed",) if self.circuit.turns else ("nonnegative", "signed")
        if model.gates not in gates or any(layer.blocks or layer.cut for layer in model.layers):
            raise _Found("the kind of its gates")
        self._check_embedding()
        self._check_start()
        stream = [self._value(key) if key[0] == "symbol" else self.zero for key in meaning.keys]
        for number, layer in enumerate(model.layers):
            hidden = [self._relu(self._sum(*row, stream)) for row in _rows(layer.inner)]
            for place, cell in enumerate(meaning.cells[number]):
                gate, write = (self._sum(*_row(part, place), hidden) for part in (layer.gate, layer.write))
                if (gate, write) != self._definition(cell):
                    raise _Found(f"layer {number + 1}, cell {layer.cells[place]}")
                if isinstance(cell, tuple):
                    self.diagrams.mapped(self._moved, write)
            stream = self._mixed(number, stream)
        for place, node in enumerate(self.circuit.outputs):
            logit = self._sum(*_row(model.head, place), stream)
            if self.diagrams.mapped(_positive, logit) != node:
                raise _Found(f"the logit of {[*model.alphabet, 'END'][place]}")

    def sizes(self) -> Sizes:
        delays = any(isinstance(cell, Delay) for cells in self.meaning.cells for cell in cells)
        return Sizes(self.largest, self.growth, self.edge, self.integers and not delays)

    def _check_embedding(self) -> None:
        """A symbol writes its class and nothing else, BOS writes nothing."""
        for row, symbol in zip(self.model.embedding, [*self.model.alphabet, None], strict=True):
            number = None if symbol is None else self.circuit.classes[symbol]
            right = [float(key == ("symbol", number)) for key in self.meaning.keys]
            if row.tolist() != right:
                raise _Found("the embedding of " + ("BOS" if symbol is None else symbol))

    def _check_start(self) -> None:
        """After BOS all cells and legal sets are those of the empty prefix."""
        states, legal = self.model.begin()
        right = [self._start(cell) for cells in self.meaning.cells for cell in cells]
        if states[0].tolist() != right:
            raise _Found("the state after BOS")
        if legal[0].tolist() != [self.circuit.at_start(node) for node in self.circuit.outputs]:
            raise _Found("the legal set after BOS")

    def _start(self, cell: What | Delay) -> float:
        if not isinstance(cell, Delay):
            return 0.0
        values = [self.circuit.at_start(self.circuit.test(cell.source, [value])) for value in cell.values]
        return 1.0 + (values.index(True) + 1 if True in values else 0)

    def _mixed(self, number: int, stream: list[Node]) -> list[Node]:
        """Return the stream after a layer; what the layer writes must be what it stands for."""
        layer, cells = self.model.layers[number], self.meaning.cells[number]
        held = [self.zero if isinstance(cell, tuple) else self._held(cell) for cell in cells]
        ramps: dict[int, tuple[Form, int]] = {}
        units: list[Node] = []
        for place, (weights, bias) in enumerate(_rows(layer.mix_in)):
            read = np.flatnonzero(weights).tolist()
            counters = [i for i in read if i < len(cells) and isinstance(cells[i], tuple)]
            if counters:
                form = cells[counters[0]]
                if len(read) > 1 or weights[read[0]] != 1 or not isinstance(form, tuple) or bias % 1:
                    raise _Found(f"layer {number + 1}, unit {place + 1} of phi")
                ramps[place] = form, int(-bias)
                self.edge = max(self.edge, abs(int(bias)))
                units.append(self.zero)
            else:
                units.append(self._relu(self._sum(weights, bias, held + stream)))
        new = []
        for place, key in enumerate(self.meaning.keys):
            weights, bias = _row(layer.mix_out, place)
            if not bias and not weights.any():
                new.append(stream[place])
                continue
            slopes = [(*ramps[i], float(weights[i])) for i in np.flatnonzero(weights).tolist() if i in ramps]
            rest = self._plus(stream[place], self._sum(weights, bias, units))
            written = rest == self.zero and _is_threshold(slopes, key) if slopes else rest == self._value(key)
            if not written:
                raise _Found(f"layer {number + 1}, what is written to {self.model.coordinates[place]}")
            new.append(self._value(key))
        return new

    # Numbers as diagrams

    def _sum(self, weights: Reals, bias: float, values: Sequence[Node]) -> Node:
        total = self.diagrams.leaf(Fraction(bias))
        for place in np.flatnonzero(weights).tolist():
            total = self._plus(total, self._times(Fraction(float(weights[place])), values[place]))
        return self.diagrams.mapped(self._whole, total)

    def _whole(self, number: Fraction) -> Fraction:
        """Return a number that needs no rounding."""
        if number % self.unit:
            raise _Found("a number that would be rounded")
        self.largest = max(self.largest, abs(number))
        self.integers &= number.denominator == 1
        return number

    def _moved(self, number: Fraction) -> Fraction:
        self.growth = max(self.growth, abs(number))
        return number

    def _plus(self, x: Node, y: Node) -> Node:
        return self.diagrams.combined(operator.add, x, y)

    def _times(self, weight: Fraction, x: Node) -> Node:
        return self.diagrams.combined(operator.mul, self.diagrams.leaf(weight), x)

    def _relu(self, x: Node) -> Node:
        return self.diagrams.mapped(_positive_part, x)

    # What things stand for; True and False are the numbers 1 and 0

    def _value(self, key: Key) -> Node:
        """Return what a coordinate of the stream holds, once it is written."""
        test = self.circuit.test
        match key:
            case "symbol", int(number):
                return test(SYMBOL, [number])
            case "now", (Latch() | Turn()) as what:
                return test(Variable(what), [1])
            case "reached", tuple(form), int(bound):
                bounds = self.circuit.bounds[form]
                return test(Variable(form), range(bounds.index(bound) + 1, len(bounds) + 1))
            case "back", Variable() as variable, int(value):
                return test(variable, [value])
            case "legal", int(node):
                return node
        raise TypeError(f"no meaning of {key!r}")

    def _held(self, cell: Latch | Turn | Delay) -> Node:
        """Return what a cell holds after the symbol."""
        if not isinstance(cell, Delay):
            starts = isinstance(cell, Latch) and cell.initial
            return self.circuit.test(Variable(cell), [0 if starts else 1])
        now, before = (self._plus(self.one, self._code(cell, back)) for back in (False, True))
        return self._plus(now, self._times(self.unit, before))

    def _code(self, cell: Delay, back: bool) -> Node:
        variable = cell.variable if back else cell.source
        coded = (
            self._times(Fraction(code), self.circuit.test(variable, [value]))
            for code, value in enumerate(cell.values, 1)
        )
        return reduce(self._plus, coded, self.zero)

    def _definition(self, cell: What | Delay) -> tuple[Node, Node]:
        """Return the gate and the write of a cell, by what it stands for."""
        if isinstance(cell, Latch):
            on, off = self.circuit.switches(cell)
            gate = self._plus(self.one, self._times(Fraction(-1), self._plus(on, off)))
            return gate, off if cell.initial else on
        if isinstance(cell, Turn):
            turning = self.circuit.turning(cell)
            return self._plus(self.one, self._times(Fraction(-2), turning)), turning
        if isinstance(cell, Delay):
            # What is two positions old, at most 1 + the greatest code in units of 2^-2p, must round to 0.
            if 2 * (1 + len(cell.values)) * self.unit >= 1:
                raise _Found("too few fraction bits for a delay cell")
            return self.diagrams.leaf(self.unit), self._plus(self.one, self._code(cell, False))
        adds = [self._times(Fraction(weight), node) for node, weight in self.circuit.increments(cell)]
        return self.one, reduce(self._plus, adds, self.zero)


def _rows(linear: Linear) -> Iterator[tuple[Reals, float]]:
    for place in range(len(linear.bias)):
        yield _row(linear, place)


def _row(linear: Linear, place: int) -> tuple[Reals, float]:
    return linear.weight[place], float(linear.bias[place])


def _positive(number: Any) -> bool:
    return bool(number > 0)


def _positive_part(number: Any) -> Any:
    return max(number, Fraction(0))


def _is_threshold(slopes: Sequence[tuple[Form, int, float]], key: Key) -> bool:
    """Say whether a sum of weight * relu(h - edge) is 1 for h >= the bound and 0 below, at all integers.

    Between two edges and beyond them it is a line, and the edges are integers.
    """
    if key[0] != "reached" or any(form != key[1] for form, _, _ in slopes):
        return False
    _, _, bound = key
    assert isinstance(bound, int)
    edges = [edge for _, edge, _ in slopes]
    if sum(Fraction(weight) for _, _, weight in slopes):
        return False
    return all(
        sum(Fraction(weight) * max(0, h - edge) for _, edge, weight in slopes) == (h >= bound)
        for h in {h for edge in edges for h in (edge - 1, edge, edge + 1)} | {bound - 1, bound}
    )
