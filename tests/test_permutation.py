"""Permutation models: any automaton in one layer; and which target is the cheapest."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from conftest import SEED, count
from random_automata import distinct
from safetensors.numpy import load_file, save_file

import starfree
from starfree.algebra.aperiodic import is_aperiodic
from starfree.algebra.subgroups import subgroups
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import DFA, catalog, dfa_of
from starfree.models.mamba import Mamba
from starfree.models.permutation import PermutationSSM
from starfree.targets.build import build
from starfree.targets.permutation import lower_permutation


def test_random_automata_are_built_and_proved() -> None:
    for dfa in islice(distinct(SEED, 12), count(40, 400)):
        for task in ("recognise", "predict"):
            proof = starfree.prove(lower_permutation(dfa, task=task), dfa)
            assert proof.proved
            assert task == "predict" or proof.size == dfa.states  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["parity", "a_5", "s_5", "group[(1 2),(3 4 5 6 7)]", "d_4", "dna_frame"])
def test_saved_opened_proved_and_checked(name: str, tmp_path: Path) -> None:
    model = build(catalog[name], target="permutation")
    assert isinstance(model, PermutationSSM)
    model.save(tmp_path)
    again = starfree.open_model(tmp_path)
    assert again == model
    assert hash(again) == hash(model)
    proof = starfree.prove(tmp_path, catalog[name])
    assert proof.proved
    certificate = json.loads(json.dumps(proof.certificate()))  # type: ignore[union-attr]
    assert starfree.check(certificate, catalog[name], directory=tmp_path).accepted
    assert not starfree.check({**certificate, "arithmetic": "FIX(16)"}, directory=tmp_path).accepted


def test_the_state_is_one_hot_and_follows_the_automaton() -> None:
    dfa = dfa_of(catalog["a_5"])
    model = lower_permutation(dfa, task="recognise")
    rng = np.random.default_rng(SEED)
    states, _ = model.begin()
    state = dfa.start
    for symbol in rng.integers(2, size=60).tolist():
        states, _ = model.step(states, np.array([symbol]))
        state = int(dfa.table[state, symbol])
        assert states[0].tolist() == [float(i == state) for i in range(dfa.states)]


def test_a_changed_matrix_is_found_and_rejected(tmp_path: Path) -> None:
    model = build("@s_3", target="permutation")
    model.save(tmp_path)
    certificate = starfree.prove(tmp_path, "@s_3").certificate()  # type: ignore[union-attr]
    weights = load_file(tmp_path / "model.safetensors")
    swapped = weights["transition"].copy()
    swapped[0][:, [0, 1]] = swapped[0][:, [1, 0]]
    save_file({**weights, "transition": swapped}, tmp_path / "model.safetensors")
    assert not starfree.prove(tmp_path, "@s_3").proved
    assert not starfree.check(certificate, directory=tmp_path).accepted


@pytest.mark.parametrize(
    "damage",
    ["missing", "two ones", "half", "shape", "extra", "states", "alphabet", "task", "origin", "initial"],
)
def test_damaged_models_are_one_short_message(damage: str, tmp_path: Path) -> None:
    build("(aa)*", target="permutation").save(tmp_path)
    file = tmp_path / "model.safetensors"
    weights = {name: tensor.copy() for name, tensor in load_file(file).items()}
    config = json.loads((tmp_path / "config.json").read_text())
    if damage == "missing":
        del weights["readout"]
    elif damage == "two ones":
        weights["transition"][0, :, 0] = 1
    elif damage == "half":
        weights["readout"][0, 0] = 0.5
    elif damage == "shape":
        weights["initial"] = np.ones(3, np.float32)
    elif damage == "extra":
        weights["more"] = np.ones(3, np.float32)
    elif damage == "initial":
        weights["initial"][:] = 0
    else:
        config[damage] = 0
    save_file(weights, file)
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput) as refused:
        starfree.open_model(tmp_path)
    assert "\n" not in str(refused.value)


def test_too_many_entries() -> None:
    with pytest.raises(BudgetExceeded):
        build("@mod_9000", target="permutation")


def expected(dfa: DFA) -> str:
    if is_aperiodic(dfa):
        return "ssm"
    groups = subgroups(dfa)
    return "signed" if groups.two_groups else "complex" if groups.solvable else "permutation"


@pytest.mark.parametrize("name", [*catalog.regular, "s_5", "z_8", "z_6"])
def test_decide_names_the_target_that_auto_builds(name: str) -> None:
    """Every regular language of the catalogue is built by the target that `decide` names, and proved."""
    decision = starfree.decide(catalog[name])
    assert decision.target == decision.to_json()["target"] == expected(dfa_of(catalog[name]))
    families = {
        "ssm": "diagonal-nonnegative",
        "signed": "diagonal-signed",
        "complex": "diagonal-complex",
        "permutation": "permutation-diagonal",
    }
    answers = {target: decision[family].expressible == "yes" for target, family in families.items()}
    assert next(target for target, yes in answers.items() if yes) == decision.target
    model = build(catalog[name], target="auto")
    assert model.target == decision.target
    assert starfree.prove(model, catalog[name]).proved


def test_auto_on_programs_and_counters() -> None:
    assert build("@dyck_1", target="auto").target == "ssm"
    assert starfree.decide("@dyck_1").target == "ssm"
    assert build("pltl:H(a)", target="auto").target == "ssm"
    assert starfree.decide("@dyck_1", family="rnn").target == "ssm"


def test_one_family_asked_still_names_the_target() -> None:
    assert starfree.decide("(aa)*", family="rnn").target == "signed"


def test_random_languages_without_a_star_free_form_are_built_and_proved() -> None:
    """Up to 12 states; where a budget ends the cascade, the permutation target still has the language."""
    targets: Counter[str] = Counter()
    for dfa in distinct(SEED + 2, 12):
        if is_aperiodic(dfa):
            continue
        try:
            model = build(dfa, target="auto", max_elements=count(500, 3000), timeout=20)
        except BudgetExceeded:
            targets["budget"] += 1
            model = build(dfa, target="permutation")
        else:
            targets[model.target] += 1
            assert model.target == expected(dfa)
        assert starfree.prove(model, dfa).proved
        if sum(targets.values()) == count(12, 500):
            break
    assert targets["complex"] >= 2
    assert targets["budget"] <= sum(targets.values()) / 2


@pytest.mark.parametrize("name", ["parity", "aaaa_star", "tomita_3", "csv_row", "dna_frame", "abab_star"])
def test_decide_says_the_layers_that_build_makes(name: str) -> None:
    for task in ("recognise", "predict"):
        decision = starfree.decide(catalog[name], task=task)
        for target in ("signed", "complex"):
            verdict = decision[f"diagonal-{target}"]
            group = decision.algebra is not None and decision.algebra.group_language
            if verdict.expressible == "yes" and not (group and target == "complex"):
                model = build(catalog[name], target=target, task=task)
                assert not isinstance(model, Mamba)
                assert verdict.layers == len(model.layers)
