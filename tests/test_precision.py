"""`precision`: the least p from both sides, horizons that are met, and counters that only wrapping makes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from conftest import ROOT, count

import starfree
from starfree.budgets import Budget
from starfree.cli import main
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import Language
from starfree.models.arithmetics import in_arithmetic
from starfree.proofs.horizon import horizon, runs_of
from starfree.proofs.leaps import Runs, cut, first_difference, stretches
from starfree.proofs.precision import Precision, precision
from starfree.proofs.search import search
from starfree.proofs.unrounded import unrounded_until
from starfree.targets.wrap import modular_steps, wrap_counter

SHORT = ["bfloat16", "int8wrap"]  # arithmetics in which counters end soon


def spelled(word: Runs) -> list[str]:
    return [symbol for symbol, number in word for _ in range(number)]


def agree(model: object, language: Language, word: list[str], task: str) -> list[bool]:
    """For each prefix whether model and language agree, by running both."""
    said = model.legal_sets(word)
    state, right = language.start, [language.legal(language.start)]
    for symbol in word:
        state = language.step(state, symbol)
        right.append(language.legal(state))
    return [a == b or (task == "predict" and not b) for a, b in zip(said, right, strict=True)]


@pytest.mark.parametrize("name", ["tomita_4", "ab_d_bc"])
def test_three_fraction_bits_are_enough_and_two_are_not(name: str) -> None:
    found = precision(f"@{name}", only=["ssm", "ssm --shift"])
    least = found.row("ssm", "FIX")
    assert (least.fraction_bits, least.horizon.every_length) == (3, True)
    language = starfree.catalog[name]
    built = starfree.build(language)
    assert found.row("ssm", "float32").fraction_bits == built.fraction_bits
    assert found.row("ssm --shift", "FIX").fraction_bits == 0
    for row in found.rows:
        if row.construction == "ssm --shift":
            assert row.horizon.every_length
    assert not agree(weights(name, 2), language, spelled(least.below.wrong), "recognise")[-1]


def weights(name: str, p: int) -> object:
    from starfree.cascades import decompose
    from starfree.targets.ssm import lower

    return lower(decompose(starfree.catalog[name].dfa), shift=False, fraction_bits=p)


def test_floating_point_has_a_window_of_fraction_bits() -> None:
    """Too few and what is older stays, too many and what is kept does not fit."""
    dfa = starfree.catalog["tomita_4"].dfa
    for name, window in (("bfloat16", {5, 6}), ("float16", {6, 7, 8, 9})):
        right = {
            p
            for p in range(3, count(11, 17))
            if horizon(
                in_arithmetic(weights("tomita_4", p), name),
                dfa,
                None,
                task="recognise",
                budget=Budget.of(max_states=2_000),
            ).every_length
        }
        assert right == window


def test_a_delay_needs_rounding() -> None:
    """In exact arithmetic the weights that FIX(p) makes right remember too much."""
    dfa = starfree.catalog["tomita_4"].dfa
    for p, word in ((3, "001"), (4, "10010"), (5, "001001001"))[: count(2, 3)]:
        model = weights("tomita_4", p)
        assert search(model, dfa, task="recognise").stopped is None
        assert "".join(search(in_arithmetic(model, "exact"), dfa, task="recognise").difference.word) == word


@pytest.mark.parametrize("task", ["recognise", "predict"])
@pytest.mark.parametrize("arithmetic", SHORT)
@pytest.mark.parametrize("name", ["dyck_1", "anbn"])
def test_horizons_of_counters_are_met(name: str, arithmetic: str, task: str) -> None:
    language = starfree.load(f"@{name}")
    model = in_arithmetic(starfree.build(language, task=task), arithmetic)
    found = horizon(model, None, language, task=task)
    assert found.shortest
    word = spelled(found.wrong)
    assert found.wrong_length == len(word) == found.up_to + 1
    said = agree(model, language, word, task)
    assert (said[-1], all(said[:-1])) == (False, True)
    assert unrounded_until(model, language, task=task) <= found.up_to
    if found.how == "no rounding":  # the other method agrees
        assert search(model, language, task=task).length == found.up_to


@pytest.mark.parametrize(("arithmetic", "bits"), [("bfloat16", 8), ("float16", 11), ("float32", 24)])
def test_a_counter_ends_where_the_integers_do(arithmetic: str, bits: int) -> None:
    language = starfree.load("@dyck_1")
    found = horizon(in_arithmetic(starfree.build(language), arithmetic), None, language, task="recognise")
    assert (found.up_to, found.wrong) == (2**bits - 1, (("(", 2**bits),))


def test_leaps_are_steps() -> None:
    """Along long words, in every arithmetic, what is leaped over is what steps give."""
    rng = np.random.default_rng(20240517)
    for name in ("dyck_1", "boolean_2", "anbncn")[: count(2, 3)]:
        language = starfree.load(f"@{name}")
        for task in ("recognise", "predict"):
            model = starfree.build(language, task=task)
            for arithmetic in ("fixed:0", "bfloat16", "float16", "int8wrap"):
                one = in_arithmetic(model, arithmetic)
                for _ in range(count(1, 20)):
                    symbols = rng.choice(list(language.alphabet), 3).tolist()
                    word: Runs = tuple(
                        (s, int(n)) for s, n in zip(symbols, rng.integers(1, count(200, 400), 3), strict=True)
                    )
                    states, legal = one.begin()
                    right = [legal[0]]
                    for symbol in spelled(word):
                        states, legal = one.step(states, np.array([language.alphabet.index(symbol)]))
                        right.append(legal[0])
                    found = [stretch.legal for stretch in stretches(one, word) for _ in range(stretch.number)]
                    assert np.array_equal(found, right)


def test_leaps_find_the_first_difference() -> None:
    language = starfree.load("@dyck_1")
    model, reference = starfree.build(language, task="predict"), starfree.build(language)
    word: Runs = (("(", 300), (")", 300))
    length, found = first_difference(
        in_arithmetic(model, "bfloat16"), in_arithmetic(reference, "fixed:0"), word, task="predict"
    )
    assert (length, cut(word, length)) == (556, (("(", 300), (")", 256)))
    said = agree(in_arithmetic(model, "bfloat16"), language, spelled(word), "predict")
    assert said.index(False) == length
    assert not np.array_equal(found.model_legal, found.language_legal)
    assert first_difference(reference, reference, word, task="recognise") is None
    assert runs_of(("a", "b", "b", "a")) == (("a", 1), ("b", 2), ("a", 1))


@pytest.mark.parametrize("task", ["recognise", "predict"])
@pytest.mark.parametrize("name", ["parity", "mod_2", "mod_4", "mod_8", "mod_128"])
def test_wrapping_integers_count_where_nothing_else_does(name: str, task: str) -> None:
    """The verdict for gates in [0, 1] is no; with integers that wrap, a gate of 1 is enough."""
    language = starfree.catalog[name]
    assert starfree.decide(language, task=task, family="mamba").verdicts[0].expressible == "no"
    model = wrap_counter(language.dfa, task=task)
    assert not model.layers[0].gate.weight.any()
    assert (model.layers[0].gate.bias == 1).all()
    proof = starfree.prove(model, language, arithmetic="int8wrap")
    assert (proof.proved, proof.size) == (True, language.dfa.states)
    for arithmetic in ("exact", "fixed:0", "fixed:16", "float32", "bfloat16", "float16"):
        found = starfree.prove(model, language, arithmetic=arithmetic)
        assert not found.proved
        assert len(found.word) == language.dfa.states
        assert not agree(in_arithmetic(model, arithmetic), language, list(found.word), task)[-1]


def test_automata_that_are_no_such_counters() -> None:
    assert modular_steps(starfree.catalog["s_3"].dfa) is None
    for name in ("mod_3", "tomita_4", "s_3"):
        with pytest.raises(BadInput, match="is no counter modulo"):
            wrap_counter(starfree.catalog[name].dfa, task="recognise")


def test_searching_is_exploring() -> None:
    """Beside an automaton, the slow search and the fast one come to the same."""
    for name in ("tomita_4", "flip_flop"):
        dfa = starfree.catalog[name].dfa
        for arithmetic in ("float32", "bfloat16", "int8wrap"):
            model = in_arithmetic(starfree.build(dfa), arithmetic)
            slow, fast = (
                search(model, dfa, task="recognise"),
                starfree.prove(model.model, dfa, arithmetic=arithmetic),
            )
            assert (slow.difference is None) == fast.proved
            if not fast.proved:
                assert slow.difference.word == fast.word


def test_budgets_end_in_a_length_and_never_in_a_guess() -> None:
    language = starfree.load("@dyck_1")
    model = in_arithmetic(starfree.build(language, task="predict"), "bfloat16")
    found = search(model, language, task="predict", budget=Budget.of(max_states=500))
    assert (found.difference, found.stopped is None) == (None, False)
    assert 0 < found.length < 512
    with pytest.raises(BudgetExceeded):
        list(stretches(model, (("(", 10), (")", 10)), budget=Budget.of(max_states=1)))
    with pytest.raises(BudgetExceeded):
        precision("@d_12", timeout=0.01)


def test_the_verb_prints_what_the_function_returns(capsys: pytest.CaptureFixture[str]) -> None:
    found = precision("@mod_4", only=["ssm", "wrap counter"])
    assert main(["precision", "@mod_4", "--only", "ssm", "--only", "wrap counter", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert found.row("wrap counter", "int8wrap").horizon.up_to == math.inf
    assert found.verdict == "no"


@pytest.mark.parametrize("arguments", [["@mod_3", "--only", "ssm"], ["@dyck_1", "--only", "nonsense"]])
def test_what_cannot_be_asked(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["precision", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


COLUMNS = ("FIX", "exact", "float32", "bfloat16", "float16", "int8wrap")
TABLE = [
    [cell.strip().strip("`") for cell in line.split("|")[1:-1]]
    for line in (ROOT / "docs" / "precision.md").read_text().splitlines()
    if line.startswith("| `@")
]


def cells(found: Precision, construction: str) -> list[str]:
    """Write what is known of a construction as docs/precision.md does, a cell for each arithmetic."""
    written = []
    for arithmetic in COLUMNS:
        try:
            row = found.row(construction, arithmetic)
        except BadInput:
            written.append("")
            continue
        if row.horizon is None:
            written.append("unknown")
        elif row.horizon.every_length:
            p = "" if row.fraction_bits is None else f", p = {row.fraction_bits}"
            written.append(f"every length{p}")
        else:
            known = f"up to {int(row.horizon.up_to):,}" if row.horizon.up_to >= 0 else "never"
            beyond = "" if row.horizon.shortest else "; beyond, not known"
            if row.horizon.wrong is not None and not row.horizon.shortest:
                beyond = f"; wrong at {row.horizon.wrong_length:,}"
            written.append(known + beyond)
    return written


@pytest.mark.parametrize("row", TABLE, ids=lambda row: " ".join(row[:3]))
def test_the_table_of_the_docs_is_what_comes_out(row: list[str]) -> None:
    language, task, construction, *written = row
    quick = ("@parity", "@dyck_1", "@tomita_4", "@mod_3")
    if count(0, 1) or (
        language in quick
        and task == "recognise"
        and construction in ("wrap counter", "ssm", "signed --shift")
    ):
        assert cells(precision(language, task=task, only=[construction]), construction) == written
