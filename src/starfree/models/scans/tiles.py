# mypy: disable-error-code="import-not-found, no-untyped-def, untyped-decorator, misc, unused-ignore"
# ruff: noqa: SIM102, SIM108 (a branch on a constexpr must be a statement)
"""The kernels of the selective scan for a GPU, in Triton: run only where Triton is installed.

A program has one sequence of one member and a block of channels; their states are a tile `(WIDTH, STATES)` in
registers. Members are folded into the sequences. All tensors are contiguous.
"""

from __future__ import annotations

try:
    import triton
    import triton.language as tl
except ImportError:  # the file can be read without it, and nothing in it run
    triton = None

_jit = triton.jit if triton else lambda kernel: kernel


@_jit
def _gate(step, rates, SIGNED: tl.constexpr):
    """Return the gate of a tile and its derivative by step * rate."""
    slope = tl.exp(step[:, None] * rates)
    gate = slope
    if SIGNED:
        slope = 2 * slope
        gate = slope - 1
    return gate, slope


@_jit
def forward(
    x, dt, a, b, c, first, y, last, kept, batch, time, channels, states,
    SIGNED: tl.constexpr, FIRST: tl.constexpr, KEEP: tl.constexpr,
    CHUNK: tl.constexpr, WIDTH: tl.constexpr, STATES: tl.constexpr,
):  # fmt: skip
    item = tl.program_id(0).to(tl.int64)
    d = tl.program_id(1) * WIDTH + tl.arange(0, WIDTH)
    n = tl.arange(0, STATES)
    here, there = d < channels, n < states
    both = here[:, None] & there[None, :]
    tile = d[:, None] * states + n[None, :]
    mine = item * channels * states + tile
    rates = tl.load(a + (item // batch) * channels * states + tile, both, 0.0)
    if FIRST:
        h = tl.load(first + mine, both, 0.0)
    else:
        h = tl.zeros((WIDTH, STATES), rates.dtype)
    row, narrow = item * time * channels + d, item * time * states + n
    kept += item * tl.cdiv(time, CHUNK) * channels * states + tile
    for t in range(time):
        if KEEP:
            if t % CHUNK == 0:
                tl.store(kept, h, both)
                kept += channels * states
        step, value = tl.load(dt + row, here, 0.0), tl.load(x + row, here, 0.0)
        b_t, c_t = tl.load(b + narrow, there, 0.0), tl.load(c + narrow, there, 0.0)
        gate, _slope = _gate(step, rates, SIGNED)
        h = gate * h + (step * value)[:, None] * b_t[None, :]
        tl.store(y + row, tl.sum(h * c_t[None, :], 1), here)
        row += channels
        narrow += states
    tl.store(last + mine, h, both)


@_jit
def backward(
    x, dt, a, b, c, kept, dy, dlast, dx, ddt, da, db, dc, dfirst, scratch, batch, time, channels, states,
    SIGNED: tl.constexpr, CHUNK: tl.constexpr, WIDTH: tl.constexpr, STATES: tl.constexpr,
):  # fmt: skip
    item = tl.program_id(0).to(tl.int64)
    block = tl.program_id(1)
    d = block * WIDTH + tl.arange(0, WIDTH)
    n = tl.arange(0, STATES)
    here, there = d < channels, n < states
    both = here[:, None] & there[None, :]
    tile = d[:, None] * states + n[None, :]
    mine = item * channels * states + tile
    rates = tl.load(a + (item // batch) * channels * states + tile, both, 0.0)
    carried = tl.load(dlast + mine, both, 0.0)
    d_rates = tl.zeros((WIDTH, STATES), rates.dtype)
    chunks = tl.cdiv(time, CHUNK)
    kept += ((item + 1) * chunks - 1) * channels * states + tile
    # the states before each step of the chunk at hand; each program has its own stretch of scratch
    own = scratch + (item * tl.num_programs(1) + block) * CHUNK * WIDTH * STATES
    own += tl.arange(0, WIDTH)[:, None] * STATES + n[None, :]
    # the sums over the channels of a block; the blocks are added up outside, in a fixed order
    part = (block * tl.num_programs(0) + item) * time * states + n
    rows, narrows = item * time * channels + d, item * time * states + n
    for done in range(chunks):
        begin = (chunks - 1 - done) * CHUNK
        end = tl.minimum(begin + CHUNK, time)
        h = tl.load(kept, both, 0.0)
        kept -= channels * states
        for t in range(begin, end):
            tl.store(own + (t - begin) * WIDTH * STATES, h)
            step = tl.load(dt + rows + t * channels, here, 0.0)
            value = tl.load(x + rows + t * channels, here, 0.0)
            b_t = tl.load(b + narrows + t * states, there, 0.0)
            gate, _slope = _gate(step, rates, SIGNED)
            h = gate * h + (step * value)[:, None] * b_t[None, :]
        tl.debug_barrier()
        for back in range(end - begin):
            t = end - 1 - back
            before = tl.load(own + (t - begin) * WIDTH * STATES)
            step = tl.load(dt + rows + t * channels, here, 0.0)
            value = tl.load(x + rows + t * channels, here, 0.0)
            out = tl.load(dy + rows + t * channels, here, 0.0)
            b_t = tl.load(b + narrows + t * states, there, 0.0)
            c_t = tl.load(c + narrows + t * states, there, 0.0)
            gate, slope = _gate(step, rates, SIGNED)
            adjoint = out[:, None] * c_t[None, :] + carried
            tl.store(dc + part + t * states, tl.sum(out[:, None] * h, 0), there)
            tl.store(db + part + t * states, tl.sum((step * value)[:, None] * adjoint, 0), there)
            du = tl.sum(adjoint * b_t[None, :], 1)
            along = adjoint * slope * before
            tl.store(dx + rows + t * channels, du * step, here)
            tl.store(ddt + rows + t * channels, du * value + tl.sum(along * rates, 1), here)
            d_rates += along * step[:, None]
            carried = gate * adjoint
            h = before
        tl.debug_barrier()
    tl.store(da + mine, d_rates, both)
    tl.store(dfirst + mine, carried, both)
