"""What the stock architectures share: signs in the residual stream, from the embedding to the logits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..models.mamba import COUNT_BITS, SUM, Coordinate, Mamba
from .plan import All, Bit, Feature, Gate, Layer, Legal, Plan, Sum
from .residual import Residual

SCALE = 64.0  # the size of every logit: exp(-128) is 0 in float32, so nothing illegal is ever drawn
CLEAR = 128.0  # K: what a gate gives when it fires; softplus(-K) and exp(-K) are 0
UNIT = 32.0  # U: a constant at which SiLU is the identity
EPSILON = 1e-5  # of RMSNorm, the default of the architectures
COUNTING_EPSILON = (
    1e-8  # of RMSNorm beside sums: 1 + 1e-8 is 1, so that the norm is the identity on all numbers
)
COUNT = (
    2.0**-COUNT_BITS
)  # what a sum of 1 is in the stream: below 2^24, sums are too small to change the norm

Floats = NDArray[np.float32]


class Source(Protocol):
    """What a model is made from: a cascade, or a circuit."""

    @property
    def alphabet(self) -> tuple[str, ...]: ...
    @property
    def task(self) -> str: ...


def checkpoint(
    architecture: str,
    source: Source,
    plan: Plan,
    residual: Residual,
    mixers: list[dict[str, Floats]],
    config: dict[str, Any],
    origin: dict[str, Any],
    copies: int = 1,
) -> Mamba:
    """Return the model of a plan, given the weights of the mixer of each layer.

    Arguments:
        copies: channels for each stored bit; they come first in each mixer.
    """
    epsilon = COUNTING_EPSILON if residual.twos else EPSILON
    norm: Floats = np.full(residual.width, unit_norm_weight(epsilon), np.float32)
    tensors: dict[str, Floats] = {"backbone.embeddings.weight": embedding_weights(plan, residual)}
    for number, mixer in enumerate(mixers):
        tensors[f"backbone.layers.{number}.norm.weight"] = norm
        for name, weight in mixer.items():
            tensors[f"backbone.layers.{number}.mixer.{name}"] = weight
    tensors |= {"backbone.norm_f.weight": norm, "lm_head.weight": head_weights(plan, residual)}
    shared = {
        "hidden_size": residual.width,
        "num_hidden_layers": len(mixers),
        "state_size": 1,
        "conv_kernel": 2,
        "use_bias": False,
        "use_conv_bias": False,
        "hidden_act": "silu",
        "layer_norm_epsilon": epsilon,
        "residual_in_fp32": True,
        "tie_word_embeddings": False,
    }
    return Mamba(
        architecture,
        source.alphabet,
        source.task,
        shared | config,
        tensors,
        feature_names(plan, residual, source.alphabet),
        tuple(coordinates(plan, residual, copies)),
        origin,
    )


def embedding_weights(plan: Plan, residual: Residual) -> Floats:
    """Return a row of signs for each token: constant 1, which class it is of, and everything off."""
    classes = plan.documents.classes
    found = np.ones((len(classes), residual.width), np.float32)
    first = residual.constants
    found[:, first : first + residual.classes] = -1
    found[np.arange(len(classes)), first + np.array(classes)] = 1
    sums = first + residual.classes
    twos = sums + 3 * residual.twos
    found[:, sums:twos] = 0
    found[:, twos : twos + residual.twos] = 2
    return found


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


def gate_row(gate: Gate, residual: Residual) -> Floats:
    """Return weights, shape `(H,)`, of a sum over signs: 1 where the gate holds, -1 or less where not."""
    row = np.zeros(residual.width, np.float32)
    constant = 1 - len(gate.literals)
    if gate.tokens is not None:  # of the signs of a set of classes at most one is +1
        row[[residual.constants + c for c in sorted(gate.tokens)]] = 1
        constant += len(gate.tokens) - 2
    for feature, value in gate.literals:
        row[residual.place[feature]] = -1 if value else 1
    row[: residual.constants] = constant / residual.constants
    return row


@dataclass(frozen=True)
class Wiring:
    """How many channels compute one gate.

    With one, the gate is K or 0 if what it reads is exact. With `pairs` > 0 it is the mean of that many
    differences of two channels, 2 K x and 2 K x - K: each is cut off at 0 and at K, so that what is a little
    wrong on the way in is right on the way out, and the mean evens out what is wrong in the weights.

    Arguments:
        pairs: 0, or a power of two.
    """

    pairs: int = 0

    def channels(self, gate: Gate) -> int:
        """Return how many channels a gate takes."""
        return 1 if gate.first or not self.pairs else 2 * self.pairs

    def read(self, gate: Gate, channel: int, residual: Residual, read: Floats, conv: Floats) -> None:
        """Write the weights that compute a gate, in its channels from `channel` on.

        Arguments:
            read: shape `(channels, H)`.
            conv: shape `(channels, 1, 2)`: a kernel of two positions, of which the last is the current one.
        """
        if gate.first:  # before the first position everything is 0, the constant too
            read[channel, : residual.constants] = 1 / residual.constants
            conv[channel, 0] = -CLEAR, CLEAR
            return
        mine = slice(channel, channel + self.channels(gate))
        read[mine] = gate_row(gate, residual) * (2 if self.pairs else 1)
        conv[mine, 0, 1 - gate.lag] = CLEAR
        if self.pairs:
            read[channel + 1 : mine.stop : 2, : residual.constants] -= 1 / residual.constants

    def add(self, row: Floats, gate: Gate, channel: int, weight: float) -> None:
        """Add a gate's value to a row; one gate may reset a dimension and write its next boolean there."""
        if self.channels(gate) == 1:
            row[channel] += weight
        else:
            row[channel : channel + 2 * self.pairs : 2] += weight / self.pairs
            row[channel + 1 : channel + 2 * self.pairs : 2] -= weight / self.pairs

    def places(self, layer: Layer, first: int) -> tuple[dict[Gate, int], int]:
        """Return the first channel of each gate, from `first` on, and the number of channels then used."""
        found: dict[Gate, int] = {}
        for gate in layer.gates():
            if gate not in found:
                found[gate] = first
                first += self.channels(gate)
        return found, first


