"""Named arithmetics: each rounds as its slow twin says, and models, proofs and the command line use them."""

from __future__ import annotations

import json
from bisect import bisect_left
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from conftest import SEED, count
from numpy.typing import NDArray

import starfree
from starfree.cli import main
from starfree.errors import BadInput, BudgetExceeded
from starfree.models.arithmetics import NAMES, Rounded, arithmetic_named, in_arithmetic
from starfree.models.arithmetics.exact import Exact
from starfree.models.arithmetics.floating import FORMATS, Floating
from starfree.models.arithmetics.wrapping import Wrapping
from starfree.models.fixed import Fixed, Linear, fraction_bits
from starfree.proofs.prove import Difference, Proof
from starfree.proofs.prove_program import ProgramProof

Model = Rounded | starfree.models.ssm.SSM


def all_numbers(one: Floating) -> list[tuple[Fraction, int]]:
    """Every nonnegative finite number of a format of 16 bits, with its last bit, from its bit patterns."""
    stored = one.bits - 1
    found = []
    for pattern in range(1 << 15):
        exponent, mantissa = divmod(pattern, 1 << stored)
        if exponent == (1 << (15 - stored)) - 1:
            break  # infinity and NaN
        size = mantissa + (1 << stored if exponent else 0)
        found.append((size * Fraction(2) ** (max(exponent, 1) - 1 + one.least - stored), pattern & 1))
    return found


def slowly_rounded(one: Floating, table: list[tuple[Fraction, int]], x: Fraction) -> float:
    """The number of the table that is nearest, the even one of two; infinity from half a unit beyond."""
    values = [value for value, _ in table]
    if abs(x) >= Fraction(2) ** one.most - (Fraction(2) ** one.most - values[-1]) / 2:
        return float("inf") if x > 0 else float("-inf")
    at = bisect_left(values, abs(x))
    near = table[max(0, at - 1) : at + 1]
    best = min(near, key=lambda number: (abs(abs(x) - number[0]), number[1]))
    return float(best[0]) * (1 if x >= 0 else -1)


