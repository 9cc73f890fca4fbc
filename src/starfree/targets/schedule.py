"""Which layer holds which cell.

A rule reads the symbol and the *old* values of earlier cells. With a one-step shift in the block, the layer
after a cell sees the old value itself. Without it, a delay cell in that next layer remembers the value for
one step and its network reads it off, so the reader comes one layer later still. A cell that is set by every
symbol, whatever the other cells say, is no memory: the embedding gives its value, and only its old value
needs a delay.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..cascades import Cascade, Cell


@dataclass(frozen=True)
class Schedule:
    """Where things are. Layers count from 1; 0 is the embedding.

    Arguments:
        layers: number of layers.
        at: for each cell, the layer that holds it, 0 for a function of the symbol.
        delayed: for each cell whose old value is read through a delay, the layer of the delay.
    """

    layers: int
    at: tuple[int, ...]
    delayed: dict[int, int]


def is_function_of_symbol(cell: Cell, alphabet: tuple[str, ...]) -> bool:
    """Say whether each symbol sets the cell unconditionally."""
    setting = [rule for rule in cell.rules if not rule.when and not rule.adds]
    unconditional = {symbol for rule in setting for symbol in rule.symbols}
    return unconditional == set(alphabet)


def schedule(cascade: Cascade, *, shift: bool) -> Schedule:
    """Return the earliest layers.

    Complexity: linear in the rules. Levels L give at most L layers with the shift and 2 L - 1 without.
    """
    at: list[int] = []
    for cell in cascade.cells:
        if is_function_of_symbol(cell, cascade.alphabet):
            at.append(0)
        else:
            at.append(1 + max((at[other] + (not shift) for other in cell.reads), default=0))
    read = {other for cell in cascade.cells for other in cell.reads}
    delayed = {} if shift else {other: at[other] + 1 for other in read}
    last = [at[cell] for outcome in cascade.outcomes for cell, _ in outcome.when]
    return Schedule(max([1, *last]), tuple(at), delayed)
