"""Evidence about C-RASP: potentials that tell states apart, or flows that no potential can tell apart."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

from .automaton import Automaton
from .graphs import components
from .outcome import Meter, require
from .reading import indices, integer, items, partition, rational, record, some, subset

Fields = dict[str, Any]


def large_components(automaton: Automaton, meter: Meter) -> set[frozenset[int]]:
    """Return the strongly connected components of more than one state."""
    members: dict[int, set[int]] = defaultdict(set)
    for state, number in enumerate(components(automaton.table, meter)):
        members[number].add(state)
    return {frozenset(states) for states in members.values() if len(states) > 1}


def potentials(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """In every component, rounds of counting tell all states apart: the language is in C-RASP."""
    record(evidence, "the evidence", ("kind", "components"))
    expected = large_components(automaton, meter)
    found = []
    for value in items(evidence["components"], "components"):
        entry = record(value, "a component", ("states", "rounds"))
        states = indices(entry["states"], "the states of a component", automaton.states)
        require(frozenset(states) in expected, f"{some(states)} is not a component of more than one state")
        found.append(frozenset(states))
        classes = dict.fromkeys(states, 0)
        for listed in items(entry["rounds"], "rounds"):
            classes = split(classes, states, items(listed, "a round"), automaton, meter)
        require(
            len(set(classes.values())) == len(states), f"two states of {some(states)} are never told apart"
        )
    require(len(found) == len(set(found)), "a component is listed twice")
    require(set(found) == expected, "a component of more than one state is not listed")


def arithmetic_cost(value: Fraction) -> int:
    """Return about how many steps a sum with this fraction takes; common divisors take quadratic time."""
    words = (value.numerator.bit_length() + value.denominator.bit_length()) // 32
    return 4 + words * words // 100


def split(
    classes: dict[int, int], states: list[int], listed: list[Any], automaton: Automaton, meter: Meter
) -> dict[int, int]:
    """Return the classes split by the potentials of one round, each of which must respect the labels."""
    vectors: dict[int, list[Fraction]] = {state: [] for state in states}
    for values in listed:
        row = [rational(value, "a potential") for value in items(values, "a list of potentials")]
        require(len(row) == len(states), "there is not one potential per state")
        meter.keep(8 * len(row))
        at = dict(zip(states, row, strict=True))
        change: dict[tuple[int, int], Fraction] = {}
        for u in states:
            for symbol, v in enumerate(automaton.table[u]):
                if v in at:
                    meter.spend(arithmetic_cost(at[v]) + arithmetic_cost(at[u]))
                    agreed = change.setdefault((classes[u], symbol), at[v] - at[u])
                    require(agreed == at[v] - at[u], "a potential changes differently on one label")
            vectors[u].append(at[u])
    numbers: dict[tuple[int, tuple[Fraction, ...]], int] = {}
    return {u: numbers.setdefault((classes[u], tuple(vectors[u])), len(numbers)) for u in states}


def flows(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Flows between states that cancel on every label: no counting tells the states apart, not C-RASP.

    A predictor may see the last symbol, so for prediction two of the states must differ after one more.
    """
    record(evidence, "the evidence", ("kind", "states", "classes", "flows"))
    states = indices(evidence["states"], "states", automaton.states)
    require(
        frozenset(states) in large_components(automaton, meter),
        "states is not a component of more than one state",
    )
    number = partition(evidence["classes"], "classes", states, automaton.states)
    require(len(set(number.values())) < len(states), "all classes are single states")
    if task == "predict":
        rows = {(number[state], automaton.table[state]) for state in states}
        settled = len(rows) == len(set(number.values()))
        require(not settled, "the states of each class agree after every further symbol")
    joined = {state: state for state in states}

    def leader(state: int) -> int:
        while joined[state] != state:
            state = joined[state]
        return state

    for value in items(evidence["flows"], "flows"):
        flow = record(value, "a flow", ("from", "to", "edges"))
        source = integer(flow["from"], "from", 0, automaton.states)
        target = integer(flow["to"], "to", 0, automaton.states)
        require(source in number and target in number, "a flow leaves the component")
        require(number[source] == number[target], "from and to are in different classes")
        check_flow(flow["edges"], source, target, number, automaton, meter)
        meter.spend(2 * len(states))
        joined[leader(source)] = leader(target)
    for one in states:
        for other in states:
            meter.spend(1)
            if number[one] == number[other]:
                require(
                    leader(one) == leader(other), f"no flow connects states {one} and {other} of one class"
                )


def check_flow(
    edges: object, source: int, target: int, number: dict[int, int], automaton: Automaton, meter: Meter
) -> None:
    """Reject unless the flow leaves `source` with surplus 1, ends in `target`, and cancels on every label."""
    surplus: dict[int, Fraction] = defaultdict(Fraction)
    labels: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for value in items(edges, "edges"):
        edge = items(value, "an edge")
        require(len(edge) == 3, "an edge is not [state, symbol, value]")
        u = integer(edge[0], "the state of an edge", 0, automaton.states)
        (symbol,) = subset(edge[1:2], "the symbol of an edge", automaton.number)
        amount = rational(edge[2], "the value of an edge")
        v = automaton.table[u][automaton.number[symbol]]
        require(u in number and v in number, "an edge leaves the component")
        surplus[u] += amount
        surplus[v] -= amount
        labels[number[u], symbol] += amount
        for total in (surplus[u], surplus[v], labels[number[u], symbol]):
            meter.spend(arithmetic_cost(total))
    surplus[source] -= 1
    surplus[target] += 1
    require(not any(surplus.values()), f"a flow does not lead from {source} to {target} alone")
    require(not any(labels.values()), "a flow does not cancel on every label")
