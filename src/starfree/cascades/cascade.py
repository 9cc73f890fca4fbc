"""The intermediate representation: latches and rotors in cascade, as rules a person can read.

A cascade reads one symbol at a time. A latch holds its value unless a rule sets it; a rotor may also be
turned: a rule adds a constant modulo its size. A rule looks at the symbol and at the *old* values of earlier
cells only. What may come next is a function of the *new* values. By Krohn and Rhodes cascades of latches are
exactly the star-free languages, and by Sarrof et al. (2024) each is a state space model whose gates are 0 and
1; with rotors they are the languages whose groups are solvable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from ..languages import END, LegalSet

Condition = tuple[tuple[int, tuple[int, ...]], ...]
"""A conjunction: for each named cell, the values it may have. Cells in increasing order."""


@dataclass(frozen=True)
class Rule:
    """Set a cell to `value` when one of `symbols` is read and the old values of earlier cells meet `when`.

    With `adds`, `value` is added instead, modulo the size of the cell.
    """

    symbols: tuple[str, ...]
    when: Condition
    value: int
    adds: bool = False


@dataclass(frozen=True)
class Cell:
    """A latch or a rotor with values `0..size-1` that starts at 0.

    Arguments:
        name: what its values mean, for people and for the built weights.
        size: number of values, at least 2.
        rules: at most one action results from the rules that fire; none firing means hold.
        level: 1 for a cell that reads the symbol only, else one more than the highest level it reads.
    """

    name: str
    size: int
    rules: tuple[Rule, ...]
    level: int

    @property
    def reads(self) -> frozenset[int]:
        """Numbers of the cells that the rules look at."""
        return frozenset(cell for rule in self.rules for cell, _ in rule.when)

    @property
    def bits(self) -> int:
        return (self.size - 1).bit_length()

    @property
    def turns(self) -> bool:
        """Whether the cell is a rotor: some rule adds."""
        return any(rule.adds for rule in self.rules)


@dataclass(frozen=True)
class Outcome:
    """The legal set (`symbols`, and END if `end`) of all values that meet `when`."""

    when: Condition
    symbols: tuple[str, ...]
    end: bool

    @property
    def legal(self) -> LegalSet:
        return frozenset(self.symbols) | (frozenset([END]) if self.end else frozenset())


def holds(when: Condition, values: Sequence[int]) -> bool:
    """Say whether the values meet the condition."""
    return all(values[cell] in allowed for cell, allowed in when)


@dataclass(frozen=True)
class Cascade:
    """Latches and rotors in cascade with an output; knows nothing of tensors.

    Arguments:
        alphabet: the symbols.
        cells: in an order in which each reads only earlier ones; levels do not decrease.
        outcomes: at most one applies to any values; none means the empty legal set.
        task: "recognise" or "predict"; for predict, what happens after a dead prefix means nothing.
        origin: how it was found ("holonomy", "merged holonomy", ...).

    Source: Krohn and Rhodes; Eilenberg's holonomy; Egri-Nagy and Nehaniv, arXiv:1508.06345.
    """

    alphabet: tuple[str, ...]
    cells: tuple[Cell, ...]
    outcomes: tuple[Outcome, ...]
    task: str
    origin: str

    @property
    def levels(self) -> int:
        """Length of the longest chain of cells that read each other."""
        return max((cell.level for cell in self.cells), default=0)

    @property
    def bits(self) -> int:
        """Bits of memory when each cell is stored in binary."""
        return sum(cell.bits for cell in self.cells)

    @property
    def rule_count(self) -> int:
        return sum(len(cell.rules) for cell in self.cells)

    @property
    def tuples(self) -> int:
        """Number of value tuples, reachable or not."""
        return prod(cell.size for cell in self.cells)

    @property
    def initial(self) -> tuple[int, ...]:
        return (0,) * len(self.cells)

    @cached_property
    def _rules_by_symbol(self) -> dict[str, list[tuple[int, Rule]]]:
        table: dict[str, list[tuple[int, Rule]]] = {symbol: [] for symbol in self.alphabet}
        for number, cell in enumerate(self.cells):
            for rule in cell.rules:
                for symbol in rule.symbols:
                    table[symbol].append((number, rule))
        return table

    def step(self, values: tuple[int, ...], symbol: str) -> tuple[int, ...]:
        """Return the values after one more symbol; all cells move at once."""
        new = list(values)
        for number, rule in self._rules_by_symbol[symbol]:
            if holds(rule.when, values):
                new[number] = (values[number] * rule.adds + rule.value) % self.cells[number].size
        return tuple(new)

    def run(self, word: Iterable[str]) -> tuple[int, ...]:
        """Return the values after a word, from all zeros."""
        values = self.initial
        for symbol in word:
            values = self.step(values, symbol)
        return values

    def legal(self, values: Sequence[int]) -> LegalSet:
        """Return the legal set that the values stand for."""
        for outcome in self.outcomes:
            if holds(outcome.when, values):
                return outcome.legal
        return frozenset()

    def to_evidence(self) -> dict[str, Any]:
        """Return the `cascade` evidence of docs/certificates.md."""
        return {
            "kind": "cascade",
            "cells": [
                {
                    "size": cell.size,
                    "rules": [
                        {
                            "symbols": list(rule.symbols),
                            "when": _listed(rule.when),
                            "add" if rule.adds else "set": rule.value,
                        }
                        for rule in cell.rules
                    ],
                }
                for cell in self.cells
            ],
            "legal": [
                {"when": _listed(outcome.when), "symbols": list(outcome.symbols), "end": outcome.end}
                for outcome in self.outcomes
            ],
        }


def _listed(when: Condition) -> list[list[Any]]:
    return [[cell, list(values)] for cell, values in when]
