"""The ssm: exact weights, the same bits however they are run, and nothing but weights at run time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import SEED, count

from starfree.cascades import decompose
from starfree.errors import BadInput, NotExpressible
from starfree.languages import DFA, END, catalog, make_dfa
from starfree.models.fixed import Linear, round_to
from starfree.models.open_model import open_model
from starfree.models.ssm import SSM
from starfree.proofs.explore import Product, explore
from starfree.targets.build import build
from starfree.targets.cubes import cubes
from starfree.targets.ssm import lower

NAMES = ["tomita_4", "tomita_7", "flip_flop", "ab_d_bc", "d_4", "aa_bb_cc_dd_ee", "tcp"]


def small(name: str, *, task: str = "recognise", shift: bool = False) -> tuple[SSM, DFA]:
    dfa = catalog[name].dfa
    return lower(decompose(dfa, task=task), shift=shift), dfa


def random_words(dfa: DFA, number: int, length: int, seed: int) -> list[tuple[str, ...]]:
    rng = np.random.default_rng(seed)
    return [tuple(rng.choice(list(dfa.alphabet), length).tolist()) for _ in range(number)]


@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_legal_sets_are_the_language(name: str, shift: bool) -> None:
    model, dfa = small(name, shift=shift)
    for word in random_words(dfa, 5, 20, SEED):
        assert model.legal_sets(word) == [dfa.legal_after(word[:i]) for i in range(21)]


@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("name", ["flip_flop", "d_3"])
def test_twenty_lines_of_numpy_run_the_saved_file(name: str, shift: bool, tmp_path: Path) -> None:
    model, dfa = small(name, shift=shift)
    model.save(tmp_path)
    script = Path(__file__).with_name("numpy_twenty_lines.py")
    assert "import starfree" not in script.read_text()
    for word in random_words(dfa, 2, 12, SEED):
        command = [sys.executable, script, tmp_path, *word]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
        marks = [frozenset(END if m == "END" else m for m in line.split()) for line in lines]
        assert marks == [dfa.legal_after(word[:i]) for i in range(len(word) + 1)]


def test_flip_flop_predicts_in_two_layers() -> None:
    model, _ = small("flip_flop", task="predict")
    assert len(model.layers) == 2
    assert len(small("flip_flop", task="predict", shift=True)[0].layers) == 1


@pytest.mark.parametrize("name", NAMES)
def test_layers_are_at_most_levels_with_shift_and_twice_less_one_without(name: str) -> None:
    cascade = decompose(catalog[name].dfa)
    assert len(lower(cascade, shift=True).layers) <= cascade.levels
    assert len(lower(cascade, shift=False).layers) <= 2 * cascade.levels - 1


def test_gates_are_zero_one_or_the_delay() -> None:
    """Over everything reachable: registers see gates 0 and 1, delay cells 2^-16 and nothing else."""
    for name in NAMES:
        model, dfa = small(name)
        states, _ = model.begin()
        seen = [states]
        for word in random_words(dfa, 3, 30, SEED):
            states, _ = model.begin()
            for symbol in word:
                states, _ = model.step(states, np.array([dfa.alphabet.index(symbol)]))
                seen.append(states)
        for layer in model.layers:
            delays = np.array([cell.startswith("old") for cell in layer.cells], bool)
            assert (layer.gate.weight[delays] == 0).all()
            assert (layer.gate.bias[delays] == 2.0**-16).all()
            assert (layer.gate.bias[~delays] == 1).all()
        names = [cell for layer in model.layers for cell in layer.cells]
        registers = np.array([not name.startswith("old") for name in names], bool)
        assert set(np.unique(np.concatenate(seen)[:, registers])) <= {0.0, 1.0}


def test_a_linear_map_rounds_like_integers() -> None:
    rng = np.random.default_rng(SEED)
    p = 16
    # In the last case sums need more than the 53 bits of a float64, so integers take over.
    for scale, bits in [(1.0, 0), (2.0**10, 0), (1.0, 3), (1.0, p), (2.0**28, p)]:
        for _ in range(count(20, 400)):
            weight = rng.integers(-(2**18), 2**18, (4, 5)) * 2.0**-bits
            bias = rng.integers(-100, 100, 4) * 2.0**-bits
            x = rng.integers(-(2**8), 2**8, (6, 5)) * scale * 2.0**-p + rng.integers(0, 9, (6, 5)) * 2.0**-p
            linear = Linear(weight, bias)
            assert np.array_equal(linear(x, p), linear.with_integers(x, p))


def test_rounding_is_to_the_nearest_unit_halves_up() -> None:
    assert round_to(np.array([0.25, 0.125, -0.125, -0.126, 1.375]), 2).tolist() == [
        0.25,
        0.25,
        0.0,
        -0.25,
        1.5,
    ]


def test_integers_take_over_where_floats_end() -> None:
    big = Linear(np.array([[2.0**10 + 2.0**-16]]), np.array([0.0]))
    x = np.array([[2.0**16 + 2.0**-16]])
    units = ((2**26 + 1) * (2**32 + 1) + 2**15) >> 16
    assert big(x, 16)[0, 0] == units / 2**16
    assert int(x[0, 0] * big.weight[0, 0] * 2**32) != (2**26 + 1) * (2**32 + 1)  # floats are not exact here


@pytest.mark.parametrize("shift", [False, True])
def test_saving_and_opening_changes_no_bit(shift: bool, tmp_path: Path) -> None:
    model, _ = small("tcp", shift=shift)
    model.save(tmp_path)
    again = open_model(tmp_path)
    assert again == model
    assert hash(again) == hash(model)
    assert again != small("tcp", shift=not shift)[0]
    assert (again.alphabet, again.task, again.shift, again.coordinates) == (
        model.alphabet,
        model.task,
        model.shift,
        model.coordinates,
    )
    assert again.embedding.tobytes() == model.embedding.tobytes()
    for (name, one), (other, two) in zip(model.linears(), again.linears(), strict=True):
        assert name == other
        assert one.weight.tobytes() == two.weight.tobytes()
        assert one.bias.tobytes() == two.bias.tobytes()
    assert not list(tmp_path.glob("*.pkl")) + list(tmp_path.glob("*.pt"))


def test_many_values_are_delayed_exactly() -> None:
    """With 70 symbols the last symbol is a cell of 71 values: two delay cells."""
    symbols = [f"s{i}" for i in range(70)]
    # Words without a symbol twice in a row.
    table = [[i + 1 for i in range(70)] for _ in range(72)]
    for i in range(70):
        table[i + 1][i] = 71
    table[71] = [71] * 70
    dfa = make_dfa(symbols, table, [True] * 71 + [False])
    cascade = decompose(dfa)
    assert max(cell.size for cell in cascade.cells) > 64
    for shift in (False, True):
        model = lower(cascade, shift=shift)
        for word in [tuple(symbols), tuple(symbols[::-1]), *random_words(dfa, 3, 60, SEED)]:
            assert model.legal_sets(word) == [dfa.legal_after(word[:i]) for i in range(len(word) + 1)]


def test_a_level_of_several_bits() -> None:
    """Remember the last of a, b, c through any x; A, B, C ask for it."""
    table = [[0, 1, 2, s, *(s if s == asked else 3 for asked in range(3))] for s in range(3)] + [[3] * 7]
    dfa = make_dfa("abcxABC", table, [True] * 3 + [False])
    for shift in (False, True):
        model = lower(decompose(dfa), shift=shift)
        assert any("bit 1" in cell for layer in model.layers for cell in layer.cells)
        assert isinstance(explore(model, dfa, task="recognise"), Product)


def test_cubes_cover_exactly() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(count(200, 2000)):
        size = int(rng.integers(2, 20))
        values = [v for v in range(size) if rng.random() < 0.4]
        found = cubes(values, size, (size - 1).bit_length())
        for v in range(size):
            assert sum(v & mask == value for value, mask in found) == (v in values)


@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_torch_scan_recurrence_and_steps_are_the_same_bits(name: str, shift: bool) -> None:
    import torch

    from starfree.models.torch_ssm import TorchSSM, encode

    model, dfa = small(name, shift=shift)
    net = TorchSSM(model)
    words = random_words(dfa, 3, 150, SEED)
    tokens = encode(model, words)
    with torch.no_grad():
        scanned = net(tokens, chunk=64)
        assert torch.equal(scanned, net(tokens))
        assert torch.equal(scanned, net(tokens, parallel=False))
        state, steps = net.initial_state(3), []
        for column in torch.cat([torch.full((3, 1), net.bos), tokens], dim=1).T:
            logits, state = net.step(column, state)
            steps.append(logits)
        assert torch.equal(scanned, torch.stack(steps, dim=1))
        # Registers and delay cells are those of fixed-point arithmetic, bit for bit.
        exact, _ = model.begin()
        rows = exact.repeat(3, axis=0)
        for column in tokens.T.numpy():
            rows, _ = model.step(rows, column)
        assert np.array_equal(torch.cat(state, dim=1).double().numpy(), rows)
    for word, flags in zip(words, (scanned > 0).tolist(), strict=True):
        states = [dfa.start]
        for symbol in word:
            states.append(dfa.step(states[-1], symbol))
        assert np.array_equal(np.array(flags), dfa.legal_table[states])


def test_the_scan_equals_its_slow_twin() -> None:
    import torch

    from starfree.models.torch_ssm import scan, sequential_scan

    torch.manual_seed(SEED)
    for time in (1, 2, 3, 17, 64):
        gates = torch.randint(0, 2, (2, time, 5)).double()
        writes, start = torch.randint(-9, 9, (2, time, 5)).double(), torch.randint(0, 9, (2, 5)).double()
        assert torch.equal(scan(gates, writes, start), sequential_scan(gates, writes, start))


def test_build_refuses_with_the_witness() -> None:
    with pytest.raises(NotExpressible) as refused:
        build("(aa)*")
    assert refused.value.exit_status == 1
    assert refused.value.witness["evidence"]["kind"] == "pumping"


@pytest.mark.parametrize(("key", "value"), [("target", "gpt"), ("task", "guess")])
def test_build_names_what_it_does_not_know(key: str, value: str) -> None:
    with pytest.raises(BadInput, match=value):
        build("a*", **{key: value})


def damage(folder: Path, how: str) -> None:
    config, weights = folder / "config.json", folder / "model.safetensors"
    if how == "no weights":
        weights.unlink()
    elif how == "no config":
        config.unlink()
    elif how == "cut weights":
        weights.write_bytes(weights.read_bytes()[:-40])
    elif how == "empty weights":
        weights.write_bytes(b"")
    elif how == "cut config":
        config.write_text(config.read_text()[:60])
    elif how == "not json":
        config.write_bytes(b"\xff\xfe\x00")
    else:
        document = json.loads(config.read_text())
        key, value = how.split("=")
        document[key] = json.loads(value)
        config.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "how",
    [
        "no weights", "no config", "cut weights", "empty weights", "cut config", "not json",
        'format="x"', 'task="guess"', 'alphabet=["a"]', 'alphabet=["a","a"]', "alphabet=3",
        "fraction_bits=99", "fraction_bits=true", 'shift="no"', "layers=1", "layers=0", 'coordinates=["x"]',
        "cells=[]", "cells=[[1]]", "origin=0", "fraction_bits=2",
    ],
)  # fmt: skip
def test_damaged_models_are_one_short_message(how: str, tmp_path: Path) -> None:
    small("d_2")[0].save(tmp_path)
    damage(tmp_path, how)
    with pytest.raises(BadInput) as refused:
        open_model(tmp_path)
    assert "\n" not in str(refused.value)
    assert str(tmp_path) in refused.value.what


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such directory"):
        open_model(tmp_path / "nowhere")


def test_a_foreign_symbol() -> None:
    with pytest.raises(BadInput):
        small("d_2")[0].accepts("abc")


def test_names_reach_the_weights() -> None:
    model, _ = small("d_2")
    assert any("level 1" in name for name in model.coordinates)
    assert any("level 1" in cell for layer in model.layers for cell in layer.cells)


def test_numbers_beyond_exactness_are_refused_not_rounded() -> None:
    from starfree.errors import BudgetExceeded
    from starfree.models.fixed import bounded, multiply

    with pytest.raises(BudgetExceeded):
        multiply(np.array([2.0**10]), np.array([2.0**10 + 2.0**-16]), 16)
    with pytest.raises(BudgetExceeded):
        bounded(np.array([2.0**40]), 16)
    with pytest.raises(BudgetExceeded):
        Linear(np.array([[2.0**20]]), np.array([0.0])).with_integers(np.array([[2.0**20]]), 16)
    assert multiply(np.array([0.5, 2.0**-16]), np.array([3.0, 0.5]), 16).tolist() == [1.5, 2.0**-16]
