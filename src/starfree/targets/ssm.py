"""Lowering a cascade to a state space model that is exact in FIX(16)."""

from __future__ import annotations

from ..cascades import Cascade, Cell
from ..models.ssm import SSM
from .blocks import FRACTION_BITS
from .lowering import weights
from .rotor_cells import SIGNED, Coding, cyclic, rounded
from .schedule import schedule

_GATES = {None: "nonnegative", "signed": "signed", "complex": "complex", "matrix": "cyclic"}


def lower(
    cascade: Cascade,
    *,
    shift: bool,
    rotors: str | None = None,
    fraction_bits: int = FRACTION_BITS,
    origin: dict[str, object] | None = None,
) -> SSM:
    """Return the state space model that runs the cascade.

    Arguments:
        shift: let each block also see its input one step before (fewer layers, a larger state).
        rotors: how to keep the rotors of a cascade that has some: "signed", those of two values, by gates of
            -1; "complex", by roots of unity, but one of so many values that fixed point has none as "matrix";
            "matrix", by blocks of 0 and 1 that turn cyclically.
        fraction_bits: p of FIX(p); without shift, at least 3 where a cell is read one step later.

    Complexity: linear in the size of the weights; hidden units are the rules, plus two per value of a delayed
    cell.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> model = lower(decompose(regex("(ab)*"), task="predict"), shift=False)
    >>> len(model.layers), model.accepts("abab"), model.accepts("aba")
    (1, True, False)
    """
    plan = schedule(cascade, shift=shift)
    codings = {
        number: _coding(cell, rotors, fraction_bits)
        for number, cell in enumerate(cascade.cells)
        if cell.turns
    }
    made = weights(cascade, plan, shift=shift, codings=codings, fraction_bits=fraction_bits)
    return SSM(
        cascade.alphabet,
        cascade.task,
        fraction_bits,
        shift,
        made.embedding,
        made.layers,
        made.head,
        made.coordinates,
        dict(origin or {}),
        _GATES[rotors],
    )


def _coding(cell: Cell, rotors: str | None, fraction_bits: int) -> Coding:
    if cell.size == 2 and rotors != "matrix":
        return SIGNED
    turns = [rule.value for rule in cell.rules if rule.adds]
    found = None if rotors == "matrix" else rounded(cell.size, fraction_bits, turns)
    return cyclic(cell.size) if found is None else found
