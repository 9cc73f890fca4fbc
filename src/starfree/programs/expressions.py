"""What a program is made of: conditions on a prefix, and counts of positions.

A condition is true or false after each prefix, the empty one included; a count is an integer. Positions are
those of symbols, from 1: the temporal operators look at the prefixes that end there, up to now, and not at
the empty prefix. Each temporal operator is one cell of memory.

Equal conditions are one object, so that a part that occurs twice is one cell, and comparing costs nothing
however much is shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cached_property, cmp_to_key
from math import gcd
from threading import Lock
from typing import Any, NoReturn, Self
from weakref import WeakValueDictionary

from ..errors import BadInput

_DEEPEST = 180  # what reads conditions calls itself a few times for each one inside another
_known: WeakValueDictionary[tuple[object, ...], Any] = WeakValueDictionary()
_making = Lock()


class Expression:
    """A condition. `&`, `|` and `~` combine conditions; `p >> q` is "if p then q"."""

    def __new__(cls, *given: object) -> Self:
        key = cls, *given
        with _making:
            found: Self = _known.setdefault(key, super().__new__(cls))
        return found

    def __post_init__(self) -> None:
        if self._depth > _DEEPEST:
            why = f"has more than {_DEEPEST} conditions inside each other"
            raise BadInput("a condition", why, "Write a flatter one.")

    def __reduce__(self) -> tuple[type[Expression], tuple[object, ...]]:
        return type(self), tuple(getattr(self, one.name) for one in fields(self))  # type: ignore[arg-type]

    def __and__(self, other: object) -> Expression:
        return all_of(self, condition(other))

    def __or__(self, other: object) -> Expression:
        return any_of(self, condition(other))

    def __invert__(self) -> Expression:
        return negation(self)

    def __rshift__(self, other: object) -> Expression:
        return any_of(negation(self), condition(other))

    __rand__, __ror__ = __and__, __or__

    def _compared(self, other: object) -> NoReturn:
        why = "a condition is true or false and cannot be compared with a number"
        raise BadInput(f"{self} beside {other}", why, "Count the positions where it is true: count(...).")

    __lt__ = __le__ = __gt__ = __ge__ = _compared

    def _calculated(self, other: object) -> NoReturn:
        why = "a condition is true or false and no number to calculate with"
        raise BadInput(f"{self} beside {other}", why, "Count the positions where it is true: count(...).")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _calculated
    __truediv__ = __floordiv__ = __mod__ = __pow__ = __xor__ = _calculated

    def __bool__(self) -> bool:
        why = "a condition has no truth value of its own, only after each prefix"
        raise BadInput(str(self), why, "Combine conditions with &, | and ~ instead of and, or and not.")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (int, Linear)) and not isinstance(other, bool):
            self._compared(other)
        return self is other

    __hash__ = object.__hash__

    @cached_property
    def _depth(self) -> int:
        return 1 + max((part._depth for part in self.parts), default=0)

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The conditions it is made of."""
        return ()

    def __str__(self) -> str:
        from .notation import text

        return text(self)

    __repr__ = __str__


@dataclass(frozen=True, eq=False, repr=False)
class Constant(Expression):
    """True after every prefix, or false after every prefix."""

    value: bool


TRUE, FALSE = Constant(True), Constant(False)


@dataclass(frozen=True, eq=False, repr=False)
class Read(Expression):
    """The last symbol is one of `symbols`; false after the empty prefix."""

    symbols: frozenset[str]


@dataclass(frozen=True, eq=False, repr=False)
class Not(Expression):
    """The opposite."""

    part: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.part,)


@dataclass(frozen=True, eq=False, repr=False)
class All(Expression):
    """Every one of two or more conditions."""

    members: tuple[Expression, ...]

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.members


@dataclass(frozen=True, eq=False, repr=False)
class Some(Expression):
    """At least one of two or more conditions."""

    members: tuple[Expression, ...]

    @property
    def parts(self) -> tuple[Expression, ...]:
        return self.members


@dataclass(frozen=True, eq=False, repr=False)
class Previously(Expression):
    """`part` one position earlier; false at the first position and after the empty prefix."""

    part: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.part,)


@dataclass(frozen=True, eq=False, repr=False)
class Latch(Expression):
    """True when `set` is, else false when `reset` is, else as one position earlier; at first `initial`."""

    set: Expression
    reset: Expression
    initial: bool

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.set, self.reset)


