"""The selective scan and the short convolution: every fast form against its twin.

Errors are relative in the Euclidean norm of a whole tensor: |got - twin| / |twin|, with the twin in float64.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest
from conftest import SEED, count

torch = pytest.importorskip("torch")

from starfree.errors import BadInput  # noqa: E402
from starfree.models.scans import compiler as compiling  # noqa: E402
from starfree.models.scans import (  # noqa: E402
    gated,
    gated_plain,
    selective_scan,
    selective_scan_loop,
    short_convolution,
    short_convolution_plain,
)
from starfree.models.scans.compiled import CHUNK  # noqa: E402
from starfree.models.scans.jobs import lanes  # noqa: E402

EXACT = 1e-12  # float64
SINGLE = 1e-5  # float32; the twin itself is off by as much where a sum cancels
BRAIN = 5e-3  # bfloat16, whose last place is 2^-8
NAMES = ("y", "state", "dx", "ddt", "dA", "dB", "dC", "dstate")
HAS_C = compiling.kernel(False) is not None
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1" and find_spec("triton") is not None
FORMS = [
    pytest.param("c", marks=pytest.mark.skipif(not HAS_C, reason="no C compiler")),
    pytest.param("torch"),
    pytest.param("triton", marks=pytest.mark.skipif(not INTERPRETED, reason="needs Triton's interpreter")),
]
SIZES = [  # E, B, T, D, N
    (1, 1, 1, 1, 1),
    (1, 2, 2, 5, 3),
    (3, 2, 31, 17, 3),
    (1, 3, 32, 16, 16),
    (3, 1, 33, 40, 16),
    (1, 2, 100, 5, 16),
    (1, 1, 100, 17, 1),
]
INTERPRETED_SIZES = [(1, 1, 1, 1, 1), (2, 1, 18, 5, 3), (1, 1, 33, 20, 16)]  # the interpreter is slow
EVERY = list(product((1, 3), (1, 2), (1, 2, 31, 32, 33, 100), (1, 5, 16, 17, 40), (1, 3, 16)))


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def _fresh() -> Iterator[None]:
    """A process that has not looked for a compiler yet."""
    for cached in (compiling.kernel, compiling._warn):
        cached.cache_clear()
    yield
    for cached in (compiling.kernel, compiling._warn):
        cached.cache_clear()


def draw(size: tuple[int, ...], dtype, *, state: bool = True) -> list:
    """Return x, dt, A, B, C and maybe a first state, with gates all over [0, 1]."""
    members, batch, time, channels, states = size
    generator = torch.Generator().manual_seed(SEED + hash(size) % 1000)

    def normal(*shape: int):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    def uniform(*shape: int):
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    tensors = [
        normal(members, batch, time, channels),
        uniform(members, batch, time, channels),
        -4 * uniform(members, channels, states),
        normal(members, batch, time, states),
        normal(members, batch, time, states),
    ]
    if state:
        tensors.append(normal(members, batch, channels, states))
    return [tensor.to(dtype).requires_grad_() for tensor in tensors]


def everything(scan, tensors: list, signed: bool) -> list:
    """Return y, the last state, and the gradients of a sum over both with fixed weights."""
    y, last = scan(*tensors[:5], signed=signed, state=tensors[5] if len(tensors) > 5 else None)
    weights = [torch.linspace(-1, 2, out.numel(), dtype=torch.float64).sin() for out in (y, last)]
    loss = sum((out.flatten().double() * w).sum() for out, w in zip((y, last), weights, strict=True))
    return [y.detach(), last.detach(), *torch.autograd.grad(loss, tensors)]


def error(got, want) -> float:
    """Return the relative error in the norm that is stated above."""
    got, want = got.detach().double(), want.detach().double()
    gap = (got - want).norm()
    return float(gap / want.norm()) if gap else 0.0


def assert_near(got: list, want: list, bound: float) -> None:
    for name, ours, twins in zip(NAMES, got, want, strict=False):
        assert ours.shape == twins.shape, name
        assert error(ours, twins) <= bound, (name, error(ours, twins))


def doubled(tensors: list) -> list:
    return [tensor.detach().double().requires_grad_() for tensor in tensors]


def test_the_comparison_can_fail() -> None:
    want = [torch.ones(3, dtype=torch.float64)]
    assert_near([want[0] + 1e-13], want, EXACT)
    with pytest.raises(AssertionError):
        assert_near([want[0] + 1e-11], want, EXACT)
    with pytest.raises(AssertionError):
        assert_near([want[0] * float("nan")], want, EXACT)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_forms_agree_with_the_twin(form: str, signed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    sizes = [*SIZES, *EVERY[:: len(EVERY) // count(6, len(EVERY))]]
    for size in sizes if form != "triton" else INTERPRETED_SIZES:
        for dtype, bound in ((torch.float64, EXACT), (torch.float32, SINGLE)):
            tensors = draw(size, dtype, state=size[1] != 3)
            want = everything(selective_scan_loop, doubled(tensors), signed)
            got = everything(selective_scan, tensors, signed)
            assert all(tensor.dtype == dtype for tensor in got)
            assert_near(got, want, bound)


@pytest.mark.skipif(find_spec("triton") is None, reason="Triton is not installed")
@pytest.mark.skipif(INTERPRETED, reason="this is that run")
def test_triton_by_its_interpreter() -> None:
    command = [sys.executable, "-m", "pytest", __file__, "-k", "agree and triton"]
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.parametrize("form", FORMS[:2])
def test_long_sequences_with_the_steps_of_a_mamba(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    tensors = draw((1, 2, count(400, 4000), 24, 16), torch.float32)
    with torch.no_grad():
        tensors[1].mul_(0.1)
        tensors[2].copy_(-torch.arange(1.0, 17))
    assert_near(
        everything(selective_scan, tensors, False),
        everything(selective_scan_loop, doubled(tensors), False),
        SINGLE,
    )


@pytest.mark.parametrize("form", FORMS[:2])
def test_bfloat16_is_computed_in_float32(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    tensors = draw((2, 2, 50, 17, 4), torch.bfloat16)
    want = everything(selective_scan_loop, doubled(tensors), False)
    got = everything(selective_scan, tensors, False)
    assert_near(got, want, BRAIN)
    assert got[0].dtype == torch.bfloat16
    assert got[1].dtype == torch.float32
    assert error(got[1], want[1]) <= SINGLE  # only what leaves as bfloat16 is rounded to it


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("form", FORMS[:2])
def test_gradients_are_those_of_the_function(
    form: str, signed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    tensors = draw((1, 1, CHUNK + 2, 2, 2), torch.float64)
    assert torch.autograd.gradcheck(lambda *t: selective_scan(*t[:5], signed=signed, state=t[5]), tensors)


@pytest.mark.parametrize("form", FORMS[:2])
def test_a_cut_sequence_gives_what_the_whole_gives(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    x, dt, a, b, c, h = draw((2, 2, 40, 9, 3), torch.float64)
    whole, last = selective_scan(x, dt, a, b, c, state=h)
    parts = []
    for piece in (slice(0, 1), slice(1, 18), slice(18, 40)):
        y, h = selective_scan(x[:, :, piece], dt[:, :, piece], a, b[:, :, piece], c[:, :, piece], state=h)
        parts.append(y)
    assert_near([torch.cat(parts, 2), h], [whole, last], EXACT)


def test_tensors_that_are_views(monkeypatch: pytest.MonkeyPatch) -> None:
    x, dt, a, b, c, h = draw((2, 3, 20, 8, 4), torch.float64)
    views = [
        torch.cat([x, dt], -1).chunk(2, -1)[0],
        dt.transpose(1, 2).contiguous().transpose(1, 2),
        a[:, :, :1].expand(-1, -1, 4),
        torch.cat([b, c], -1).split(4, -1)[0],
        c.mT.contiguous().mT,
    ]
    assert not any(view.is_contiguous() for view in views)
    want = selective_scan_loop(*views, state=h)
    for form in ["c", "torch"] if HAS_C else ["torch"]:
        monkeypatch.setenv("STARFREE_SCAN", form)
        assert_near(list(selective_scan(*views, state=h)), list(want), EXACT)


@pytest.mark.skipif(not HAS_C, reason="no C compiler")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bits_do_not_depend_on_the_number_of_threads(dtype) -> None:
    tensors = draw((2, 3, 40, 40, 16), dtype)
    taps = [torch.randn(2, 40, 4, dtype=dtype, requires_grad=True), torch.randn(2, 40, dtype=dtype)]
    window = torch.zeros(2, 3, 3, 40, dtype=dtype)
    runs = []
    for threads in (1, 2, 3, 7):
        torch.set_num_threads(threads)
        y, _ = short_convolution(tensors[0], *taps, window)
        grads = torch.autograd.grad(y.square().sum(), [tensors[0], taps[0]])
        runs.append([*everything(selective_scan, tensors, False), y, *grads])
    for run in runs[1:]:
        assert all(torch.equal(one, other) for one, other in zip(runs[0], run, strict=True))


@pytest.mark.parametrize("form", FORMS[:2])
def test_what_is_kept_is_small(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    size = (1, 2, 400, 16, 16)
    tensors, kept = draw(size, torch.float32), []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
        selective_scan(*tensors[:5])
    streams = sum(tensor.numel() for tensor in tensors[:5])
    assert streams <= sum(kept) < streams + 400 * 2 * 16 * 16 / 10
    kept.clear()
    with torch.no_grad(), torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t), lambda t: t):
        selective_scan(*tensors[:5])
    assert kept == []


@pytest.mark.skipif(not HAS_C, reason="no C compiler")
@pytest.mark.parametrize(("dtype", "low", "high"), [(torch.float32, -87, 88), (torch.float64, -700, 700)])
def test_exp_of_the_kernel(dtype, low: float, high: float) -> None:
    n = count(1 << 18, 1 << 22)
    x = torch.cat([torch.linspace(low, high, n, dtype=dtype), torch.linspace(-2, 0, n, dtype=dtype)])
    got = exp(x)
    if dtype == torch.float32:
        worst = float(((got.double() - x.double().exp()) / x.double().exp()).abs().max())
    else:
        worst = float(((got - x.exp()) / x.exp()).abs().max())
    places = worst / torch.finfo(dtype).eps
    assert places < (1.0 if dtype == torch.float32 else 2.0), (
        places
    )  # float64: torch's own is off by up to one
    inf = float("inf")
    edges = torch.tensor([0.0, -0.0, -inf, -1e30, 1e30, inf], dtype=dtype)
    assert exp(edges).tolist() == [1.0, 1.0, 0.0, 0.0, inf, inf]
    assert exp(torch.tensor([float("nan")], dtype=dtype)).isnan().all()


def exp(x):
    """Return exp as the kernel computes it."""
    width = lanes(x.dtype)
    padded = torch.cat([x, x.new_zeros(-len(x) % width)])
    out = torch.empty_like(padded)
    library = compiling.kernel(x.dtype == torch.float64)
    assert library is not None
    library.starfree_exp(
        *(compiling.ctypes.c_void_p(t.data_ptr()) for t in (padded, out)),
        compiling.ctypes.c_int64(len(padded)),
    )
    return out[: len(x)]


@pytest.mark.parametrize("form", FORMS[:2])
def test_nan_and_closed_gates(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    x, dt, a, b, c = draw((1, 1, 4, 3, 2), torch.float32, state=False)
    with torch.no_grad():
        x[0, 0, 2, 1] = float("nan")
    y, _ = selective_scan(x, dt, a, b, c)
    assert y.isnan()[0, 0].tolist() == [[False] * 3, [False] * 3, [False, True, False], [False, True, False]]
    gone = torch.full_like(a, -1e5).detach()
    y, _ = selective_scan(
        torch.ones(1, 1, 4, 3), torch.ones(1, 1, 4, 3), gone, torch.ones_like(b), torch.ones_like(c)
    )
    assert (y == 2).all()  # nothing of the step before is left


@pytest.mark.parametrize("taps", [1, 3, 4, 5])
def test_convolution_agrees_with_its_twin(taps: int) -> None:
    generator = torch.Generator().manual_seed(SEED)
    sizes = [(1, 1, 1, 1), (2, 1, 2, 5), (1, 2, 33, 16), (3, 2, 32, 17), (1, 1, 100, 40), (1, 2, 65, 8)]
    for members, batch, time, channels in sizes[: count(5, 6)]:
        for dtype, bound in ((torch.float64, EXACT), (torch.float32, SINGLE)):

            def normal(*shape: int):
                return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()

            wide = normal(members, batch, time, 2 * channels)
            want = [
                wide,
                normal(members, channels, taps),
                normal(members, channels),
                normal(members, batch, taps - 1, channels),
            ]
            got = [tensor.detach().to(dtype).requires_grad_() for tensor in want]
            outs = []
            for form, (x, *rest) in ((short_convolution, got), (short_convolution_plain, want)):
                y, window = form(x[..., :channels], *rest)
                loss = y.double().square().sum() + window.double().sin().sum()
                outs.append([y, window, *torch.autograd.grad(loss, [x, *rest])])
            for ours, twins in zip(*outs, strict=True):
                assert ours.shape == twins.shape
                assert error(ours, twins) <= bound, (members, batch, time, channels, error(ours, twins))


def test_convolution_goes_on_where_it_stopped() -> None:
    generator = torch.Generator().manual_seed(SEED)
    x, weight = (torch.randn(*s, generator=generator) for s in ((1, 2, 9, 6), (1, 6, 4)))
    bias, window = torch.randn(1, 6, generator=generator), torch.zeros(1, 2, 3, 6)
    assert torch.equal(*(short_convolution(x, weight, none, window)[0] for none in (None, 0 * bias)))
    whole, last = short_convolution(x, weight, bias, window)
    parts = []
    for piece in x.split([1, 1, 5, 2], 2):
        y, window = short_convolution(piece, weight, bias, window)
        parts.append(y)
    assert error(torch.cat(parts, 2), whole) <= SINGLE
    assert torch.equal(window, last)


def test_gate_agrees_with_its_twin() -> None:
    generator = torch.Generator().manual_seed(SEED)
    sizes = [(1, 1, 1, 1), (2, 3, 5, 17), (1, 2, 9, 40), (3, 1, 4, 16)]
    for (members, batch, time, channels), (dtype, bound) in product(
        sizes, ((torch.float64, EXACT), (torch.float32, SINGLE))
    ):
        shapes = [(members, batch, time, channels)] * 2 + [(members, channels)]
        want = [torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in shapes]
        want.append(torch.randn(members, batch, time, 2 * channels, generator=generator, dtype=torch.float64))
        want = [tensor.requires_grad_() for tensor in want]
        got = [tensor.detach().to(dtype).requires_grad_() for tensor in want]
        outs = []
        for form, tensors in ((gated, got), (gated_plain, want)):
            out = form(*tensors[:3], tensors[3][..., channels:])
            outs.append([out, *torch.autograd.grad(out.double().sin().sum(), tensors)])
        for ours, twins in zip(*outs, strict=True):
            assert error(ours, twins) <= bound


@pytest.mark.parametrize("form", ["c", "torch"] if HAS_C else ["torch"])
def test_half_precision_and_mixed_dtypes_beside_the_scan(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", form)
    x, skip = torch.ones(1, 2, 5, 3, dtype=torch.bfloat16), torch.ones(1, 3, dtype=torch.bfloat16)
    assert gated(x, x, skip, x).dtype == torch.bfloat16
    y, window = short_convolution(x, torch.ones(1, 3, 2).bfloat16(), skip, torch.zeros(1, 2, 1, 3).bfloat16())
    assert y.dtype == window.dtype == torch.bfloat16


def test_no_steps_and_no_sequences() -> None:
    x, dt, a, b, c, h = draw((1, 2, 3, 4, 2), torch.float32)
    empty = [t[:, :0] for t in (x, dt)] + [a] + [t[:, :0] for t in (b, c)]
    y, last = selective_scan(*empty)
    assert y.shape == (1, 0, 3, 4)
    assert last.shape == (1, 0, 4, 2)
    y, last = selective_scan(*(t[:, :, :0] if t.dim() == 4 else t for t in (x, dt, a, b, c)), state=h)
    assert y.shape == (1, 2, 0, 4)
    assert torch.equal(last, h)


@pytest.mark.parametrize("place", range(6))
def test_shapes_that_do_not_fit(place: int) -> None:
    tensors = draw((1, 2, 3, 4, 2), torch.float32)
    tensors[place] = tensors[place][..., :1]
    with pytest.raises(BadInput, match="shape"):
        selective_scan(*tensors[:5], state=tensors[5])
    tensors[place] = tensors[place][0]
    with pytest.raises(BadInput):
        selective_scan(*tensors[:5], state=tensors[5])


def test_an_unknown_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_SCAN", "fast")
    with pytest.raises(BadInput, match="STARFREE_SCAN=fast"):
        selective_scan(*draw((1, 1, 1, 1, 1), torch.float32, state=False))


SCRIPT = "echo 'scan.c:1: error: no such thing' >&2; exit 1"


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize("broken", ["missing", "failing", "lying", "unwritable"])
def test_a_compiler_that_fails(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STARFREE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("STARFREE_SCAN", raising=False)
    script = tmp_path / "compiler"
    script.write_text("#!/bin/sh\n" + ("exit 0\n" if broken == "lying" else SCRIPT + "\n"))
    script.chmod(0o755)
    if broken == "unwritable":
        (tmp_path / "cache").write_text("a file where the folder should be")
    else:
        monkeypatch.setenv("CC", "/no/such/compiler" if broken == "missing" else str(script))
    tensors = draw((1, 2, 9, 5, 3), torch.float32)
    with pytest.warns(RuntimeWarning, match="slower torch form") as warned:
        got = everything(selective_scan, tensors, False)
    assert len(warned) == 1
    assert "\n" not in str(warned[0].message)
    assert broken != "failing" or "no such thing" in str(warned[0].message)
    again = everything(selective_scan, tensors, False)  # without a second warning, which would be an error
    assert_near(again, got, 0.0)
    assert_near(got, everything(selective_scan_loop, doubled(tensors), False), SINGLE)
    monkeypatch.setenv("STARFREE_SCAN", "c")
    with pytest.raises(BadInput, match="STARFREE_SCAN=c"):
        selective_scan(*tensors[:5])


@pytest.mark.skipif(not HAS_C, reason="no C compiler")
def test_processes_that_compile_at_once(tmp_path: Path) -> None:
    code = (  # the file alone, without the time that importing torch takes
        "import importlib.util, sys\n"
        "spec = importlib.util.spec_from_file_location('compiler', sys.argv[1])\n"
        "compiler = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(compiler)\n"
        "input()\n"  # so that both begin together
        "print(compiler.kernel(False).starfree_lanes())"
    )
    environment = {**os.environ, "STARFREE_CACHE": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen([sys.executable, "-c", code, compiling.__file__], env=environment, **pipes)
        for _ in range(2)
    ]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    assert {process.communicate(timeout=120)[0].strip() for process in processes} == {
        str(lanes(torch.float32))
    }
    assert [path.suffix for path in tmp_path.iterdir()] == [".so"]
