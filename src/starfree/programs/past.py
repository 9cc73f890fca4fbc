"""`pltl:`: pure-past temporal logic, straight to a program. Each temporal operator is one cell."""

from __future__ import annotations

from typing import TypeGuard

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from ..languages.words import brief, check_alphabet
from .expressions import FALSE, TRUE, Expression, Latch, Not, all_of, any_of, negation
from .formula import Formula, joined, parse_formula
from .operators import historically, once, previously, read, since
from .program import Program, program


def past_program(text: str, alphabet: tuple[str, ...] = (), *, budget: Budget = DEFAULT) -> Program:
    """Return the program of the words at whose end a formula of pure-past LTL holds.

    Arguments:
        text: the formula: symbols, `!`, `&`, `|`, `->`, `<->`, Y (previously), WY (the same, but true at the
            first position), O (once), H (historically), S (since), and T, its dual.
        alphabet: more symbols to have, in front of those written.

    Raises:
        BadInput: when it is no such formula.
        BudgetExceeded: when it has more memories than states allowed.

    Complexity: that of `Listing`.

    Source: Lichtenstein, Pnueli and Zuck 1985.

    >>> "ab" in past_program("b & Y a"), "bb" in past_program("b & Y a")
    (True, False)
    """
    formula = parse_formula(text, past=True)
    symbols = alphabet_of(formula, alphabet, f"pltl:{text}")
    return program(symbols, accept=past_expression(formula), spec=f"pltl:{text}", budget=budget)


def past_expression(formula: Formula) -> Expression:
    """Return a formula of pure-past LTL as a condition."""
    made: dict[Formula, Expression] = {}
    for one in formula.subformulas():
        made[one] = _past(one, [made[part] for part in one.parts])
    return made[formula]


def _past(formula: Formula, parts: list[Expression]) -> Expression:
    match formula.operator:
        case "symbol":
            return read(formula.symbol)
        case "true":
            return TRUE
        case "false":
            return FALSE
        case "!":
            return negation(parts[0])
        case "&":
            return _every(parts)
        case "|":
            return _some(parts)
        case "<->":
            return joined(_equal, parts)
        case "Y":
            return previously(parts[0])
        case "WY":
            return negation(previously(negation(parts[0])))
        case "O":
            return once(parts[0])
        case "H":
            return historically(parts[0])
        case "S":
            return since(*parts)
        case "T":
            return negation(since(negation(parts[0]), negation(parts[1])))
    raise TypeError(f"no operator {formula.operator!r}")


def _some(parts: list[Expression]) -> Expression:
    """Return the disjunction; O p | O q is O (p | q), one cell."""
    happened = [part.set for part in parts if _is_once(part)]
    others = [part for part in parts if not _is_once(part)]
    return any_of(*others, once(any_of(*happened)))


def _every(parts: list[Expression]) -> Expression:
    """Return the conjunction; H p & H q is H (p & q), one cell. Many requirements have many H."""
    broken = [part.part.set for part in parts if isinstance(part, Not) and _is_once(part.part)]
    others = [part for part in parts if not (isinstance(part, Not) and _is_once(part.part))]
    return all_of(*others, negation(once(any_of(*broken))))


def _is_once(part: Expression) -> TypeGuard[Latch]:
    return isinstance(part, Latch) and part == once(part.set)


def _equal(x: Expression, y: Expression) -> Expression:
    return any_of(all_of(x, y), all_of(negation(x), negation(y)))


def alphabet_of(formula: Formula, more: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return the symbols given, then those written, by code point; raises `BadInput` when there is none."""
    written = sorted(one.symbol for one in formula.subformulas() if one.operator == "symbol")
    symbols = check_alphabet(tuple(dict.fromkeys([*more, *written])))
    if not symbols:
        raise BadInput(brief(" ".join(text.split())), "names no symbol", "Give the alphabet: --alphabet ab.")
    return symbols
