"""Lowering a cascade to the weights of a stock Mamba-2, exact in float32 and bfloat16.

Mamba-2 computes dt from the stream itself, without a convolution and without hidden units. So each level
takes two layers: one whose channels are the gates, which leaves in the stream what is to be switched on or
off, and one whose heads store bits. Each head has one channel.

The mixer ends in an RMSNorm over all channels. One or two constant channels are so much larger than all
others together that float32 does not see the others in the mean: the norm divides by a constant power of two.
In float16 there is no room for such a ratio, hence that dtype is left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cascades import Cascade
from ..models.mamba import Mamba
from .plan import Gate, Layer, Plan, Signal, make_plan, with_signals
from .residual import arrange
from .stock import CLEAR, UNIT, Floats, Wiring, checkpoint

SIGNAL = 4 * CLEAR * UNIT**3  # Y: what a channel that is on gives
RATIO = 2.0**22  # of a constant channel to Y: up to 2^19 squares of Y vanish beside one such square
CHUNK = 32  # positions computed together by the parallel form; memory grows with its square


def lower_mamba2(cascade: Cascade, *, origin: dict[str, Any] | None = None) -> Mamba:
    """Return a stock Mamba-2 that runs the cascade: two layers for each level, and one for the legal set.

    Arguments:
        origin: what the model says of itself.

    Complexity: linear in the size of the weights.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> lower_mamba2(decompose(regex("(ab)*"))).layers
    5
    """
    made = [_Lowering(with_signals(make_plan(cascade, fold=fold))) for fold in (False, True)]
    return min(made, key=lambda one: one.size).model(cascade, origin or {})


class _Lowering:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.wiring = plan, Wiring()
        self.residual = arrange(plan)
        self.places = [self._places(layer) for layer in self.residual.layers]
        most = 2 + max(used for _, used in self.places)
        self.inner = max(self.residual.width, 1 << (most - 1).bit_length())
        # Constant channels, so many that the root of (channels / constants) is a power of two.
        self.constants = 1 if self.inner.bit_length() % 2 else 2

    def _places(self, layer: Layer) -> tuple[dict[Gate, int], int]:
        """Return the channels of the gates that write, after those of the stored bits."""
        return self.wiring.places(Layer([], layer.writes), len(layer.stores))

    @property
    def size(self) -> int:
        """The order of the number of parameters."""
        return len(self.places) * self.inner * 4 * self.residual.width

    def model(self, cascade: Cascade, origin: dict[str, Any]) -> Mamba:
        mixers = [
            self._mixer(layer, places)
            for layer, (places, _) in zip(self.residual.layers, self.places, strict=True)
        ]
        config = {
            "expand": self.inner // self.residual.width,
            "num_heads": self.inner,
            "head_dim": 1,
            "n_groups": 1,
            "chunk_size": CHUNK,
        }
        return checkpoint(
            "mamba2", cascade, self.plan, self.residual, mixers, config, {**origin, "variant": "plain"}
        )

    def _mixer(self, layer: Layer, places: dict[Gate, int]) -> dict[str, Floats]:
        width, inner = self.residual.width, self.inner
        read = np.zeros((inner + 2, width), np.float32)  # channels, then B and C
        conv = np.zeros((inner + 2, 1, 2), np.float32)
        step = np.zeros((inner, width), np.float32)  # dt of each head
        skip = np.zeros(inner, np.float32)
        out = np.zeros((width, inner), np.float32)
        constant = [*range(len(layer.stores)), *range(inner - self.constants, inner), inner, inner + 1]
        read[constant, 0], conv[constant, 0, 1] = 1, UNIT
        skip[inner - self.constants :] = RATIO * SIGNAL / UNIT
        for gate, place in places.items():
            self.wiring.read(gate, place, self.residual, read, conv)
            skip[place] = SIGNAL / CLEAR
        for number, store in enumerate(layer.stores):
            # dt = -K + (1 - off) K + (1 - on) 3 K: 0 holds; K writes off, 5 K writes on; h = dt U^2.
            for on, weight in ((False, CLEAR), (True, 3 * CLEAR)):
                dim = self.residual.place.get(Signal(store.feature, on))
                if dim is not None:
                    step[number, [0, dim]] += weight, -weight
            skip[number] = -CLEAR * UNIT**2  # y = h U - K U^3 is 0 or Y
            out[self.residual.place[store.feature], number] = -2
        for write in layer.writes:
            for features, change in ((write.on, -2.0), (write.off, 2.0)):
                for feature in features:
                    row = out[self.residual.place[feature]]
                    self.wiring.add(row, write.gate, places[write.gate], change)
        gates = np.zeros((inner, width), np.float32)  # of the output: SiLU(U) = U for every channel
        gates[:, 0] = UNIT
        scale = RATIO * (self.constants / inner) ** 0.5
        return {
            "in_proj.weight": np.concatenate([gates, read, step]),
            "conv1d.weight": conv,
            "dt_bias": np.full(inner, -CLEAR, np.float32),
            "A_log": np.zeros(inner, np.float32),
            "D": skip,
            "norm.weight": np.full(inner, scale, np.float32),
            "out_proj.weight": out,
        }
