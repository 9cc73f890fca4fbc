"""Complex gates: exact for ever in fixed point, in blocks of 0 and 1, and up to a horizon in floats."""

from __future__ import annotations

import json
from math import cos, hypot, pi, sin
from pathlib import Path

import numpy as np
import pytest
from conftest import SEED, count

import starfree
from starfree.algebra.aperiodic import is_aperiodic
from starfree.algebra.subgroups import subgroups
from starfree.errors import BadInput, BudgetExceeded, NotExpressible
from starfree.languages import catalog, dfa_of, make_dfa
from starfree.models.fixed import Linear, Reals
from starfree.models.float_ssm import FloatSSM
from starfree.models.rotations import product, products
from starfree.models.ssm import SSM, Layer
from starfree.proofs.drift import drift
from starfree.proofs.explore import Product, explore
from starfree.targets.build import build
from starfree.targets.float_ssm import floating_rotor, step_error
from starfree.targets.rotor_cells import Coding, cyclic, rounded

NAMES = [
    name
    for name in catalog.regular
    if not is_aperiodic(dfa_of(catalog[name])) and subgroups(dfa_of(catalog[name])).solvable
]


def polynomials(gate: list[int], old: list[int], block: int, p: int) -> list[int]:
    """The slow twin of `product`: multiply polynomials in units of 2^-p, reduce, round each coefficient."""
    size, sign = abs(block), 1 if block > 0 else -1
    found = [0] * size
    for i, a in enumerate(gate):
        for j, b in enumerate(old):
            found[(i + j) % size] += a * b * (sign if i + j >= size else 1)
    return [(each + ((1 << p) >> 1)) >> p for each in found]


def test_products_are_those_of_polynomials() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(count(100, 2000)):
        p = int(rng.integers(0, 17))
        blocks = tuple(int(rng.choice([1, -2, 2, 3, 5, -3])) for _ in range(int(rng.integers(1, 5))))
        n = sum(map(abs, blocks))
        gate, old = rng.integers(-(2**p) - 3, 2**p + 4, (2, 3, n))
        units: Reals = product(gate / 2.0**p, old / 2.0**p, blocks, p) * 2.0**p
        for row in range(3):
            expected: list[int] = []
            for block in blocks:
                at = len(expected)
                part = slice(at, at + abs(block))
                expected += polynomials(gate[row, part].tolist(), old[row, part].tolist(), block, p)
            assert units[row].tolist() == expected


def test_products_beyond_exactness_are_refused() -> None:
    with pytest.raises(BudgetExceeded):
        product(np.full((1, 2), 2.0**20), np.full((1, 2), 2.0**20), (-2,), 16)


def check_coding(coding: Coding, size: int, turns: range) -> None:
    for value in range(size):
        for turn in turns:
            gate, old = np.array([coding.gates[turn]]), np.array([coding.codes[value]])
            new = product(gate, old, (coding.block,), 16) + np.array([coding.writes[turn]])
            assert tuple(new[0]) == coding.codes[(value + turn) % size]
        for other in range(size):
            weights, bias = coding.tests[value]
            said = sum(w * h for w, h in zip(weights, coding.codes[other], strict=True)) + bias
            said = np.floor(said * 2**16 + 0.5) / 2**16
            assert said == 1 if other == value else said <= 0


@pytest.mark.parametrize("size", range(3, 14))
def test_rounding_takes_each_turn_to_the_right_point(size: int) -> None:
    coding = rounded(size, 16, range(size))
    assert coding is not None
    check_coding(coding, size, range(size))
    for value, (x, y) in enumerate(coding.gates):
        assert hypot(x - cos(2 * pi * value / size), y - sin(2 * pi * value / size)) < 2**-16
    check_coding(cyclic(size), size, range(size))


def test_rotors_of_many_values() -> None:
    for size in (16, 25, 32):
        found = rounded(size, 16, [1])
        assert found is not None
        check_coding(found, size, range(1, 2))
    assert rounded(31, 4, range(31)) is None
    model = build("@z_37", target="complex")  # too many for a circle: a block
    assert isinstance(model, SSM)
    assert model.layers[0].blocks == (37,)
    assert starfree.prove(model, "@z_37").proved


