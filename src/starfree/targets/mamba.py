"""Lowering a cascade to the weights of a stock Mamba, exact in float32, bfloat16 and float16.

All numbers are small integers times powers of two. On multiples of 128, SiLU is ReLU, softplus is the
positive part, and exp(-dt) is 0 or 1, exactly. So a conjunction of signs is one channel, and a stored bit is
one channel that is held by dt = 0 and overwritten by dt >= 128: the value written rides in dt itself.

The robust variant puts each conjunction through two channels whose difference is cut off on both sides, so
that what is a little wrong on the way in is right on the way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cascades import Cascade
from ..models.mamba import Coordinate, Mamba
from .plan import All, Bit, Feature, Gate, Layer, Legal, Plan, make_plan
from .residual import Residual, arrange

SCALE = 64.0  # the size of every logit: exp(-128) is 0 in float32, so nothing illegal is ever drawn
CLEAR = 128.0  # K: what a gate gives when it fires; softplus(-K) and exp(-K) are 0
UNIT = 32.0  # U: a constant at which SiLU is the identity
EPSILON = 1e-5  # of RMSNorm, the default of the architecture

Floats = NDArray[np.float32]


def lower_mamba(cascade: Cascade, *, robust: bool = False, origin: dict[str, Any] | None = None) -> Mamba:
    """Return a stock Mamba that runs the cascade: one layer for each level, and one for the legal set.

    Arguments:
        robust: let each conjunction restore its amplitude, at the price of a second channel.
        origin: what the model says of itself.

    Complexity: linear in the size of the weights.

    Source: Sarrof, Veitsman and Hahn, NeurIPS 2024, for the cells; the gadgets are ours.

    >>> from starfree.cascades import decompose
    >>> from starfree.languages import regex
    >>> model = lower_mamba(decompose(regex("(ab)*")))
    >>> model.layers, model.width
    (3, 16)
    """
    made = [
        _Lowering(plan, arrange(plan), robust) for plan in (make_plan(cascade, fold=f) for f in (False, True))
    ]
    best = min(made, key=lambda one: one.size)
    return best.model(cascade, {**(origin or {}), "variant": "robust" if robust else "plain"})


@dataclass
class _Channels:
    """The channels of one layer: stored bits first, then one or two for each gate.

    Arguments:
        gates: the first channel of each gate.
        first: the channel that fires at the first position only, or None.
        used: number of channels.
    """

    gates: dict[Gate, int]
    first: int | None
    used: int


class _Lowering:
    def __init__(self, plan: Plan, residual: Residual, robust: bool) -> None:
        self.plan, self.residual, self.robust = plan, residual, robust
        self.channels = [self._channels(layer) for layer in residual.layers]
        most = max(1, *(channels.used for channels in self.channels))
        self.expand = -(-most // residual.width)
        self.inner = self.expand * residual.width
        self.rank = max(1, *(len(layer.stores) for layer in residual.layers))

    @property
    def size(self) -> int:
        """The order of the number of parameters."""
        return len(self.channels) * self.inner * (3 * self.residual.width + 2 * self.rank + 6)

    def _channels(self, layer: Layer) -> _Channels:
        used = len(layer.stores)
        gates: dict[Gate, int] = {}
        for gate in layer.gates():
            if gate not in gates:
                gates[gate] = used
                used += 2 if self.robust else 1
        first = None
        if any(_is_late(store.on + store.off) for store in layer.stores):
            first, used = used, used + 1
        return _Channels(gates, first, used)

    def model(self, cascade: Cascade, origin: dict[str, Any]) -> Mamba:
        residual, classes = self.residual, self.plan.documents.classes
        width, vocabulary = residual.width, len(classes)
        embedding = np.ones((vocabulary, width), np.float32)
        embedding[:, 1 : 1 + residual.classes] = -1
        embedding[np.arange(vocabulary), 1 + np.array(classes)] = 1
        norm: Floats = np.full(width, unit_norm_weight(), np.float32)
        tensors: dict[str, Floats] = {"backbone.embeddings.weight": embedding}
        for number, (layer, channels) in enumerate(zip(residual.layers, self.channels, strict=True)):
            tensors[f"backbone.layers.{number}.norm.weight"] = norm
            for name, weight in self._mixer(layer, channels).items():
                tensors[f"backbone.layers.{number}.mixer.{name}"] = weight
        tensors |= {"backbone.norm_f.weight": norm, "lm_head.weight": head_weights(self.plan, residual)}
        config = {
            "hidden_size": width,
            "num_hidden_layers": len(residual.layers),
            "state_size": 1,
            "expand": self.expand,
            "conv_kernel": 2,
            "time_step_rank": self.rank,
            "use_bias": False,
            "use_conv_bias": False,
            "hidden_act": "silu",
            "layer_norm_epsilon": EPSILON,
            "residual_in_fp32": True,
            "tie_word_embeddings": False,
        }
        return Mamba(
            "mamba",
            cascade.alphabet,
            cascade.task,
            config,
            tensors,
            feature_names(self.plan, residual, cascade.alphabet),
            tuple(coordinates(self.plan, residual)),
            origin,
        )

    def _mixer(self, layer: Layer, channels: _Channels) -> dict[str, Floats]:
        width, inner, rank = self.residual.width, self.inner, self.rank
        read = np.zeros((2 * inner, width), np.float32)  # in_proj: channels, then their output gates
        conv = np.zeros((inner, 1, 2), np.float32)  # index 1 is this position, index 0 the one before
        select = np.zeros((rank + 2, inner), np.float32)  # x_proj: dt, B, C
        steps = np.zeros((inner, rank), np.float32)
        skip = np.zeros(inner, np.float32)
        out = np.zeros((width, inner), np.float32)
        read[inner:, 0] = UNIT
        for gate, channel in channels.gates.items():
            row = gate_row(gate, self.residual)
            lag = 1 - gate.lag
            if self.robust:  # 2 K x and 2 K x - K: their difference is cut off at 0 and at K
                read[channel], read[channel + 1] = 2 * row, 2 * row
                read[channel + 1, 0] -= 1
                conv[[channel, channel + 1], 0, lag] = CLEAR
            else:
                read[channel] = row
                conv[channel, 0, lag] = CLEAR
        if channels.first is not None:
            read[channels.first, 0] = 1
            conv[channels.first, 0] = -CLEAR, CLEAR
        for number, store in enumerate(layer.stores):
            read[number, 0], conv[number, 0, 1] = 1, UNIT  # u = U
            # dt = K writes off, 5 K writes on: h = dt, and y = h / (2 K) - 1/2 is 0 or 2.
            for gates, weight in ((store.off, 2.0), (store.on, 6.0)):
                for gate in gates:
                    self._signal(select[number], channels.gates[gate], weight)
            if channels.first is not None and _is_late(store.on + store.off):
                select[number, channels.first] = 2.0
            steps[number, number] = 1
            skip[number] = -1 / (2 * UNIT)
            out[self.residual.place[store.feature], number] = -1 / UNIT
        if layer.stores:
            select[rank, 0] = 1 / UNIT**2  # B = 1 / U
            select[rank + 1, 0] = 1 / (2 * CLEAR * UNIT)  # C = 1 / (2 K)
        for write in layer.writes:
            channel = channels.gates[write.gate]
            for one in (channel, channel + 1) if self.robust else (channel,):
                skip[one] = 1 / CLEAR
            for features, change in ((write.on, -2.0), (write.off, 2.0)):
                for feature in features:
                    self._signal(out[self.residual.place[feature]], channel, change / UNIT)
        return {
            "in_proj.weight": read,
            "conv1d.weight": conv,
            "x_proj.weight": select,
            "dt_proj.weight": steps,
            "dt_proj.bias": np.full(inner, -CLEAR, np.float32),
            "A_log": np.zeros((inner, 1), np.float32),
            "D": skip,
            "out_proj.weight": out,
        }

    def _signal(self, row: Floats, channel: int, weight: float) -> None:
        """Add a gate's value to a row; one gate may reset a dimension and write its next boolean there."""
        row[channel] += weight
        if self.robust:
            row[channel + 1] -= weight


