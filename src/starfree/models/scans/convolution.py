"""The short causal convolution before a selective scan, with its silu: plain torch, and by a C kernel."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import silu

from .forms import form_for
from .jobs import Filter, call, neighbours, stream, threads


def short_convolution(
    x: Tensor, weight: Tensor, bias: Tensor | None, window: Tensor
) -> tuple[Tensor, Tensor]:
    """Return silu of a causal convolution of each channel by itself, and the window for what comes next.

    Arguments:
        x: shape `(E, B, T, D)`: members, batch, time, channels.
        weight: shape `(E, D, K)`; the last tap meets the present.
        bias: shape `(E, D)`; None means zero.
        window: the K - 1 inputs before, shape `(E, B, K - 1, D)`.

    Returns:
        The outputs, shape `(E, B, T, D)`, and the last K - 1 inputs, shape `(E, B, K - 1, D)`.

    Complexity: O(E B T D K) time; the backward computes the convolution again and keeps only the inputs.

    >>> x = torch.tensor([1.0, 0, 0]).view(1, 1, 3, 1)
    >>> weight = torch.tensor([[[3.0, 2.0]]])
    >>> y, window = short_convolution(x, weight, torch.zeros(1, 1), torch.zeros(1, 1, 1, 1))
    >>> y.flatten(), window.flatten()
    (tensor([1.7616, 2.8577, 0.0000]), tensor([0.]))
    """
    bias = weight.new_zeros(weight.shape[:2]) if bias is None else bias
    dtypes = {tensor.dtype for tensor in (x, weight, bias, window)}
    plain = len(dtypes) > 1 or x.dtype not in (torch.float32, torch.float64) or x.numel() == 0
    if plain or form_for(x) != "c":
        return short_convolution_plain(x, weight, bias, window)
    y: Tensor = CompiledConvolution.apply(  # type: ignore[no-untyped-call]
        x, weight.mT.contiguous(), bias, window
    )
    return y, _next(x, window)


def short_convolution_plain(x: Tensor, weight: Tensor, bias: Tensor, window: Tensor) -> tuple[Tensor, Tensor]:
    """Return the same by shifted products in torch: the twin, and the form where there is no kernel."""
    padded, time = torch.cat([window, x], 2), x.shape[2]
    out = bias[:, None, None]
    for place, tap in enumerate(weight.unbind(-1)):
        out = torch.addcmul(out, padded[:, :, place : place + time], tap[:, None, None])
    return silu(out), padded[:, :, time:]


def _next(x: Tensor, window: Tensor) -> Tensor:
    reach = window.shape[2]
    last = x[:, :, max(0, x.shape[2] - reach) :]
    return torch.cat([window[:, :, last.shape[2] :], last], 2)


class CompiledConvolution(torch.autograd.Function):
    """The C kernel; the weights are `(E, K, D)`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, window: Tensor) -> Tensor:
        x, bias, window = neighbours(x), bias.contiguous(), window.contiguous()
        y = x.new_empty(x.shape)
        job = _filter(x, weight, bias, window)
        job.y = stream(y)
        call("starfree_convolve", x.dtype, job)
        ctx.save_for_backward(x, weight, bias, window)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, ...]:
        x, weight, bias, window = ctx.saved_tensors
        members, batch = x.shape[:2]
        dy = neighbours(dy)
        dx, dwindow = x.new_empty(x.shape), window.new_empty(window.shape)
        dweight, dbias = (tensor.new_empty(members, batch, *tensor.shape[1:]) for tensor in (weight, bias))
        job = _filter(x, weight, bias, window)
        job.dy, job.dx, job.dwindow = stream(dy), stream(dx), stream(dwindow)
        job.dweight, job.dbias = dweight.data_ptr(), dbias.data_ptr()
        call("starfree_convolve_back", x.dtype, job)
        return dx, dweight.sum(1), dbias.sum(1), dwindow


def _filter(x: Tensor, weight: Tensor, bias: Tensor, window: Tensor) -> Filter:
    members, batch, time, channels = x.shape
    job = Filter(members, batch, time, channels, weight.shape[1], threads(x.numel() * weight.shape[1]))
    job.x, job.window = stream(x), stream(window)
    job.weight, job.bias = weight.data_ptr(), bias.data_ptr()
    return job
