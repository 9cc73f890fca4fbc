"""The selective scan, by the fastest form at hand."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ...errors import BadInput
from .compiled import CompiledScan
from .forms import form_for
from .loop import selective_scan_loop
from .recompute import RecomputedScan
from .tiled import TiledScan

_FUNCTIONS: dict[str, Any] = {"c": CompiledScan, "triton": TiledScan, "torch": RecomputedScan}


def selective_scan(
    x: Tensor,
    dt: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    *,
    signed: bool = False,
    state: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Run h_t = g_t h_{t-1} + dt_t x_t B_t with gates g_t = exp(dt_t A), and read y_t = sum_n C_t[n] h_t[n].

    Arguments:
        x, dt: shape `(E, B, T, D)`: members, batch, time, channels.
        A: shape `(E, D, N)`.
        B, C: shape `(E, B, T, N)`.
        signed: gates 2 exp(dt_t A) - 1 instead.
        state: h before the first step, shape `(E, B, D, N)`; None means zero.

    Returns:
        y, shape `(E, B, T, D)`, of the dtype of x, and h after the last step, shape `(E, B, D, N)`. float16
        and bfloat16 are computed in float32, and h is then float32.

    Raises:
        BadInput: shapes that do not fit, or $STARFREE_SCAN names no form.

    Complexity: O(E B T D N) time. When a gradient is wanted, the memory is that of the inputs and a state
    every few steps, never `(B, T, D, N)`.

    On CPU it is a C kernel where there is a C compiler, on a GPU a Triton kernel, and chunked torch
    elsewhere; $STARFREE_SCAN=c, triton, torch or loop forces one. `selective_scan_loop` is its slow twin.

    >>> x, rate = torch.tensor([1.0, 0, 0]).view(1, 1, 3, 1), torch.tensor(0.5).log().view(1, 1, 1)
    >>> ones = torch.ones(1, 1, 3, 1)
    >>> y, h = selective_scan(x, ones, rate, ones, ones, signed=True)
    >>> y.flatten(), h.flatten()
    (tensor([1., 0., 0.]), tensor([0.]))
    """
    _check(x, dt, A, B, C, state)
    given = x.dtype
    wide = torch.float32
    for tensor in (x, dt, A, B, C, state):
        if tensor is not None:
            wide = torch.promote_types(wide, tensor.dtype)
    x, dt, A, B, C = (tensor.to(wide) for tensor in (x, dt, A, B, C))
    state = None if state is None else state.to(wide)
    form = form_for(x)
    if form == "loop" or 0 in x.shape or 0 in A.shape:
        y, last = selective_scan_loop(x, dt, A, B, C, signed=signed, state=state)
    else:
        y, last = _FUNCTIONS[form].apply(x, dt, A, B, C, state, signed)
    return y.to(given), last


def _check(x: Tensor, dt: Tensor, A: Tensor, B: Tensor, C: Tensor, state: Tensor | None) -> None:
    if x.dim() != 4 or A.dim() != 3:
        raise BadInput(
            f"scan of x {tuple(x.shape)} with A {tuple(A.shape)}",
            "x has the dimensions (E, B, T, D), A (E, D, N)",
            "add the missing dimensions",
        )
    members, batch, time, channels = x.shape
    states = A.shape[2]
    wanted = {
        "dt": (dt, x.shape),
        "A": (A, (members, channels, states)),
        "B": (B, (members, batch, time, states)),
        "C": (C, (members, batch, time, states)),
    }
    if state is not None:
        wanted["state"] = (state, (members, batch, channels, states))
    for name, (tensor, shape) in wanted.items():
        if tuple(tensor.shape) != tuple(shape):
            raise BadInput(
                f"scan with {name} of shape {tuple(tensor.shape)}",
                f"x {tuple(x.shape)} and A {tuple(A.shape)} ask for {tuple(shape)}",
                "give tensors that fit",
            )