def _is_late(gates: tuple[Gate, ...]) -> bool:
    """Say whether the gates see one position back, so that none fires at the first."""
    return all(gate.lag == 1 for gate in gates)


def gate_row(gate: Gate, residual: Residual) -> Floats:
    """Return weights, shape `(H,)`, of a sum over signs: 1 where the gate holds, -1 or less where not."""
    row = np.zeros(residual.width, np.float32)
    row[0] = 1
    if gate.tokens is not None:  # of the signs of a set of classes at most one is +1
        row[[1 + c for c in sorted(gate.tokens)]] = 1
        row[0] += len(gate.tokens) - 2
    for feature, value in gate.literals:
        row[residual.place[feature]] = -1 if value else 1
        row[0] -= 1
    return row


def head_weights(plan: Plan, residual: Residual) -> Floats:
    """Return the weights of the logits, shape `(vocabulary, H)`: a sign of the stream times `SCALE`."""
    head = np.zeros((len(plan.documents.classes), residual.width), np.float32)
    head[:, 0] = -SCALE
    for number, column in enumerate(plan.columns):
        sign = -SCALE if column.legal_when_on else SCALE  # of a boolean that is off, which +1 stands for
        place = residual.place.get(Legal(number))
        for token in column.tokens:
            if place is None:
                head[token, 0] = sign
            else:
                head[token, [0, place]] = 0, sign
    return head


