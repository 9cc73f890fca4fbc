"""Lowering a cascade to the weights of a stock Mamba, exact in float32, bfloat16 and float16.

All numbers are small integers times powers of two. On multiples of 128, SiLU is ReLU, softplus is the
positive part, and exp(-dt) is 0 or 1, exactly. So a conjunction of signs is one channel, and a stored bit is
one channel that is held by dt = 0 and overwritten by dt >= 128: the value written rides in dt itself.

The robust variant computes each conjunction and stores each bit several times and takes the mean, and cuts
conjunctions off on both sides: it bears errors in its weights, of rounding to 8 bits for example.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..budgets import DEFAULT, Budget
from ..cascades import Cascade
from ..models.mamba import Mamba
from ..programs import Program
from .circuit import Circuit, refuse_rotors
from .plan import Gate, Layer, Plan, make_plan
from .program_plan import plan_program
from .residual import arrange
from .stock import CLEAR, COUNT, UNIT, Floats, Source, Wiring, checkpoint

COPIES = 8  # of each gate and each stored bit, in the robust variant
_HOLD = -40.0  # A_log of a counter: dt A is so small that exp gives exactly 1
_LARGEST = 2**24  # integers up to here are exact in float32
_FORGET = 2.0**70  # dt of a counter that starts again: exp gives exactly 0


def lower_mamba(cascade: Cascade, *, robust: bool = False, origin: dict[str, Any] | None = None) -> Mamba:
    """Return a stock Mamba that runs the cascade: one layer for each level, and one for the legal set.

    Arguments:
        robust: bear errors in the weights, at the price of more channels.
        origin: what the model says of itself.

    Complexity: linear in the size of the weights.

    Source: Sarrof, Veitsman and Hahn, NeurIPS 2024, for the cells; the gadgets are ours.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> model = lower_mamba(decompose(regex("(ab)*")))
    >>> model.layers, model.width
    (3, 8)
    """
    # Errors add up over a conjunction: where they may occur, conjunctions are always folded into short ones.
    ways = (True,) if robust else (False, True)
    made = [_Lowering(make_plan(cascade, fold=fold), COPIES if robust else 0) for fold in ways]
    return min(made, key=lambda one: one.size).model(cascade, origin or {})


def lower_program_to_mamba(
    program: Program, *, task: str, origin: dict[str, Any] | None = None, budget: Budget = DEFAULT
) -> Mamba:
    """Return a stock Mamba that runs a program; with counters it is exact in float32, up to a horizon.

    Arguments:
        program: without rotors.
        task: "recognise" or "predict".

    Raises:
        BadInput: when the program has a rotor.
        BudgetExceeded: when a condition needs too many conjunctions.

    Complexity: linear in the size of the weights.

    >>> from starfree.programs.counters import shuffle
    >>> lower_program_to_mamba(shuffle(("()",), "@dyck_1"), task="predict").layers
    3
    """
    refuse_rotors(program)
    circuit = Circuit(program, task, test_layers=1, budget=budget)
    horizon = circuit.horizon(_LARGEST)
    known = {} if horizon is None else {"horizon": horizon}
    return _Lowering(plan_program(circuit).plan, 0).model(circuit, {**(origin or {}), **known})


class _Lowering:
    def __init__(self, plan: Plan, pairs: int) -> None:
        self.plan, self.wiring, self.copies = plan, Wiring(pairs), max(1, pairs)
        self.residual = arrange(plan, robust=pairs > 0)
        self.high = 17.0 if pairs else 5.0  # far above 1, the value depends least on how strong gates are
        layers = self.residual.layers
        self.places = [self.wiring.places(layer, _first(layer, self.copies)) for layer in layers]
        most = max(1, *(used + _more(layer) for layer, (_, used) in zip(layers, self.places, strict=True)))
        self.expand = -(-most // self.residual.width)
        self.inner = self.expand * self.residual.width
        self.rank = max(1, *(len(layer.stores) + bool(layer.counts) for layer in layers))

    @property
    def size(self) -> int:
        """The order of the number of parameters."""
        return len(self.places) * self.inner * (3 * self.residual.width + 2 * self.rank + 6)

    def model(self, source: Source, origin: dict[str, Any]) -> Mamba:
        mixers = [
            self._mixer(layer, places)
            for layer, (places, _) in zip(self.residual.layers, self.places, strict=True)
        ]
        config = {"expand": self.expand, "time_step_rank": self.rank}
        origin = {**origin, "variant": "robust" if self.wiring.pairs else "plain"}
        return checkpoint("mamba", source, self.plan, self.residual, mixers, config, origin, self.copies)

    def _mixer(self, layer: Layer, places: dict[Gate, int]) -> dict[str, Floats]:
        width, inner, rank, copies = self.residual.width, self.inner, self.rank, self.copies
        constants, high = self.residual.constants, self.high
        used = _first(layer, copies) + sum(map(self.wiring.channels, places))
        read = np.zeros((2 * inner, width), np.float32)  # in_proj: channels, then their output gates
        conv = np.zeros((inner, 1, 2), np.float32)
        select = np.zeros((rank + 2, inner), np.float32)  # x_proj: dt, B, C
        steps = np.zeros((inner, rank), np.float32)
        skip = np.zeros(inner, np.float32)
        out = np.zeros((width, inner), np.float32)
        bias = np.full(inner, -CLEAR, np.float32)
        decay = np.zeros((inner, 1), np.float32)
        read[inner:, :constants] = UNIT / constants
        for gate, place in places.items():
            self.wiring.read(gate, place, self.residual, read, conv)
        for number, store in enumerate(layer.stores):
            mine = slice(number * copies, (number + 1) * copies)
            read[mine, :constants], conv[mine, 0, 1] = 1 / constants, UNIT  # u = U
            # dt = K writes off, high K writes on: h = dt, and y = (h / K - 1) 2 / (high - 1) is 0 or 2.
            for gates, weight in ((store.off, 2.0), (store.on, 1 + high)):
                for gate in gates:
                    self.wiring.add(select[number], gate, places[gate], weight)
            steps[mine, number] = 1
            skip[mine] = -2 / ((high - 1) * UNIT)
            out[self.residual.place[store.feature], mine] = -1 / (copies * UNIT)
        if layer.counts and not layer.stores:  # a channel for B and C to read
            read[0, :constants], conv[0, 0, 1] = 1 / constants, UNIT
        if layer.stores or layer.counts:
            select[rank, :copies] = 1 / (copies * UNIT**2)  # B = 1 / U
            select[rank + 1, :copies] = 2 / (copies * (high - 1) * CLEAR * UNIT)  # C = 2 / ((high - 1) K)
        for write in layer.writes:
            place = places[write.gate]
            skip[place : place + self.wiring.channels(write.gate)] = 1 / CLEAR
            for features, change in ((write.on, -2.0), (write.off, 2.0)):
                for feature in features:
                    self.wiring.add(out[self.residual.place[feature]], write.gate, place, change / UNIT)
        for count in layer.counts:
            select[len(layer.stores), places[count.reset]] = 1
            for gate, weight in count.steps:
                # h + 32 B K [gate], with the gate of dt A = 2^-52: exactly 1, and 0 when dt is 2^70.
                self.wiring.read(gate, used, self.residual, read, conv)
                bias[used], decay[used] = UNIT, _HOLD
                steps[used, len(layer.stores)] = _FORGET / CLEAR
                # y is half of the number of times the gate fired.
                out[self.residual.place[count.feature], used] = weight * COUNT * (high - 1) / (2 * UNIT)
                used += 1
        for test in layer.tests:
            # relu(K (sum - bound + 1)) - relu(K (sum - bound)) is K or 0, whatever the sum.
            for edge, change in ((test.bound - 1, -2.0), (test.bound, 2.0)):
                read[used, self.residual.place[test.sum]] = 1 / COUNT
                read[used, :constants] = -edge / constants
                conv[used, 0, 1], skip[used] = CLEAR, 1 / CLEAR
                out[self.residual.place[test.feature], used] = change / UNIT
                used += 1
        return {
            "in_proj.weight": read,
            "conv1d.weight": conv,
            "x_proj.weight": select,
            "dt_proj.weight": steps,
            "dt_proj.bias": bias,
            "A_log": decay,
            "D": skip,
            "out_proj.weight": out,
        }


def _first(layer: Layer, copies: int) -> int:
    """Return how many channels come before the gates: the stored bits, or one for the counters to read."""
    return len(layer.stores) * copies or int(bool(layer.counts))


def _more(layer: Layer) -> int:
    """Return how many channels come after the gates: one for each step of a counter, two for each test."""
    return sum(len(count.steps) for count in layer.counts) + 2 * len(layer.tests)