@pytest.mark.parametrize("name", [*NAMES, "z_7", "z_12", "tomita_4"])
def test_built_proved_and_checked(name: str, tmp_path: Path) -> None:
    for task, shift, rotors in (
        ("recognise", False, "complex"),
        ("predict", True, "complex"),
        ("recognise", True, "matrix"),
        ("predict", False, "matrix"),
    ):
        model = build(catalog[name], target="complex", task=task, shift=shift, rotors=rotors)
        assert isinstance(model, SSM)
        assert (model.target, model.arithmetic) == ("complex", "FIX(16)")
        assert model.gates == ("cyclic" if rotors == "matrix" else "complex")
        model.save(tmp_path)
        assert starfree.open_model(tmp_path) == model
        proof = starfree.prove(tmp_path, catalog[name])
        assert proof.proved
        result = starfree.check(proof.certificate(), catalog[name], directory=tmp_path)  # type: ignore[union-attr]
        assert result.accepted, result.reason


@pytest.mark.parametrize(("name", "layers"), [("mod_3", 1), ("z_12", 1), ("s_3", 2), ("a_4", 2), ("s_4", 3)])
def test_layers_are_the_derived_length(name: str, layers: int) -> None:
    for rotors in ("complex", "matrix", "float32"):
        model = build(catalog[name], target="complex", shift=True, rotors=rotors)
        assert isinstance(model, SSM | FloatSSM)
        assert len(model.layers) == layers


def test_matrix_gates_are_zero_or_one_in_every_state() -> None:
    for name in ("s_3", "z_6", "tomita_3", "abab_star"):
        model = build(catalog[name], target="complex", shift=True, rotors="matrix")
        assert isinstance(model, SSM)
        rng = np.random.default_rng(SEED)
        states, _ = model.begin()
        for _ in range(50):
            states, _ = model.step(states, rng.integers(len(model.alphabet), size=1))
            assert set(states.ravel().tolist()) <= {0.0, 1.0}


def test_torch_refuses_grouped_states() -> None:
    from starfree.models.torch_ssm import TorchSSM

    for rotors in ("complex", "matrix"):
        model = build("(aaa)*", target="complex", rotors=rotors)
        assert isinstance(model, SSM)
        with pytest.raises(BadInput, match="scales each alone"):
            TorchSSM(model)


def test_unsolvable_groups_are_refused_with_a_witness() -> None:
    for name in ("a_5", "s_5"):
        with pytest.raises(NotExpressible) as refused:
            build(catalog[name], target="complex")
        witness = refused.value.witness
        assert witness["family"] == "diagonal-complex"
        assert starfree.check(witness, catalog[name]).accepted


def test_a_changed_weight_is_found() -> None:
    """One gate of a rotor is off by a unit: the proof fails, or no reachable state is changed by it."""
    from dataclasses import replace

    from starfree.models.fixed import Linear

    model = build("@s_3", target="complex")
    assert isinstance(model, SSM)
    dfa = dfa_of(catalog["s_3"])
    outcomes = set()
    for i, layer in enumerate(model.layers):
        for at in np.ndindex(layer.gate.weight.shape):
            weight = layer.gate.weight.copy()
            weight[at] += 0.5
            changed = replace(layer, gate=Linear(weight, layer.gate.bias))
            edited = replace(model, layers=(*model.layers[:i], changed, *model.layers[i + 1 :]))
            try:
                outcomes.add(isinstance(explore(edited, dfa, task="recognise"), Product))
            except BudgetExceeded:
                continue
    assert False in outcomes


def float_model(name: str, dtype: str, **options: object) -> FloatSSM:
    model = build(catalog[name], target="complex", rotors=dtype, **options)  # type: ignore[arg-type]
    assert isinstance(model, FloatSSM)
    return model


