"""Refuting: what is found is wrong, what is shortest is shortest, and each claim is checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import SEED, count
from opponents import (
    NAMED,
    changed_deep_inside,
    counted_to,
    counting,
    first_error,
    first_moves,
    latch_chain,
    late,
    random_network,
    random_not_star_free,
)
from torch import nn

import starfree
from starfree.cli import main
from starfree.errors import BadInput
from starfree.languages import END, Language, regex
from starfree.proofs.decision import Decision, decision_named
from starfree.proofs.machine import OwnMachine, machine_of
from starfree.proofs.prove import Difference
from starfree.proofs.reader import Reader
from starfree.proofs.refutation import Refutation
from starfree.proofs.refute import refute

QUICK: dict[str, Any] = {"copies": 200, "max_states": 500}


def legal_after(language: Language, word: tuple[str, ...]) -> frozenset[Any]:
    """Return the legal set after a word, by steps of the language alone."""
    state = language.start
    for symbol in word:
        state = language.step(state, symbol)
    return language.legal(state)


def check(found: Refutation, said: Callable[[tuple[str, ...]], frozenset[Any]], language: Language) -> None:
    """Check every finding with the model's own way of running a word and the language's steps."""
    assert found.findings
    for each in found.findings:
        for word, model, legal in zip(each.words, each.model_legal, each.language_legal, strict=True):
            assert legal_after(language, word) == legal
            assert said(word) == model
        if each.kind == "word":
            assert each.model_legal != each.language_legal
        if each.kind == "pair":
            assert each.pumped is not None
            u, v, w, copies = each.pumped
            assert each.words == ((*u, *v * copies, *w), (*u, *v * (copies + 1), *w))
            assert each.model_legal[0] == each.model_legal[1]
            assert each.language_legal[0] != each.language_legal[1]


@pytest.mark.parametrize("name", NAMED)
def test_random_weights(name: str) -> None:
    language = NAMED[name]
    for layers in (1, 2, 3)[: count(1, 3)]:
        network = random_network(language, layers, SEED + layers)
        found = refute(network, language, **QUICK)
        assert found.guaranteed
        assert any(each.kind == "pair" for each in found.findings)
        check(found, lambda word, network=network: network.legal_sets(word)[-1], language)


def test_random_weights_on_random_languages() -> None:
    for number, dfa in enumerate(random_not_star_free(count(6, 200), SEED)):
        network = random_network(dfa, 1 + number % 3, number)
        found = refute(network, dfa, **QUICK)
        assert found.refuted
        assert found.guaranteed
        check(found, lambda word, network=network: network.legal_sets(word)[-1], dfa)


def test_random_weights_that_are_right_at_first() -> None:
    # No word of up to 20 symbols is in the language; of 4,096 networks this one and another never say END.
    language = late(NAMED["parity"].dfa, 21)
    network = random_network(language, 1, 5666)
    short = refute(network, language, strategies="short words", max_states=count(1_000, 2_000_000))
    assert not short.refuted
    found = refute(network, language, strategies="pumping")
    check(found, lambda word: network.legal_sets(word)[-1], language)
    assert [each.kind for each in found.findings] == ["word", "pair"]
    assert len(found.findings[0].words[0]) == 21


@pytest.mark.parametrize("name", NAMED)
def test_chains_of_latches_come_to_rest(name: str) -> None:
    language = NAMED[name]
    for most in (4, 16)[: count(1, 2)]:
        model = latch_chain(language.dfa, most)
        if most == 4:
            assert starfree.prove(model, first_moves(language.dfa, most)).proved
        found = refute(model, language)
        check(found, lambda word, model=model: model.legal_sets(word)[-1], language)
        first, pair = found.findings
        difference = starfree.prove(model, language)
        assert isinstance(difference, Difference)
        assert first.words == (difference.word,)
        assert first_error(first_moves(language.dfa, most), language.dfa) == len(difference.word)
        assert (pair.kind, pair.stop, pair.equal_states) == ("pair", "rest", True)
        assert not found.proved


@pytest.mark.parametrize(
    ("alphabet", "counted", "order"), [("01", "1", 2), ("01", "01", 2), ("a", "a", 2), ("ab", "a", 3)]
)
def test_counters_drift(alphabet: str, counted: str, order: int) -> None:
    language = counting(alphabet, counted, order)
    for most in (4, 64, *[10_000][: count(0, 1)]):
        model = counted_to(alphabet, counted, order, most)
        found = refute(model, language, max_states=1_000)
        check(found, lambda word, model=model: model.legal_sets(word)[-1], language)
        first, pair = found.findings
        assert (pair.kind, pair.stop, pair.equal_states) == ("pair", "drift", False)
        right = most + (-most - 1) % order + 1 if order > 2 else most + 1
        assert max(map(first.words[0].count, counted)) in (most + 1, right)
        pumped = refute(model, language, strategies=["pumping"])
        assert [each.kind for each in pumped.findings] == ["word", "pair"]


@pytest.mark.parametrize("name", ["tomita_4", "d_4", "c_comment", "ab_d_bc"])
def test_a_rule_changed_deep_inside(name: str) -> None:
    language = starfree.load(f"@{name}")
    found = changed_deep_inside(language, count(3, 12), SEED)
    assert found is not None
    model, length = found
    short = refute(model, language)
    check(short, lambda word: model.legal_sets(word)[-1], language)
    assert len(short.findings[0].words[0]) == length
    assert not short.guaranteed
    assert "star-free" in short.because
    hard = refute(model, language, strategies=["hard words"], length=200)
    if hard.findings:
        check(hard, lambda word: model.legal_sets(word)[-1], language)


def test_another_arithmetic() -> None:
    model = counted_to("a", "a", 2, 300)
    language = counting("a", "a", 2)
    assert len(refute(model, language).findings[0].words[0]) == 301
    assert len(refute(model, language, arithmetic="bfloat16").findings[0].words[0]) == 257  # 256 + 1 = 256
    found = refute(model, language, arithmetic="bfloat16", strategies=["pumping"])
    assert found.findings[-1].stop == "rest"
    with pytest.raises(BadInput, match="arithmetic"):
        refute(random_network(NAMED["parity"], 1, 0), "@parity", arithmetic="bfloat16")


def test_equal_models_are_proved() -> None:
    for spec in ("@tomita_4", "(ab)*", "@d_3"):
        found = refute(starfree.build(spec), spec)
        assert found.proved
        assert not found.refuted
    assert not refute(starfree.build("(ab)*"), "(ab)*", max_states=2, length=20).proved


def test_loops_and_deep_nesting() -> None:
    # Right for 40 symbols, and the budget for short words ends long before.
    language = starfree.load("@d_30")
    model = starfree.build("@d_12")
    found = refute(model, language, max_states=10, strategies=["short words", "pumping"], length=64)
    assert found.findings[0].strategy == "loops"
    assert found.findings[0].words == (("a",) * 13,) or len(found.findings[0].words[0]) >= 12
    check(found, lambda word: model.legal_sets(word)[-1], language)


def test_signed_gates() -> None:
    language = NAMED["mod_3"]
    network = random_network(language, 2, SEED, "mamba-signed")
    found = refute(network, language, **QUICK)
    assert found.guaranteed
    pair = next(each for each in found.findings if each.kind == "pair")
    assert pair.pumped is not None
    assert len(pair.pumped[1]) % 4 == 0  # v^(2^L)
    check(found, lambda word: network.legal_sets(word)[-1], language)
    assert not refute(
        random_network(NAMED["parity"], 1, SEED, "mamba-signed"), NAMED["parity"], **QUICK
    ).guaranteed
    assert not refute(random_network(NAMED["parity"], 1, SEED, "gru"), NAMED["parity"], **QUICK).guaranteed


def test_a_stock_checkpoint_on_both_paths() -> None:
    model = starfree.build("(ab)*", target="mamba")
    found = refute(model, "(ab)*a?")
    assert found.findings[0].words == (("a",),)
    assert found.findings[0].path == "both"
    parity = regex("(b*ab*a)*b*")
    found = refute(model, parity)
    assert any(each.kind == "pair" and each.path == "both" for each in found.findings)
    assert refute(model, "(ab)*").proved


def test_languages_that_count() -> None:
    dyck = starfree.load("@dyck_1")
    model = starfree.build("@bounded_dyck(1,5)", task="predict")
    found = refute(model, dyck)
    assert found.findings[0].words == (("(",) * 5,)
    assert not found.guaranteed
    check(found, lambda word: model.legal_sets(word)[-1], dyck)


def test_the_task() -> None:
    model = starfree.build("(ab)*", task="predict")
    assert refute(model, "(ab)*").proved
    found = refute(model, "(ab)*", task="recognise")
    assert found.findings[0].words == (("b",),)  # a dead prefix, after which anything goes for predict


class Toy:
    """A machine that counts the symbols it reads, up to what two bytes hold."""

    alphabet, arithmetic, path, batch = ("a",), "integers", "recurrent", 16

    def __init__(self, noise: bool = False, whole: bool | None = None) -> None:
        self.noise, self.said = noise, whole
        self._rng = np.random.default_rng(0)

    def begin(self) -> tuple[Any, Any]:
        return np.zeros((1, 1)), self._logits(np.zeros((1, 1)))

    def step(self, states: Any, symbols: Any) -> tuple[Any, Any]:
        after = states + 1.0 + (self._rng.random(states.shape) if self.noise else 0.0)
        return after, self._logits(after)

    def whole(self, words: Any) -> Any:
        return (
            None if self.said is None else self._logits(np.full((len(words), 1), words.shape[1] + self.said))
        )

    def _logits(self, states: Any) -> Any:
        return np.column_stack([np.ones(len(states)), np.where(states[:, 0] % 2 == 0, 1.0, -1.0)])


def test_machines_of_ones_own() -> None:
    found = refute(Toy(), "(aa)*", decision="sign", **QUICK)
    assert not found.findings
    assert [each.strategy for each in found.attempts][:2] == ["short words", "pumping"]
    with pytest.raises(BadInput, match="two results for the same state"):
        refute(Toy(noise=True), "(aa)*")
    found = refute(Toy(), "a*", decision="sign", **QUICK)
    assert found.findings[0].words == (("a",),)
    found = refute(Toy(whole=True), "a*", decision="sign", **QUICK)
    assert (found.findings[0].kind, found.findings[0].path) == ("paths", "recurrent")


class Bag(nn.Module):
    """Says that the word may end when its last symbol is the first of the alphabet."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.scores = nn.Embedding(tokens, tokens)
        with torch.no_grad():
            self.scores.weight[:] = -1
            self.scores.weight[:, :2] = 1
            self.scores.weight[[0, tokens - 4], tokens - 3] = 1

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.scores(tokens)


