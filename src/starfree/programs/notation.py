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
    walk,
)

_ATOM, _NOT, _AND, _OR = 3, 2, 1, 0
_LONGEST = 20_000  # characters of a part: beyond, nobody reads it, and shared parts double with each level

_Written = dict[Expression, tuple[str, int]]


def text(expression: Expression) -> str:
    """Return a condition as a Python expression over the operators of `starfree.program`.

    A part of more than 20,000 characters is written `...`.

    Complexity: linear in the text, in which a part that occurs twice is written twice.

    >>> from starfree.programs import once, read, since
    >>> text(once(read("a")) & ~since(read("b"), read("c")))
    "once(read('a')) & ~since(read('b'), read('c'))"
    """
    return _all_written([expression])[expression][0]


def linear_text(terms: Sequence[tuple[Expression, int]], constant: int = 0) -> str:
    """Return an integer combination of counts as text.

    >>> from starfree.programs import count, read
    >>> str(2 * count(read("a")) - count(read("b")) + 1)
    "2 * count(read('a')) - count(read('b')) + 1"
    """
    written = _all_written([part for part, _ in terms])
    return _sum([(written[part][0], weight) for part, weight in terms], constant)


def _sum(terms: Sequence[tuple[str, int]], constant: int) -> str:
    found = ""
    for part, weight in terms:
        sign = ("-" if weight < 0 else "") if not found else (" - " if weight < 0 else " + ")
        found += sign + (f"{abs(weight)} * " if abs(weight) > 1 else "") + f"count({part})"
    if constant or not found:
        found = f"{found} {'-' if constant < 0 else '+'} {abs(constant)}" if found else str(constant)
    return found


def _all_written(roots: Sequence[Expression]) -> _Written:
    """Return every condition that occurs as text, and how tightly its outermost operator binds."""
    written: _Written = {}
    for node in walk(roots):
        written[node] = _written(node, written)
    return written


def _written(node: Expression, written: _Written) -> tuple[str, int]:
    def inside(part: Expression, least: int) -> str:
        found, strength = written[part]
        if len(found) > _LONGEST:
            return "..."
        return found if strength >= least else f"({found})"

    def outside(part: Expression) -> str:
        """The opposite of a part, which has perhaps not been written itself."""
        if isinstance(part, Not):
            return inside(part.part, _OR)
        return str(not part.value) if isinstance(part, Constant) else f"~{inside(part, _NOT)}"

    match node:
        case Constant(value):
            return str(value), _ATOM
        case Read(symbols):
            return f"read({', '.join(map(repr, sorted(symbols)))})", _ATOM
        case Not(Latch(set_, reset, False)) if reset is FALSE:
            return f"historically({outside(set_)})", _ATOM
        case Not(part):
            return f"~{inside(part, _NOT)}", _NOT
        case All(members):
            return " & ".join(inside(part, _NOT) for part in members), _AND
        case Some(members):
            return " | ".join(inside(part, _AND) for part in members), _OR
        case Previously(part):
            return f"previously({inside(part, _OR)})", _ATOM
        case Latch(set_, reset, False) if reset is FALSE:
            return f"once({inside(set_, _OR)})", _ATOM
        case Latch(set_, Not(hold), False):
            return f"since({inside(hold, _OR)}, {inside(set_, _OR)})", _ATOM
        case Latch(set_, reset, initial):
            rest = ", initial=True" if initial else ""
            return f"latch({inside(set_, _OR)}, {inside(reset, _OR)}{rest})", _ATOM
        case AtLeast(terms, bound):
            texts = [(inside(part, _OR), weight) for part, weight in terms]
            return f"({_sum(texts, 0)} >= {bound})", _ATOM
        case Turned(part, order, residues):
            rotor = f"rotor({inside(part, _OR)}, {order})"
            tests = [f"({rotor} == {r})" for r in sorted(residues)]
            return " | ".join(tests), _ATOM if len(tests) == 1 else _OR
    raise TypeError(f"no notation for {type(node).__name__}")
