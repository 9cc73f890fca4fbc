"""The selective scan on a GPU by the Triton kernels, with its own backward."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK = 16  # steps between kept states
_TILE = 256  # numbers of state in a program: eight a thread of one warp


class TiledScan(torch.autograd.Function):
    """y and the last state; keeps the inputs and the state at the start of each chunk."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, state: Tensor | None, signed: bool
    ) -> tuple[Tensor, Tensor]:
        from . import tiles

        x, dt, A, B, C = (tensor.contiguous() for tensor in (x, dt, A, B, C))
        first = x if state is None else state.contiguous()  # x stands in for what is not read
        members, batch, time, channels = x.shape
        states, items = A.shape[2], members * batch
        keep = any(ctx.needs_input_grad)
        y, last = torch.empty_like(x), x.new_empty(members, batch, channels, states)
        kept = x.new_empty(items, -(-time // CHUNK), channels, states) if keep else x
        shape, blocks = _tiling(channels, states)
        tiles.forward[(items, blocks)](
            x, dt, A, B, C, first, y, last, kept, batch, time, channels, states,
            SIGNED=signed, FIRST=state is not None, KEEP=keep, CHUNK=CHUNK, num_warps=1, **shape,
        )  # fmt: skip
        ctx.save_for_backward(x, dt, A, B, C, kept)
        ctx.signed, ctx.stateless = signed, state is None
        return y, last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor, dlast: Tensor) -> tuple[Tensor | None, ...]:
        from . import tiles

        x, dt, A, B, C, kept = ctx.saved_tensors
        members, batch, time, channels = x.shape
        states, items = A.shape[2], members * batch
        shape, blocks = _tiling(channels, states)
        dx, ddt, da = torch.empty_like(x), torch.empty_like(x), x.new_empty(members, batch, channels, states)
        dfirst, db, dc = torch.empty_like(da), *(x.new_empty(blocks, *B.shape) for _ in range(2))
        scratch = x.new_empty(items * blocks, CHUNK, *shape.values())
        tiles.backward[(items, blocks)](
            x, dt, A, B, C, kept, dy.contiguous(), dlast.contiguous(), dx, ddt, da, db, dc, dfirst, scratch,
            batch, time, channels, states,
            SIGNED=ctx.signed, CHUNK=CHUNK, num_warps=1, **shape,
        )  # fmt: skip
        return dx, ddt, da.sum(1), db.sum(0), dc.sum(0), None if ctx.stateless else dfirst, None


def _tiling(channels: int, states: int) -> tuple[dict[str, int], int]:
    """Return the sides of a tile, powers of two, and how many of them the channels fill."""
    high = 1 << (states - 1).bit_length()
    width = min(max(1, _TILE // high), 1 << (channels - 1).bit_length())
    return {"WIDTH": width, "STATES": high}, -(-channels // width)
