"""Mamba, Mamba-2, and the same with signed gates: input-dependent diagonal recurrences.

Source: Gu and Dao, arXiv:2312.00752; Dao and Gu, arXiv:2405.21060. Signed: the gate 2 exp(dt A) - 1 in
[-1, 1] instead of exp(dt A) in [0, 1], after Grazzi et al., arXiv:2411.12537. Names of the parameters and
initial values as in `mamba-ssm`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from ..scans import gated, selective_scan
from .network import Mixer, zeros
from .parts import Linear, RMSNorm, ShortConvolution, spread

MambaState = tuple[Tensor, Tensor]  # the window of the convolution; the state of the recurrence
_STEP_MIN, _STEP_MAX, _STEP_FLOOR = 1e-3, 0.1, 1e-4


class MambaMixer(Mixer):
    """The first Mamba.

    Arguments:
        width: d of the residual stream; the recurrence has `expand * width` channels.
        layers: of the network; it scales the initial map out.
        states: N numbers a channel.
        kernel: K, width of the convolution.
        rank: of the map to the step sizes; None means a sixteenth of the width.
        signed: gates in [-1, 1] instead of [0, 1].
        conv_bias: whether the convolution adds a constant.
    """

    conv1d: ShortConvolution
    out_proj: Linear

    def __init__(
        self,
        width: int,
        layers: int = 1,
        *,
        states: int = 16,
        kernel: int = 4,
        expand: int = 2,
        rank: int | None = None,
        signed: bool = False,
        conv_bias: bool = True,
    ) -> None:
        super().__init__()
        inner, rank = expand * width, math.ceil(width / 16) if rank is None else rank
        self.sizes, self.signed = (rank, states, states), signed
        self.in_proj = Linear(width, 2 * inner, bias=False)
        self.conv1d = ShortConvolution(inner, kernel, conv_bias)
        self.x_proj = Linear(inner, rank + 2 * states, bias=False)
        self.dt_proj = Linear(rank, inner)
        self.A_log = nn.Parameter(torch.arange(1.0, states + 1).log().expand(1, inner, states).clone())
        self.D = nn.Parameter(torch.ones(1, inner))
        self.out_proj = Linear(inner, width, bias=False)
        with torch.no_grad():
            self.dt_proj.weight.uniform_(-(rank**-0.5), rank**-0.5)
            assert self.dt_proj.bias is not None
            self.dt_proj.bias.copy_(step_sizes(inner))
            self.out_proj.weight.div_(math.sqrt(layers))

    def start(self, members: int, batch: int) -> MambaState:
        inner, states = self.A_log.shape[1:]
        window = zeros(self.D, members, batch, self.conv1d.reach, inner)
        return window, zeros(self.D, members, batch, inner, states)

    def run(self, x: Tensor, state: MambaState) -> tuple[Tensor, MambaState]:
        window, h = state
        x, z = self.in_proj(x).chunk(2, -1)
        x, window = self.conv1d(x, window)
        rank, b, c = self.x_proj(x).split(self.sizes, -1)
        steps = softplus(self.dt_proj(rank))
        y, h = selective_scan(x, steps, -self.A_log.exp(), b, c, signed=self.signed, state=h)
        return self.out_proj(gated(y, x, self.D, z)), (window, h)


class Mamba2Mixer(Mixer):
    """The second Mamba: one gate for each head of channels.

    Arguments:
        width, layers, states, kernel, expand, signed, conv_bias: as for the first.
        head: channels in a head; None means all of them up to 64, or what divides them.
        epsilon: of the norm before the map out.
    """

    conv1d: ShortConvolution
    out_proj: Linear

    def __init__(
        self,
        width: int,
        layers: int = 1,
        *,
        states: int = 16,
        kernel: int = 4,
        expand: int = 2,
        head: int | None = None,
        signed: bool = False,
        conv_bias: bool = True,
        epsilon: float = 1e-5,
    ) -> None:
        super().__init__()
        inner = expand * width
        head = math.gcd(inner, 8) if head is None else head
        heads, channels = inner // head, inner + 2 * states
        self.sizes, self.signed, self.head = (inner, channels, heads), signed, head
        self.parts = (inner, states, states)
        self.in_proj = Linear(width, inner + channels + heads, bias=False)
        self.conv1d = ShortConvolution(channels, kernel, conv_bias)
        self.dt_bias = nn.Parameter(step_sizes(heads)[None])
        self.A_log = nn.Parameter(torch.arange(1.0, heads + 1).log()[None])
        self.D = nn.Parameter(torch.ones(1, heads))
        self.norm = RMSNorm(inner, epsilon)
        self.out_proj = Linear(inner, width, bias=False)
        with torch.no_grad():
            self.out_proj.weight.div_(math.sqrt(layers))

    def start(self, members: int, batch: int) -> MambaState:
        inner, states, _ = self.parts
        window = zeros(self.D, members, batch, self.conv1d.reach, self.sizes[1])
        return window, zeros(self.D, members, batch, inner, states)

    def run(self, x: Tensor, state: MambaState) -> tuple[Tensor, MambaState]:
        window, h = state
        z, x, steps = self.in_proj(x).split(self.sizes, -1)
        x, window = self.conv1d(x, window)
        x, b, c = x.split(self.parts, -1)
        steps = softplus(steps + spread(self.dt_bias, steps)).repeat_interleave(self.head, -1)
        rates = -self.A_log.exp().repeat_interleave(self.head, -1)[..., None].expand(-1, -1, b.shape[-1])
        y, h = selective_scan(x, steps, rates, b, c, signed=self.signed, state=h)
        y = gated(y, x, self.D.repeat_interleave(self.head, -1), z)
        return self.out_proj(self.norm(y)), (window, h)


def step_sizes(channels: int) -> Tensor:
    """Return biases whose softplus is spread evenly over the orders of magnitude of step sizes."""
    low, high = math.log(_STEP_MIN), math.log(_STEP_MAX)
    steps = torch.exp(torch.rand(channels) * (high - low) + low).clamp(min=_STEP_FLOOR)
    return steps + torch.log(-torch.expm1(-steps))
