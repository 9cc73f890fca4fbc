"""A cascade as a model of documents: tokens instead of symbols, with a beginning and an end.

BOS sets every cell to its initial value, so that documents may be packed one after another. After EOS, for
recognise, every prefix is dead: the latch that remembers a dead prefix is set, and where the cascade has none
(no prefix of the language is ever dead, or the dead state is spread over cells) one is added.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..cascades import Cascade, Cell, Condition
from .classes import symbol_classes

Tokens = frozenset[int]
"""Classes of tokens that the rules do not tell apart."""


@dataclass(frozen=True)
class Setting:
    """Set a cell to `value` when one of `tokens` is read and old values of earlier cells meet `when`."""

    tokens: Tokens
    when: Condition
    value: int


@dataclass(frozen=True)
class Latch:
    """A cell of the cascade, in tokens.

    Arguments:
        name, size, level: as the cell's.
        settings: at most one value results from those that fire; none firing means hold.
    """

    name: str
    size: int
    level: int
    settings: tuple[Setting, ...]


@dataclass(frozen=True)
class Documents:
    """A cascade over classes of tokens.

    Arguments:
        classes: for each symbol of the alphabet, then BOS, EOS, PAD and UNK, its class.
        latches: in an order in which each reads only earlier ones.
        outcomes: disjoint conditions on the new values, and the tokens that are then legal.
        sums: the names of sums of counts.
    """

    classes: tuple[int, ...]
    latches: tuple[Latch, ...]
    outcomes: tuple[tuple[Condition, frozenset[int]], ...]
    sums: tuple[str, ...] = ()


def documents(cascade: Cascade) -> Documents:
    """Return the cascade over tokens, symbols first.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> found = documents(decompose(regex("a*")))
    >>> [latch.name for latch in found.latches], found.classes
    (['level 1: ended'], (0, 1, 2, 1, 2))
    """
    numbers = symbol_classes(cascade)
    begin = len(set(numbers.values()))
    end = begin + 1
    k = len(cascade.alphabet)
    place = {symbol: i for i, symbol in enumerate(cascade.alphabet)}
    cells, outcomes = list(cascade.cells), [(outcome.when, outcome) for outcome in cascade.outcomes]
    dead = None
    if cascade.task == "recognise":
        dead = _dead_latch(cascade)
        if dead is None:
            dead = len(cells)
            cells.append(Cell("level 1: ended", 2, (), 1))
            outcomes = [((*when, (dead, (0,))), outcome) for when, outcome in outcomes]
    latches = []
    for number, cell in enumerate(cells):
        tokens: dict[tuple[Condition, int], set[int]] = {((), 0): {begin}}
        if number == dead:
            tokens[(), 1] = {end}
        for rule in cell.rules:
            tokens.setdefault((rule.when, rule.value), set()).update(numbers[s] for s in rule.symbols)
        settings = tuple(Setting(frozenset(read), *key) for key, read in tokens.items())
        latches.append(Latch(cell.name, cell.size, cell.level, settings))
    legal = tuple(
        (when, frozenset([place[s] for s in outcome.symbols] + [k + 1] * outcome.end))
        for when, outcome in outcomes
    )
    return Documents((*(numbers[s] for s in cascade.alphabet), begin, end, begin, end), tuple(latches), legal)


def _dead_latch(cascade: Cascade) -> int | None:
    """Return a cell that, once set, is never reset and keeps the legal set empty."""
    for number, cell in enumerate(cascade.cells):
        if (
            cell.size == 2
            and all(rule.value == 1 for rule in cell.rules)
            and all(dict(outcome.when).get(number) == (0,) for outcome in cascade.outcomes)
        ):
            return number
    return None
