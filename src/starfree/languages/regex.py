"""Regular expressions with intersection and complement, compiled to minimal DFAs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from .dfa import DFA, check_entries, make_dfa
from .glushkov import Fragment, Glushkov
from .minimise import minimise
from .product import product
from .regex_parser import AND, CAT, EMPTY, NOT, OR, Op, Operator, Repeat, Symbols, parse_regex
from .subsets import determinise
from .words import check_alphabet

_DENSE = 1 << 12  # positions up to which sets of them are kept as bit masks
_DOING = "compiling a regular expression"


@dataclass(frozen=True)
class _Automaton:
    """A minimal complete DFA over classes of symbols, as an operand."""

    table: NDArray[np.int32]
    accepting: NDArray[np.bool_]


@dataclass(frozen=True)
class _Label:
    """An operand: any symbol of a set of classes, as a bit mask."""

    mask: int


_Step = _Automaton | _Label | Repeat | Operator


def regex(text: str, alphabet: Sequence[str] | None = None, *, budget: Budget = DEFAULT) -> DFA:
    """Return the language of a regular expression.

    Arguments:
        text: the expression; `regex_parser` describes the dialect.
        alphabet: symbols to have besides those written in the expression, which are never dropped; `.`, `[^a]`
            and `~` refer to all of them. They come first, the others follow by code point.

    Raises:
        BadInput: when the expression is malformed.
        BudgetExceeded: when it has more positions, or an automaton on the way more states, than allowed.

    Complexity: up to `2^P` states for P positions; each of them takes `O(P / 8)` steps.

    Source: Glushkov 1961 for expressions without `&` and `~`; products and complements of DFAs for those.

    >>> even = regex("(b*ab*a)*b*")
    >>> even.states, "abba" in even, "ab" in even
    (2, True, False)
    >>> regex("~(.*aa.*)", "ab") == regex("(b|ab)*a?")
    True
    """
    program = parse_regex(text)
    written = {symbol for op in program if isinstance(op, Symbols) for symbol in op.members}
    declared = check_alphabet(alphabet or ())
    symbols = check_alphabet(declared + tuple(sorted(written.difference(declared))))
    check_entries(1, len(symbols), budget)
    _check_size(program, budget)
    steps, class_of = _classify(program, symbols)
    final = _evaluate(steps, int(class_of.max(initial=-1)) + 1, budget)
    check_entries(len(final.table), len(symbols), budget)
    return make_dfa(symbols, final.table[:, class_of], final.accepting, spec=text, definition=text, budget=budget)


def _check_size(program: list[Op], budget: Budget) -> None:
    """Raise `BudgetExceeded` when the expression, with its repetitions written out, is too long."""
    sizes: list[int] = []
    for op in program:
        if isinstance(op, Symbols):
            sizes.append(1)
        elif isinstance(op, Repeat):
            sizes[-1] *= op.least if op.most is None and op.least else op.most or 1
            budget.check_states(sizes[-1], _DOING)
        elif op is EMPTY:
            sizes.append(0)
        elif op is not NOT:
            sizes.append(sizes.pop() + sizes.pop())
    budget.check_states(sizes[0], _DOING)


def _classify(program: list[Op], symbols: tuple[str, ...]) -> tuple[list[_Step], NDArray[np.int64]]:
    """Return the program over classes of symbols that it cannot tell apart, and the class of each symbol."""
    everything = frozenset(symbols)
    sets = dict.fromkeys(op for op in program if isinstance(op, Symbols))
    member: dict[str, list[int]] = {symbol: [] for symbol in symbols}
    for i, one in enumerate(sets):
        for symbol in everything - one.members if one.negated else one.members:
            member[symbol].append(i)
    classes: dict[tuple[int, ...], int] = {}
    class_of = np.array([classes.setdefault(tuple(member[s]), len(classes)) for s in symbols], np.int64)
    masks = [0] * len(sets)
    for belongs, c in classes.items():
        for i in belongs:
            masks[i] |= 1 << c
    labels = {one: _Label(mask) for one, mask in zip(sets, masks, strict=True)}
    return [labels[op] if isinstance(op, Symbols) else op for op in program], class_of


def _evaluate(program: list[_Step], classes: int, budget: Budget) -> _Automaton:
    """Run the program: `&` and `~` turn the steps of their operands into automata, the rest is collected."""
    steps: list[_Step] = []
    begins: list[int] = []  # where the steps of each operand begin

    def take() -> _Automaton:
        begin = begins.pop()
        operand = _compile(steps[begin:], classes, budget)
        del steps[begin:]
        return operand

    for step in program:
        if isinstance(step, _Label) or step is EMPTY:
            begins.append(len(steps))
            steps.append(step)
        elif step is NOT:
            operand = take()
            begins.append(len(steps))
            steps.append(_Automaton(operand.table, ~operand.accepting))
        elif step is AND or (step is OR and _automata(steps, begins)):
            right, left = take(), take()
            begins.append(len(steps))
            steps.append(_combine(left, right, step is AND, budget))
        else:
            if not isinstance(step, Repeat):
                begins.pop()
            steps.append(step)
    return take()


def _automata(steps: list[_Step], begins: list[int]) -> bool:
    """Tell whether the last two operands are automata already, so that their union is a product."""
    alone = len(steps) - begins[-2] == 2
    return alone and isinstance(steps[-1], _Automaton) and isinstance(steps[-2], _Automaton)


def _combine(left: _Automaton, right: _Automaton, both: bool, budget: Budget) -> _Automaton:
    table, i, j = product(left.table, right.table, budget=budget)
    one, other = left.accepting[i], right.accepting[j]
    return _Automaton(*minimise(table, one & other if both else one | other, budget=budget))


def _compile(steps: list[_Step], classes: int, budget: Budget) -> _Automaton:
    """Return the minimal automaton of steps that contain neither `&` nor `~`."""
    if len(steps) == 1 and isinstance(steps[0], _Automaton):
        return steps[0]
    positions = Glushkov(_count(steps) <= _DENSE, budget)
    stack: list[Fragment] = []
    for step in steps:
        if isinstance(step, _Label):
            stack.append(positions.symbols(step.mask))
        elif isinstance(step, _Automaton):
            stack.append(positions.automaton(_edges(step), step.accepting))
        elif isinstance(step, Repeat):
            stack.append(positions.repeat(stack.pop(), step.least, step.most))
        elif step is EMPTY:
            stack.append(positions.empty())
        else:
            right = stack.pop()
            join = positions.concatenate if step is CAT else positions.unite
            stack.append(join(stack.pop(), right))
    table, accepting = determinise(positions, stack.pop(), classes, budget=budget)
    return _Automaton(*minimise(table, accepting, budget=budget))


def _count(steps: list[_Step]) -> int:
    """Return the number of positions, or a little more."""
    sizes: list[int] = []
    for step in steps:
        if isinstance(step, _Automaton):
            sizes.append(step.table.size)
        elif isinstance(step, Repeat):
            sizes[-1] *= step.most or step.least or 1
        elif isinstance(step, Operator) and step is not EMPTY:
            sizes.append(sizes.pop() + sizes.pop())
        else:
            sizes.append(1)
    return sizes[0]


def _edges(automaton: _Automaton) -> list[list[tuple[int, int]]]:
    """Return for each state its live successors with the label of all classes that lead there."""
    table, accepting = automaton.table, automaton.accepting
    dead = (table == np.arange(len(table))[:, None]).all(axis=1) & ~accepting
    edges = []
    for row in table.tolist():
        labels: dict[int, int] = {}
        for c, target in enumerate(row):
            if not dead[target]:
                labels[target] = labels.get(target, 0) | 1 << c
        edges.append(list(labels.items()))
    return edges