def some_numbers(number: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(SEED)
    wide = rng.standard_normal(number) * 2.0 ** rng.integers(-150, 140, number)
    middle = rng.integers(-(2**13), 2**13, number) * 2.0 ** rng.integers(-30, 10, number)  # ties too
    return np.concatenate([wide, middle, [0.0, 65519.0, 65520.0, 2.0**-25, 3 * 2.0**-25, 2.0**128]])


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_short_floats_round_to_the_nearest_of_all_numbers(name: str) -> None:
    one = FORMATS[name]
    table = all_numbers(one)
    numbers = some_numbers(count(300, 20_000))
    for x, y in zip(numbers.tolist(), one.rounded(numbers).tolist(), strict=True):
        assert y == slowly_rounded(one, table, Fraction(x)) == one.nearest(Fraction(x)), x


def test_floats_round_as_numpy_and_torch_do() -> None:
    torch = pytest.importorskip("torch")
    numbers = some_numbers(count(3_000, 300_000))
    with np.errstate(over="ignore"):
        for name, kind in (("float32", np.float32), ("float16", np.float16)):
            assert np.array_equal(FORMATS[name].rounded(numbers), numbers.astype(kind).astype(np.float64))
        single = numbers.astype(np.float32)  # torch rounds twice from float64
    right = torch.from_numpy(single).to(torch.bfloat16).to(torch.float64).numpy()
    assert np.array_equal(FORMATS["bfloat16"].rounded(single.astype(np.float64)), right)


def test_what_is_not_finite_stays_so() -> None:
    x = np.array([np.inf, -np.inf, np.nan])
    assert np.array_equal(FORMATS["float16"].rounded(x), x, equal_nan=True)
    assert np.isnan(FORMATS["float16"].multiply(np.array([0.0]), np.array([np.inf]))).all()


@pytest.mark.parametrize("name", FORMATS)
def test_floating_maps_and_sums_are_rounded_once(name: str) -> None:
    one, rng = FORMATS[name], np.random.default_rng(SEED)
    for spread in (2, 12, 40):  # beyond some spread, float64 does not hold the sum
        for _ in range(count(10, 200)):
            weight, bias, x, y = (
                one.stored(rng.standard_normal(shape) * 2.0 ** rng.integers(-spread, 3, shape))
                for shape in ((3, 4), (3,), (5, 4), (5, 4))
            )
            linear = Linear(weight, bias)
            right = [
                [
                    one.nearest(
                        sum((Fraction(a) * Fraction(b) for a, b in zip(row, w, strict=True)), Fraction(c))
                    )
                    for w, c in zip(weight.tolist(), bias.tolist(), strict=True)
                ]
                for row in x.tolist()
            ]
            assert one.linear(linear, x).tolist() == one.slowly(linear, x).tolist() == right
            pairs = list(zip(x.ravel().tolist(), y.ravel().tolist(), strict=True))
            assert one.add(x, y).ravel().tolist() == [
                one.nearest(Fraction(a) + Fraction(b)) for a, b in pairs
            ]
            assert one.multiply(x, y).ravel().tolist() == [
                one.nearest(Fraction(a) * Fraction(b)) for a, b in pairs
            ]


def test_overflowing_weights_give_what_hardware_gives() -> None:
    half = FORMATS["float16"]
    linear = Linear(half.stored(np.array([[2.0**16, 1.0]])), np.zeros(1))
    assert linear.weight[0, 0] == np.inf
    assert half.linear(linear, np.array([[1.0, 2.0]])).tolist() == [[np.inf]]
    assert np.isnan(half.linear(linear, np.array([[0.0, 2.0]]))).all()


def test_integers_wrap_like_numpy() -> None:
    rng, one = np.random.default_rng(SEED), Wrapping(8)
    for _ in range(count(30, 500)):
        weight, bias, x, y = (
            rng.integers(-128, 128, shape).astype(np.float64) for shape in ((3, 4), (3,), (5, 4), (5, 4))
        )
        small = [part.astype(np.int8) for part in (weight, bias, x, y)]
        with np.errstate(over="ignore"):
            sums = np.array(
                [[sum_of(row, w, c) for w, c in zip(small[0], small[1], strict=True)] for row in small[2]]
            )
            assert one.linear(Linear(weight, bias), x).tolist() == sums.tolist()
            assert one.multiply(x, y).tolist() == (small[2] * small[3]).tolist()
            assert one.add(x, y).tolist() == (small[2] + small[3]).tolist()
    assert one.stored(np.array([2.0**-16, 0.5, 128.0, 2.0**16])).tolist() == [0.0, 1.0, -128.0, 0.0]


def sum_of(row: NDArray[np.int8], weights: NDArray[np.int8], bias: np.int8) -> np.int8:
    """The sum in registers of 8 bits, one addition after another."""
    total = bias
    for value, weight in zip(row, weights, strict=True):
        total = np.int8(total + np.int8(value * weight))
    return total


def test_exact_is_fractions() -> None:
    rng, one = np.random.default_rng(SEED), Exact()
    weight, bias, x = (
        rng.integers(-9, 9, s) * 2.0 ** rng.integers(-40, 40, s) for s in ((3, 4), (3,), (5, 4))
    )
    found = one.linear(Linear(one.stored(weight), one.stored(bias)), one.stored(x))
    right = [
        [
            sum((Fraction(a) * Fraction(b) for a, b in zip(row, w, strict=True)), Fraction(c))
            for w, c in zip(weight, bias, strict=True)
        ]
        for row in x
    ]
    assert found.tolist() == right
    assert one.keys(np.array([[1, Fraction(1, 3)], [Fraction(1, 3), 1]], object)).tolist() == [[0, 1], [1, 0]]


def test_fraction_bits_are_counted() -> None:
    for x, bits in (
        ([0.0, 3.0, -4.0], 0),
        ([0.5, 3.0], 1),
        ([-(2.0**-16) * 3, 2.0**40], 16),
        ([2.0**-133], 133),
    ):
        assert fraction_bits(np.array(x)) == bits


@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize(
    "name", ["float32", "bfloat16", "float16", "int8wrap", "exact", "fixed:16", "fixed:5"]
)
def test_a_model_in_an_arithmetic_is_the_six_lines_in_it(name: str, shift: bool) -> None:
    """The forward pass of docs/certificates.md, one state at a time, in fractions, each result rounded."""
    model = starfree.build("@tomita_4", shift=shift)
    found = in_arithmetic(model, name)
    rng = np.random.default_rng(SEED)
    for length in (3, 8):
        word = [model.alphabet[i] for i in rng.integers(0, 2, length)]
        assert found.legal_sets(word) == slow_legal_sets(model, name, word), word


def slow_legal_sets(model: starfree.models.ssm.SSM, name: str, word: list[str]) -> list[frozenset[object]]:
    numbers = arithmetic_named(name)

    def kept(x: Fraction | int | float) -> Fraction | float:
        if not np.isfinite(float(x)):
            return float(x)
        x = Fraction(x)
        if isinstance(numbers, Fixed):
            return Fraction((x * 2**numbers.bits + Fraction(1, 2)).__floor__(), 2**numbers.bits)
        if isinstance(numbers, Wrapping):
            return Fraction(((x + Fraction(1, 2)).__floor__() + 128) % 256 - 128)
        if isinstance(numbers, Floating):
            y = numbers.nearest(x)
            return Fraction(y) if np.isfinite(y) else y
        return x

    def times(a: Fraction | float, b: Fraction | float) -> Fraction | float:
        return float(a) * float(b) if isinstance(a, float) or isinstance(b, float) else a * b

    def linear(one: Linear, x: list[Fraction | float]) -> list[Fraction | float]:
        return [
            kept(sum((times(kept(w), v) for w, v in zip(row, x, strict=True)), kept(b)))
            for row, b in zip(one.weight.tolist(), one.bias.tolist(), strict=True)
        ]

    def relu(x: list[Fraction | float]) -> list[Fraction | float]:
        return [v if v != v else max(v, Fraction(0)) for v in x]

    width = model.width
    cells = [[Fraction(0)] * len(layer.cells) for layer in model.layers]
    before = [[Fraction(0)] * width for _ in model.layers]
    out = []
    for row in [len(model.alphabet), *(model.alphabet.index(symbol) for symbol in word)]:
        z = [kept(v) for v in model.embedding[row].tolist()]
        for i, layer in enumerate(model.layers):
            u = relu(linear(layer.inner, z + before[i] if model.shift else z))
            before[i] = z
            gates, writes = linear(layer.gate, u), linear(layer.write, u)
            cells[i] = [kept(kept(times(a, h)) + b) for a, h, b in zip(gates, cells[i], writes, strict=True)]
            more = linear(layer.mix_out, relu(linear(layer.mix_in, cells[i] + z)))
            z = [kept(a + b) for a, b in zip(z, more, strict=True)]
        flags = [v > 0 for v in linear(model.head, z)]
        marks = [*model.alphabet, starfree.END]
        out.append(frozenset(mark for mark, flag in zip(marks, flags, strict=True) if flag))
    return out


@pytest.mark.parametrize(
    "text", ["", "float64", "fixed", "fixed:", "fixed:25", "fixed:-1", "fixed:1.5", "Exact", None]
)
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="Use one of exact, fixed:P"):
        arithmetic_named(text)


