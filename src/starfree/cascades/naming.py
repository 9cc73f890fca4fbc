"""Long conditions as a person writes them: a part that occurs again and again gets a name first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..programs.expressions import (
    FALSE,
    All,
    Expression,
    Latch,
    Not,
    Previously,
    Read,
    Some,
    negation,
)
from ..programs.notation import text

_WORTH_A_NAME = 6  # shorter parts are rather written twice


@dataclass(frozen=True)
class Named:
    """Conditions as Python expressions.

    Arguments:
        definitions: names and what they stand for, each in terms of earlier ones.
        conditions: what was to be written, in terms of the names.
    """

    definitions: tuple[tuple[str, str], ...]
    conditions: tuple[str, ...]


def named(conditions: Iterable[Expression], alphabet: tuple[str, ...]) -> Named:
    """Return conditions that do not count as text, in which a long part that occurs twice is written once.

    Arguments:
        conditions: what to write.
        alphabet: the symbols; no name is one of them.

    Complexity: linear in the number of different parts.

    >>> from starfree.programs import latch, previously, read
    >>> twice = latch(read("a") & previously(read("a")), read("b") & previously(read("b")))
    >>> found = named([twice | previously(twice)], ("a", "b"))
    >>> found.definitions
    (('x1', "latch(read('a') & previously(read('a')), read('b') & previously(read('b')))"),)
    >>> found.conditions
    ('x1 | previously(x1)',)
    """
    roots = tuple(conditions)
    stem = "x"
    while any(symbol.startswith(stem) for symbol in alphabet):
        stem += "_"
    names = {node: f"{stem}{i}" for i, node in enumerate(_repeated(roots), 1)}
    parts = [_written(node, {other: names[other] for other in names if other is not node}) for node in names]
    return Named(
        tuple(zip(names.values(), parts, strict=True)),
        tuple(_written(root, names) for root in roots),
    )


def size(condition: Expression) -> int:
    """Return how much there is to read: operators and symbols, those of a part with a name once.

    >>> from starfree.programs import historically, once, previously, read
    >>> size(once(read("a", "b")) & ~previously(read("a", "b"))), size(historically(read("a")))
    (9, 2)
    """
    order = _order([condition])
    names = set(_repeated([condition]))
    sizes: dict[Expression, int] = {}
    for node in order:
        sizes[node] = _own(node) + sum(1 if part in names else sizes[part] for part in _shown(node))
    return sum(sizes[node] for node in {*names, condition})


def _shown(node: Expression) -> tuple[Expression, ...]:
    """Return the parts of a condition as it is written: those of `historically`, `once` and `since` too."""
    match node:
        case Not(Latch(event, reset, False)) if reset is FALSE:
            return (negation(event),)
        case Latch(event, reset, False) if reset is FALSE:
            return (event,)
        case Latch(event, Not(hold), False):
            return (hold, event)
    return node.parts


def _own(node: Expression) -> int:
    if isinstance(node, Read):
        return len(node.symbols)
    return 2 if _is_not(node) else 1  # harder to read than "and"


def _is_not(node: Expression) -> bool:
    """Say whether a condition is written as a negation, and not as `historically`."""
    return isinstance(node, Not) and _shown(node) == node.parts


def _order(roots: Iterable[Expression]) -> list[Expression]:
    """Return all parts as they are written, each after its own parts."""
    seen: set[Expression] = set()
    order: list[Expression] = []
    stack = [(root, False) for root in roots]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(part, False) for part in reversed(_shown(node))]
    return order


def _repeated(roots: Iterable[Expression]) -> list[Expression]:
    """Return the parts that deserve a name, in the order in which they can be defined."""
    roots = list(roots)
    order = _order(roots)
    sizes: dict[Expression, int] = {}
    for node in order:
        sizes[node] = _own(node) + sum(sizes[part] for part in _shown(node))
    times = dict.fromkeys(order, 0)
    for root in roots:
        times[root] += 1
    chosen = set()
    for node in reversed(order):  # what it is part of has been decided on
        again = times[node]
        modest = isinstance(node, Previously) or _is_not(node)
        if again > 1 and sizes[node] >= _WORTH_A_NAME and not modest:
            chosen.add(node)
            again = 1
        for part in _shown(node):
            times[part] += again
    return [node for node in order if node in chosen]


def _written(node: Expression, names: Mapping[Expression, str]) -> str:
    """Return a condition as text, with names for some parts."""
    # A name stands in the place of a symbol, which it is not, until the text is written.
    written = text(_cut(node, names, {}))
    for name in names.values():
        written = written.replace(f"read({name!r})", name)
    return written


def _cut(node: Expression, names: Mapping[Expression, str], made: dict[Expression, Expression]) -> Expression:
    if node in names:
        return Read(frozenset([names[node]]))
    if node not in made:
        match node:
            case Not(Latch(event, reset, False)) if reset is FALSE:
                never = negation(_cut(negation(event), names, made))
                made[node] = Not(Latch(never, FALSE, False))
            case Not(part):
                made[node] = Not(_cut(part, names, made))
            case Previously(part):
                made[node] = Previously(_cut(part, names, made))
            case Latch(event, Not(hold), initial):
                made[node] = Latch(_cut(event, names, made), Not(_cut(hold, names, made)), initial)
            case Latch(event, reset, initial):
                made[node] = Latch(_cut(event, names, made), _cut(reset, names, made), initial)
            case All(members):
                made[node] = All(tuple(_cut(part, names, made) for part in members))
            case Some(members):
                made[node] = Some(tuple(_cut(part, names, made) for part in members))
            case _:
                made[node] = node
    return made[node]