@dataclass(frozen=True, eq=False, repr=False)
class AtLeast(Expression):
    """An integer combination of counts is at least `bound`.

    Arguments:
        terms: (what is counted, weight), with distinct first entries; no weight is 0, the first is positive,
            and they have no common divisor.
    """

    terms: tuple[tuple[Expression, int], ...]
    bound: int

    @property
    def parts(self) -> tuple[Expression, ...]:
        return tuple(part for part, _ in self.terms)


@dataclass(frozen=True, eq=False, repr=False)
class Turned(Expression):
    """The number of positions so far where `part` holds is one of `residues` modulo `order`: a rotor."""

    part: Expression
    order: int
    residues: frozenset[int]

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.part,)


class Linear:
    """An integer combination of counts. `+`, `-` and `*` by an integer make others; comparisons, conditions.

    Arguments:
        terms: weight of each condition whose positions are counted.
        constant: what is added.
    """

    def __init__(self, terms: dict[Expression, int], constant: int) -> None:
        self.terms = {part: weight for part, weight in terms.items() if weight}
        self.constant = constant

    def __add__(self, other: object) -> Linear:
        given = linear(other, self)
        terms = dict(self.terms)
        for part, weight in given.terms.items():
            terms[part] = terms.get(part, 0) + weight
        return Linear(terms, self.constant + given.constant)

    def __neg__(self) -> Linear:
        return self * -1

    def __sub__(self, other: object) -> Linear:
        return self + -linear(other, self)

    def __rsub__(self, other: object) -> Linear:
        return linear(other, self) - self

    def __mul__(self, factor: object) -> Linear:
        if isinstance(factor, bool) or not isinstance(factor, int):
            why = "counts may be added and multiplied by whole numbers only"
            raise BadInput(f"({self}) * ({factor})", why, "Write an integer combination of counts.")
        return Linear({part: factor * w for part, w in self.terms.items()}, factor * self.constant)

    __radd__, __rmul__ = __add__, __mul__

    def __ge__(self, other: object) -> Expression:
        return _at_least(self - linear(other, self))

    def __gt__(self, other: object) -> Expression:
        return _at_least(self - linear(other, self) - 1)

    def __le__(self, other: object) -> Expression:
        return _at_least(linear(other, self) - self)

    def __lt__(self, other: object) -> Expression:
        return _at_least(linear(other, self) - self - 1)

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        return all_of(self <= other, self >= other)

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return negation(self == other)

    __hash__ = None  # type: ignore[assignment]

    def _not_linear(self, other: object = None) -> NoReturn:
        why = "counts may be added and multiplied by whole numbers only"
        raise BadInput(str(self), why, "Write an integer combination of counts; for remainders, rotor(p, k).")

    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _not_linear
    __pow__ = __rpow__ = __invert__ = __and__ = __or__ = __xor__ = _not_linear

    def __bool__(self) -> bool:
        raise BadInput(str(self), "a count is a number, not a condition", "Compare it: count(...) > 0.")

    def __str__(self) -> str:
        from .notation import linear_text

        return linear_text(tuple(self.terms.items()), self.constant)

    __repr__ = __str__


@dataclass(frozen=True, eq=False)
class Rotor:
    """A count modulo `order`. `==` and `!=` with an integer make conditions."""

    part: Expression
    order: int

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        if isinstance(other, bool) or not isinstance(other, int):
            raise BadInput(f"rotor(...) == {other}", "is not an integer", "Compare with 0, 1, ...")
        if not 0 <= other < self.order:
            why = f"a rotor of order {self.order} is from 0 to {self.order - 1}"
            raise BadInput(f"rotor(...) == {other}", why, "Compare with such a number.")
        return Turned(self.part, self.order, frozenset([other]))

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return negation(self == other)

    __hash__ = None  # type: ignore[assignment]

    def _only_equal(self, other: object = None) -> NoReturn:
        why = "can only be compared with == and !="
        raise BadInput(f"a rotor of order {self.order}", why, "Write rotor(p, 2) == 0.")

    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = _only_equal
    __mul__ = __rmul__ = __mod__ = __and__ = __or__ = __invert__ = __bool__ = _only_equal


