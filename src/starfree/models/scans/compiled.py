"""The selective scan by the C kernel, with its own backward."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .jobs import Job, call, lanes, neighbours, stream, threads

CHUNK = 16  # steps between kept states: their scratch stays in the first cache


class CompiledScan(torch.autograd.Function):
    """y and the last state; keeps the inputs and the state at the start of each chunk."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, state: Tensor | None, signed: bool
    ) -> tuple[Tensor, Tensor]:
        x, dt, B, C = (neighbours(tensor) for tensor in (x, dt, B, C))
        A, state = A.contiguous(), None if state is None else state.contiguous()
        members, batch, time, channels = x.shape
        states = A.shape[2]
        y, last = x.new_empty(x.shape), x.new_empty(members, batch, channels, states)
        job = _job(x, dt, A, B, C, signed)
        kept = None
        if any(ctx.needs_input_grad):
            width = lanes(x.dtype)
            kept = x.new_empty(members * batch, -(-time // CHUNK), -(-channels // width), states, width)
            job.kept = kept.data_ptr()
        job.y, job.last = stream(y), last.data_ptr()
        job.first = None if state is None else state.data_ptr()
        call("starfree_forward", x.dtype, job)
        ctx.save_for_backward(x, dt, A, B, C, kept)
        ctx.signed, ctx.stateless = signed, state is None
        return y, last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, dlast: Tensor) -> tuple[Tensor | None, ...]:
        x, dt, A, B, C, kept = ctx.saved_tensors
        dy, dlast = neighbours(dy), dlast.contiguous()
        dx, ddt, db, dc = (tensor.new_empty(tensor.shape) for tensor in (x, dt, B, C))
        dfirst, da = (dlast.new_empty(dlast.shape) for _ in range(2))
        job = _job(x, dt, A, B, C, ctx.signed)
        for name, tensor in {"dy": dy, "dx": dx, "ddt": ddt, "db": db, "dc": dc}.items():
            setattr(job, name, stream(tensor))
        job.kept, job.dlast = kept.data_ptr(), dlast.data_ptr()
        job.dfirst, job.da = dfirst.data_ptr(), da.data_ptr()
        call("starfree_backward", x.dtype, job)
        return dx, ddt, da.sum(1), db, dc, None if ctx.stateless else dfirst, None


def _job(x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, signed: bool) -> Job:
    states = A.shape[2]
    job = Job(*x.shape, states, CHUNK, signed, threads(x.numel() * states))
    job.x, job.dt, job.b, job.c, job.a = *(stream(tensor) for tensor in (x, dt, B, C)), A.data_ptr()
    return job
