"""A block of the ssm under construction: units that add up named inputs, before names become indices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..models.fixed import Linear
from ..models.ssm import Layer

Key = tuple[object, ...]
"""The name of an input or output.

("begin",) at BOS, ("symbol", class), ("now" or "old" or "before", cell, value), ("cell", place) for a number
of the state of the same layer, or ("legal", symbols, end). "before" is "now" one step earlier, where a block
has a shift.
"""

Term = dict[Key, float]
"""A sum of named inputs with integer weights."""

Sum = tuple[dict[int, float], float]
"""A sum of units by number, and a bias."""


@dataclass
class Unit:
    """One hidden unit: relu(sum of weight * input + bias)."""

    terms: Term
    bias: float


@dataclass
class Block:
    """A layer under construction, in names instead of indices; see `starfree.models.ssm.Layer`."""

    inner: list[Unit] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    gates: list[Sum] = field(default_factory=list)
    writes: list[Sum] = field(default_factory=list)
    mixed: list[Unit] = field(default_factory=list)
    out: list[Term] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)

    def add_cell(self, name: str, gate: Sum, write: Sum) -> int:
        """Add a cell of one number and return its place in the layer."""
        return self.add_block(1, [(name, gate, write)])

    def add_block(self, kind: int, numbers: Sequence[tuple[str, Sum, Sum]]) -> int:
        """Add a block of numbers, each with its name, gate and write, and return the place of the first."""
        first = len(self.cells)
        self.kinds.append(kind)
        for name, gate, write in numbers:
            self.cells.append(name)
            self.gates.append(gate)
            self.writes.append(write)
        return first

    def add_inner(self, unit: Unit) -> int:
        """Add a unit to the network of A and B and return its number."""
        self.inner.append(unit)
        return len(self.inner) - 1

    def add_mixed(self, unit: Unit, out: Term, *, cut: bool = False) -> None:
        """Add a unit to phi that adds its weighted value, cut off at 1 if so, to the coordinates in `out`."""
        if cut:
            self.cut.append(len(self.mixed))
        self.mixed.append(unit)
        self.out.append(out)


def assemble(block: Block, place: dict[Key, int], shift: bool) -> Layer:
    """Return the layer's weights, given the place of each coordinate in the residual stream."""
    width, n = len(place), len(block.cells)

    def column(key: Key) -> int:
        if key[0] == "before":
            return width + place[("now", *key[1:])]
        return place[key]

    inner = Linear(np.zeros((len(block.inner), 2 * width if shift else width)), np.zeros(len(block.inner)))
    for row, unit in enumerate(block.inner):
        inner.bias[row] = unit.bias
        for key, weight in unit.terms.items():
            inner.weight[row, column(key)] += weight
    gate, write = (Linear(np.zeros((n, len(block.inner))), np.zeros(n)) for _ in range(2))
    for linear, rows in ((gate, block.gates), (write, block.writes)):
        for row, (units, bias) in enumerate(rows):
            linear.bias[row] = bias
            for unit_number, weight in units.items():
                linear.weight[row, unit_number] = weight
    mix_in = Linear(np.zeros((len(block.mixed), n + width)), np.zeros(len(block.mixed)))
    mix_out = Linear(np.zeros((width, len(block.mixed))), np.zeros(width))
    for row, (unit, out) in enumerate(zip(block.mixed, block.out, strict=True)):
        mix_in.bias[row] = unit.bias
        for key, weight in unit.terms.items():
            at = key[1] if key[0] == "cell" else n + place[key]
            assert isinstance(at, int)
            mix_in.weight[row, at] += weight
        for key, weight in out.items():
            mix_out.weight[place[key], row] += weight
    kinds = tuple(block.kinds) if set(block.kinds) - {1} else ()
    return Layer(inner, gate, write, mix_in, mix_out, tuple(block.cells), kinds, tuple(block.cut))


def conjunction(literals: Iterable[tuple[Term, float]]) -> Unit:
    """The unit that is 1 when all literals are 1, and 0 otherwise."""
    terms: Term = {}
    bias = 1.0
    for literal, constant in literals:
        for key, weight in literal.items():
            terms[key] = terms.get(key, 0.0) + weight
        bias += constant - 1.0
    return Unit(terms, bias)


def tolerant(unit: Unit) -> Unit:
    """Return a conjunction that, cut off at 1, is exact while its sum is off by at most a quarter.

    Source: the saturating readout that a decision margin asks for.
    """
    return Unit({key: 2.0 * weight for key, weight in unit.terms.items()}, 2.0 * unit.bias - 0.5)


FRACTION_BITS = 16
_CODES = 64  # codes stay below 2^7, so that 2^16 * code is exact in float32


def codes_in_a_cell(fraction_bits: int) -> int:
    """Return how many codes one delay cell holds in FIX(p).

    1 + the greatest is below 2^(p - 2), where p allows it: then what is two steps old rounds away in FIX(p),
    and in floating point of 2 p - 2 bits too.
    """
    return min(_CODES, max(1, (1 << max(fraction_bits - 2, 0)) - 2))


def delayed_codes(
    block: Block, name: str, codes: Sequence[Term], outs: Sequence[Term], fraction_bits: int
) -> None:
    """Add cells that remember for one step which of some booleans is 1; at most one is.

    Arguments:
        name: of the cells.
        codes: the booleans now, each a sum of named inputs.
        outs: where to write which of them was 1 one step before.

    A delay cell has the constant gate 2^-p and is given 1 + the code at every step, so that it reads
    `(1 + now) + 2^-p (1 + before)` and nothing older: FIX(p) rounds the rest away, and so does float32, in
    any order of association. (Source: the delay lemma of Sarrof et al. 2024; codes and gate are ours.)
    """
    scale, room = 2.0**fraction_bits, codes_in_a_cell(fraction_bits)
    for first in range(0, len(codes), room):
        part = range(first, min(first + room, len(codes)))
        code: Term = {}
        for i in part:
            for key, weight in codes[i].items():
                code[key] = code.get(key, 0.0) + weight * (i - first + 1)
        unit = block.add_inner(Unit(code, 0.0))
        label = f", values {first + 1}-{part[-1] + 1}" if len(codes) > room else ""
        place = block.add_cell(name + label, ({}, 1 / scale), ({unit: 1.0}, 1.0))
        # 2^p (h - (1 + now)) - 1 is the old code, an integer; hat functions pick out its values.
        terms: Term = {("cell", place): scale, **{key: -scale * weight for key, weight in code.items()}}
        for step, i in enumerate(part):
            out = dict(outs[i])
            for back, weight in ((1, -2.0), (2, 1.0)):
                if step >= back:
                    for key, one in outs[i - back].items():
                        out[key] = out.get(key, 0.0) + weight * one
            block.add_mixed(Unit(terms, -scale - 1.0 - step), out)
