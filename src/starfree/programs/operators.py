"""The operators of programs, as a person writes them."""

from __future__ import annotations

from ..errors import BadInput
from .expressions import (
    FALSE,
    TRUE,
    Expression,
    Latch,
    Linear,
    Previously,
    Read,
    Rotor,
    all_of,
    any_of,
    condition,
    negation,
    written,
)


def read(*symbols: str) -> Expression:
    """The last symbol is one of these; false after the empty prefix.

    >>> read("a", "b")
    read('a', 'b')
    """
    for symbol in symbols:
        if not isinstance(symbol, str) or not symbol:
            raise BadInput(f"read({symbol!r})", "a symbol is text that is not empty", "Write read('a').")
    return Read(frozenset(symbols)) if symbols else FALSE


def previously(part: object) -> Expression:
    """The condition held one position earlier; false at the first position.

    >>> previously(read("a") | read("b"))
    previously(read('a') | read('b'))
    """
    part = written(part, "previously")
    return FALSE if part is FALSE else Previously(part)


def since(hold: object, start: object) -> Expression:
    """`start` held at some position, and `hold` at each one after it up to now.

    >>> since(True, read("a"))
    once(read('a'))
    """
    return latch(start, negation(condition(hold)))


def once(part: object) -> Expression:
    """The condition holds now or held at an earlier position."""
    return latch(written(part, "once"), FALSE)


def historically(part: object) -> Expression:
    """The condition holds now and held at every earlier position."""
    return negation(once(negation(condition(part))))


def iff(first: object, second: object) -> Expression:
    """Both conditions hold, or neither.

    >>> iff(read("a"), True)
    read('a')
    """
    left, right = condition(first), condition(second)
    return any_of(all_of(left, right), all_of(negation(left), negation(right)))


def latch(set: object, reset: object, *, initial: bool = False) -> Expression:
    """True when `set` is, else false when `reset` is, else as it was; at first `initial`.

    After the empty prefix it is `initial`, whatever `set` and `reset` are there.

    >>> latch(read("w1"), read("w0"))
    latch(read('w1'), read('w0'))
    """
    set_, reset = condition(set), condition(reset)
    if not isinstance(initial, bool):
        raise BadInput(f"latch(..., initial={initial!r})", "is not True or False", "Write one of them.")
    if (set_ is TRUE or reset is FALSE) if initial else set_ is FALSE:
        return condition(initial)
    return Latch(set_, FALSE if set_ is TRUE else reset, initial)


def count(part: object) -> Linear:
    """The number of positions so far where the condition holds.

    >>> count(read("(")) - count(read(")")) >= 1
    (count(read('(')) - count(read(')')) >= 1)
    """
    part = written(part, "count")
    return Linear({}, 0) if part is FALSE else Linear({part: 1}, 0)


def rotor(part: object, order: int) -> Rotor:
    """The number of positions so far where the condition holds, modulo `order`.

    Raises:
        BadInput: when the order is not a whole number from 2 on.

    >>> rotor(read("1"), 2) == 0
    (rotor(read('1'), 2) == 0)
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 2:
        raise BadInput(f"rotor(..., {order})", "the order is a whole number from 2 on", "Write rotor(p, 2).")
    return Rotor(condition(part), order)
