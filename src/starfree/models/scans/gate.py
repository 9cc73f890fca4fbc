"""What follows a selective scan in a Mamba: a skip and a gate, in plain torch and by a C kernel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import silu

from .forms import form_for
from .jobs import Valve, call, neighbours, stream, threads


def gated(y: Tensor, x: Tensor, skip: Tensor, z: Tensor) -> Tensor:
    """Return (y + skip * x) * silu(z).

    Arguments:
        y, x, z: shape `(E, B, T, D)`: members, batch, time, channels.
        skip: shape `(E, D)`.

    Complexity: O(E B T D), in one pass over the memory forward and one backward; only the inputs are kept.

    >>> one = torch.ones(1, 1, 1, 1)
    >>> gated(one, 2 * one, torch.full((1, 1), 3.0), one)
    tensor([[[[5.1174]]]])
    """
    dtypes = {tensor.dtype for tensor in (y, x, skip, z)}
    plain = len(dtypes) > 1 or y.dtype not in (torch.float32, torch.float64) or y.numel() == 0
    if plain or form_for(y) != "c":
        return gated_plain(y, x, skip, z)
    out: Tensor = CompiledGate.apply(y, x, skip, z)  # type: ignore[no-untyped-call]
    return out


def gated_plain(y: Tensor, x: Tensor, skip: Tensor, z: Tensor) -> Tensor:
    """Return the same in torch: the twin, and the form where there is no kernel."""
    return torch.addcmul(y, x, skip[:, None, None]) * silu(z)


class CompiledGate(torch.autograd.Function):
    """The C kernel."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, x: Tensor, skip: Tensor, z: Tensor) -> Tensor:
        y, x, z, skip = neighbours(y), neighbours(x), neighbours(z), skip.contiguous()
        out = y.new_empty(y.shape)
        job = _valve(y, x, skip, z)
        job.out = stream(out)
        call("starfree_gate", y.dtype, job)
        ctx.save_for_backward(y, x, skip, z)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dout: Tensor) -> tuple[Tensor, ...]:
        y, x, skip, z = ctx.saved_tensors
        dout = neighbours(dout)
        dy, dx, dz = (y.new_empty(y.shape) for _ in range(3))
        dskip = y.new_empty(*y.shape[:2], y.shape[3])
        job = _valve(y, x, skip, z)
        job.dout, job.dy, job.dx, job.dz = stream(dout), stream(dy), stream(dx), stream(dz)
        job.dskip = dskip.data_ptr()
        call("starfree_gate_back", y.dtype, job)
        return dy, dx, dskip.sum(1), dz


def _valve(y: Tensor, x: Tensor, skip: Tensor, z: Tensor) -> Valve:
    job = Valve(*y.shape, threads(y.numel()))
    job.y, job.x, job.z, job.skip = stream(y), stream(x), stream(z), skip.data_ptr()
    return job
