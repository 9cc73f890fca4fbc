"""Lowering a cascade to complex gates in floating point, and how far its errors are certainly harmless."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, floor, hypot, pi, sin

import numpy as np
from numpy.typing import NDArray

from ..cascades import Cascade
from ..errors import BadInput
from ..models.float_ssm import FloatSSM
from ..models.rotations import COMPLEX
from .lowering import Weights, weights
from .rotor_cells import SIGNED, Coding
from .schedule import schedule

_FARTHEST = 1.5  # the size that a rotor's number stays below while its error is at most a half
_SLACK = 1e-14  # of numbers near 1 that are worked out here, in float64
_WHOLE = {"float32": 1 << 24, "float16": 1 << 11}  # whole numbers up to here are exact


def lower_float(
    cascade: Cascade, *, shift: bool, dtype: str, origin: dict[str, object] | None = None
) -> FloatSSM:
    """Return the model with complex gates in floating point, and its horizon.

    The horizon follows from a bound on the error of each step and of each readout, as `_horizon` says.

    Arguments:
        cascade: with rotors of any orders.
        dtype: "float32", or "float16", which has too few bits for a delay and so needs the shift.

    Raises:
        BadInput: for float16, when the model would need delays or its whole numbers would not be exact.

    Complexity: linear in the size of the weights.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> model = lower_float(decompose(regex("(aaa)*"), rotors="complex"), shift=False, dtype="float32")
    >>> model.arithmetic, model.accepts("aaa"), model.accepts("aa")
    ('float32, up to 1,166,990 symbols', True, False)
    """
    plan = schedule(cascade, shift=shift)
    if dtype == "float16" and plan.delayed:
        raise BadInput(
            "float16 without the shift", "has too few bits for a delay", "Add shift, or use float32."
        )
    rotors = {
        number: floating_rotor(cell.size, dtype) for number, cell in enumerate(cascade.cells) if cell.turns
    }
    codings = {number: rotor.coding for number, rotor in rotors.items()}
    made = weights(cascade, plan, shift=shift, codings=codings)
    if dtype == "float16":
        _check_whole(made, dtype)
    inexact = [rotor for rotor in rotors.values() if not rotor.coding.exact]
    horizon = min((_horizon(rotor, made, dtype) for rotor in inexact), default=None)
    if horizon is not None and horizon < 1:
        why = "has too few bits for a rotor of so many values"
        raise BadInput(f"rotors {dtype}", why, "Use float32, complex or matrix.")
    return FloatSSM(
        cascade.alphabet,
        cascade.task,
        dtype,
        shift,
        made.embedding,
        made.layers,
        made.head,
        made.coordinates,
        dict(origin or {}),
        horizon,
    )


@dataclass(frozen=True)
class Rotor:
    """A complex number in floating point.

    Arguments:
        coding: its codes, gates and tests.
        start, turn: bounds on the errors of a code and of a gate, as they are in the dtype.
        slope: how much the test of a value changes with the number.
    """

    coding: Coding
    start: float
    turn: float
    slope: float


def floating_rotor(size: int, dtype: str) -> Rotor:
    """Return a rotor of `size` values as a complex number in floating point, with bounds on its errors."""
    if size == 2:
        return Rotor(SIGNED, 0.0, 0.0, 0.0)
    roots = [(cos(2 * pi * k / size), sin(2 * pi * k / size)) for k in range(size)]
    if size == 4:
        roots = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)]
    codes = [(_cast(x, dtype), _cast(y, dtype)) for x, y in roots]
    # A gate is written as what is added to the 1 that holds, and that sum is rounded once more.
    gates = [(1.0 + _cast(x - 1.0, dtype), _cast(y, dtype)) for x, y in codes]
    run = [(_cast(x, dtype), y) for x, y in gates]
    near = cos(2 * pi / size)
    tests = tuple(((x / (1 - near), y / (1 - near)), -near / (1 - near)) for x, y in roots)
    if size == 4:
        tests = tuple((root, 0.0) for root in roots)
    coding = Coding(COMPLEX, tuple(codes), tuple(gates), ((0.0, 0.0),) * size, tests, exact=size == 4)
    return Rotor(coding, _error(codes, roots), _error(run, roots), 1 / (1 - near))


def _cast(value: float, dtype: str) -> float:
    return float(np.dtype(dtype).type(value))


def _error(found: list[tuple[float, float]], roots: list[tuple[float, float]]) -> float:
    return _SLACK + max(hypot(x - a, y - b) for (x, y), (a, b) in zip(found, roots, strict=True))


def _horizon(rotor: Rotor, made: Weights, dtype: str) -> int:
    """Return for how many steps the error of a rotor is certainly too small to be read.

    A unit that reads it, and n - 1 other rotors, is exact while its sum is off by less than a half: that is
    twice n slopes of the error, and the rounding of that sum.
    """
    unit = float(np.finfo(np.dtype(dtype)).eps) / 2
    rotors, rounding = 1, 0.0
    for layer in made.layers:
        cut = layer.mix_in.weight[list(layer.cut)]
        if not len(cut):
            continue
        starts = np.cumsum([0, *map(abs, layer.blocks)])[:-1]
        complex_ = starts[np.array(layer.blocks) == COMPLEX].astype(int)
        read = np.array([(cut[:, at : at + 2] != 0).any(axis=1) for at in complex_])
        rotors = max(rotors, int(read.sum(axis=0).max()))
        size = _FARTHEST * np.abs(cut).sum(axis=1) + np.abs(layer.mix_in.bias[list(layer.cut)])
        terms = (cut != 0).sum(axis=1) + 3  # each product, each sum, the weight itself
        rounding = max(rounding, float((1.1 * unit * terms * size).max()))
    most = min(0.5, (0.5 - rounding) / (2 * rotors * rotor.slope))
    return floor((most - rotor.start) / step_error(rotor, dtype))


def step_error(rotor: Rotor, dtype: str) -> float:
    """Return a bound on what a step adds to the error of a rotor, while that is at most a half.

    Its number is below 1.5 in size then. The error of the gate is multiplied by that; and rounding of two
    products and their sum in each part is at most 2 units in the last place of 1.5, so below 5 units for the
    number.
    """
    info = np.finfo(np.dtype(dtype))
    return _FARTHEST * rotor.turn + 5.0 * float(info.eps) / 2 + 4.0 * float(info.smallest_subnormal)


def _check_whole(made: Weights, dtype: str) -> None:
    """Refuse weights whose sums of whole numbers are not exact."""

    def largest(weight: NDArray[np.float64], bias: NDArray[np.float64]) -> float:
        return float((np.abs(weight).sum(axis=1) + np.abs(bias)).max(initial=0.0))

    maps = [each for layer in made.layers for each in (layer.inner, layer.gate, layer.write, layer.mix_out)]
    if max(largest(each.weight, each.bias) for each in [*maps, made.head]) >= _WHOLE[dtype]:
        raise BadInput(dtype, "has too few bits for the sums of this model", "Use float32.")
