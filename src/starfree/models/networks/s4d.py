"""S4D: a time-invariant diagonal recurrence with complex eigenvalues.

Source: Gu, Goel, Gupta and Re, arXiv:2206.11893; initial values S4D-Lin.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, glu

from .network import Mixer
from .parts import Linear, spread

_STEP_MIN, _STEP_MAX = 1e-3, 0.1


class S4DMixer(Mixer):
    """One convolution by an exponential kernel for each channel, then a gated map between channels.

    Arguments:
        width: d, the number of channels.
        pairs: of complex conjugate eigenvalues for each channel.
    """

    def __init__(self, width: int, *, pairs: int = 16) -> None:
        super().__init__()
        spread_out = torch.rand(width) * math.log(_STEP_MAX / _STEP_MIN) + math.log(_STEP_MIN)
        self.log_step = nn.Parameter(spread_out[None])
        self.A_log = nn.Parameter(torch.full((1, width, pairs), math.log(0.5)))
        frequencies = math.pi * torch.arange(pairs, dtype=torch.float32)
        self.frequency = nn.Parameter(frequencies.expand(1, width, pairs).clone())
        self.C = nn.Parameter(torch.randn(1, width, pairs, 2) * math.sqrt(0.5))
        self.D = nn.Parameter(torch.randn(1, width))
        self.out = Linear(width, 2 * width)

    def start(self, members: int, batch: int) -> Tensor:
        width, pairs = self.A_log.shape[1:]
        return torch.zeros(
            members, batch, width, pairs, dtype=self.A_log.dtype.to_complex(), device=self.A_log.device
        )

    def forward(self, x: Tensor) -> Tensor:
        exponents, readout = self._discrete()
        length = x.shape[2]
        times = torch.arange(length, device=x.device, dtype=x.dtype)
        powers = torch.exp(exponents[..., None] * times)  # (E, D, pairs, T)
        kernel = 2 * torch.einsum("edp,edpt->etd", readout, powers).real
        spectrum = torch.fft.rfft(x, 2 * length, 2) * torch.fft.rfft(kernel, 2 * length, 1)[:, None]
        return self._mixed(torch.fft.irfft(spectrum, 2 * length, 2)[:, :, :length], x)

    def run(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        exponents, readout = self._discrete()
        gates, outputs = torch.exp(exponents)[:, None], []
        for now in x.unbind(2):
            state = gates * state + now[..., None]
            outputs.append(2 * (readout[:, None] * state).sum(-1).real)
        return self._mixed(torch.stack(outputs, 2), x), state

    def _discrete(self) -> tuple[Tensor, Tensor]:
        """Return the logarithms of the gates, and the readout by zero-order hold."""
        rates = torch.complex(-self.A_log.exp(), self.frequency)
        exponents = rates * self.log_step.exp()[..., None]
        readout = torch.view_as_complex(self.C) * torch.expm1(exponents) / rates
        return exponents, readout

    def _mixed(self, y: Tensor, x: Tensor) -> Tensor:
        return glu(self.out(gelu(y + x * spread(self.D, x))), -1)
