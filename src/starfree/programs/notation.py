"""How conditions are written, so that a person reads them and Python evaluates them again."""

from __future__ import annotations

from collections.abc import Sequence

from .expressions import (
    FALSE,
    All,
    AtLeast,
    Constant,
    Expression,
    Latch,
    Not,
    Previously,
    Read,
    Some,
    Turned,
    negation,
    walk,
)

_ATOM, _NOT, _AND, _OR = 3, 2, 1, 0


def text(expression: Expression) -> str:
    """Return a condition as a Python expression over the operators of `starfree.program`.

    Complexity: linear in the text, in which a part that occurs twice is written twice.

    >>> from starfree.programs import once, read, since
    >>> text(once(read("a")) & ~since(read("b"), read("c")))
    "once(read('a')) & ~since(read('b'), read('c'))"
    """
    written: dict[Expression, tuple[str, int]] = {}
    for node in walk([expression]):
        written[node] = _written(node, written)
    return written[expression][0]


def linear_text(terms: Sequence[tuple[Expression, int]], constant: int = 0) -> str:
    """Return an integer combination of counts as text.

    >>> from starfree.programs import count, read
    >>> str(2 * count(read("a")) - count(read("b")) + 1)
    "2 * count(read('a')) - count(read('b')) + 1"
    """
    found = ""
    for part, weight in terms:
        sign = ("-" if weight < 0 else "") if not found else (" - " if weight < 0 else " + ")
        found += sign + (f"{abs(weight)} * " if abs(weight) > 1 else "") + f"count({text(part)})"
    if constant or not found:
        found = f"{found} {'-' if constant < 0 else '+'} {abs(constant)}" if found else str(constant)
    return found


def _written(node: Expression, written: dict[Expression, tuple[str, int]]) -> tuple[str, int]:
    def inside(part: Expression, least: int) -> str:
        # A part that the operators' sugar makes has not been walked over.
        found, strength = written[part] if part in written else (text(part), _strength(part))
        return found if strength >= least else f"({found})"

    match node:
        case Constant(value):
            return str(value), _ATOM
        case Read(symbols):
            return f"read({', '.join(map(repr, sorted(symbols)))})", _ATOM
        case Not(Latch(set_, reset, False)) if reset == FALSE:
            return f"historically({inside(negation(set_), _OR)})", _ATOM
        case Not(part):
            return f"~{inside(part, _NOT)}", _NOT
        case All(members):
            return " & ".join(inside(part, _NOT) for part in members), _AND
        case Some(members):
            return " | ".join(inside(part, _AND) for part in members), _OR
        case Previously(part):
            return f"previously({inside(part, _OR)})", _ATOM
        case Latch(set_, reset, False) if reset == FALSE:
            return f"once({inside(set_, _OR)})", _ATOM
        case Latch(set_, Not(hold), False):
            return f"since({inside(hold, _OR)}, {inside(set_, _OR)})", _ATOM
        case Latch(set_, reset, initial):
            rest = ", initial=True" if initial else ""
            return f"latch({inside(set_, _OR)}, {inside(reset, _OR)}{rest})", _ATOM
        case AtLeast(terms, bound):
            return f"({linear_text(terms)} >= {bound})", _ATOM
        case Turned(part, order, residues):
            rotor = f"rotor({inside(part, _OR)}, {order})"
            return " | ".join(f"({rotor} == {r})" for r in sorted(residues)), _ATOM
    raise TypeError(f"no notation for {type(node).__name__}")


def _strength(node: Expression) -> int:
    return {All: _AND, Some: _OR, Not: _NOT}.get(type(node), _ATOM)
