"""The selective scan in plain torch, in chunks of time, with its own backward that bounds the memory."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .loop import selective_scan_loop


class RecomputedScan(torch.autograd.Function):
    """y and the last state; keeps the inputs and the state at the start of each of about sqrt(T) chunks."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, state: Tensor | None, signed: bool
    ) -> tuple[Tensor, Tensor]:
        ctx.chunk, ctx.signed, ctx.stateless = max(8, math.isqrt(x.shape[2])), signed, state is None
        last = x.new_zeros(*x.shape[:2], *A.shape[1:]) if state is None else state
        starts, parts = [], []
        for x_c, dt_c, b_c, c_c in zip(*(t.split(ctx.chunk, 2) for t in (x, dt, B, C)), strict=True):
            starts.append(last)
            y, last = selective_scan_loop(x_c, dt_c, A, b_c, c_c, signed=signed, state=last)
            parts.append(y)
        ctx.save_for_backward(x, dt, A, B, C, *starts)
        return torch.cat(parts, 2), last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, carried: Tensor) -> tuple[Tensor | None, ...]:
        x, dt, A, B, C, *starts = ctx.saved_tensors
        da, parts = torch.zeros_like(A), []
        pieces = zip(*(t.split(ctx.chunk, 2) for t in (x, dt, B, C, dy)), starts, strict=True)
        for x_c, dt_c, b_c, c_c, dy_c, start in reversed(list(pieces)):
            *grads, da_c, carried = _adjoint(x_c, dt_c, b_c, c_c, dy_c, A, start, carried, ctx.signed)
            parts.append(grads)
            da += da_c
        dx, ddt, db, dc = (torch.cat(part[::-1], 2) for part in zip(*parts, strict=True))
        return dx, ddt, da, db, dc, None if ctx.stateless else carried, None


def _adjoint(
    x: Tensor,
    dt: Tensor,
    B: Tensor,
    C: Tensor,
    dy: Tensor,
    A: Tensor,
    start: Tensor,
    carried: Tensor,
    signed: bool,
) -> tuple[Tensor, ...]:
    """Return the gradients for x, dt, B, C, A and the first state of a chunk."""
    slopes = torch.exp(dt[..., None] * A[:, None, None])
    gates = slopes
    if signed:
        slopes = 2 * slopes
        gates = slopes - 1
    each_gate = gates.unbind(2)
    inputs = ((dt * x)[..., None] * B[..., None, :]).unbind(2)
    states = [start]
    for gate, u in zip(each_gate, inputs, strict=True):
        states.append(torch.addcmul(u, gate, states[-1]))
    direct = (dy[..., None] * C[..., None, :]).unbind(2)
    adjoints = []
    for gate, own in zip(reversed(each_gate), reversed(direct), strict=True):
        adjoints.append(own + carried)
        carried = gate * adjoints[-1]
    h, adjoint = torch.stack(states, 2), torch.stack(adjoints[::-1], 2)
    dc = torch.einsum("ebtdn,ebtd->ebtn", h[:, :, 1:], dy)
    db = torch.einsum("ebtdn,ebtd->ebtn", adjoint, dt * x)
    du = torch.einsum("ebtdn,ebtn->ebtd", adjoint, B)
    along = adjoint * slopes * h[:, :, :-1]
    ddt = du * x + torch.einsum("ebtdn,edn->ebtd", along, A)
    da = torch.einsum("ebtdn,ebtd->edn", along, dt)
    return du * dt, ddt, db, dc, da, carried
