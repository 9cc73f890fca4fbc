"""The selective scan as it is defined, one step at a time: the twin of every fast form."""

from __future__ import annotations

import torch
from torch import Tensor


def selective_scan_loop(
    x: Tensor,
    dt: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    *,
    signed: bool = False,
    state: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Return what `selective_scan` returns, by the recurrence written down; autograd does the backward.

    Arguments:
        x, dt, A, B, C, signed, state: as for `selective_scan`, all of one dtype.

    Returns:
        y, shape `(E, B, T, D)`, and the state after the last step, shape `(E, B, D, N)`.

    Complexity: O(E B T D N) time and, when a gradient is wanted, memory.

    Example: one channel that halves what it remembers at each step.

    >>> x, rate = torch.tensor([1.0, 0, 0]).view(1, 1, 3, 1), torch.tensor(0.5).log().view(1, 1, 1)
    >>> ones = torch.ones(1, 1, 3, 1)
    >>> selective_scan_loop(x, ones, rate, ones, ones)[0].flatten()
    tensor([1.0000, 0.5000, 0.2500])
    """
    h = x.new_zeros(*x.shape[:2], *A.shape[1:]) if state is None else state
    rates, outputs = A[:, None], []
    for x_t, dt_t, b_t, c_t in zip(x.unbind(2), dt.unbind(2), B.unbind(2), C.unbind(2), strict=True):
        gate = torch.exp(dt_t[..., None] * rates)
        if signed:
            gate = 2 * gate - 1
        h = gate * h + (dt_t * x_t)[..., None] * b_t[..., None, :]
        outputs.append((h * c_t[..., None, :]).sum(-1))
    return torch.stack(outputs, 2) if outputs else torch.zeros_like(x), h
