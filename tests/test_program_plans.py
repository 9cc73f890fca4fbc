"""The plan of a program for stock Mamba: its gates are the program's conditions, as decision diagrams."""

from __future__ import annotations

import dataclasses

import pytest
from test_program_proofs import some_programs
from test_programs import BRACKETS, COUNTERS, TASKS, load

import starfree
from starfree.models.mamba import Mamba
from starfree.programs import Program
from starfree.proofs.program_gates import wrong_gates
from starfree.targets.circuit import Circuit
from starfree.targets.plan import Gate
from starfree.targets.program_plan import plan_program


def languages() -> list[Program]:
    return [*map(load, [*COUNTERS, *BRACKETS]), *some_programs()]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("language", languages(), ids=str)
def test_gates_are_the_conditions(language: Program, task: str) -> None:
    circuit = Circuit(language, task, test_layers=1)
    assert wrong_gates(circuit, plan_program(circuit)) is None


@pytest.mark.parametrize("language", [load("anbncn"), load("bounded_dyck_2_3"), *some_programs()], ids=str)
def test_every_change_of_a_gate_is_found(language: Program) -> None:
    """Without one of its gates, or with one literal or token less, a plan is another."""
    circuit = Circuit(language, "recognise", test_layers=1)
    planned = plan_program(circuit)
    tried = 0
    for layer in planned.plan.layers:
        for store in list(layer.stores):
            if store.feature == planned.ended:
                continue
            for side in ("on", "off"):
                for i, gate in enumerate(getattr(store, side)):
                    for changed in (None, *changes(gate)):
                        gates = getattr(store, side)
                        new = (*gates[:i], *([] if changed is None else [changed]), *gates[i + 1 :])
                        layer.stores[layer.stores.index(store)] = dataclasses.replace(store, **{side: new})
                        if gate.tokens != {circuit.no_symbol + 1}:  # EOS is no symbol of the program
                            assert wrong_gates(circuit, planned) is not None, (store, gate, changed)
                            tried += 1
                        layer.stores[:] = [store if s.feature == store.feature else s for s in layer.stores]
        for count in list(layer.counts):
            at = layer.counts.index(count)
            for i, (gate, weight) in enumerate(count.steps):
                for step in ([], [(gate, weight + 1)], *([(one, weight)] for one in changes(gate))):
                    steps = (*count.steps[:i], *step, *count.steps[i + 1 :])
                    layer.counts[at] = dataclasses.replace(count, steps=steps)
                    assert wrong_gates(circuit, planned) is not None, (count, gate, step)
                    tried += 1
            layer.counts[at] = count
        for test in list(layer.tests):
            at = layer.tests.index(test)
            layer.tests[at] = dataclasses.replace(test, bound=test.bound + 1)
            assert wrong_gates(circuit, planned) is not None
            layer.tests[at] = test
        for write in list(layer.writes):
            at = layer.writes.index(write)
            del layer.writes[at]
            assert wrong_gates(circuit, planned) is not None, write
            layer.writes.insert(at, write)
            tried += 1
    assert wrong_gates(circuit, planned) is None
    assert tried > 3


def changes(gate: Gate) -> list[Gate]:
    """Return gates that ask for one thing less."""
    fewer = [dataclasses.replace(gate, literals=gate.literals - {literal}) for literal in gate.literals]
    if gate.tokens is not None and len(gate.tokens) > 1:
        fewer += [dataclasses.replace(gate, tokens=gate.tokens - {token}) for token in gate.tokens]
    return fewer


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