@pytest.mark.parametrize(
    "name", ["z_3", "mod_3", "z_5", "z_7", "z_9", "z_11", "z_13", "tomita_6", "z_12", "s_3"]
)
def test_floats_are_right_up_to_their_horizon(name: str) -> None:
    """Every rotor error stays within its bound, and so every legal set is right, in float16 to the end."""
    model = float_model(name, "float16", shift=True)
    assert model.horizon is not None
    assert model.arithmetic == f"float16, up to {model.horizon} symbols"
    dfa = dfa_of(catalog[name])
    rng = np.random.default_rng(SEED)
    for each in drift(model, dfa, most=model.horizon):
        assert not each.wrong
    for _ in range(count(4, 40)):
        word = tuple(rng.choice(list(dfa.alphabet), model.horizon).tolist())
        assert model.legal_sets(word) == [dfa.legal_after(word[:i]) for i in range(len(word) + 1)]


@pytest.mark.parametrize("name", ["z_9", "z_13"])
def test_and_wrong_somewhere_past_it(name: str) -> None:
    model = float_model(name, "float16")
    assert model.horizon is not None
    (found,) = drift(model, catalog[name])
    assert found.wrong
    assert model.horizon <= found.right < 10_000
    dfa = dfa_of(catalog[name])
    word = ("a",) * (found.right + 1)
    said = model.legal_sets(word)
    assert said[found.right] == dfa.legal_after(word[:-1])
    assert said[-1] != dfa.legal_after(word)


def test_quarter_turns_have_no_horizon() -> None:
    for name in ("parity", "z_4", "aaaa_star", "base64"):
        model = float_model(name, "float32")
        assert model.horizon is None
        assert model.arithmetic == "float32"
        assert all(not each.wrong for each in drift(model, catalog[name], most=50))


def test_a_longer_cascade_in_float32() -> None:
    model = float_model("dna_frame", "float32")
    dfa = dfa_of(catalog["dna_frame"])
    assert model.horizon is not None
    assert model.horizon > 10**6
    rng = np.random.default_rng(SEED)
    for length in (3, 9, 30, 60):
        word = tuple(rng.choice(list(dfa.alphabet), length).tolist())
        assert model.legal_sets(word) == [dfa.legal_after(word[:i]) for i in range(length + 1)]


def test_a_horizon_is_no_proof(tmp_path: Path) -> None:
    model = float_model("mod_3", "float32")
    model.save(tmp_path)
    assert starfree.open_model(tmp_path) == model
    assert hash(starfree.open_model(tmp_path)) == hash(model)
    assert starfree.run(tmp_path, "aabba").accepted
    for given in (model, tmp_path):
        with pytest.raises(BadInput, match="float32, up to"):
            starfree.prove(given, "@mod_3")


def test_float16_needs_the_shift_where_there_are_delays() -> None:
    with pytest.raises(BadInput, match="delay"):
        build("@s_3", target="complex", rotors="float16")
    assert float_model("s_3", "float16", shift=True).horizon


@pytest.mark.parametrize(
    ("rotors", "key", "value"),
    [
        ("complex", "blocks", [[0]]),
        ("complex", "blocks", [[3]]),
        ("complex", "blocks", []),
        ("complex", "blocks", 7),
        ("complex", "blocks", [["x"]]),
        ("complex", "gates", "odd"),
        ("complex", "gates", ["complex"]),
        ("complex", "cells", 3),
        ("float32", "dtype", "int8"),
        ("float32", "horizon", -1),
        ("float32", "cut", [[99]]),
        ("float32", "cut", [[-1]]),
        ("float32", "cut", None),
    ],
)
def test_damaged_models_are_one_short_message(rotors: str, key: str, value: object, tmp_path: Path) -> None:
    build("(aaa)*", target="complex", rotors=rotors).save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, key: value}))
    with pytest.raises(BadInput) as refused:
        starfree.open_model(tmp_path)
    assert "\n" not in str(refused.value)


def test_the_checker_reads_blocks_strictly(tmp_path: Path) -> None:
    model = build("@s_3", target="complex")
    model.save(tmp_path)
    certificate = starfree.prove(tmp_path, "@s_3").certificate()  # type: ignore[union-attr]
    config = json.loads((tmp_path / "config.json").read_text())
    for blocks in ([], [[], [], [2]], [[], [], [1, 1]], [[], [], []], [[], [], [-2, 1]], [[], [], [0]], "x"):
        (tmp_path / "config.json").write_text(json.dumps({**config, "blocks": blocks}))
        assert not starfree.check(certificate, directory=tmp_path).accepted
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert starfree.check(certificate, directory=tmp_path).accepted


