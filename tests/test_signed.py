"""Signed gates: every language whose groups are 2-groups, proved, checked, and the same bits in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import SEED

import starfree
from starfree.algebra.aperiodic import is_aperiodic
from starfree.algebra.subgroups import subgroups
from starfree.errors import BadInput, NotExpressible
from starfree.languages import DFA, catalog, dfa_of
from starfree.models.mamba import Mamba
from starfree.models.ssm import SSM
from starfree.targets.build import build

NAMES = [
    name
    for name in catalog.regular
    if not is_aperiodic(dfa_of(catalog[name])) and subgroups(dfa_of(catalog[name])).two_groups
]


def signed(name: str, **options: object) -> tuple[SSM, DFA]:
    model = build(catalog[name], target="signed", **options)  # type: ignore[arg-type]
    assert isinstance(model, SSM)
    return model, dfa_of(catalog[name])


@pytest.mark.parametrize("name", [*NAMES, "z_8", "tomita_4"])
def test_built_proved_and_checked(name: str, tmp_path: Path) -> None:
    for task in ("recognise", "predict"):
        for shift in (False, True):
            model, _ = signed(name, task=task, shift=shift)
            model.save(tmp_path)
            assert starfree.open_model(tmp_path) == model
            proof = starfree.prove(tmp_path, catalog[name])
            assert proof.proved
            result = starfree.check(proof.certificate(), catalog[name], directory=tmp_path)  # type: ignore[union-attr]
            assert result.accepted, result.reason


@pytest.mark.parametrize("name", NAMES)
def test_gates_are_signs_zero_or_the_delay(name: str) -> None:
    """In every reachable state, by every symbol: registers hold 0 or 1 and are moved by -1, 0 and 1."""
    model, dfa = signed(name, shift=True)
    symbols = np.arange(len(dfa.alphabet))
    states, _ = model.begin()
    seen, met = {states.tobytes()}, set()
    while len(states):
        read, before = np.tile(symbols, len(states)), np.repeat(states, len(symbols), axis=0)
        z, at = model.embedding[read], 0
        for layer in model.layers:
            u = np.maximum(layer.inner(np.concatenate([z, before[:, at : at + model.width]], axis=1), 16), 0)
            at += model.width
            gate, old = layer.gate(u, 16), before[:, at : at + len(layer.cells)]
            met |= set(gate.ravel().tolist())
            h = gate * old + layer.write(u, 16)
            at += len(layer.cells)
            z = z + layer.mix_out(np.maximum(layer.mix_in(np.concatenate([h, z], axis=1), 16), 0), 16)
            assert set(h.ravel().tolist()) <= {0.0, 1.0}
        after, _ = model.step(before, read)
        fresh = {row.tobytes(): row for row in after if row.tobytes() not in seen}
        seen |= fresh.keys()
        states = np.array(list(fresh.values()))
    assert met <= {-1.0, 0.0, 1.0}
    assert -1.0 in met
    assert model.gates == model.target == "signed"
    assert not model.grouped


DIHEDRAL = "group[(1 2 3 4),(1 3)]"
QUATERNIONS = "group[(1 2 4 7)(3 6 8 5),(1 3 4 8)(2 5 7 6)]"


@pytest.mark.parametrize(("name", "states"), [(DIHEDRAL, 8), (QUATERNIONS, 8)])
def test_groups_that_do_not_commute(name: str, states: int) -> None:
    model, dfa = signed(name, shift=True)
    assert dfa.states == states
    assert len(model.layers) == 2  # the exponent of both is 4
    assert starfree.prove(model, dfa).proved


@pytest.mark.parametrize(("name", "levels"), [("parity", 1), ("aaaa_star", 2), ("z_8", 3), ("z_16", 4)])
def test_layers_are_what_the_exponent_asks_for(name: str, levels: int) -> None:
    assert len(signed(name, shift=True)[0].layers) == levels
    assert len(signed(name)[0].layers) == 2 * levels - 1


@pytest.mark.parametrize("name", ["tomita_3", "aaaa_star", "json_string"])
def test_torch_scan_recurrence_and_steps_are_the_same_bits(name: str) -> None:
    import torch

    from starfree.models.torch_ssm import TorchSSM, encode

    model, dfa = signed(name)
    rng = np.random.default_rng(SEED)
    words = [tuple(rng.choice(list(dfa.alphabet), 300).tolist()) for _ in range(3)]
    net = TorchSSM(model)
    with torch.no_grad():
        scanned = net(encode(model, words))
        assert torch.equal(scanned, net(encode(model, words), parallel=False))
    for word, flags in zip(words, (scanned > 0).tolist(), strict=True):
        states = [dfa.start]
        for symbol in word:
            states.append(dfa.step(states[-1], symbol))
        assert np.array_equal(np.array(flags), dfa.legal_table[states])


@pytest.mark.parametrize("name", ["mod_3", "s_3", "a_5", "dna_frame"])
def test_other_groups_are_refused_with_a_witness(name: str) -> None:
    with pytest.raises(NotExpressible) as refused:
        build(catalog[name], target="signed")
    witness = refused.value.witness
    assert witness["family"] == "diagonal-signed"
    assert starfree.check(witness, catalog[name]).accepted


def test_choices_that_do_not_belong() -> None:
    with pytest.raises(BadInput, match="rotors"):
        build("(aa)*", target="signed", rotors="matrix")
    with pytest.raises(BadInput, match="robust"):
        build("(aa)*", target="signed", robust=True)
    with pytest.raises(BadInput, match="no counters"):
        build("(aa)*", target="complex", prefer="layers")


def test_programs_with_rotors_are_built_through_their_automaton() -> None:
    from starfree.programs import program, read, rotor

    odd = program("ab", accept=rotor(read("a"), 2) == 1)
    model = build(odd, target="auto")
    assert model.target == "signed"
    assert starfree.decide(odd).target == "signed"
    assert starfree.prove(model, odd).proved
    both = (rotor(read("a"), 3) == 1) & (rotor(read("b"), 2) == 0)
    third = build(program("ab", accept=both), target="auto")
    assert third.target == "complex"
    assert not isinstance(third, Mamba)
    assert third.accepts("abb")
    assert not third.accepts("aab")