def unit_norm_weight(epsilon: float = EPSILON) -> float:
    """Return the weight for which RMSNorm gives back a vector of signs, bit for bit, in float32."""
    shrunk = np.float32(1) / np.sqrt(np.float32(1) + np.float32(epsilon))
    guess = np.float32(1) / shrunk
    for weight in (guess, np.nextafter(guess, np.float32(2)), np.nextafter(guess, np.float32(0))):
        if weight * shrunk == 1:
            return float(weight)
    raise AssertionError("no weight undoes the norm")


def feature_names(plan: Plan, residual: Residual, alphabet: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return for the embedding and each layer's output what every dimension holds."""
    tokens = [*alphabet, "BOS", "EOS", "PAD", "UNK"]
    fixed = ["constant 1"] * residual.constants
    for number in range(residual.classes):
        members = [t for t, c in zip(tokens, plan.documents.classes, strict=True) if c == number]
        fixed.append(f"token in {' '.join(members)}")
    fixed += ["unused, 0"] * (3 * residual.twos) + ["constant 2"] * residual.twos

    def name(feature: Feature) -> str:
        if isinstance(feature, Bit):
            latch = plan.documents.latches[feature.cell]
            return f"{feature.when}: {latch.name}" + (f", bit {feature.bit}" if latch.size > 2 else "")
        if isinstance(feature, All):
            parts = sorted(f"{name(bit)} = {int(value)}" for bit, value in feature.literals)
            return " and ".join(parts)
        if isinstance(feature, Legal):
            column = plan.columns[feature.column]
            marks = ["END" if t == len(alphabet) + 1 else tokens[t] for t in sorted(column.tokens)]
            return ("legal: " if column.legal_when_on else "not legal: ") + " ".join(marks)
        if isinstance(feature, Sum):
            return SUM + plan.documents.sums[feature.number]
        return f"switch {'on' if feature.on else 'off'} {name(feature.bit)}"

    names = {feature: name(feature) for feature in residual.place}
    for feature, place in residual.place.items():
        if isinstance(feature, Sum):
            fixed[place] = names[feature]
    free = range(len(fixed), residual.width)
    return tuple(
        (*fixed, *(names[holds[d]] if d in holds else "unused" for d in free)) for holds in residual.after
    )


def coordinates(plan: Plan, residual: Residual, copies: int) -> Iterator[Coordinate]:
    """Yield where each stored bit can be read; its copies stand together, in the order of the bits."""
    for number, layer in enumerate(residual.layers):
        for order, store in enumerate(layer.stores):
            bit = store.feature
            name = plan.documents.latches[bit.cell].name
            last = residual.last[bit] - 1
            yield Coordinate(name, bit.bit, bit.when, number, residual.place[bit], order * copies, last)
