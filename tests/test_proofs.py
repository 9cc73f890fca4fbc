"""Proofs: closed products, and shortest differing words, against search by words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from conftest import SEED, count

from starfree.cascades import decompose
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import DFA, catalog, regex
from starfree.models.fixed import Linear
from starfree.models.ssm import SSM
from starfree.proofs.prove import Difference, Proof, prove
from starfree.targets.ssm import lower


def shortest_by_words(model: SSM, dfa: DFA, task: str, length: int) -> tuple[str, ...] | None:
    """The slow twin: all words in order of length, then of symbols, that the model can be run on."""
    for size in range(length + 1):
        for word in product(model.alphabet, repeat=size):
            state: int | None = dfa.start
            for symbol in word:
                state = dfa.step(state, symbol) if state is not None and symbol in dfa.alphabet else None
            legal = dfa.legal(state) if state is not None else frozenset()
            if task == "predict" and not legal:
                continue
            try:
                said = model.legal_sets(word)[-1]
            except BudgetExceeded:
                continue  # numbers too large to be exact: nothing is claimed of this word
            if said != legal:
                return word
    return None


def changed(model: SSM, rng: np.random.Generator) -> SSM:
    """Change one weight of one layer, or of the head."""
    while True:
        i = int(rng.integers(0, len(model.layers) + 1))
        if i == len(model.layers):
            return replace(model, head=one_changed(model.head, rng))
        name = str(rng.choice(["inner", "gate", "write", "mix_in", "mix_out"]))
        linear = getattr(model.layers[i], name)
        if linear.weight.size:
            layer = replace(model.layers[i], **{name: one_changed(linear, rng)})
            return replace(model, layers=(*model.layers[:i], layer, *model.layers[i + 1 :]))


def one_changed(linear: Linear, rng: np.random.Generator) -> Linear:
    weight = linear.weight.copy()
    at = tuple(rng.integers(0, weight.shape))
    weight[at] += float(rng.choice([-1, 1, 0.5, -2]))
    return Linear(weight, linear.bias)


@pytest.mark.parametrize("name", ["tomita_4", "d_2", "ab_d_bc", "tomita_2", "flip_flop"])
def test_a_changed_weight_is_found_by_its_shortest_word_or_is_invisible(name: str) -> None:
    rng = np.random.default_rng(SEED)
    dfa = catalog[name].dfa
    length = 3 if len(dfa.alphabet) > 4 else 4 if len(dfa.alphabet) > 2 else 7
    outcomes = set()
    for task, shift in product(("recognise", "predict"), (False, True)):
        model = lower(decompose(dfa, task=task), shift=shift)
        for _ in range(count(6, 60)):
            edited = changed(model, rng)
            try:
                found = prove(edited, dfa, task=task, max_states=20_000)
            except BudgetExceeded:
                continue  # a gate above 1 makes the state grow without end: unknown, and no claim is made
            slow = shortest_by_words(edited, dfa, task, length)
            outcomes.add(found.proved)
            if isinstance(found, Difference):
                assert slow == (found.word if len(found.word) <= length else None)
            else:
                assert slow is None
    assert outcomes == {True, False}


def test_the_shortest_difference_of_two_languages() -> None:
    model = lower(decompose(catalog["d_3"].dfa), shift=False)
    found = prove(model, catalog["d_2"])
    assert isinstance(found, Difference)
    assert found.word == ("a", "a")
    assert "a" in found.model_legal
    assert "a" not in found.language_legal
    assert found.to_json()["word"] == "aa"


def test_foreign_symbols_of_the_model_must_be_dead() -> None:
    wide = regex("(ab)*", "abc")
    assert prove(lower(decompose(wide.dfa), shift=False), regex("(ab)*")).proved
    found = prove(lower(decompose(regex("(ab)*c?").dfa), shift=False), regex("(ab)*"))
    assert isinstance(found, Difference)
    assert found.word == ()
    # A symbol that is never legal but does not kill: the model forgets an error.
    found = prove(lower(decompose(wide.dfa, task="predict"), shift=False), regex("(ab)*"), task="recognise")
    assert isinstance(found, Difference)


def test_a_language_with_more_symbols_is_refused() -> None:
    with pytest.raises(BadInput, match="'c'"):
        prove(lower(decompose(regex("(ab)*").dfa), shift=False), regex("(abc)*"))


def test_predict_does_not_look_beyond_dead_states() -> None:
    dfa = catalog["tomita_2"].dfa
    model = lower(decompose(dfa, task="predict"), shift=False)
    assert prove(model, dfa).proved
    assert not prove(model, dfa, task="recognise").proved


def test_a_proof_holds_what_it_found() -> None:
    dfa = catalog["d_4"].dfa
    model = lower(decompose(dfa), shift=False)
    found = prove(model, dfa)
    assert isinstance(found, Proof)
    closed = found.product
    assert closed.successors.shape == (len(closed), 2)
    assert closed.successors.min() >= 0
    assert closed.successors.max() == len(closed) - 1
    assert np.array_equal(closed.states[closed.successors], dfa.table[closed.states])
    for state in range(1, len(closed)):
        assert closed.parent[state] < state
        assert closed.successors[closed.parent[state], closed.symbol[state]] == state


def test_budgets_end_a_proof() -> None:
    model = lower(decompose(catalog["d_12"].dfa), shift=False)
    with pytest.raises(BudgetExceeded, match="max-states"):
        prove(model, catalog["d_12"], max_states=500)
    with pytest.raises(BudgetExceeded, match="timeout"):
        prove(model, catalog["d_12"], timeout=0.0)


def test_progress_is_told() -> None:
    told: list[int] = []
    model = lower(decompose(catalog["d_4"].dfa), shift=False)
    prove(model, catalog["d_4"], progress=told.append)
    assert told[-1] == 63


@pytest.mark.parametrize("name", ["flip_flop", "d_4", "tcp"])
@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("task", ["recognise", "predict"])
def test_the_certificate_is_accepted_and_a_changed_one_is_not(name, shift, task, tmp_path) -> None:
    from starfree.checker.check import check

    model = lower(decompose(catalog[name].dfa, task=task), shift=shift)
    model.save(tmp_path)
    found = prove(model, catalog[name])
    assert isinstance(found, Proof)
    certificate = found.certificate()
    assert check(certificate, directory=tmp_path).accepted
    certificate["evidence"]["successors"][0] = certificate["evidence"]["successors"][0][::-1]
    assert not check(certificate, directory=tmp_path).accepted


def test_the_certificate_covers_symbols_that_the_language_lacks(tmp_path) -> None:
    from starfree.checker.check import check

    model = lower(decompose(regex("(ab)*", "abc").dfa), shift=False)
    model.save(tmp_path)
    found = prove(model, regex("(ab)*"))
    assert isinstance(found, Proof)
    assert None in found.certificate()["evidence"]["states"]
    assert check(found.certificate(), directory=tmp_path).accepted


def test_sums_that_would_wrap_around_are_not_proved_nor_accepted(tmp_path) -> None:
    """Biases that add up to 2^64 units: in 64 bits they vanish, and END would seem legal."""
    from starfree.checker import BudgetError
    from starfree.checker.model import Linear as Checked
    from starfree.checker.model import bounded

    model = lower(decompose(regex("a*").dfa), shift=False)
    layer = model.layers[0]
    huge = replace(layer, mix_out=Linear(layer.mix_out.weight, layer.mix_out.bias + 2.0**45))
    edited = replace(model, fraction_bits=16, layers=(huge,) * 8)
    with pytest.raises(BudgetExceeded, match="exactly"):
        prove(edited, regex("a*"))
    zero = Checked(np.zeros((1, 1), np.int64), np.array([2**61]))
    out = zero(np.ones((1, 1), np.int64), 0)
    with pytest.raises(BudgetError, match="62 bits"):
        bounded(bounded(out) + out)


def one_weight(model: SSM, name: str, value: float) -> Iterator[SSM]:
    """Yield the model with one zero weight of one layer changed, each in turn."""
    for i, layer in enumerate(model.layers):
        linear = getattr(layer, name)
        for at in np.argwhere(linear.weight == 0):
            weight = linear.weight.copy()
            weight[tuple(at)] = value
            edited = replace(layer, **{name: Linear(weight, linear.bias)})
            yield replace(model, layers=(*model.layers[:i], edited, *model.layers[i + 1 :]))


@pytest.mark.parametrize("name", ["gate", "mix_out"])
def test_numbers_that_outgrow_hide_no_difference_of_their_length(name: str) -> None:
    """Where some states cannot be stepped, the others of the same length still tell a shortest word."""
    dfa = regex("(ab|c)*").dfa
    found = stopped = 0
    for model in one_weight(lower(decompose(dfa), shift=False), name, 2.0**24):
        outgrown = shortest_that_outgrows(model, 4)
        expected = shortest_by_words(model, dfa, "recognise", min(outgrown, 4))
        with suppress(BudgetExceeded):
            outcome = prove(model, dfa)
            assert (None if isinstance(outcome, Proof) else outcome.word) == expected
            found += outgrown <= 4
            continue
        assert expected is None
        stopped += outgrown <= 4
    assert (found if name == "mix_out" else stopped) > 0


def shortest_that_outgrows(model: SSM, length: int) -> int:
    """Return the length of the shortest word that cannot be computed exactly, or `length + 1`."""
    for size in range(length + 1):
        for word in product(model.alphabet, repeat=size):
            try:
                model.legal_sets(word)
            except BudgetExceeded:
                return size
    return length + 1
