"""From a cascade back to a program that a person can read: past temporal logic, as short as we find it.

Each value of a cell becomes a condition on the prefix. On the live prefixes, which are finitely many nodes of
`walks`, it is fixed what each condition has to be; everywhere else it may be what is convenient. After the
first symbol that is not legal nothing matters but that it has been read. So a short condition that is right
on all nodes and steps is right at every length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..languages import DFA
from ..languages.dfa import make_dfa
from ..programs import Program, historically, latch, once, previously, read, since
from ..programs.expressions import FALSE, TRUE, Expression, negation
from .cascade import Cascade
from .covers import Product, cover, distinct, has, support
from .decompose import decompose
from .naming import size
from .walks import Rows, walks
from .wording import both, either, opposite, sum_of_products

Flags = NDArray[np.bool_]
_FEW = 30  # conditions, for which every order is tried
_READABLE = 200  # what is longer is not worth other attempts


def decompile(language: DFA | Cascade, *, budget: Budget = DEFAULT) -> Program:
    """Return a short program of past temporal logic with the words of a star-free language.

    Its END condition is right after every prefix, so that it alone says which words there are.

    Arguments:
        language: a minimal complete DFA, or a cascade.

    Raises:
        BadInput: when the language is not star-free.
        BudgetExceeded: when the cascade has too many live values, or time runs out.

    Complexity: that of `decompose`, and for each cell a few covers of the steps between live values.

    Source: Schuetzenberger, McNaughton and Papert, Kamp: star-free = past temporal logic; by way of Krohn and
    Rhodes, as Maler and Pnueli, FOCS 1990.

    >>> from starfree.languages import regex
    >>> decompile(regex("(a|b)*ab")).end_when
    read('b') & previously(read('a'))
    """
    if isinstance(language, Cascade):
        return _program(language, budget)
    found = _program(decompose(language, task="predict", budget=budget), budget)
    end = found.end_when
    if size(end) <= _READABLE:
        end = min([end, *_other_ends(language, budget)], key=size)
    return replace(found, end_when=end, spec=language.spec, definition=language.definition)


def _other_ends(dfa: DFA, budget: Budget) -> Iterator[Expression]:
    """Yield more conditions that say which words there are: by all prefixes, and by the other words."""
    if dfa.dead_state is not None:
        yield _program(decompose(dfa, budget=budget), budget, everywhere=True).end_when
    others = make_dfa(dfa.alphabet, dfa.table, ~dfa.accepting, budget=budget)
    if others.dead_state is not None:
        yield opposite(_program(decompose(others, task="predict", budget=budget), budget).end_when)


@dataclass(frozen=True)
class _Variable:
    """What a condition may look at.

    Arguments:
        conditions: for each value from 1 on the condition that it has that value.
        positive: the condition that its value is not 0, if that can be said without them.
    """

    conditions: tuple[Expression, ...]
    positive: Expression | None = None

    @cached_property
    def costs(self) -> tuple[int, ...]:
        return tuple(map(size, self.conditions))

    def among(self, most: Flags, least: Flags) -> tuple[Flags, Expression]:
        """Return the shortest test for values that are all those of `least` and none outside `most`."""
        if most.all():
            return most, TRUE
        choices = []
        for some in (least, most):
            for zero in (bool(least[0]), bool(most[0])):
                allowed = some.copy()
                allowed[0] = zero
                named = [v for v, flag in enumerate(allowed[1:]) if flag != zero]
                brief = self.positive is not None and len(named) == len(self.conditions)
                cost = 2 * zero + (2 if brief else sum(self.costs[v] for v in named))
                choices.append((cost, zero, allowed, [] if brief else named))
        _, zero, allowed, named = min(choices, key=lambda choice: choice[0])
        test = either(self.conditions[v] for v in named)
        if self.positive is not None and not named:
            test = self.positive
        return allowed, negation(test) if zero else test


@dataclass(frozen=True)
class _Found:
    """A condition, and its values: those of a sum of products, or the opposite."""

    condition: Expression
    kept: tuple[int, ...]
    products: tuple[Product, ...]
    negated: bool

    def values(self, rows: Rows) -> Flags:
        found = np.zeros(len(rows), np.bool_)
        for product in self.products:
            found |= has(product, rows[:, self.kept])
        return found ^ self.negated


def _find(
    variables: Sequence[_Variable], rows: Rows, wanted: Flags, usable: Iterable[int], budget: Budget
) -> _Found | None:
    """Return the shortest condition found that is true on the wanted rows only, or None without any."""
    usable = list(usable)
    found = []
    # What is to be done without first: what is long altogether, or what has the longest test.
    few = sum(len(variables[i].conditions) for i in usable) <= _FEW
    for weigh in (max, sum) if few else (max,):
        order = sorted(usable, key=lambda i: (-weigh([0, *variables[i].costs]), -i))
        kept = support(rows, wanted, order)
        if kept is None:
            return None
        named = [variables[i] for i in kept]
        sizes = [1 + len(variable.conditions) for variable in named]
        places = [kept.index(i) for i in order if i in kept]
        for negated in (False, True):
            pairs = cover(rows[:, kept], wanted ^ negated, sizes, places, budget=budget)
            # Those that look at the symbol come first, then those that look at lower cells.
            pairs.sort(key=lambda pair: [i for i, allowed in enumerate(pair[0]) if not allowed.all()])
            chosen = [
                [one.among(*flags) for one, *flags in zip(named, most, least, strict=True)]
                for most, least in pairs
            ]
            products = tuple(tuple(allowed for allowed, _ in product) for product in chosen)
            condition = sum_of_products([[test for _, test in one if test is not TRUE] for one in chosen])
            made = negation(condition) if negated else condition
            found.append(_Found(made, tuple(kept), products, negated))
    return min(found, key=lambda one: size(one.condition))


def _program(cascade: Cascade, budget: Budget, *, everywhere: bool = False) -> Program:
    """Return the program of a cascade; with `everywhere` nothing is dead, and only END is meant."""
    found = walks(cascade, everywhere=everywhere, budget=budget)
    nodes, steps = found.nodes, found.steps
    symbol = _Variable(tuple(read(*symbols) for symbols in found.classes))
    cells = len(cascade.cells)
    now: list[_Variable] = [symbol]
    before: list[_Variable] = [replace(_before(symbol), positive=previously(True))]
    rows = np.hstack([nodes[steps[:, 2]], nodes[steps[:, 0]]])
    for i in range(1, cells + 1):
        count = cascade.cells[i - 1].size
        unused = [_Variable((FALSE,) * (one.size - 1)) for one in cascade.cells[i - 1 :]]
        variables = [*now, *unused, *before, *unused]
        lower = [*range(i), *range(cells + 1, cells + 1 + i)]
        now.append(
            _Variable(tuple(_cell(variables, rows, i, v, cells + 1, lower, budget) for v in range(1, count)))
        )
        before.append(_before(now[-1]))

    def on_nodes(flags: Flags) -> Expression:
        answer = _find(now, nodes, flags, range(cells + 1), budget)
        assert answer is not None
        return answer.condition

    legal = [on_nodes(found.legal[:, letter]) for letter in range(len(found.classes))]
    end = on_nodes(found.legal[:, -1])
    alive = TRUE if everywhere else _alive(symbol, before, nodes, found.legal[:, :-1], budget)
    place = {one: i for i, symbols in enumerate(found.classes) for one in symbols}
    return Program(
        cascade.alphabet,
        tuple(legal[place[one]] for one in cascade.alphabet),
        both([end, alive]),
        negation(alive),
    )


def _before(variable: _Variable) -> _Variable:
    # Every position has been one by the next.
    return _Variable(tuple(previously(True if c is once(TRUE) else c) for c in variable.conditions))


def _alive(
    symbol: _Variable, before: Sequence[_Variable], nodes: Rows, legal: Flags, budget: Budget
) -> Expression:
    """Return the condition that every symbol so far was legal where it stood."""
    classes = legal.shape[1]
    letters = np.tile(np.arange(1, classes + 1), len(nodes))
    rows = np.column_stack([letters, np.repeat(nodes, classes, axis=0)])
    variables = [symbol, *before]
    right = _find(variables, rows, legal.reshape(-1), range(len(variables)), budget)
    wrong = _find(variables, rows, ~legal.reshape(-1), range(len(variables)), budget)
    assert right is not None
    assert wrong is not None
    choices = [negation(once(wrong.condition)), historically(right.condition)]
    return min(choices, key=lambda one: size(one))


def _cell(
    variables: Sequence[_Variable],
    rows: Rows,
    cell: int,
    value: int,
    width: int,
    lower: Sequence[int],
    budget: Budget,
) -> Expression:
    """Return the condition that a cell has a value, in terms of the symbol and of the cells before it."""
    seen = np.zeros_like(rows)
    seen[:, [*lower, cell, width + cell]] = rows[:, [*lower, cell, width + cell]]
    rows = distinct(seen)
    new, old = rows[:, cell] == value, rows[:, width + cell] == value
    choices = []
    # Without the latch it must also be right after the empty prefix, where everything is 0.
    origin = np.vstack([np.zeros((1, rows.shape[1]), np.int64), rows])
    plain = _find(variables, origin, np.concatenate([[False], new]), lower, budget)
    if plain is not None:
        choices.append(plain.condition)
    for usable in (lower, [i for i in lower if i == 0 or i >= width]):
        rising, asked = new & ~old, ~(new & old)
        start = _find(variables, rows[asked], rising[asked], usable, budget)
        assert start is not None
        free = ~old | (new & start.values(rows))
        falling = (old & ~new)[~free]
        if not falling.any():
            choices.append(once(start.condition))
            continue
        hold = _find(variables, rows[~free], ~falling, usable, budget)
        stop = _find(variables, rows[~free], falling, usable, budget)
        assert hold is not None
        assert stop is not None
        if hold.condition is FALSE:
            continue  # then it is no latch, and has been found above
        if size(hold.condition) <= size(stop.condition):
            choices.append(since(hold.condition, start.condition))
        else:
            choices.append(latch(start.condition, stop.condition))
    return min(choices, key=size)