def condition(given: object) -> Expression:
    """Return a condition that may be given as True or False; raises `BadInput` for anything else."""
    if isinstance(given, Expression):
        return given
    if isinstance(given, bool):
        return TRUE if given else FALSE
    if isinstance(given, Rotor):
        what = f"a rotor of order {given.order}"
        raise BadInput(what, "is a number, not a condition", "Compare it, as in rotor(p, 2) == 0.")
    why = "a count is a number, not a condition" if isinstance(given, Linear) else "is not a condition"
    raise BadInput(str(given), why, "Write a condition such as read('a') or count(read('a')) > 0.")


def written(given: object, operator: str) -> Expression:
    """Return a condition that a person wrote as an operand; False is most likely a mistake.

    Two conditions are == when they are one object: that is Python's answer, and no condition.
    """
    if given is False:
        why = "is never true; == between two conditions asks whether they are the same object"
        raise BadInput(f"{operator}(False)", why, "Write iff(p, q) for equally true.")
    return condition(given)


def linear(given: object, beside: object) -> Linear:
    """Return a combination of counts that may be given as an integer."""
    if isinstance(given, Linear):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        return Linear({}, given)
    if not isinstance(given, (Expression, bool)):
        raise BadInput(f"{given!r} beside {beside}", "counts are whole numbers", "Write a whole number.")
    why = "a condition cannot be compared with, or added to, a count"
    raise BadInput(f"{given} beside {beside}", why, "Count the positions where it is true: count(...).")


def _at_least(form: Linear) -> Expression:
    """Return the condition that a combination is at least 0, in the one form that all equal ones share."""
    if not form.terms:
        return TRUE if form.constant >= 0 else FALSE
    divisor = gcd(*form.terms.values())
    parts = sorted(form.terms, key=cmp_to_key(_order))
    terms = [(part, form.terms[part] // divisor) for part in parts]
    bound = -(form.constant // divisor)
    if terms[0][1] > 0:
        return AtLeast(tuple(terms), bound)
    return negation(AtLeast(tuple((part, -w) for part, w in terms), 1 - bound))


def _order(x: Expression, y: Expression) -> int:
    """Return -1, 0 or 1 as one condition stands before the other: by the first thing in which they differ.

    Complexity: that of one path, because equal parts are one object.
    """
    while x is not y:
        kinds = _kind(x), _kind(y)
        if kinds[0] != kinds[1]:
            return -1 if kinds[0] < kinds[1] else 1
        x, y = next((a, b) for a, b in zip(x.parts, y.parts, strict=True) if a is not b)
    return 0


def _kind(node: Expression) -> tuple[Any, ...]:
    """Return all that a condition is but its parts; of two classes the names decide."""
    own: tuple[Any, ...] = ()
    match node:
        case Constant(value):
            own = (value,)
        case Read(symbols):
            own = tuple(sorted(symbols))
        case Latch(initial=initial):
            own = (initial,)
        case AtLeast(terms, bound):
            own = bound, *(weight for _, weight in terms)
        case Turned(_, order, residues):
            own = order, *sorted(residues)
    return type(node).__name__, len(node.parts), own


def negation(part: Expression) -> Expression:
    """Return the opposite of a condition."""
    if isinstance(part, Constant):
        return FALSE if part.value else TRUE
    return part.part if isinstance(part, Not) else Not(part)


def all_of(*parts: object) -> Expression:
    """Return the conjunction; of none, true."""
    return _joined(All, FALSE, TRUE, (condition(part) for part in parts))


def any_of(*parts: object) -> Expression:
    """Return the disjunction; of none, false."""
    return _joined(Some, TRUE, FALSE, (condition(part) for part in parts))


def _joined(
    kind: type[All] | type[Some], decides: Expression, neutral: Expression, parts: Iterable[Expression]
) -> Expression:
    kept: dict[Expression, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, kind) else [part]))
    kept.pop(neutral, None)
    denied = [part.part for part in kept if isinstance(part, Not)]
    if decides in kept or any(part in kept for part in denied):
        return decides
    if not kept:
        return neutral
    return next(iter(kept)) if len(kept) == 1 else kind(tuple(kept))


def walk(roots: Iterable[Expression]) -> Iterator[Expression]:
    """Yield every condition that occurs, once, after its parts.

    Complexity: linear in the number of different conditions.
    """
    seen: set[Expression] = set()
    for root in roots:
        stack: list[tuple[Expression, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                yield node
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack += [(part, False) for part in reversed(node.parts) if part not in seen]