def unit_norm_weight() -> float:
    """Return the weight for which RMSNorm gives back a vector of signs, bit for bit, in float32."""
    shrunk = np.float32(1) / np.sqrt(np.float32(1) + np.float32(EPSILON))
    guess = np.float32(1) / shrunk
    for weight in (guess, np.nextafter(guess, np.float32(2)), np.nextafter(guess, np.float32(0))):
        if weight * shrunk == 1:
            return float(weight)
    raise AssertionError("no weight undoes the norm")


def feature_names(plan: Plan, residual: Residual, alphabet: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return for the embedding and each layer's output what every dimension holds."""
    tokens = [*alphabet, "BOS", "EOS", "PAD", "UNK"]
    classes = plan.documents.classes
    fixed = ["constant 1"]
    for number in range(residual.classes):
        members = [t for t, c in zip(tokens, classes, strict=True) if c == number]
        fixed.append(f"token in {' '.join(members)}")

    def name(feature: Feature) -> str:
        if isinstance(feature, Bit):
            latch = plan.documents.latches[feature.cell]
            bit = f", bit {feature.bit}" if latch.size > 2 else ""
            return f"{feature.when}: {latch.name}{bit}"
        if isinstance(feature, All):
            parts = [f"{name(bit)} = {int(value)}" for bit, value in sorted(feature.literals, key=repr)]
            return " and ".join(parts)
        column = plan.columns[feature.column]
        return ("legal: " if column.legal_when_on else "not legal: ") + " ".join(
            "END" if t == len(alphabet) + 1 else tokens[t] for t in sorted(column.tokens)
        )

    names = {feature: name(feature) for feature in residual.place}
    rows = []
    for holds in residual.after:
        free = range(len(fixed), residual.width)
        rows.append((*fixed, *(names[holds[d]] if d in holds else "unused" for d in free)))
    return tuple(rows)


def coordinates(plan: Plan, residual: Residual) -> Iterator[Coordinate]:
    """Yield where each stored bit can be read; its channel is its place among the layer's stored bits."""
    for number, layer in enumerate(residual.layers):
        for channel, store in enumerate(layer.stores):
            bit = store.feature
            name = plan.documents.latches[bit.cell].name
            last = residual.last[bit] - 1
            yield Coordinate(name, bit.bit, bit.when, number, residual.place[bit], channel, last)