@pytest.mark.parametrize("size", [3, 5, 6, 7, 9, 12])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_error_of_every_step_is_within_its_bound(size: int, dtype: str) -> None:
    """Random turns of a number, in the arithmetic of the model, beside the true root of unity."""
    rotor = floating_rotor(size, dtype)
    rng = np.random.default_rng(SEED)
    run = np.dtype(dtype)
    gates = [np.array([gate]).astype(run) for gate in rotor.coding.gates]
    for _ in range(count(3, 30)):
        state, value = np.array([rotor.coding.codes[0]]).astype(run), 0
        for step in range(1, count(300, 5000)):
            turn = int(rng.integers(size))
            state, value = products(gates[turn], state, (-2,)), (value + turn) % size
            x, y = state[0].astype(float).tolist()
            error = hypot(x - cos(2 * pi * value / size), y - sin(2 * pi * value / size))
            bound = rotor.start + step * step_error(rotor, dtype)
            if bound > 0.5:
                break
            assert error <= bound


def test_running_past_the_horizon_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from starfree.cli import main

    build("@z_9", target="complex", rotors="float16").save(tmp_path)
    for length, said in ((9, False), (27, True)):
        assert main(["run", str(tmp_path), "a" * length]) == 0
        assert ("exact up to 17 symbols" in capsys.readouterr().err) == said
    assert starfree.run(tmp_path, "a").to_json()["horizon"] == 17


def test_rounding_goes_beyond_the_theorem() -> None:
    """One complex cell in FIX(16) whose roundings permute seven points so that they generate S_7.

    With exact states two rotations about points commute up to a translation, and no such cell exists.
    """
    moves = {"a": (1, 3, 5, 2, 0, 4, 6), "b": (2, 4, 1, 0, 3, 6, 5)}
    dfa = make_dfa("ab", np.array([moves["a"], moves["b"]]).T, [True, *[False] * 6])
    assert not subgroups(dfa).solvable
    with pytest.raises(NotExpressible, match="with exact states"):
        build(dfa, target="complex")
    unit = 2.0**-16

    def grid(z: complex) -> np.ndarray:
        return np.round(np.array([z.real, z.imag]) / unit) * unit

    gates = {"a": grid(0.3014 + 0.9009j), "b": grid(-0.7544 - 0.5089j)}
    writes = {"a": np.array([2, 0]) * unit, "b": np.array([1, 3]) * unit}
    start = np.array([0, 1]) * unit
    layer = Layer(  # of the symbols a and b and of BOS, one unit each
        inner=Linear(np.eye(3, 4), np.zeros(3)),
        gate=Linear(np.stack([gates["a"], gates["b"], 0 * start], axis=1), np.zeros(2)),
        write=Linear(np.stack([writes["a"], writes["b"], start], axis=1), np.zeros(2)),
        # Of the seven points x + i y the start is the only one with 2 x + y below 2 units.
        mix_in=Linear(np.array([[-2.0 / unit, -1.0 / unit, 0, 0, 0, 0]]), np.array([1.5])),
        mix_out=Linear(np.array([[0.0], [0.0], [0.0], [1.0]]), np.zeros(4)),
        cells=("real", "imaginary"),
        blocks=(-2,),
    )
    head = Linear(np.array([[0.0] * 4, [0.0] * 4, [0.0, 0.0, 0.0, 4.0]]), np.array([1.0, 1.0, -1.0]))
    names = ("a", "b", "begin", "at the start")
    model = SSM(("a", "b"), "recognise", 16, False, np.eye(3, 4), (layer,), head, names, {}, "complex")
    assert max(hypot(*gate) for gate in gates.values()) < 1
    found = explore(model, dfa, task="recognise")
    assert isinstance(found, Product)
    assert len(found) == 7


def test_rotors_of_too_many_values_for_a_format_are_refused() -> None:
    with pytest.raises(BadInput, match="too few bits"):
        build("(a{50})*", target="complex", rotors="float16")
