"""Each verb is a function whose value has the document that `--json` prints, for every outcome."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import starfree
from starfree.cli import main
from starfree.cli.app import VERBS
from starfree.errors import BadInput, BudgetExceeded, NotExpressible, NotRegular, StarfreeError
from starfree.languages import END, Language
from starfree.models.ssm import SSM

Printed = Callable[..., Any]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """Give the one document that a verb prints with `--json`, after checking its exit status."""

    def run(*arguments: str, status: int = 0) -> Any:
        assert main([*arguments, "--json"]) == status
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Give the directory of a model of (ab)*."""
    starfree.build("(ab)*").save(tmp_path / "model")
    return str(tmp_path / "model")


def plain(value: Any) -> Any:
    """Return what `value.to_json()` is once written and read."""
    return json.loads(json.dumps(value.to_json(), allow_nan=False))


class Balanced(Language):
    """Words over a and b in which no prefix has more b than a, with no finite automaton."""

    alphabet, spec, definition, kind = ("a", "b"), "balanced", None, "counter"
    start = 0

    def step(self, state: int, symbol: str) -> int:
        return state + (1 if symbol == "a" else -1)

    def legal(self, state: Any) -> frozenset[Any]:
        return frozenset(["a", "b", END] if state else ["a", END])

    @property
    def dfa(self) -> Any:
        raise NotRegular("balanced", "has no finite automaton", "Ask something else.")


def test_every_verb_is_a_function() -> None:
    for verb in VERBS:
        assert callable(getattr(starfree, verb)) or verb == "languages"
        assert verb in starfree.__all__ or verb == "languages"


@pytest.mark.parametrize(
    ("options", "asked", "status"),
    [
        ([], {}, 0),
        (["--task", "predict"], {"task": "predict"}, 0),
        (["--family", "mamba"], {"family": "mamba"}, 1),
    ],
)
def test_decide(options: list[str], asked: dict[str, Any], status: int, printed: Printed) -> None:
    assert plain(starfree.decide("(aa)*", **asked)) == printed("decide", "(aa)*", *options, status=status)


@pytest.mark.parametrize(("options", "asked"), [([], {}), (["--shift"], {"shift": True})])
def test_build(options: list[str], asked: dict[str, Any], tmp_path: Path, printed: Printed) -> None:
    out = str(tmp_path / "model")
    model = starfree.build("@tcp", **asked)
    assert {"directory": out, **plain(model)} == printed("build", "@tcp", "--out", out, *options)
    assert starfree.open_model(out).to_json() == model.to_json()
    assert isinstance(model, SSM)
    assert dataclasses.replace(model, origin={}).to_json() == {**model.to_json(), "language": None}


def test_build_refuses(tmp_path: Path, printed: Printed) -> None:
    with pytest.raises(NotExpressible) as refusal:
        starfree.build("(aa)*")
    assert plain(refusal.value) == printed("build", "(aa)*", "--out", str(tmp_path / "model"), status=1)


@pytest.mark.parametrize(("word", "status"), [("abab", 0), ("", 0), ("aba", 1), ("bb", 1)])
def test_run(word: str, status: int, folder: str, printed: Printed) -> None:
    found = starfree.run(folder, word)
    assert plain(found) == printed("run", folder, word, status=status)
    assert found.accepted is (status == 0)
    assert len(found.legal) == len(found.word) + 1
    value = starfree.run(starfree.open_model(folder), list(found.word))
    assert value == dataclasses.replace(found, model=None)
    assert value.to_json()["model"] is None


def test_run_needs_only_an_alphabet_and_legal_sets() -> None:
    class Anything:
        alphabet = ("go", "stop")

        def legal_sets(self, word: Any) -> list[Any]:
            return [frozenset(["go", END])] * (len(word) + 1)

    assert starfree.run(Anything(), "go go go").to_json() == {
        "model": None,
        "word": "go go go",
        "accepted": True,
        "legal": [{"symbols": ["go"], "end": True}] * 4,
    }


def test_run_complains_of_foreign_symbols(folder: str, printed: Printed) -> None:
    with pytest.raises(BadInput):
        starfree.run(folder, ["a", "c"])
    with pytest.raises(BadInput) as error:
        starfree.run(folder, "abc")
    assert plain(error.value) == printed("run", folder, "abc", status=2)


