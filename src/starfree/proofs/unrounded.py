"""Up to which length a model that counts computes without rounding, and so is right."""

from __future__ import annotations

from ..budgets import DEFAULT, Budget
from ..models.arithmetics import Rounded
from ..programs import Program
from ..targets.circuit import Circuit
from ..targets.program_ssm import meaning_of
from .symbolic import Flaw, executed


def unrounded_until(model: Rounded, program: Program, *, task: str, budget: Budget = DEFAULT) -> float | None:
    """Return a length up to which a model is right on every word, or None where this proof finds none.

    The model is first proved to be the program in its own FIX(p), which bounds all its numbers: those that do
    not count by a constant, a counter by the length times its greatest step. While they are integers within
    the range that the arithmetic holds, each step has the very result that it has in FIX(p).

    Arguments:
        model: an ssm without shift, in another arithmetic.
        task: "recognise" or "predict".

    Returns:
        the length; infinite where nothing is ever rounded.

    Complexity: that of `executed`.

    >>> import starfree
    >>> from starfree.models.arithmetics import in_arithmetic
    >>> dyck = starfree.load("@dyck_1")
    >>> unrounded_until(in_arithmetic(starfree.build(dyck), "float32"), dyck, task="recognise")
    16777215
    """
    own = model.model
    if own.shift or not model.faithful:
        return None
    circuit = Circuit(program, task, test_layers=0, budget=budget)
    sizes = executed(own, circuit, meaning_of(circuit, own.fraction_bits))
    limit = model.numbers.whole
    if isinstance(sizes, Flaw) or not sizes.whole or sizes.largest > limit or sizes.edge > limit:
        return None
    if limit == float("inf") or not sizes.growth:
        return float("inf")
    return int((int(limit) - sizes.edge) // sizes.growth)