def bag(tokens: int) -> nn.Module:
    """Return a network, as a user's factory would."""
    return Bag(tokens)


def narrow(tokens: int) -> nn.Module:
    """Return a network with too few outputs."""
    return nn.Embedding(tokens, 2)


def failing(tokens: int) -> nn.Module:
    raise ValueError("no weights here")


class Promised(Toy):
    """A machine that breaks one promise."""

    def __init__(self, **broken: Any) -> None:
        super().__init__()
        self.__dict__.update(broken)

    def step(self, states: Any, symbols: Any) -> tuple[Any, Any]:
        after, logits = super().step(states, symbols)
        return self.__dict__.get("made", lambda after, logits: (after, logits))(after, logits)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"batch": -1}, "batch -1"),
        ({"batch": 0}, "batch 0"),
        ({"path": "foo"}, "path 'foo'"),
        ({"made": lambda after, logits: (after, logits[:, :1])}, "returns logits of shape"),
        ({"made": lambda after, logits: (after.astype(np.float32), logits)}, "of type float32 after float64"),
        ({"made": lambda after, logits: (after[:, 0], logits)}, "returns states of shape"),
        ({"made": lambda after, logits: (after.tolist(), logits)}, "returns states of shape list"),
        ({"made": lambda after, logits: None}, "returns no pair"),
        ({"made": lambda after, logits: 1 / 0}, "ZeroDivisionError"),
        ({"made": lambda after, logits: exec("raise SystemExit(0)")}, "SystemExit"),
    ],
)
def test_machines_that_break_a_promise(broken: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        refute(Promised(**broken), "(aa)*", decision="sign", **QUICK)


def test_nothing_is_certain_of_gates_that_may_be_anything() -> None:
    for name in ("s4d", "deltanet", "gru", "lstm"):
        assert not refute(random_network(NAMED["(aa)*"], 1, 0, name), "(aa)*", **QUICK).guaranteed
    signed = starfree.build("@parity", target="signed")
    found = refute(replace(signed, gates="nonnegative"), "@parity")  # a label that is not true
    assert found.proved
    assert not found.guaranteed


def test_exact_arithmetic() -> None:
    model = starfree.build("(ab)*", shift=True)
    assert refute(model, "(ab)*", arithmetic="exact").proved
    found = refute(counted_to("a", "a", 2, 20), counting("a", "a", 2), arithmetic="exact")
    assert len(found.findings[0].words[0]) == 21
    assert not found.guaranteed


def test_modules_of_ones_own() -> None:
    assert refute(bag(6), "(b*a)*", decision="sign", max_states=100, length=20).findings == ()
    found = refute(bag(6), "(b*ab*a)*", decision="sign", **QUICK)
    assert found.findings[0].path == "parallel"
    assert not found.guaranteed
    assert not found.proved
    with pytest.raises(BadInput, match="returns shape"):
        refute(narrow(6), "(a|b)*")
    with pytest.raises(BadInput, match="has no step function"):
        refute(3, "(a|b)*")


def test_decisions() -> None:
    logits = np.array([[2.0, 0.0, -3.0], [0.0, 0.0, 0.0]])
    flags, far = Decision("sign").read(logits)
    assert flags.tolist() == [[True, False, False], [False, False, False]]
    assert far.tolist() == np.abs(logits).tolist()
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    flags, far = Decision("prob", 0.3).read(logits)
    assert (flags == (shares > 0.3)).all()
    assert np.allclose(far, np.abs(shares - 0.3))
    classes = np.array([[True, False, False], [True, True, False], [False, False, True]])
    flags, far = Decision("joint-class", classes=classes).read(logits)
    assert flags.tolist() == [[True, False, False], [True, False, False]]
    assert far[0].tolist() == [5.0, 2.0, 5.0]
    network = random_network(NAMED["parity"], 1, 0)
    assert str(decision_named(None, network, 2)) == "sign"
    assert str(decision_named(None, object(), 2)) == f"prob:{1 / 6:g}"
    assert decision_named("prob:0.25", network, 2).threshold == 0.25
    for text in ("prob", "prob:0", "prob:1", "prob:x", "prob:nan", "class", "joint-class"):
        with pytest.raises(BadInput, match="decision"):
            decision_named(text, network, 2)


@pytest.mark.parametrize("name", ["mamba", "transformer"])
def test_networks_that_choose_a_legal_set(name: str, tmp_path: Path) -> None:
    learned = starfree.learn(
        "@tomita_4", models=name, width=8, seeds=(0,), runs=tmp_path, head="joint", window=(1, 6),
        bins=((1, 6), (7, 9)), words=50, test_words=10, steps=10, evaluate_every=10, workers=1,
    )  # fmt: skip
    model = starfree.open_model(tmp_path / "models" / learned.jobs[0].id)
    language = starfree.load("@tomita_4")
    found = refute(model, language, length=30, **QUICK)
    assert found.decision == "joint-class"
    check(found, lambda word: model.legal_sets(word)[-1], language)
    with pytest.raises(BadInput, match="Use joint-class"):
        refute(model, language, decision="sign")


def test_the_reader_against_steps() -> None:
    rng = np.random.default_rng(SEED)
    for language in (
        starfree.load("@dyck_1"),
        starfree.load("@anbn"),
        NAMED["tomita_5"].dfa,
        starfree.load("@d_3"),
    ):
        alphabet = (*reversed(language.alphabet), "?")
        reader = Reader(language, alphabet)
        marks = [*alphabet, END]
        for _ in range(count(10, 100)):
            word = rng.integers(len(alphabet), size=12)
            for read, number in enumerate(reader.run(word)):
                names = tuple(alphabet[symbol] for symbol in word[:read])
                legal = frozenset() if "?" in names else legal_after(language, names)
                assert reader.legal(np.array([number]))[0].tolist() == [mark in legal for mark in marks]


def test_bad_input() -> None:
    model = starfree.build("(ab)*")
    with pytest.raises(BadInput, match="the model does not know it"):
        refute(model, "c*")
    with pytest.raises(BadInput, match="dtype"):
        refute(model, "(ab)*", dtype="float32")
    with pytest.raises(BadInput, match="no such strategy"):
        refute(model, "(ab)*", strategies=["luck"])
    assert isinstance(machine_of(model, ()), OwnMachine)


def test_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(tmp_path / "m")
    starfree.build(first_moves(NAMED["parity"].dfa, 8)).save(place)
    assert main(["refute", place, "@parity"]) == 1
    text = capsys.readouterr().out
    assert "Two words that the model cannot tell apart, bit for bit the same state" in text
    assert "A pair is certain to exist: no model with gates in [0, 1]" in text
    assert main(["refute", place, "@parity", "--json", "--strategy", "pumping"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [each["kind"] for each in document["findings"]] == ["word", "pair"]
    assert document["findings"][1]["v"] == "1"
    starfree.build("(ab)*").save(place)
    assert main(["refute", place, "(ab)*"]) == 0
    assert "proved" in capsys.readouterr().out
    assert main(["refute", place, "(ab)*", "--max-states", "2", "--length", "9"]) == 3
    assert "nothing found" in capsys.readouterr().out
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    assert main(["refute", "test_refute:bag", "(b*ab*a)*", "--decision", "sign", "--length", "9"]) == 1
    assert "on the parallel path" in capsys.readouterr().out
    for arguments, said in (
        ([place, "@tomita_4"], "the model does not know it"),
        ([str(tmp_path / "none"), "(ab)*"], "none"),
        ([place, "(ab)*", "--decision", "prob:2"], "decision prob:2"),
        (["test_refute:failing", "(ab)*"], "no weights here"),
        (["test_refute:missing", "(ab)*"], "cannot be imported"),
        (["test_refute:narrow", "(ab)*"], "returns shape"),
    ):
        assert main(["refute", *arguments]) == 2, arguments
        assert said in capsys.readouterr().err
