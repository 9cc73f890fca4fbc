"""Lowering a program to the weights of a diagonal state space model.

Each temporal operator is one cell: a latch has gates 0 and 1, a combination of counts the gate 1 and what is
added as its write, `previously` a delay cell (see `delayed_codes`). A bit of a rotor has gates 1 and -1, so
that h becomes 1 - h; without rotors gates are nonnegative. A comparison is two units of phi,
`relu(h - k + 1) - relu(h - k)`: exact for every integer, however large. A layer reads what the layers before
it wrote at the same position, so nesting depth is layer depth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..budgets import DEFAULT, Budget
from ..diagrams import Node
from ..languages.words import brief
from ..models.fixed import Linear
from ..models.ssm import SSM
from ..programs import Program
from ..programs.expressions import Latch
from ..programs.notation import linear_text
from .blocks import (
    FRACTION_BITS,
    Block,
    Key,
    Sum,
    Term,
    assemble,
    codes_in_a_cell,
    conjunction,
    delayed_codes,
)
from .circuit import Circuit, Form, Turn, Values, Variable, What, refuse_rotors

_NAME = 80  # characters
_Literal = tuple[Term, float]


def lower_program(
    program: Program,
    *,
    task: str,
    signed: bool = False,
    fraction_bits: int = FRACTION_BITS,
    origin: dict[str, object] | None = None,
    budget: Budget = DEFAULT,
) -> SSM:
    """Return the state space model that runs a program.

    Arguments:
        program: to run.
        task: "recognise" or "predict".
        signed: let gates be -1: then it may have rotors, of orders that are powers of two.
        fraction_bits: p of FIX(p); at least 3 where something is read one step later.
        origin: what the model says of itself.

    Raises:
        BadInput: when the program has a rotor that such gates do not have.
        BudgetExceeded: when a condition needs too many conjunctions.

    Complexity: linear in the conjunctions of all conditions.

    Source: Sarrof, Veitsman and Hahn, NeurIPS 2024: star-free and counter languages.

    >>> from starfree.programs.counters import shuffle
    >>> model = lower_program(shuffle(("()", "[]"), "@shuffle_2"), task="predict")
    >>> len(model.layers), model.accepts("([)]"), model.accepts("([)")
    (1, True, False)
    """
    if not signed:
        refuse_rotors(program)
    circuit = Circuit(program, task, test_layers=0, budget=budget)
    return _Lowering(circuit, fraction_bits).model(origin or {}, "signed" if signed else "nonnegative")


@dataclass(frozen=True)
class Delay:
    """What a delay cell remembers: which of some values, coded 1, 2, ..., a variable had one step before.

    Arguments:
        variable: the one that is read back.
        values: those that have a code; 0 stands for all others.
    """

    variable: Variable
    values: tuple[int, ...]

    @property
    def source(self) -> Variable:
        """The variable that is remembered."""
        return Variable(self.variable.what, self.variable.delay - 1)


@dataclass(frozen=True)
class Meaning:
    """What the numbers of a lowered program stand for.

    Arguments:
        keys: what each coordinate of the residual stream holds.
        cells: for each layer what each cell holds.
    """

    keys: tuple[Key, ...]
    cells: tuple[tuple[What | Delay, ...], ...]


def meaning_of(circuit: Circuit, fraction_bits: int) -> Meaning:
    """Return what the coordinates and cells of a circuit's model in FIX(p) stand for."""
    lowering = _Lowering(circuit, fraction_bits)
    lowering.model({}, "signed")
    return Meaning(tuple(lowering.keys), tuple(map(tuple, lowering.held)))


