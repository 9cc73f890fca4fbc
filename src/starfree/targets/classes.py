"""Which symbols a model need not tell apart."""

from __future__ import annotations

from ..cascades import Cascade


def symbol_classes(cascade: Cascade) -> dict[str, int]:
    """Number the symbols so that those which fire the same rules share a number.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> symbol_classes(decompose(regex("[ab]*c")))
    {'a': 0, 'b': 0, 'c': 1}
    """
    signature: dict[str, list[tuple[int, int]]] = {symbol: [] for symbol in cascade.alphabet}
    for number, cell in enumerate(cascade.cells):
        for i, rule in enumerate(cell.rules):
            for symbol in rule.symbols:
                signature[symbol].append((number, i))
    numbers: dict[tuple[tuple[int, int], ...], int] = {}
    return {symbol: numbers.setdefault(tuple(fired), len(numbers)) for symbol, fired in signature.items()}
