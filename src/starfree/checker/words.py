"""Words of certificates: lists of symbols, or straight-line programs, evaluated as transformations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .automaton import Automaton, IntArray
from .outcome import Meter, Rejected, require
from .reading import integer, items, record, shown, text


@dataclass(frozen=True)
class Word:
    """What is known of a word: where each state goes, shape `(n,)`, and its exact length."""

    map: IntArray
    length: int


class WordReader:
    """Reads words over the alphabet of one automaton."""

    def __init__(self, automaton: Automaton, meter: Meter) -> None:
        self.columns = dict(zip(automaton.alphabet, automaton.columns(), strict=True))
        self.identity = Word(np.arange(automaton.states), 0)
        self.meter = meter

    def read(self, value: object, name: str) -> Word:
        """Return the word, or reject it when it is malformed.

        Complexity: O(n) per symbol or step, O(n log i) per power i.
        """
        if isinstance(value, list):
            current = self.identity.map
            for symbol in value:
                self.meter.spend(len(current))
                current = self.column(symbol, name)[current]
            return Word(current, len(value))
        steps = items(record(value, name, ("steps",))["steps"], f"the steps of {name}")
        require(len(steps) > 0, f"{name} has no steps")
        done: list[Word] = []
        for step in steps:
            done.append(self.step(step, done, name))
            self.meter.keep(len(self.identity.map) + done[-1].length.bit_length() // 32)
        return done[-1]

    def column(self, symbol: object, name: str) -> IntArray:
        """Return the map of one symbol."""
        if text(symbol, f"a symbol of {name}") not in self.columns:
            raise Rejected(f"{name} has the symbol {shown(symbol)}, which is not in the alphabet")
        return self.columns[str(symbol)]

    def step(self, value: object, done: list[Word], name: str) -> Word:
        """Return the word of one step from the earlier ones."""
        match items(value, f"a step of {name}"):
            case ["sym", symbol]:
                return Word(self.column(symbol, name), 1)
            case ["mul", i, j]:
                first = done[integer(i, f"an index in {name}", 0, len(done))]
                second = done[integer(j, f"an index in {name}", 0, len(done))]
                return self.product(first, second)
            case ["pow", i, n]:
                base = done[integer(i, f"an index in {name}", 0, len(done))]
                return self.power(base, integer(n, f"a power in {name}", 0))
        raise Rejected(f"a step of {name} is none of [sym, symbol], [mul, i, j], [pow, i, n]")

    def product(self, first: Word, second: Word) -> Word:
        """Return first, then second."""
        length = first.length + second.length
        self.meter.spend(len(first.map) + length.bit_length() // 32)
        return Word(second.map[first.map], length)

    def power(self, base: Word, exponent: int) -> Word:
        """Return the base repeated, by repeated squaring of its map."""
        # A product of lengths with b and c bits costs about b * c / 900 steps and has b + c bits.
        self.meter.spend(base.length.bit_length() * exponent.bit_length() // 900)
        current, square = self.identity.map, base.map
        remaining = exponent
        while remaining:
            self.meter.spend(2 * len(current) + remaining.bit_length() // 32)
            if remaining & 1:
                current = square[current]
            square = square[square]
            remaining >>= 1
        return Word(current, base.length * exponent)