class _Lowering:
    def __init__(self, circuit: Circuit, fraction_bits: int) -> None:
        self.circuit, self.fraction_bits = circuit, fraction_bits
        self.keys: dict[Key, str] = {}
        self.cells: dict[What, tuple[int, int]] = {}  # layer and place
        self.depth = self._depth()
        self.blocks = [Block() for _ in range(self.depth)]
        self.held: list[list[What | Delay]] = [[] for _ in self.blocks]

    def model(self, origin: dict[str, object], gates: str) -> SSM:
        circuit = self.circuit
        for number in range(circuit.no_symbol):
            members = [s for s, c in circuit.classes.items() if c == number]
            self.keys["symbol", number] = f"symbol in {' '.join(members)}"
        for variable in circuit.needed:
            if variable.delay:
                self._delay(variable)
            elif isinstance(variable.what, Latch):
                self._latch(variable.what)
            elif isinstance(variable.what, Turn):
                self._turn(variable.what)
            elif variable.what is not None:
                self._counter(variable.what)
        rows = [self._output(node) for node in circuit.outputs]
        return self._assemble(rows, origin, gates)

    def _depth(self) -> int:
        """Return the least number of layers after which every output can be read."""
        depth = 1
        for node in self.circuit.outputs:
            for variable in self.circuit.support(node):
                level = self.circuit.level(variable)
                late = not isinstance(variable.what, Latch | Turn) or variable.delay > 0
                # Within its own layer a latch or bit can be read by any conjunction, the rest by the head.
                depth = max(depth, level + (late and level > 0 and not self._for_head(node)))
        return depth

    def _for_head(self, node: Node) -> bool:
        """Say whether a condition, or its opposite, is one conjunction: the sign of one sum."""
        return self._one(node) is not None or self._one(self.circuit.diagrams.opposite(node)) is not None

    def _one(self, node: Node) -> Values | None:
        found = self.circuit.conjunctions(node)
        return found[0] if len(found) == 1 else None

    def _latch(self, latch: Latch) -> None:
        layer = self.circuit.layer(latch)
        block = self.blocks[layer - 1]
        on, off = (self._units(block, node) for node in self.circuit.switches(latch))
        written = off if latch.initial else on  # the cell starts at 0, which stands for the initial value
        gate = ({unit: -1.0 for unit in (*on, *off)}, 1.0)
        self._hold(latch, gate, ({unit: 1.0 for unit in written}, 0.0))

    def _turn(self, turn: Turn) -> None:
        units = self._units(self.blocks[self.circuit.layer(turn) - 1], self.circuit.turning(turn))
        self._hold(turn, ({unit: -2.0 for unit in units}, 1.0), ({unit: 1.0 for unit in units}, 0.0))

    def _hold(self, what: Latch | Turn, gate: Sum, write: Sum) -> None:
        """Add the cell of a latch or bit, and write its value."""
        layer, name = self.circuit.layer(what), brief(str(what), _NAME)
        block = self.blocks[layer - 1]
        self.cells[what] = layer, block.add_cell(name, gate, write)
        self.held[layer - 1].append(what)
        self.keys["now", what] = name
        block.add_mixed(conjunction([self._stored(what, True)]), {("now", what): 1.0})

    def _stored(self, what: Latch | Turn, value: bool) -> _Literal:
        """Return the literal of a latch or bit that is a cell of this layer."""
        place = self.cells[what][1]
        starts = isinstance(what, Latch) and what.initial
        return ({("cell", place): 1.0}, 0.0) if value != starts else ({("cell", place): -1.0}, 1.0)

    def _counter(self, form: Form) -> None:
        layer = self.circuit.layer(form)
        block = self.blocks[layer - 1]
        write: dict[int, float] = {}
        for node, weight in self.circuit.increments(form):
            for unit in self._units(block, node):
                write[unit] = write.get(unit, 0.0) + weight
        name = brief(linear_text(form), _NAME)
        place = block.add_cell(name, ({}, 1.0), (write, 0.0))
        self.cells[form] = layer, place
        self.held[layer - 1].append(form)
        for bound in self.circuit.bounds[form]:
            self.keys["reached", form, bound] = f"{name} >= {bound}"
        for edge in sorted({b - step for b in self.circuit.bounds[form] for step in (0, 1)}):
            out: Term = {}
            for bound, sign in ((edge + 1, 1.0), (edge, -1.0)):
                if bound in self.circuit.bounds[form]:
                    out["reached", form, bound] = sign
            block.add_mixed(conjunction([({("cell", place): 1.0}, float(-edge))]), out)

    def _delay(self, variable: Variable) -> None:
        source = Variable(variable.what, variable.delay - 1)
        block = self.blocks[self.circuit.level(variable) - 1]
        codes: list[Term] = []
        for value in self._marked(source):
            literal, constant = self._literal(source, (value,))
            assert not constant
            codes.append(literal)
        what = "symbol" if variable.what is None else self._name(variable.what)
        for value in self._marked(variable):
            self.keys["back", variable, value] = f"{variable.delay} before: {what}, value {value}"
        outs: list[Term] = [{("back", variable, value): 1.0} for value in self._marked(variable)]
        marked = self._marked(variable)
        room = codes_in_a_cell(self.fraction_bits)
        for first in range(0, len(marked), room):
            delay = Delay(variable, tuple(marked[first : first + room]))
            self.held[self.circuit.level(variable) - 1].append(delay)
        delayed_codes(block, f"now and {variable.delay} before: {what}", codes, outs, self.fraction_bits)

    def _name(self, what: What) -> str:
        return self.blocks[self.cells[what][0] - 1].cells[self.cells[what][1]]

    def _marked(self, variable: Variable) -> list[int]:
        """Return the values that have a feature of their own: all but the one at the empty prefix."""
        blank = self.circuit.no_symbol if variable.what is None else 0
        return [value for value in range(self.circuit.size(variable)) if value != blank]

    def _units(self, block: Block, node: Node) -> list[int]:
        return [
            block.add_inner(conjunction([self._literal(v, values) for v, values in one.items()]))
            for one in self.circuit.conjunctions(node)
        ]

    def _literal(self, variable: Variable, values: Sequence[int]) -> _Literal:
        """Return "the variable has one of the values", a sum of features of earlier layers."""
        what = variable.what
        if variable.delay or what is None:
            marked = self._marked(variable)
            blank = self.circuit.no_symbol if what is None else 0

            def feature(value: int) -> Key:
                return ("back", variable, value) if variable.delay else ("symbol", value)

            if blank not in values:
                return {feature(value): 1.0 for value in values}, 0.0
            return {feature(value): -1.0 for value in marked if value not in values}, 1.0
        if isinstance(what, Latch | Turn):
            return ({("now", what): 1.0}, 0.0) if tuple(values) == (1,) else ({("now", what): -1.0}, 1.0)
        # Value r of a form: its first r thresholds are reached and the others not.
        bounds = self.circuit.bounds[what]
        terms: Term = {}
        for value in values:
            for at, sign in ((value - 1, 1.0), (value, -1.0)):
                if 0 <= at < len(bounds):
                    key = ("reached", what, bounds[at])
                    terms[key] = terms.get(key, 0.0) + sign
        return {key: weight for key, weight in terms.items() if weight}, float(0 in values)

    def _output(self, node: Node) -> tuple[Term, float]:
        """Return a logit as terms and a bias: 1 or more when the condition holds, else -1 or less."""
        for wanted in (True, False):
            one = self._one(node if wanted else self.circuit.diagrams.opposite(node))
            if one is None:
                continue
            sign = 1.0 if wanted else -1.0
            terms: Term = {}
            bias = 1.0 - 2.0 * len(one)
            for variable, values in one.items():
                literal, constant = self._literal(variable, values)
                bias += 2.0 * constant
                for key, weight in literal.items():
                    terms[key] = terms.get(key, 0.0) + 2.0 * sign * weight
            return terms, sign * bias
        legal: Key = ("legal", node)
        if legal not in self.keys:
            self.keys[legal] = "legal"
            for one in self.circuit.conjunctions(node):
                self.blocks[-1].add_mixed(conjunction(self._final(one)), {legal: 1.0})
        return {legal: 2.0}, -1.0

    def _final(self, one: Values) -> Iterable[_Literal]:
        for variable, values in one.items():
            what = variable.what
            if isinstance(what, Latch | Turn) and not variable.delay and self.cells[what][0] == self.depth:
                yield self._stored(what, tuple(values) == (1,))
            else:
                yield self._literal(variable, values)

    def _assemble(self, rows: list[tuple[Term, float]], origin: dict[str, object], gates: str) -> SSM:
        circuit, alphabet = self.circuit, self.circuit.alphabet
        place = {key: i for i, key in enumerate(self.keys)}
        embedding = np.zeros((len(alphabet) + 1, len(place)))
        for row, symbol in enumerate(alphabet):
            embedding[row, place["symbol", circuit.classes[symbol]]] = 1.0
        head = Linear(np.zeros((len(alphabet) + 1, len(place))), np.zeros(len(alphabet) + 1))
        for row, (terms, bias) in enumerate(rows):
            head.bias[row] = bias
            for key, weight in terms.items():
                head.weight[row, place[key]] += weight
        return SSM(
            alphabet,
            circuit.task,
            self.fraction_bits,
            False,
            embedding,
            tuple(assemble(block, place, False) for block in self.blocks),
            head,
            tuple(self.keys.values()),
            dict(origin),
            gates,
        )
