"""Proofs of programs: the weights on all inputs at once, and what is found when one of them is changed."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest
from conftest import SEED, count
from test_programs import (
    BRACKETS,
    COUNTERS,
    TASKS,
    assert_legal,
    load,
    mamba_legal,
    one_thread,
    short_words,
    ssm_legal,
)

import starfree
from starfree import program as p
from starfree.errors import BadInput, BudgetExceeded
from starfree.models.ssm import SSM
from starfree.programs import Program
from starfree.programs.expressions import all_of
from starfree.proofs.prove import Difference
from starfree.proofs.prove_program import ProgramProof
from starfree.proofs.symbolic import flaw
from starfree.targets.circuit import Circuit
from starfree.targets.program_ssm import lower_program, meaning_of

__all__ = ["one_thread"]  # a fixture: torch on one thread
A, B, C = p.read("a"), p.read("b"), p.read("c")


def checked(model: SSM, language: Program, task: str) -> str | None:
    circuit = Circuit(language, task, test_layers=0)
    found = flaw(model, circuit, meaning_of(circuit, model.fraction_bits))
    return None if found is None else found.where


def some_programs() -> list[Program]:
    """Programs with every operator, in every place."""
    back = p.previously(p.previously(A | p.latch(B, C, initial=True)))
    tests = p.count(A & p.previously(B)) - 2 * p.count(C)
    return [
        p.program("abc", accept=back),
        p.program("abc", accept=p.historically(A >> p.previously(p.since(B | A, C)))),
        p.program(
            "abc", legal={"a": tests >= 0, "b": True, "c": p.once(tests > 2)}, end=p.previously(tests < 0)
        ),
        p.program("abc", legal={"a": p.count(p.count(A) == p.count(B)) <= 3, "b": ~A}, end=tests == -1),
    ]


def turning_programs() -> list[Program]:
    """Programs that count and turn, with rotors in every place."""
    often = p.count(A) - p.count(B)
    within = p.rotor(p.previously(C) & (p.rotor(B, 2) == 1), 8)
    return [
        p.program(
            "abc", legal={"a": True, "b": often > 0, "c": True}, end=(often == 0) & (p.rotor(C, 2) == 0)
        ),
        p.program("abc", legal={"a": p.rotor(A, 4) != 3, "b": True, "c": within != 2}, end=often <= 2),
        p.program("abc", accept=(p.rotor(A, 8) == 5) | (p.rotor(A, 2) == 0) & p.once(p.rotor(B, 4) == 2)),
        p.program(
            "abc",
            legal={"a": True, "b": ~p.latch(A, p.rotor(C, 2) == 1), "c": True},
            end=p.count(p.rotor(A, 4) == 1) >= 3,
        ),
    ]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", [*COUNTERS, *BRACKETS])
def test_the_languages_of_the_catalogue_are_proved_at_every_length(name: str, task: str) -> None:
    language = load(name)
    proof = starfree.prove(starfree.build(language, task=task), language, words=2, length=60)
    assert isinstance(proof, ProgramProof)
    assert proof.every_length
    assert proof.to_json()["method"] == "symbolic"


@pytest.mark.parametrize("task", TASKS)
def test_other_programs_are_proved_and_right(task: str) -> None:
    for language in some_programs():
        model = lower_program(language, task=task)
        assert checked(model, language, task) is None
        words = short_words(language, count(800, 3_000))
        assert_legal(ssm_legal(model, words), language.legal_along(words), task)
        stock = starfree.build(language, target="mamba", task=task)
        assert_legal(mamba_legal(stock, words), language.legal_along(words), task)


@pytest.mark.parametrize("task", TASKS)
def test_rotors_are_gates_of_minus_one(task: str) -> None:
    for language in turning_programs():
        model = lower_program(language, task=task, signed=True)
        assert model.gates == "signed"
        assert checked(model, language, task) is None
        assert (
            checked(dataclasses.replace(model, gates="nonnegative"), language, task)
            == "the kind of its gates"
        )
        if "counting" in language.fragment:
            assert starfree.build(language, target="signed", task=task) == model
            proof = starfree.prove(model, language, words=2, length=100)
            assert isinstance(proof, ProgramProof)
            assert proof.every_length
        words = short_words(language, count(800, 3_000))
        assert_legal(ssm_legal(model, words), language.legal_along(words), task)
        walk = np.random.default_rng(SEED).integers(0, 3, (20, 200))
        assert_legal(ssm_legal(model, walk), language.legal_along(walk), task)


def test_who_counts_and_turns() -> None:
    language = turning_programs()[0]
    decided = starfree.decide(language)
    assert decided.target == "signed"
    assert decided["diagonal-signed"].expressible == "yes"
    assert decided["diagonal-nonnegative"].expressible != "yes"
    assert starfree.build(language, target="auto") == starfree.build(language, target="signed")
    with pytest.raises(BadInput, match="not nonnegative"):
        starfree.build(language, target="ssm")
    with pytest.raises(BadInput, match="not nonnegative"):
        starfree.build(language, target="mamba")
    thirds = p.program("ab", legal={"a": True, "b": p.count(A) > p.count(B)}, end=p.rotor(A, 6) == 0)
    assert starfree.decide(thirds).target is None
    with pytest.raises(BadInput, match="cycles of 6"):
        starfree.build(thirds, target="signed")
    with pytest.raises(BadInput, match="No target has rotors"):
        starfree.build(thirds, target="auto")
    with pytest.raises(BadInput, match="Use --target signed without"):
        starfree.build(language, target="complex")
    trap = p.program("ab", legal={"a": True, "b": True}, end=~p.once(B) & (p.rotor(A, 2) == 0))
    assert starfree.prove(starfree.build(trap, target="signed"), trap).proved  # by way of its automaton
    # Numbers modulo a large order are no table.
    huge = p.program("ab", legal={"a": True, "b": p.count(B) < 3}, end=p.rotor(A, 2**40) == 5)
    assert starfree.build(huge, target="signed", task="predict").accepts("aaaaa")
    assert huge.legal_along(np.zeros((1, 5), np.int64))[0, :, -1].tolist() == [False] * 5 + [True]
    # Many rotors need no automaton of all their values.
    symbols = [f"s{number}" for number in range(40)]
    even = p.program(
        symbols,
        legal=dict.fromkeys(symbols, True),
        end=all_of(*(p.rotor(p.read(symbol), 2) == 0 for symbol in symbols)),
    )
    assert checked(lower_program(even, task="recognise", signed=True), even, "recognise") is None


def test_no_changed_weight_that_can_be_seen_is_accepted() -> None:
    """What the proof lets pass gives the right legal set after every short word and every long one tried."""
    rng = np.random.default_rng(SEED)
    accepted = refused = 0
    languages = [
        *some_programs(),
        *turning_programs(),
        *(load(name) for name in ("dyck_1", "anbncn", "boolean_3", "bounded_dyck_2_3")),
    ]
    for _ in range(count(6, 100)):
        for language in languages:
            model = copy.deepcopy(lower_program(language, task="recognise", signed=True))
            linears = [linear for _, linear in model.linears()]
            arrays = [a for linear in linears for a in (linear.weight, linear.bias) if a.size]
            array = [*arrays, model.embedding][int(rng.integers(len(arrays) + 1))]
            array.flags.writeable = True
            array[tuple(rng.integers(0, array.shape))] += float(rng.choice([-2, -1, -0.5, 2**-16, 1]))
            if checked(model, language, "recognise") is None:
                accepted += 1
                words = short_words(language, 1_000)
                assert_legal(ssm_legal(model, words), language.legal_along(words), "recognise")
                walk = np.random.default_rng(accepted).integers(0, len(language.alphabet), (20, 60))
                assert_legal(ssm_legal(model, walk), language.legal_along(walk), "recognise")
            else:
                refused += 1
    assert accepted
    assert refused > accepted


@pytest.mark.parametrize("bits", range(6))
def test_delays_are_proved_where_the_fraction_bits_suffice(bits: int) -> None:
    """With too few of them, what is older than one position is not rounded away."""
    language = p.program("ab", legal={"a": True, "b": ~p.previously(A)}, end=p.count(A) >= 0)
    model = lower_program(language, task="predict", fraction_bits=bits)
    words = short_words(language, 1_000)
    said, right = ssm_legal(model, words), language.legal_along(words)
    assert (checked(model, language, "predict") is None) == (bits > 2)
    assert np.array_equal(said[right.any(axis=-1)], right[right.any(axis=-1)]) == (bits > 2)


def test_a_wrong_model_is_refused_with_a_shortest_word() -> None:
    found = starfree.prove(starfree.build("@shuffle_2", task="predict"), "@shuffle_2", task="recognise")
    assert isinstance(found, Difference)
    assert found.word == (")",)
    other = p.program("()", legal={"(": True}, end=p.count(p.read("(")) >= 0)
    for target in ("ssm", "mamba"):
        found = starfree.prove(starfree.build("@dyck_1", target=target), other)
        assert isinstance(found, Difference)
        assert found.word == ("(",)


def test_unknown_is_said_when_the_weights_are_others_and_no_word_differs() -> None:
    language = load("dyck_1")
    for target in ("ssm", "mamba"):
        model = starfree.build(language, target=target)
        if isinstance(model, SSM):
            head = dataclasses.replace(model.head, bias=model.head.bias * 2, weight=model.head.weight * 2)
            layers = (
                dataclasses.replace(model.layers[0], gate=_with_unit(model.layers[0].gate)),
                *model.layers[1:],
            )
            assert starfree.prove(dataclasses.replace(model, head=head), language).proved  # it is still right
            changed = dataclasses.replace(model, layers=layers)
        else:
            tensors = dict(model.tensors)
            tensors["lm_head.weight"] = tensors["lm_head.weight"] * 2
            changed = dataclasses.replace(model, tensors=tensors)
        with pytest.raises(BudgetExceeded, match="not as starfree builds it"):
            starfree.prove(changed, language, words=2, length=50)


def _with_unit(linear):  # type: ignore[no-untyped-def]
    """Return the gates of counters a little below 1: too little for short words to show it."""
    return dataclasses.replace(linear, bias=linear.bias - 2.0**-16)


def test_what_cannot_be_proved_is_said() -> None:
    model = starfree.build("@dyck_1", target="mamba")
    with pytest.raises(BadInput, match="float32"):
        starfree.prove(model, "@dyck_1", dtype="bfloat16")
    for options in ({"single": True}, {"dtype": "float32"}):
        with pytest.raises(BadInput, match="own arithmetic"):
            starfree.prove(starfree.build("@dyck_1"), "@dyck_1", **options)
    with pytest.raises(BadInput, match="float32"):
        starfree.prove(model, "@dyck_1", single=True)
    with pytest.raises(BadInput, match="symbols"):
        starfree.prove(starfree.build("@shuffle_2"), "@dyck_1")
    proof = starfree.prove(model, "@dyck_1", words=1, length=50)
    assert isinstance(proof, ProgramProof)
    assert not proof.every_length
    assert proof.horizon == 2**23
    with pytest.raises(BadInput, match="the model counts"):
        proof.certificate()


def test_the_horizon_is_the_construction_s_whatever_the_model_says() -> None:
    model = starfree.build("@dyck_1", target="mamba")
    for origin in (model.origin | {"horizon": 10**12}, {}):
        changed = dataclasses.replace(model, origin=origin)
        proof = starfree.prove(changed, "@dyck_1", words=1, length=50)
        assert isinstance(proof, ProgramProof)
        assert (proof.horizon, proof.arithmetic) == (2**23, model.arithmetic)


def test_models_over_one_symbol_are_proved() -> None:
    language = p.program("a", legal={"a": True}, end=p.count(A) == 3)
    for target in ("ssm", "mamba"):
        proof = starfree.prove(starfree.build(language, target=target), language, length=50, timeout=60)
        assert isinstance(proof, ProgramProof)
        assert (proof.short, proof.words) == (20, 1)


def test_a_dead_condition_that_was_given_is_said_to_be_given() -> None:
    a, b = p.count(A), p.count(B)
    legal = {"a": True, "b": a > b}
    late = p.once((a < b) & (a < 50))  # wrong after long words only
    wrong = p.program("ab", legal=legal, end=a == b, dead=late)
    proof = starfree.prove(starfree.build(wrong), wrong, words=0)
    assert isinstance(proof, ProgramProof)
    assert proof.dead_given
    assert proof.to_json()["dead_given"]
    found = starfree.prove(starfree.build(wrong), wrong, words=200, length=110)
    assert isinstance(found, Difference)
    worked_out = p.program("ab", legal=legal, end=a == b)
    assert not starfree.prove(starfree.build(worked_out), worked_out, words=1, length=50).dead_given
    predicts = starfree.build(wrong, task="predict")
    assert not starfree.prove(predicts, wrong, words=1, length=50).dead_given
