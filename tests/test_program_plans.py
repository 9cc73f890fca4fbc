"""The plan of a program for stock Mamba: its gates are the program's conditions, as decision diagrams."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import reduce

import pytest
from test_program_proofs import some_programs
from test_programs import BRACKETS, COUNTERS, TASKS, load

import starfree
from starfree.diagrams import Node
from starfree.models.mamba import Mamba
from starfree.programs import Program
from starfree.programs.expressions import Latch
from starfree.targets.circuit import SYMBOL, Circuit, Variable
from starfree.targets.plan import Bit, Gate, Legal
from starfree.targets.program_plan import _Planner


class Reader:
    """Gates as diagrams over the variables of a circuit."""

    def __init__(self, circuit: Circuit, planner: _Planner) -> None:
        self.circuit = circuit
        self.meaning: dict[Bit, Node] = {}
        for key, bit in planner.bits.items():
            match key:
                case Variable():
                    self.meaning[bit] = circuit.test(key, [1])
                case Variable() as variable, int(value):
                    self.meaning[bit] = circuit.test(variable, [value])
                case tuple(form), int(bound):
                    bounds = circuit.bounds[form]
                    reached = range(bounds.index(bound) + 1, len(bounds) + 1)
                    self.meaning[bit] = circuit.test(Variable(form), reached)

    def gate(self, gate: Gate) -> Node:
        """Return a gate at this position; tokens that are no symbols are left out."""
        diagrams = self.circuit.diagrams
        symbols = [t for t in gate.tokens or () if t < self.circuit.no_symbol]
        found = self.circuit.test(SYMBOL, symbols)
        for bit, value in gate.literals:
            node = self.meaning[bit]
            found = diagrams.both(found, node if value else diagrams.opposite(node))
        return found

    def disjoint(self, gates: Iterable[Gate]) -> Node:
        """Return the disjunction of gates, of which no two may fire at once."""
        total = reduce(
            lambda x, y: self.circuit.diagrams.combined(operator.add, x, y),
            [self.gate(gate) for gate in gates],
            self.circuit.diagrams.leaf(0),
        )
        for _, times in self.circuit.diagrams.conjunctions(total):
            assert times in (0, 1)
        return total  # True and False are 1 and 0


def languages() -> list[Program]:
    return [*map(load, [*COUNTERS, *BRACKETS]), *some_programs()]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("language", languages(), ids=str)
def test_gates_are_the_conditions(language: Program, task: str) -> None:
    circuit = Circuit(language, task, test_layers=1)
    planner = _Planner(circuit)
    plan = planner.plan()
    reader = Reader(circuit, planner)
    diagrams = circuit.diagrams
    begin, end = {circuit.no_symbol}, {circuit.no_symbol + 1}
    variables = {bit: key for key, bit in planner.bits.items()}
    stored, counted, tested = set(), set(), set()
    for layer in plan.layers:
        for store in layer.stores:
            latch = variables[store.feature]
            if latch == "ended":
                continue
            assert isinstance(latch, Variable)
            assert isinstance(latch.what, Latch)
            stored.add(latch)
            assert (reader.disjoint(store.on), reader.disjoint(store.off)) == circuit.switches(latch.what)
            starts = [
                gate for gate in (store.on if latch.what.initial else store.off) if gate.tokens == begin
            ]
            assert [gate.literals for gate in starts] == [frozenset()]
        for count in layer.counts:
            (form,) = (form for form, feature in planner.sums.items() if feature == count.feature)
            counted.add(form)
            assert count.reset.tokens == begin
            right = {}
            for node, weight in circuit.increments(form):
                right[node] = right.get(node, 0) + weight
            for weight in {weight for _, weight in form}:
                gates = [gate for gate, w in count.steps if w == weight]
                nodes = [node for node, w in right.items() if w == weight]
                total = diagrams.leaf(0)
                for node in nodes:
                    total = diagrams.combined(operator.add, total, node)
                found = diagrams.leaf(0)
                for gate in gates:
                    found = diagrams.combined(operator.add, found, reader.gate(gate))
                assert found == total
        for test in layer.tests:
            form, bound = variables[test.feature]
            assert planner.sums[form] == test.sum
            tested.add((form, bound))
    needed = set(circuit.needed)
    assert stored == {v for v in needed if isinstance(v.what, Latch) and not v.delay}
    assert counted == {v.what for v in needed if isinstance(v.what, tuple) and not v.delay}
    assert tested == {(form, bound) for form in counted for bound in circuit.bounds[form]}
    ended = planner.bits.get("ended")
    written = [write for layer in plan.layers for write in layer.writes]
    for number, column in enumerate(plan.columns):
        gates = [write.gate for write in written if Legal(number) in write.on]
        after = [
            Gate(g.tokens, g.literals - {(ended, False)}, g.lag)
            for g in gates
            if (ended, True) not in g.literals
        ]
        place = min(min(column.tokens), len(language.alphabet))
        node = circuit.outputs[place]
        right = node if column.legal_when_on else diagrams.opposite(node)
        symbols = circuit.test(SYMBOL, range(circuit.no_symbol))
        assert reader.disjoint(after) == diagrams.both(right, symbols)
        at_begin = any(gate.tokens == begin for gate in gates)
        assert at_begin == (circuit.at_start(node) == column.legal_when_on)
        if task == "recognise":
            assert any(gate.tokens == end for gate in gates) != column.legal_when_on


def test_a_trace_shows_the_sums() -> None:
    model = starfree.build("@anbncn", target="mamba")
    assert isinstance(model, Mamba)
    trace = model.trace("aabc")
    assert trace.sums["count(read('a')) - count(read('b'))"] == (0, 1, 2, 1, 1)
    assert trace.sums["count(read('b')) - count(read('c'))"] == (0, 0, 0, 1, 0)
    assert trace.sums["count(read('c'))"] == (0, 0, 0, 0, 1)
    (dead,) = trace.cells.values()
    assert dead == (0, 0, 0, 0, 1)
    assert "count(read('a')) - count(read('b'))" in str(trace)
    assert starfree.build("@d_2", target="mamba").trace("ab").sums == {}