@pytest.mark.parametrize(("spec", "status"), [("(ab)*", 0), ("(ab)*&~(abab)", 1)])
def test_prove(spec: str, status: int, folder: str, printed: Printed) -> None:
    here, there = plain(starfree.prove(folder, spec)), printed("prove", folder, spec, status=status)
    assert here.pop("seconds", 0) >= 0
    assert there.pop("seconds", 0) >= 0
    assert here == there


@pytest.mark.parametrize(
    ("spec", "options", "asked"),
    [
        ("(ab)*", [], {}),
        ("@d_12", ["--task", "predict"], {"task": "predict"}),
        ("(aa)*", [], {}),
        ("@a_5", [], {}),
        ("~()&()", [], {}),
    ],
)
def test_show(spec: str, options: list[str], asked: dict[str, Any], printed: Printed) -> None:
    view = starfree.show(spec, **asked)
    assert plain(view) == printed("show", spec, *options)
    assert view.stopped is None
    if view.cascade is None:
        assert spec == "@a_5"
    else:
        assert any(cell.turns for cell in view.cascade.cells) == (view.pumping is not None)


@pytest.mark.parametrize(("elements", "cascade"), [(100, False), (300, True)])
def test_show_says_where_it_stopped(elements: int, cascade: bool, printed: Printed) -> None:
    view = starfree.show("@d_12", max_elements=elements)
    assert plain(view) == printed("show", "@d_12", "--max-elements", str(elements), status=3)
    assert "--max-elements" in (view.stopped or "")
    assert (view.size, view.drawing) == (None, None)
    assert (view.cascade is not None) is (view.model is not None) is cascade
    late = starfree.show(starfree.load("@d_12"), timeout=1e-9)
    assert "--timeout" in (late.stopped or "")


@pytest.mark.parametrize(
    ("spec", "options", "asked"),
    [
        ("(a|b)*a", ["--length", "9"], {"length": 9}),
        ("(a|b)*a", ["--length", "9", "-n", "20", "--seed", "4"], {"length": 9, "number": 20, "seed": 4}),
        ("(a|b)*a", ["--length", "5", "--near", "2"], {"length": 5, "near": 2}),
        ("(a|b)*", ["--length", "3", "-n", "4", "--near", "1"], {"length": 3, "number": 4, "near": 1}),
        ("(ab)*", ["--length", "0", "-n", "0"], {"length": 0, "number": 0}),
    ],
)
def test_sample(spec: str, options: list[str], asked: dict[str, Any], printed: Printed) -> None:
    found = starfree.sample(spec, **asked)
    assert plain(found) == printed("sample", spec, *options)
    assert list(found) == list(found.words)
    assert len(found) == (0 if spec == "(a|b)*" else found.number)
    assert all((word in starfree.load(spec)) is (found.near is None) for word in found)


@pytest.mark.parametrize("asked", [{"length": 3}, {"length": -1}, {"length": 2, "number": -1}])
def test_sample_refuses(asked: dict[str, int], printed: Printed) -> None:
    with pytest.raises(BadInput) as error:
        starfree.sample("(ab)*", **asked)
    if asked == {"length": 3}:
        assert plain(error.value) == printed("sample", "(ab)*", "--length", "3", status=2)


@pytest.mark.parametrize("asked", [{"seed": -1}, {"near": 0}, {"near": 0, "number": 0}])
def test_sample_refuses_chance_it_has_not(asked: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        starfree.sample("(ab)*", length=2, **asked)


def test_languages(printed: Printed) -> None:
    assert plain(starfree.catalog) == printed("languages")


def test_check_a_verdict(tmp_path: Path, printed: Printed) -> None:
    certificate = starfree.decide("(aa)*")["mamba"].certificate
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps(certificate))
    for language, status in ((None, 0), ("(aa)*", 0), ("(aaaa)*", 1)):
        told = [] if language is None else [language]
        found = starfree.check(str(file), language)
        assert plain(found) == printed("check", str(file), *told, status=status)
        assert found.accepted is (status == 0)
        assert starfree.check(file, language) == found
        parsed = starfree.check(json.loads(file.read_text()), language)
        assert parsed == dataclasses.replace(found, certificate=None)
    assert starfree.check(file, starfree.load("(aa)*")).accepted


