"""Regular expressions with intersection and complement, compiled to minimal DFAs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from .dfa import DFA, check_entries, freeze
from .expressions import Automaton, Label, Step, compile_steps
from .minimise import minimise, renumber
from .product import product
from .regex_parser import AND, EMPTY, NOT, OR, Op, Repeat, Symbols, parse_regex
from .words import check_alphabet

_DOING = "compiling a regular expression"


def regex(text: str, alphabet: Sequence[str] | None = None, *, budget: Budget = DEFAULT) -> DFA:
    """Return the language of a regular expression.

    Arguments:
        text: the expression; `regex_parser` describes the dialect.
        alphabet: symbols to have besides those written in the expression, which are never dropped; `.`,
            `[^a]` and `~` refer to all of them. They come first, the others follow by code point.

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
    # Symbols need not come in the order of their classes.
    order, table = renumber(final.table[:, class_of], budget=budget)
    return freeze(symbols, table, final.accepting[order], spec=text, definition=_stands_alone(text, symbols))


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
    budget.check_states(sizes[0] + 1, _DOING)  # one state per position, and the start


def _classify(program: list[Op], symbols: tuple[str, ...]) -> tuple[list[Step], NDArray[np.int64]]:
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
    labels = {one: Label(mask) for one, mask in zip(sets, masks, strict=True)}
    return [labels[op] if isinstance(op, Symbols) else op for op in program], class_of


def _evaluate(program: list[Step], classes: int, budget: Budget) -> Automaton:
    """Run the program: `&` and `~` turn the steps of their operands into automata, the rest is collected."""
    steps: list[Step] = []
    begins: list[int] = []  # where the steps of each operand begin

    def take() -> Automaton:
        begin = begins.pop()
        operand = compile_steps(steps[begin:], classes, budget)
        del steps[begin:]
        return operand

    for step in program:
        if isinstance(step, Label) or step is EMPTY:
            begins.append(len(steps))
            steps.append(step)
        elif step is NOT:
            operand = take()
            begins.append(len(steps))
            steps.append(Automaton(operand.table, ~operand.accepting))
        elif step is AND or (step is OR and _automata(steps, begins)):
            right, left = take(), take()
            begins.append(len(steps))
            steps.append(_combine(left, right, step is AND, budget))
        else:
            if not isinstance(step, Repeat):
                begins.pop()
            steps.append(step)
    return take()


def _automata(steps: list[Step], begins: list[int]) -> bool:
    """Tell whether the last two operands are automata already, so that their union is a product."""
    alone = len(steps) - begins[-2] == 2
    return alone and isinstance(steps[-1], Automaton) and isinstance(steps[-2], Automaton)


def _combine(left: Automaton, right: Automaton, both: bool, budget: Budget) -> Automaton:
    table, i, j = product(left.table, right.table, budget=budget)
    one, other = left.accepting[i], right.accepting[j]
    return Automaton(*minimise(table, one & other if both else one | other, budget=budget))


def _stands_alone(text: str, symbols: tuple[str, ...]) -> str | None:
    """Return the text as a definition, if read without its surroundings it means the same."""
    one_character = all(len(symbol) == 1 for symbol in symbols)
    return None if text.startswith("@") or not one_character else text