def test_fixed_is_an_ssm_in_that_fixed_point() -> None:
    model = starfree.build("@flip_flop")
    assert in_arithmetic(model, "fixed:16") == model
    assert in_arithmetic(model, "fixed:8").arithmetic == "FIX(8)"
    named = [in_arithmetic(model, name.replace("P", "3")).arithmetic for name in NAMES]
    assert named == ["exact", "FIX(3)", "float32", "bfloat16", "float16", "int8wrap"]


def test_proofs_name_their_arithmetic_and_certify_their_own_only() -> None:
    model = starfree.build("@flip_flop", shift=True)
    for name in ("exact", "fixed:16", "fixed:0", "float32", "bfloat16", "float16", "int8wrap"):
        found = starfree.prove(model, "@flip_flop", arithmetic=name)
        assert isinstance(found, Proof)
        assert found.to_json()["arithmetic"] == in_arithmetic(model, name).arithmetic
        if name == "fixed:16":
            assert found.certificate()["arithmetic"] == "FIX(16)"
        else:
            with pytest.raises(BadInput, match="own arithmetic"):
                found.certificate()


def test_a_delay_of_16_bits_needs_16_bits() -> None:
    model = starfree.build("@flip_flop")
    assert starfree.prove(model, "@flip_flop", arithmetic="float32").proved
    for name in ("fixed:15", "bfloat16", "float16", "int8wrap"):
        found = starfree.prove(model, "@flip_flop", arithmetic=name)
        assert isinstance(found, Difference)
        said = in_arithmetic(model, name).legal_sets(found.word)[-1]
        assert said == found.model_legal != starfree.load("@flip_flop").legal_after(found.word)
    with pytest.raises(BudgetExceeded):
        starfree.prove(model, "@flip_flop", arithmetic="exact", max_states=100)


def test_counters_are_proved_where_nothing_is_rounded() -> None:
    model = starfree.build("@dyck_1")
    for name in ("exact", "fixed:0", "fixed:16"):
        found = starfree.prove(model, "@dyck_1", arithmetic=name)
        assert isinstance(found, ProgramProof)
        assert found.every_length
        assert found.arithmetic == in_arithmetic(model, name).arithmetic
    found = starfree.prove(model, "@dyck_1", arithmetic="int8wrap")
    assert isinstance(found, Difference)
    assert (found.word, found.shortest) == (("(",) * 128, True)


def test_stock_models_have_dtypes_instead() -> None:
    stock = starfree.build("(ab)*", target="mamba")
    with pytest.raises(BadInput, match="Use dtype"):
        starfree.prove(stock, "(ab)*", arithmetic="float32")
    with pytest.raises(BadInput, match="is for an ssm"):
        starfree.run(stock, "ab", arithmetic="float32")


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    starfree.build("(ab)*").save(tmp_path / "m")
    folder = str(tmp_path / "m")
    assert main(["run", folder, "abab"]) == 0
    assert main(["run", folder, "abab", "--arithmetic", "bfloat16"]) == 1
    assert main(["prove", folder, "(ab)*", "--arithmetic", "float32"]) == 0
    capsys.readouterr()
    assert main(["prove", folder, "(ab)*", "--arithmetic", "bfloat16", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["arithmetic"] == "bfloat16"
    certificate = ["--certificate", str(tmp_path / "c.json")]
    assert main(["prove", folder, "(ab)*", "--arithmetic", "float32", *certificate]) == 2
    assert not (tmp_path / "c.json").exists()
    assert main(["run", folder, "ab", "--arithmetic", "float8"]) == 2