def test_check_a_proof(folder: str, printed: Printed) -> None:
    proof = starfree.prove(folder, "(ab)*").certificate()
    file = Path(folder, "proof.json")
    file.write_text(json.dumps(proof))
    assert plain(starfree.check(file)) == printed("check", str(file))
    assert starfree.check(proof, "(ab)*", directory=folder).accepted
    assert not starfree.check(proof, "(ab)*").accepted  # the model is not at hand
    elsewhere = Path(folder).parent / "proof.json"
    elsewhere.write_text(json.dumps(proof))
    assert not starfree.check(elsewhere).accepted
    assert starfree.check(elsewhere, directory=folder).accepted


@pytest.mark.parametrize("document", [None, [], {}, 3, {"format": "starfree-proof-1"}])
def test_check_rejects_what_is_no_certificate(document: Any, tmp_path: Path, printed: Printed) -> None:
    file = tmp_path / "no.json"
    file.write_text(json.dumps(document))
    found = starfree.check(file)
    assert plain(found) == printed("check", str(file), status=1)
    assert starfree.check(document).reason == found.reason


def test_check_reads_no_key_twice(tmp_path: Path, printed: Printed) -> None:
    file = tmp_path / "twice.json"
    file.write_text('{"format": 1, "format": 2}')
    for path in (file, tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(BadInput) as error:
            starfree.check(path)
        assert plain(error.value) == printed("check", str(path), status=2)


def test_budgets_raise(folder: str, tmp_path: Path, printed: Printed) -> None:
    proof = Path(folder, "proof.json")
    proof.write_text(json.dumps(starfree.prove(folder, "(ab)*").certificate()))
    calls: list[tuple[Callable[[], object], tuple[str, ...]]] = [
        (lambda: starfree.decide("@d_12", max_states=3), ("decide", "@d_12")),
        (lambda: starfree.build("@d_12", max_states=3), ("build", "@d_12", "--out", str(tmp_path / "no"))),
        (lambda: starfree.prove(folder, "(ab)*", max_states=3), ("prove", folder, "(ab)*")),
        (lambda: starfree.show("@d_12", max_states=3), ("show", "@d_12")),
        (lambda: starfree.sample("@d_12", length=2, max_states=3), ("sample", "@d_12", "--length", "2")),
        (lambda: starfree.check(proof, max_states=3), ("check", str(proof))),
    ]
    for call, arguments in calls:
        with pytest.raises(BudgetExceeded) as error:
            call()
        assert plain(error.value) == printed(*arguments, "--max-states", "3", status=3)
    with pytest.raises(BudgetExceeded):
        starfree.check(json.loads(proof.read_text()), max_states=1)


def test_languages_that_are_not_regular_are_refused() -> None:
    certificate = starfree.decide("(aa)*")["mamba"].certificate
    for call in (
        lambda: starfree.show(Balanced()),
        lambda: starfree.check(certificate, Balanced()),
    ):
        with pytest.raises(NotRegular):
            call()
    assert starfree.sample(Balanced(), length=2).words == (("a", "b"),)  # within a length it has few states


def test_show_knows_its_tasks() -> None:
    with pytest.raises(StarfreeError):
        starfree.show("(ab)*", task="guess")


@pytest.mark.parametrize("opened", [False, True])
def test_weights_are_read_only(opened: bool, folder: str) -> None:
    model = starfree.open_model(folder) if opened else starfree.build("(ab)*")
    assert isinstance(model, SSM)
    arrays = [model.embedding, model.symbol_classes]
    arrays += [array for _, linear in model.linears() for array in (linear.weight, linear.bias)]
    assert len(arrays) == 2 + 2 * (1 + 5 * len(model.layers))
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 5


def test_weights_are_not_copied() -> None:
    model = starfree.build("(ab)*")
    embedding = model.embedding.copy()
    assert isinstance(model, SSM)
    again = dataclasses.replace(model, embedding=embedding)
    assert again.embedding is embedding
    assert again.head is model.head
    assert np.array_equal(again.embedding, model.embedding)
