"""The DFA of a certificate: complete, every state reachable, no two states equivalent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .outcome import Meter, require
from .reading import indices, integer, items, record, shown, text

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Automaton:
    """A minimal complete DFA.

    Arguments:
        alphabet: k distinct symbols.
        start: the start state, in `0..n-1`.
        accepting: for each state whether it accepts.
        table: n rows of k states.
        live: for each state whether an accepting state can be reached from it.
    """

    alphabet: tuple[str, ...]
    start: int
    accepting: tuple[bool, ...]
    table: tuple[tuple[int, ...], ...]
    live: tuple[bool, ...]

    @cached_property
    def number(self) -> dict[str, int]:
        """The column of each symbol."""
        return {symbol: column for column, symbol in enumerate(self.alphabet)}

    @property
    def states(self) -> int:
        """The number of states."""
        return len(self.table)

    def columns(self) -> list[IntArray]:
        """Return, for each symbol, the array of the states it leads to."""
        return [np.array([row[a] for row in self.table], dtype=np.int64) for a in range(len(self.alphabet))]

    def legal(self, state: int) -> tuple[frozenset[str], bool]:
        """Return the symbols that lead from the state to a live state, and whether the word may end."""
        row = self.table[state]
        return frozenset(s for s, q in zip(self.alphabet, row, strict=True) if self.live[q]), self.accepting[
            state
        ]


def read_alphabet(value: object, name: str) -> tuple[str, ...]:
    """Return a list of distinct non-empty strings."""
    alphabet = tuple(text(symbol, f"a symbol of {name}") for symbol in items(value, name))
    require(all(alphabet), f"{name} has an empty symbol")
    require(len(set(alphabet)) == len(alphabet), f"{name} lists a symbol twice")
    return alphabet


def read_automaton(alphabet_value: object, dfa_value: object, meter: Meter) -> Automaton:
    """Return the DFA of a certificate, or reject it.

    Raises: `Rejected` when the table is not complete, has an unreachable state or two equivalent states.
    Complexity: O(n k) per round of the minimality check, at most n rounds.
    """
    alphabet = read_alphabet(alphabet_value, "the alphabet")
    fields: dict[str, Any] = record(dfa_value, "the dfa", ("start", "accepting", "table"))
    rows = items(fields["table"], "the table")
    count = len(rows)
    meter.states(count)
    require(count > 0, "the table has no state")
    start = integer(fields["start"], "start", 0, count)
    listed = indices(fields["accepting"], "accepting", count)
    require(listed == sorted(listed), "accepting is not increasing")
    table = []
    for state, row in enumerate(rows):
        entries = items(row, f"row {state} of the table")
        require(len(entries) == len(alphabet), f"row {state} of the table does not have one entry per symbol")
        meter.keep(1 + len(entries))
        table.append(
            tuple(integer(entry, f"an entry of row {state} of the table", 0, count) for entry in entries)
        )
    final = set(listed)
    accepting = tuple(state in final for state in range(count))
    reached = reach([start], table, meter)
    require(len(reached) == count, f"state {min(set(range(count)) - reached, default=0)} cannot be reached")
    predecessors: list[list[int]] = [[] for _ in range(count)]
    for state, targets in enumerate(table):
        for target in targets:
            predecessors[target].append(state)
    useful = reach(listed, predecessors, meter)
    automaton = Automaton(
        alphabet, start, accepting, tuple(table), tuple(state in useful for state in range(count))
    )
    require_minimal(automaton, meter)
    return automaton


def reach(sources: list[int], successors: list[tuple[int, ...]] | list[list[int]], meter: Meter) -> set[int]:
    """Return the nodes that can be reached from the sources, themselves included."""
    reached = set(sources)
    waiting = list(sources)
    while waiting:
        targets = successors[waiting.pop()]
        meter.spend(1 + len(targets))
        for target in targets:
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def require_minimal(automaton: Automaton, meter: Meter) -> None:
    """Reject when two states are equivalent: split by acceptance, then by successors, until stable."""
    columns = automaton.columns()
    classes = np.array(automaton.accepting, dtype=np.int64)
    count = len(set(automaton.accepting))
    while count < automaton.states:
        meter.spend(automaton.states * (1 + len(columns)))
        for_each = np.stack([classes, *(classes[column] for column in columns)], axis=1)
        classes = np.unique(for_each, axis=0, return_inverse=True)[1].reshape(-1)
        finer = int(classes.max()) + 1
        if finer == count:
            twins = [int(s) for s in np.flatnonzero(classes == np.argmax(np.bincount(classes)))[:2]]
            require(False, f"states {twins[0]} and {twins[1]} are equivalent")
        count = finer


def require_same_language(ours: Automaton, theirs: Automaton, meter: Meter) -> None:
    """Reject unless both automata have the same set of symbols and accept the same words."""
    difference = set(ours.alphabet) ^ set(theirs.alphabet)
    require(
        not difference, f"the symbol {shown(min(difference, default=''))} is in only one of the two alphabets"
    )
    position = [theirs.number[symbol] for symbol in ours.alphabet]
    first = (ours.start, theirs.start)
    came_from: dict[tuple[int, int], tuple[tuple[int, int], str] | None] = {first: None}
    queue = [first]
    for pair in queue:
        p, q = pair
        meter.states(len(queue))
        meter.spend(len(position))
        if ours.accepting[p] != theirs.accepting[q]:
            word: list[str] = []
            step = came_from[pair]
            while step is not None:
                word.append(step[1])
                step = came_from[step[0]]
            require(False, f"the languages differ on the word {[*reversed(word)]!a}")
        for a, b in enumerate(position):
            target = (ours.table[p][a], theirs.table[q][b])
            if target not in came_from:
                came_from[target] = (pair, ours.alphabet[a])
                queue.append(target)
