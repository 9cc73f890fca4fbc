"""Automata out of networks: the rounded network exactly, and what it has to do with the network itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import SEED, count
from opponents import NAMED, random_network

import starfree
from starfree.cli import main
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import END
from starfree.proofs.decision import Decision
from starfree.proofs.extract import OnGrid, extract, float_machine
from starfree.proofs.prove_rounded import RoundedProof


@pytest.mark.parametrize("spec", ["@tomita_4", "(ab)*", "@d_3", "@flip_flop"])
@pytest.mark.parametrize("target", ["ssm", "mamba"])
def test_built_models_are_their_language(spec: str, target: str) -> None:
    language = starfree.load(spec)
    found = extract(starfree.build(language, target=target, task="predict"), grid=2.0**-8)
    assert found.dfa.difference(language) is None
    assert found.consistent
    assert found.agrees


def twin(
    model: Any, grid: float, most: int
) -> tuple[dict[bytes, dict[str, bytes]], dict[bytes, frozenset[Any]]]:
    """Follow a rounded network one state and one symbol at a time."""
    machine = OnGrid(float_machine(model), grid)
    state, logits = machine.begin()
    marks = [*machine.alphabet, END]

    def legal(logits: Any) -> frozenset[Any]:
        return frozenset(mark for mark, logit in zip(marks, logits[0], strict=True) if logit > 0)

    def named(state: Any, logits: Any) -> bytes:
        return bytes(state.tobytes() + (logits > 0).tobytes())

    steps: dict[bytes, dict[str, bytes]] = {}
    said = {named(state, logits): legal(logits)}
    waiting = [(state, named(state, logits))]
    while waiting:
        state, name = waiting.pop()
        own = steps.setdefault(name, {})
        for number, symbol in enumerate(machine.alphabet):
            if symbol in said[name]:
                after, logits = machine.step(state, np.array([number]))
                own[symbol] = named(after, logits)
                if own[symbol] not in said:
                    said[own[symbol]] = legal(logits)
                    waiting.append((after, own[symbol]))
                    assert len(said) <= most
    return steps, said


@pytest.mark.parametrize("name", ["mamba", "gru", "deltanet", "s4d", "mamba2"])
def test_random_networks_against_one_state_at_a_time(name: str) -> None:
    rng = np.random.default_rng(SEED)
    for seed in range(count(2, 20)):
        network = random_network(NAMED["parity"], 1, seed, name)
        try:
            found = extract(network, grid=1.0, max_states=300)
        except BudgetExceeded:
            continue
        steps, said = twin(network, 1.0, 300)
        assert found.states == len(said)
        first = next(iter(said))
        consistent = True
        for _ in range(200):  # walks along what the rounded network takes to be legal
            state, at = first, found.dfa.start
            for _ in range(12):
                consistent &= said[state] == found.dfa.legal(at)
                choices = sorted(steps[state])
                if not choices:
                    break
                symbol = choices[int(rng.integers(len(choices)))]
                state, at = steps[state][symbol], found.dfa.step(at, symbol)
                assert (END in said[state]) == bool(found.dfa.accepting[at])
        assert consistent or not found.consistent


def test_rounding() -> None:
    machine = OnGrid(float_machine(random_network(NAMED["parity"], 1, 0)), 0.5)
    states, _ = machine.begin()
    for symbol in (0, 1, 1, 0):
        states, _ = machine.step(states, np.array([symbol]))
        assert (states * 2 == np.round(states * 2)).all()
        assert not np.signbit(states[states == 0]).any()
    assert "multiples of 0.5" in machine.arithmetic
    assert machine.whole(np.zeros((1, 2), np.int64)) is None


def test_grids() -> None:
    network = random_network(NAMED["parity"], 1, 0)
    for grid in (0.3, 0.0, -1.0, 5e-324, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="power of two"):
            extract(network, grid=grid)
    with pytest.raises(BudgetExceeded):
        extract(network, grid=2.0**-20, max_states=20)
    with pytest.raises(BadInput, match="no recurrent state"):
        extract(random_network(NAMED["parity"], 1, 0, "transformer"), grid=1.0)
    assert extract(starfree.build("@tomita_4", target="mamba", task="predict")).agrees
    with pytest.raises(BadInput, match="decision"):
        extract(network, decision="luck")


def test_proofs_of_rounded_networks() -> None:
    built = starfree.build("@d_2", target="mamba", task="predict")
    proof = starfree.prove(built, "@d_2", grid=0.125)
    assert isinstance(proof, RoundedProof)
    assert proof.to_json()["grid"] == 0.125
    wrong = starfree.prove(built, "@d_3", grid=0.125)
    assert not wrong.proved
    assert wrong.word == ("a", "a")
    network = random_network(NAMED["tomita_3"], 1, 3)
    found = extract(network, grid=0.5)
    outcome = starfree.prove(network, found.dfa, task="predict", grid=0.5)
    assert outcome.proved == found.consistent
    with pytest.raises(BudgetExceeded):
        starfree.prove(built, "@d_2", grid=0.125, max_states=1)
    with pytest.raises(BadInput, match="own arithmetic"):
        starfree.prove(starfree.build("@d_2"), "@d_2", grid=0.125, arithmetic="nonsense")


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "m")
    starfree.build("@tomita_4", target="mamba", task="predict").save(place)
    assert main(["extract", place, "@tomita_4"]) == 0
    assert "equal: it is the minimal automaton of @tomita_4" in capsys.readouterr().out
    assert main(["extract", place, "@tomita_7", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["equal"], document["states"], document["agrees"]) == (False, 4, True)
    assert main(["prove", place, "@tomita_4", "--grid", "0.25"]) == 0
    assert "With its state rounded to multiples of 0.25" in " ".join(capsys.readouterr().out.split())
    assert main(["prove", place, "@tomita_7", "--grid", "0.25"]) == 1
    assert main(["prove", place, "@tomita_4", "--grid", "0.25", "--certificate", "x"]) == 2
    assert main(["extract", place, "--grid", "3"]) == 2
    assert "power of two" in capsys.readouterr().err


def test_decision_of_extraction() -> None:
    network = random_network(NAMED["parity"], 1, 0)
    one = extract(network, grid=1.0, decision="prob:0.2")
    assert one.to_json()["rounded_states"] == one.states
    assert str(Decision("prob", 0.2)) == "prob:0.2"
