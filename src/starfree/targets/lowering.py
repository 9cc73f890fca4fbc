"""From a cascade to weights: units that take conjunctions of named booleans.

The residual stream carries booleans with names: which class the symbol is in, what value a cell has, what
value it had before this symbol. A conjunction of m of them is one unit, relu(sum - (m - 1)). A rule is such a
unit in the network of A and B: it takes 1 from the gate (1 holds, 0 resets) and writes the bits of the new
value. The rule of a rotor replaces the gate by the one that turns it: a negative, a complex, or a cyclic one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ..cascades import Cascade, Rule
from ..models.fixed import Linear, Reals
from ..models.ssm import Layer
from .blocks import FRACTION_BITS, Block, Key, Term, Unit, assemble, conjunction, delayed_codes, tolerant
from .classes import symbol_classes
from .cubes import Cube, cubes
from .rotor_cells import Coding
from .schedule import Schedule

Literal = tuple[Term, float]
"""A sum of named inputs and a constant that is 1 or at most 0, and 0 or 1 where it is exact."""


@dataclass(frozen=True, eq=False)
class Weights:
    """What a cascade becomes; see `starfree.models.ssm.SSM`."""

    embedding: Reals
    layers: tuple[Layer, ...]
    head: Linear
    coordinates: tuple[str, ...]


def weights(
    cascade: Cascade,
    plan: Schedule,
    *,
    shift: bool,
    codings: Mapping[int, Coding],
    fraction_bits: int = FRACTION_BITS,
) -> Weights:
    """Return the weights that run a cascade.

    Arguments:
        plan: which layer holds which cell.
        shift: whether each block also sees its input one step before.
        codings: how each rotor is kept, by the number of its cell.
        fraction_bits: p of FIX(p), which says how much a delay cell holds.

    Complexity: linear in the size of the weights.
    """
    return _Lowering(cascade, plan, shift, codings, fraction_bits).weights()


class _Lowering:
    def __init__(
        self,
        cascade: Cascade,
        plan: Schedule,
        shift: bool,
        codings: Mapping[int, Coding],
        fraction_bits: int,
    ) -> None:
        self.cascade, self.plan, self.shift, self.codings = cascade, plan, shift, codings
        self.fraction_bits = fraction_bits
        self.blocks = [Block() for _ in range(plan.layers)]
        self.keys: dict[Key, str] = {}
        self.where: list[list[int]] = [[] for _ in cascade.cells]
        self.classes = symbol_classes(cascade)

    def weights(self) -> Weights:
        cascade = self.cascade
        for number in range(len(set(self.classes.values()))):
            members = [s for s in cascade.alphabet if self.classes[s] == number]
            self.keys["symbol", number] = f"symbol in {' '.join(members)}"
        if any(any(coding.codes[0]) for coding in self.codings.values()):
            self.keys["begin",] = "begin"
        for number, layer in enumerate(self.plan.at):
            if number in self.codings:
                self._rotor(number, self.codings[number], self.blocks[layer - 1])
                self._read_off(number, self.blocks[layer - 1])
            elif layer:
                self._latch(number, self.blocks[layer - 1])
                self._read_off(number, self.blocks[layer - 1])
            else:
                self._declare("now", number)
        if not self.shift:
            for number, layer in sorted(self.plan.delayed.items()):
                self._delay(number, self.blocks[layer - 1])
        self._outcomes(self.blocks[-1])
        return self._assemble()

    def _declare(self, when: str, number: int) -> None:
        cell = self.cascade.cells[number]
        for value in range(1, cell.size):
            self.keys[when, number, value] = f"{when}: {cell.name} = {value}"

    def _fires(self, number: int, block: Block) -> list[tuple[int, Rule]]:
        """Add a unit for each rule of a cell."""
        fires = []
        for rule in self.cascade.cells[number].rules:
            symbol: Term = {("symbol", c): 1.0 for c in {self.classes[s] for s in rule.symbols}}
            literals = [(symbol, 0.0), *(self._literal("old", c, values) for c, values in rule.when)]
            fires.append((block.add_inner(conjunction(literals)), rule))
        return fires

    def _latch(self, number: int, block: Block) -> None:
        cell = self.cascade.cells[number]
        fires = self._fires(number, block)
        gate = ({unit: -1.0 for unit, _ in fires}, 1.0)
        for bit in range(cell.bits):
            write = ({unit: 1.0 for unit, rule in fires if rule.value >> bit & 1}, 0.0)
            name = f"{cell.name}, bit {bit}" if cell.bits > 1 else cell.name
            self.where[number].append(block.add_cell(name, gate, write))

    def _rotor(self, number: int, coding: Coding, block: Block) -> None:
        cell = self.cascade.cells[number]
        fires = self._fires(number, block)
        hold = coding.gates[0]
        begin = None
        if any(coding.codes[0]):
            begin = block.add_inner(Unit({("begin",): 1.0}, 0.0))
        numbers = []
        for place in range(len(hold)):
            gate, write = {}, {}
            for unit, rule in fires:
                gate[unit] = (coding.gates[rule.value][place] if rule.adds else 0.0) - hold[place]
                write[unit] = (coding.writes if rule.adds else coding.codes)[rule.value][place]
            if begin is not None:
                write[begin] = coding.codes[0][place]
            name = f"{cell.name}, part {place}" if len(hold) > 1 else cell.name
            numbers.append((name, (gate, hold[place]), (write, 0.0)))
        first = block.add_block(coding.block, numbers)
        self.where[number] = list(range(first, first + len(hold)))

    def _read_off(self, number: int, block: Block) -> None:
        """Write the values of a cell to the residual stream, where something after its layer reads them."""
        cell = self.cascade.cells[number]
        read_later = any(number in other.reads for other in self.cascade.cells)
        if read_later or self.plan.at[number] < self.plan.layers:
            self._declare("now", number)
            for value in range(1, cell.size):
                literals = self._bit_literals(number, (value, (1 << cell.bits) - 1))
                if number in self.codings:
                    literals = self._test(number, value)
                self._boolean(block, literals, [number], {("now", number, value): 1.0})

    def _boolean(self, block: Block, literals: Sequence[Literal], cells: Iterable[int], out: Term) -> None:
        """Add a conjunction that reads some cells of its own layer, and bears their errors if any."""
        unit = conjunction(literals)
        inexact = any(cell in self.codings and not self.codings[cell].exact for cell in cells)
        block.add_mixed(tolerant(unit) if inexact else unit, out, cut=inexact)

    def _delay(self, number: int, block: Block) -> None:
        """Remember the value for one step."""
        cell = self.cascade.cells[number]
        self._declare("old", number)
        values = range(1, cell.size)
        codes: list[Term] = [{("now", number, value): 1.0} for value in values]
        outs: list[Term] = [{("old", number, value): 1.0} for value in values]
        delayed_codes(block, f"old and new: {cell.name}", codes, outs, self.fraction_bits)

    def _outcomes(self, block: Block) -> None:
        for outcome in self.cascade.outcomes:
            key: Key = ("legal", outcome.symbols, outcome.end)
            self.keys[key] = "legal: " + " ".join([*outcome.symbols, *["END"] * outcome.end])
            features: list[Literal] = []
            choices: list[list[list[Literal]]] = []
            stored = [cell for cell, _ in outcome.when if self.plan.at[cell] == self.plan.layers]
            for cell, values in outcome.when:
                if self.plan.at[cell] == self.plan.layers:
                    choices.append(self._stored(cell, values))
                else:
                    features.append(self._literal("now", cell, values))
            for combination in product(*choices):
                literals = features + [literal for part in combination for literal in part]
                self._boolean(block, literals, stored, {key: 1.0})

    def _literal(self, when: str, cell: int, values: Sequence[int]) -> Literal:
        """The boolean "the cell has one of the values" as terms and a constant; value 0 has no feature."""
        if self.shift and when == "old":
            when = "before"
        if 0 not in values:
            return {(when, cell, value): 1.0 for value in values}, 0.0
        absent = [value for value in range(1, self.cascade.cells[cell].size) if value not in values]
        return {(when, cell, value): -1.0 for value in absent}, 1.0

    def _stored(self, number: int, values: Sequence[int]) -> list[list[Literal]]:
        """Return "the cell has one of the values" as disjoint conjunctions of sums over the state."""
        cell = self.cascade.cells[number]
        if number not in self.codings:
            return [self._bit_literals(number, cube) for cube in cubes(values, cell.size, cell.bits)]
        return [self._test(number, value) for value in values]

    def _test(self, number: int, value: int) -> list[Literal]:
        """The boolean "the rotor has this value"; below 0 rather than 0 for some others."""
        weights, bias = self.codings[number].tests[value]
        places = zip(self.where[number], weights, strict=True)
        return [({("cell", place): weight for place, weight in places if weight}, bias)]

    def _bit_literals(self, number: int, cube: Cube) -> list[Literal]:
        value, mask = cube
        found: list[Literal] = []
        for bit, place in enumerate(self.where[number]):
            if mask >> bit & 1:
                found.append(
                    ({("cell", place): 1.0}, 0.0) if value >> bit & 1 else ({("cell", place): -1.0}, 1.0)
                )
        return found

    def _assemble(self) -> Weights:
        cascade = self.cascade
        place = {key: i for i, key in enumerate(self.keys)}
        width = len(place)
        embedding = np.zeros((len(cascade.alphabet) + 1, width))
        for row, symbol in enumerate(cascade.alphabet):
            embedding[row, place["symbol", self.classes[symbol]]] = 1.0
            for number, cell in enumerate(cascade.cells):
                if self.plan.at[number] == 0:
                    value = next(
                        rule.value for rule in cell.rules if symbol in rule.symbols and not rule.when
                    )
                    if value:
                        embedding[row, place["now", number, value]] = 1.0
        if ("begin",) in place:
            embedding[-1, place["begin",]] = 1.0
        head = Linear(np.zeros((len(cascade.alphabet) + 1, width)), -np.ones(len(cascade.alphabet) + 1))
        for outcome in cascade.outcomes:
            column = place["legal", outcome.symbols, outcome.end]
            for row, mark in enumerate(cascade.alphabet):
                head.weight[row, column] = 2.0 * (mark in outcome.symbols)
            head.weight[-1, column] = 2.0 * outcome.end
        layers = tuple(assemble(block, place, self.shift) for block in self.blocks)
        return Weights(embedding, layers, head, tuple(self.keys.values()))
