"""The paper's claims, shown from the command line (see docs/theorems.md)."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import count

import starfree
from starfree.cli import main

NONNEGATIVE = "diagonal-nonnegative"


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """Return the exit status and the one JSON document."""
    status = main([*arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def is_star_free(language: starfree.Language) -> bool:
    """Say it from the definition: every element x of the transition monoid has x^n = x^(n+1) for some n."""
    letters = [tuple(column) for column in language.dfa.table.T.tolist()]
    found = {tuple(range(language.dfa.states))}
    todo = list(found)
    while todo:
        x = todo.pop()
        for letter in letters:
            product = tuple(letter[q] for q in x)
            if product not in found:
                found.add(product)
                todo.append(product)
    for x in found:
        powers = [x]
        while (following := tuple(x[q] for q in powers[-1])) not in powers:
            powers.append(following)
        if following != powers[-1]:
            return False
    return True


def test_flip_flop_takes_two_layers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    model = str(tmp_path / "model")
    status, built = ask(capsys, "build", "@flip_flop", "--task", "predict", "--out", model)
    assert (status, built["layers"], built["task"]) == (0, 2, "predict")
    status, proof = ask(capsys, "prove", model, "@flip_flop")
    assert (status, proof["proved"], proof["task"]) == (0, True, "predict")
    status, difference = ask(
        capsys, "prove", model, "@flip_flop", "--alphabet", "wri01", "--task", "recognise"
    )
    assert (status, difference["proved"]) == (1, False)


def test_parity_is_refused_with_its_witness(capsys: pytest.CaptureFixture[str]) -> None:
    parity = starfree.load("@parity")
    for family in (NONNEGATIVE, "time-invariant-unit"):
        status, decision = ask(capsys, "decide", "@parity", "--family", family)
        assert status == 1
        assert [verdict["expressible"] for verdict in decision["verdicts"]] == ["no"]
    status, decision = ask(capsys, "decide", "@parity", "--family", NONNEGATIVE)
    evidence = decision["verdicts"][0]["certificate"]["evidence"]
    u, v, w = (evidence[name] for name in "uvw")
    memberships = [[*u, *(v * n), *w] in parity for n in range(20)]
    assert len(set(memberships)) == 2
    assert memberships[evidence["period"] :] == memberships[: -evidence["period"]]


SMALL = ["(ab)*", "(aa)*", "(a|b)*d(b|c)*", "(ab|ba)*", "(a|bb)*", "a*b*", "~((a|b)*aa(a|b)*)", "(aab|bba)*"]
NAMED = ["@tomita_1", "@tomita_3", "@tomita_4", "@parity", "@d_3", "@mod_3", "@flip_flop", "@zot_02"]


@pytest.mark.parametrize("spec", [*SMALL, *NAMED])
def test_star_free_means_built_and_proved(
    spec: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    star_free = is_star_free(starfree.load(spec))
    model = str(tmp_path / "model")
    status, _ = ask(capsys, "decide", spec, "--family", NONNEGATIVE)
    assert status == (0 if star_free else 1)
    status, built = ask(capsys, "build", spec, "--out", model)
    assert status == (0 if star_free else 1)
    if star_free:
        status, proof = ask(capsys, "prove", model, spec)
        assert (status, proof["proved"]) == (0, True)
    else:
        assert built["witness"]["evidence"]["kind"] == "pumping"
        assert not Path(model).exists()


def test_depth_is_a_short_cascade(capsys: pytest.CaptureFixture[str]) -> None:
    deepest = count(8, 20)
    for depth in (2, 4, deepest):
        status, shown = ask(capsys, "show", f"@d_{depth}", "--task", "predict")
        assert status == 0
        cells = shown["cascade"]["cells"]
        assert len(cells) <= depth
        assert sum(len(cell["rules"]) for cell in cells) <= 3 * len(cells)


def test_one_design_choice_is_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    expected = {
        ("@parity", NONNEGATIVE): "no",
        ("@parity", "diagonal-signed"): "yes",
        ("@a_5", "diagonal-signed"): "no",
        ("@a_5", "rnn"): "yes",
        ("(ab)*", NONNEGATIVE): "yes",
        ("(ab)*", "transformer-softmax-fixed"): "no",
        ("@s_3", "diagonal-complex"): "yes",
        ("@a_5", "diagonal-complex"): "no",
    }
    for (spec, family), answer in expected.items():
        status, decision = ask(capsys, "decide", spec, "--family", family)
        assert decision["verdicts"][0]["expressible"] == answer, (spec, family)
        assert status == (1 if answer == "no" else 0)


def test_oracle_of_star_freeness_tells_both() -> None:
    answers = [is_star_free(starfree.load(spec)) for spec in [*SMALL, *NAMED]]
    assert len(set(answers)) == 2
    assert len(list(itertools.compress(SMALL, answers))) >= 3


def test_a_stock_mamba_is_the_language(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for target, dtypes in (("mamba", "float32,bfloat16,float16"), ("mamba2", "float32,bfloat16")):
        for spec in ("(ab)*", "(a|b)*d(b|c)*")[: count(1, 2)]:
            model = str(tmp_path / target)
            status, built = ask(capsys, "build", spec, "--target", target, "--out", model)
            assert (status, built["target"]) == (0, target)
            status, _ = ask(capsys, "prove", model, spec, "--dtype", dtypes)
            assert status == 0
            status, _ = ask(
                capsys, "prove", model, f"({spec})|a", "--alphabet", "abcd"[: 2 if "d" not in spec else 4]
            )
            assert status == 1
    status, refused = ask(capsys, "build", "(aa)*", "--target", "mamba", "--out", str(tmp_path / "none"))
    assert status == 1
    assert refused["witness"]["evidence"]["kind"] == "pumping"
