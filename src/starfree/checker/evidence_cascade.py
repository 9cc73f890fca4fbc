"""The evidence `cascade`: latches replayed beside the DFA through everything reachable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .automaton import Automaton
from .outcome import Meter, require
from .reading import flag, indices, integer, items, record, subset

Values = tuple[int, ...]
Conditions = tuple[tuple[int, frozenset[int]], ...]


@dataclass(frozen=True)
class Rule:
    """Set a cell to `value` on one of `symbols` when earlier cells had one of the listed values."""

    symbols: frozenset[str]
    when: Conditions
    value: int


@dataclass(frozen=True)
class Entry:
    """The legal set of all values that meet `when`."""

    when: Conditions
    symbols: frozenset[str]
    end: bool


def read_conditions(value: object, sizes: list[int], meter: Meter) -> Conditions:
    """Return conditions on cells whose sizes are given, each cell at most once."""
    conditions = []
    for entry in items(value, "when"):
        pair = items(entry, "an entry of when")
        require(len(pair) == 2, "an entry of when is not [cell, values]")
        cell = integer(pair[0], "a cell of when", 0, len(sizes))
        conditions.append((cell, frozenset(indices(pair[1], "the values of a cell", sizes[cell]))))
        meter.keep(1 + len(conditions[-1][1]))
    require(len({cell for cell, _ in conditions}) == len(conditions), "when names a cell twice")
    return tuple(conditions)


def holds(when: Conditions, values: Values) -> bool:
    """Whether every named cell has one of its listed values."""
    return all(values[cell] in allowed for cell, allowed in when)


def read_cascade(
    evidence: dict[str, Any], automaton: Automaton, meter: Meter
) -> tuple[list[list[Rule]], list[Entry]]:
    """Return the rules of each cell and the entries of the legal table."""
    sizes: list[int] = []
    rules: list[list[Rule]] = []
    for cell in items(evidence["cells"], "cells"):
        record(cell, "a cell", ("size", "rules"))
        size = integer(cell["size"], "size", 1)
        listed = []
        for rule in items(cell["rules"], "rules"):
            record(rule, "a rule", ("symbols", "when", "set"))
            symbols = frozenset(subset(rule["symbols"], "the symbols of a rule", automaton.number))
            when = read_conditions(rule["when"], sizes, meter)
            meter.keep(4 + len(symbols))
            listed.append(Rule(symbols, when, integer(rule["set"], "set", 0, size)))
        sizes.append(size)
        rules.append(listed)
    entries = []
    for entry in items(evidence["legal"], "legal"):
        record(entry, "an entry of legal", ("when", "symbols", "end"))
        legal = frozenset(subset(entry["symbols"], "the symbols of an entry of legal", automaton.number))
        meter.keep(4 + len(legal))
        entries.append(Entry(read_conditions(entry["when"], sizes, meter), legal, flag(entry["end"], "end")))
    return rules, entries


def cascade(evidence: dict[str, Any], automaton: Automaton, task: str, meter: Meter) -> None:
    """Latches that are set or hold, nothing else, have the DFA's legal sets: the language is aperiodic.

    Complexity: reachable pairs (values, state) times symbols times rules.
    """
    record(evidence, "the evidence", ("kind", "cells", "legal"))
    rules, entries = read_cascade(evidence, automaton, meter)
    compared = 1 + sum(1 + len(entry.when) for entry in entries)
    alive = automaton.live if task == "predict" else (True,) * automaton.states
    meter.spend(len(automaton.alphabet) * sum(map(len, rules)))
    read = {
        symbol: [
            (cell, rule) for cell, listed in enumerate(rules) for rule in listed if symbol in rule.symbols
        ]
        for symbol in automaton.alphabet
    }
    cost = {symbol: 1 + len(rules) + sum(1 + len(rule.when) for _, rule in read[symbol]) for symbol in read}

    def step(values: Values, symbol: str) -> Values:
        meter.spend(cost[symbol])
        result: dict[int, int] = {}
        for cell, rule in read[symbol]:
            if holds(rule.when, values):
                agreed = result.setdefault(cell, rule.value)
                require(agreed == rule.value, f"two rules of cell {cell} disagree in values that are reached")
        return tuple(result.get(cell, value) for cell, value in enumerate(values))

    first = ((0,) * len(rules), automaton.start)
    seen = {first}
    waiting = [first] if alive[automaton.start] else []
    while waiting:
        values, state = waiting.pop()
        meter.spend(compared)
        legal = [(entry.symbols, entry.end) for entry in entries if holds(entry.when, values)]
        require(len(legal) <= 1, "two entries of legal hold in values that are reached")
        ours = legal[0] if legal else (frozenset(), False)
        require(
            ours == automaton.legal(state), f"the legal set of the cascade differs from that of state {state}"
        )
        for symbol, target in zip(automaton.alphabet, automaton.table[state], strict=True):
            pair = (step(values, symbol), target) if alive[target] else None
            if pair is not None and pair not in seen:
                meter.states(len(seen))
                meter.keep(len(values) + 2)
                seen.add(pair)
                waiting.append(pair)
