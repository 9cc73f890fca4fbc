"""Equal conditions in fewer words: what several operators say is said by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..programs.expressions import (
    FALSE,
    TRUE,
    All,
    Expression,
    Latch,
    Not,
    Previously,
    Read,
    Some,
    all_of,
    any_of,
    negation,
)
from ..programs.operators import once, previously, read


def either(parts: Iterable[Expression]) -> Expression:
    """Return the disjunction, with symbols, `previously`, `once` and negations put together.

    >>> either([read("b"), ~read("a"), previously(read("a")), previously(read("b"))])
    read('b') | previously(read('a', 'b')) | ~read('a')
    """
    return _joined(Some, parts)


def both(parts: Iterable[Expression]) -> Expression:
    """Return the conjunction, with `previously`, `historically` and negations put together.

    >>> both([~read("a"), previously(read("a")), ~read("b"), ~once(read("b"))])
    previously(read('a')) & ~read('a', 'b') & historically(~read('b'))
    """
    return _joined(All, parts)


def sum_of_products(products: Sequence[Sequence[Expression]]) -> Expression:
    """Return a disjunction of conjunctions, with what several have in common written once.

    >>> a, b, c = read("a"), previously(read("b")), once(read("c"))
    >>> sum_of_products([[a, b], [a, c]])
    read('a') & (previously(read('b')) | once(read('c')))
    """
    times: dict[Expression, int] = {}
    for product in products:
        for part in product:
            times[part] = times.get(part, 0) + 1
    common = max(times, key=lambda part: times[part], default=None)
    if common is None or times[common] < 2:
        return either(both(product) for product in products)
    inside = [[part for part in product if part != common] for product in products if common in product]
    outside = [product for product in products if common not in product]
    first = both([common, sum_of_products(inside)])
    return either([first, sum_of_products(outside)]) if outside else first


def opposite(condition: Expression) -> Expression:
    """Return the negation, drawn into a conjunction or a disjunction.

    >>> opposite(read("a") | once(read("b")))
    ~read('a') & historically(~read('b'))
    """
    match condition:
        case Some(members):
            return both(map(negation, members))
        case All(members):
            return either(map(negation, members))
    return negation(condition)


def _joined(kind: type[All] | type[Some], parts: Iterable[Expression]) -> Expression:
    flat = (all_of if kind is All else any_of)(*parts)
    if not isinstance(flat, kind):
        return flat
    same, other = (both, either) if kind is All else (either, both)
    plain: list[Expression] = []
    before: list[Expression] = []
    not_before: list[Expression] = []
    ever: list[Expression] = []
    never: list[Expression] = []
    symbols: set[str] = set()
    denied: list[Expression] = []
    for part in flat.members:
        match part:
            case Read(one) if kind is Some:
                symbols |= one
            case Latch(event, reset, False) if kind is Some and reset is FALSE:
                ever.append(event)
            case Not(Latch(event, reset, False)) if kind is All and reset is FALSE:
                never.append(event)
            case Previously(inner):
                before.append(inner)
            case Not(Previously(inner)):
                not_before.append(inner)
            case Not(inner):
                denied.append(inner)
            case _:
                plain.append(part)
    if symbols:
        plain.insert(0, read(*symbols))
    if before:
        plain.append(previously(same(before)))
    if ever:
        plain.append(_once(ever))
    if not_before:
        denied.append(previously(other(not_before)))
    if denied:
        plain.append(negation(other(denied)))
    if never:
        plain.append(negation(_once(never)))
    return (all_of if kind is All else any_of)(*plain)


def _once(events: Sequence[Expression]) -> Expression:
    event = either(events)
    # "At some position" is not yet true after the empty prefix, as `once(True)` would be.
    return any_of(*map(once, events)) if event is TRUE else once(event)
