"""The plan of a program: each temporal operator is one stored bit, one sum, or one look back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..diagrams import Node
from ..languages.words import brief
from ..programs.expressions import FALSE, Latch
from ..programs.notation import linear_text
from .circuit import SYMBOL, Circuit, Form, Values, Variable, What
from .columns import Column
from .documents import Documents
from .documents import Latch as Named
from .plan import Bit, Count, Feature, Gate, Layer, Legal, Literal, Plan, Store, Sum, Test, Write

_NAME = 80  # characters


Meaning = Variable | tuple[Form, int] | tuple[Variable, int]
"""What a bit says: a latch holds, a form has reached a bound, or a variable looked back at has a value."""


@dataclass(frozen=True)
class Planned:
    """A plan, and what its bits and sums stand for.

    Arguments:
        plan: the layers.
        bits: what each bit says, but for `ended`.
        sums: which form each sum is.
        ended: the bit that EOS sets, if the program has no latch for that.
    """

    plan: Plan
    bits: dict[Bit, Meaning]
    sums: dict[Sum, Form]
    ended: Bit | None


def plan_program(circuit: Circuit) -> Planned:
    """Return layers for a circuit whose thresholds come one layer after their counters.

    BOS starts everything again: bits and sums are set to what they are at the empty prefix, and whatever is
    legal then is written by itself. EOS sets the latch that remembers a dead prefix, if there is one and the
    task is to recognise.

    Complexity: linear in the conjunctions of all conditions.
    """
    return _Planner(circuit).plan()


class _Planner:
    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.begin = circuit.no_symbol
        self.end = self.begin + 1
        self.read = frozenset(range(circuit.no_symbol))
        self.layers: list[Layer] = []
        self.named: list[Named] = []
        self.bits: dict[Meaning, Bit] = {}
        self.sums: dict[Form, Sum] = {}

    def plan(self) -> Planned:
        circuit = self.circuit
        for variable in circuit.needed:
            if variable.delay:
                self._look_back(variable)
            elif isinstance(variable.what, Latch):
                self._store(variable.what)
            elif isinstance(variable.what, tuple):
                self._count(variable.what)
        ended = self._ended() if circuit.task == "recognise" else None
        columns = self._legal(ended)
        order = [circuit.classes[symbol] for symbol in circuit.alphabet]
        classes = (*order, self.begin, self.end, self.begin, self.end)
        names = tuple(brief(linear_text(form), _NAME) for form in self.sums)
        documents = Documents(classes, tuple(self.named), (), names)
        return Planned(
            Plan(documents, columns, tuple(self.layers) or (Layer(),)),
            {bit: meaning for meaning, bit in self.bits.items()},
            {feature: form for form, feature in self.sums.items()},
            ended,
        )

    def _store(self, latch: Latch) -> None:
        on, off = (list(self._gates(node)) for node in self.circuit.switches(latch))
        (on if latch.initial else off).append(self._token(self.begin))
        if latch == self.circuit.program.dead_when and latch.reset is FALSE:
            on.append(self._token(self.end))
        layer = self.circuit.layer(latch)
        bit = self._bit(Variable(latch), brief(str(latch), _NAME), layer)
        self._layer(layer).stores.append(Store(bit, tuple(on), tuple(off)))

    def _count(self, form: Form) -> None:
        self.sums[form] = Sum(len(self.sums))
        layer = self.circuit.layer(form)
        steps = [
            (gate, weight) for node, weight in self.circuit.increments(form) for gate in self._gates(node)
        ]
        self._layer(layer).counts.append(Count(self.sums[form], tuple(steps), self._token(self.begin)))
        for bound in self.circuit.bounds[form]:
            name = f"{brief(linear_text(form), _NAME)} >= {bound}"
            bit = self._bit((form, bound), name, layer + 1)
            self._layer(layer + 1).tests.append(Test(bit, self.sums[form], bound))

    def _look_back(self, variable: Variable) -> None:
        """Write each value that a variable had one position before, if a symbol stood there."""
        source = replace(variable, delay=variable.delay - 1)
        layer = self.circuit.level(variable)
        what = "symbol" if variable.what is None else self._name(variable.what)
        blank = self.circuit.no_symbol if variable.what is None else 0
        for value in range(self.circuit.size(variable)):
            if value == blank:
                continue
            bit = self._bit((variable, value), f"{variable.delay} before: {what}, value {value}", layer)
            for gate in self._gate({source: (value,)}, lag=1):
                self._layer(layer).writes.append(Write(gate, (bit,)))

    def _name(self, what: What) -> str:
        return brief(linear_text(what) if isinstance(what, tuple) else str(what), _NAME)

    def _ended(self) -> Bit | None:
        """Return a latch that EOS sets, where the program has none that remembers dead prefixes."""
        dead = self.circuit.program.dead_when
        if isinstance(dead, Latch) and dead.reset is FALSE and Variable(dead) in self.bits:
            return None
        bit = self._named("ended", 1)
        store = Store(bit, (self._token(self.end),), (self._token(self.begin),))
        self._layer(1).stores.append(store)
        return bit

    def _legal(self, ended: Bit | None) -> tuple[Column, ...]:
        """Write the legal sets: one boolean for all tokens that are legal at the same times."""
        circuit, k = self.circuit, len(self.circuit.alphabet)
        tokens: dict[Node, list[int]] = {}
        for place, node in enumerate(circuit.outputs):
            tokens.setdefault(node, []).append(place if place < k else k + 1)
        columns = []
        for number, (node, members) in enumerate(tokens.items()):
            opposite = circuit.diagrams.opposite(node)
            ways = {value: circuit.conjunctions(root) for value, root in ((True, node), (False, opposite))}
            when_on = len(ways[True]) <= len(ways[False])
            columns.append(Column(frozenset(members), when_on))
            gates = [gate for one in ways[when_on] for gate in self._gate(one)]
            if ended is not None:
                gates = [replace(gate, literals=gate.literals | {(ended, False)}) for gate in gates]
                if not when_on:
                    gates.append(Gate(self.read, frozenset([(ended, True)]), 0))
            fixed = [self.begin] if circuit.at_start(node) == when_on else []
            if not when_on and circuit.task == "recognise":
                fixed.append(self.end)
            gates += [self._token(token) for token in fixed]
            last = max((self._level(f) for gate in gates for f, _ in gate.literals), default=0)
            for gate in gates:
                self._layer(last + 1).writes.append(Write(gate, (Legal(number),)))
        return tuple(columns)

    def _level(self, feature: Feature) -> int:
        """Return the layer that writes a bit."""
        assert isinstance(feature, Bit)
        return self.named[feature.cell].level

    def _gates(self, node: Node) -> Iterable[Gate]:
        return (gate for one in self.circuit.conjunctions(node) for gate in self._gate(one))

    def _gate(self, one: Values, lag: int = 0) -> Iterable[Gate]:
        """Yield a conjunction as gates, after a symbol only."""
        tokens = self.read & frozenset(one.get(SYMBOL, self.read))
        choices: list[frozenset[Literal]] = [frozenset()]
        for variable, values in one.items():
            if variable != SYMBOL:
                choices = [made | more for made in choices for more in self._literals(variable, values)]
        if tokens:
            yield from (Gate(tokens, literals, lag) for literals in choices)

    def _literals(self, variable: Variable, values: Sequence[int]) -> list[frozenset[Literal]]:
        """Return "the variable has one of the values" as disjoint conjunctions of bits."""
        what = variable.what
        if isinstance(what, Latch) and not variable.delay:
            return [frozenset([(self.bits[variable], values[0] == 1)])]
        if variable.delay:
            blank = self.circuit.no_symbol if what is None else 0
            if blank not in values:
                return [frozenset([(self.bits[variable, value], True)]) for value in values]
            others = set(range(self.circuit.size(variable))) - set(values)
            return [frozenset((self.bits[variable, value], False) for value in others)]
        assert isinstance(what, tuple)
        bounds = self.circuit.bounds[what]
        found = []
        for first, last in _runs(values):
            run: list[Literal] = [(self.bits[what, bounds[first - 1]], True)] if first else []
            run += [(self.bits[what, bounds[last]], False)] if last < len(bounds) else []
            found.append(frozenset(run))
        return found

    def _token(self, token: int) -> Gate:
        return Gate(frozenset([token]), frozenset(), 0)

    def _bit(self, meaning: Meaning, name: str, level: int) -> Bit:
        self.bits[meaning] = self._named(name, level)
        return self.bits[meaning]

    def _named(self, name: str, level: int) -> Bit:
        self.named.append(Named(name, 2, level, ()))
        return Bit("new", len(self.named) - 1, 0)

    def _layer(self, number: int) -> Layer:
        while len(self.layers) < number:
            self.layers.append(Layer())
        return self.layers[number - 1]


def _runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Return the runs of neighbouring values, first and last each.

    >>> _runs((0, 1, 3))
    [(0, 1), (3, 3)]
    """
    runs: list[tuple[int, int]] = []
    for value in sorted(values):
        if runs and runs[-1][1] == value - 1:
            runs[-1] = runs[-1][0], value
        else:
            runs.append((value, value))
    return runs
