"""The checker on certificates of verdicts: each kind of evidence, beside the oracle."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from certificate_samples import PUMP, certificate, language_document, samples
from conftest import FULL
from oracle import claim_is_true, supported, why_not
from oracle.evidence import KINDS as DEFINITIONS

from starfree.checker import BudgetError, check
from starfree.checker.families import KINDS, TABLE

SAMPLES = samples()


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda s: f"{s['evidence']['kind']}:{s['family']}:{s['task']}"
)
def test_samples_are_accepted_by_checker_and_oracle(sample: dict[str, Any]) -> None:
    assert why_not(sample) is None
    result = check(json.loads(json.dumps(sample)))
    assert result.accepted, result.reason
    assert sample["family"] in result.statement
    assert claim_is_true(sample) in (True, None)


def test_every_kind_has_a_sample() -> None:
    assert {sample["evidence"]["kind"] for sample in SAMPLES} == set(KINDS) == set(DEFINITIONS)


@pytest.mark.parametrize(
    "field", ["format", "language", "task", "family", "arithmetic", "claim", "assuming", "evidence"]
)
@pytest.mark.parametrize("value", [None, True, 0, 1.5, "x", [], {}, [[]]])
def test_a_field_of_a_wrong_type_is_rejected(field: str, value: object) -> None:
    sample = {**SAMPLES[0], field: value}
    assert check(sample).accepted == (field == "assuming" and value is None)


def test_missing_and_unknown_fields_are_rejected() -> None:
    for sample in SAMPLES:
        for path in (), ("language",), ("language", "dfa"), ("evidence",):
            for field in [*at(sample, path), "extra"]:
                changed = copy.deepcopy(sample)
                if field == "extra":
                    at(changed, path)[field] = None
                else:
                    del at(changed, path)[field]
                assert not check(changed).accepted


def at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize(
    ("table", "accepting", "start", "why"),
    [
        ([[1], [1]], [], 0, "equivalent"),
        ([[0], [0]], [1], 0, "cannot be reached"),
        ([[1], [2]], [0], 0, "0..1"),
        ([[1], [True]], [0], 0, "integer"),
        ([[1], [0.0]], [0], 0, "integer"),
        ([[1], [0, 0]], [0], 0, "one entry per symbol"),
        ([[1], [0]], [1, 0], 0, "increasing"),
        ([[1], [0]], [0, 0], 0, "twice"),
        ([[1], [0]], [0], 2, "start"),
        ([], [], 0, "no state"),
    ],
)
def test_a_table_that_is_not_a_minimal_complete_dfa_is_rejected(
    table: Any, accepting: Any, start: Any, why: str
) -> None:
    language = {
        "spec": None,
        "alphabet": ["a"],
        "dfa": {"start": start, "accepting": accepting, "table": table},
    }
    result = check({**SAMPLES[0], "language": language})
    assert not result.accepted
    assert why in result.reason


@pytest.mark.parametrize("alphabet", [["a", "a"], [""], ["a", 1], "a", [["a"]], {"a": 1}])
def test_an_alphabet_that_is_not_a_list_of_distinct_symbols_is_rejected(alphabet: Any) -> None:
    language = {**SAMPLES[0]["language"], "alphabet": alphabet}
    assert not check({**SAMPLES[0], "language": language}).accepted


def test_huge_powers_are_cheap() -> None:
    for power, accepted in ((10**30 + 1, True), (10**30, False), (10**4000 + 1, True)):
        evidence = {**PUMP, "v": {"steps": [["sym", "a"], ["pow", 0, power]]}}
        assert check(certificate("(aa)*", "recognise", "deltanet", "no", evidence)).accepted == accepted


def test_lengths_that_need_too_much_memory_end_in_a_budget() -> None:
    steps: list[Any] = [["sym", "a"], ["pow", 0, 10**4000]]
    steps += [["pow", i, 10**4000] for i in range(1, 4000)]
    evidence = {
        "kind": "equal-length",
        "u": [],
        "v_e": {"steps": steps},
        "v_g": {"steps": steps},
        "period": 2,
    }
    with pytest.raises(BudgetError):
        check(certificate("(aa)*", "recognise", "time-invariant-mixed", "no", evidence), max_states=10**5)


@pytest.mark.parametrize("value", [10**30, -1, True, 2.0, "2", None, [2]])
def test_a_period_must_be_a_small_integer(value: Any) -> None:
    assert not check(certificate("(aa)*", "recognise", "deltanet", "no", {**PUMP, "period": value})).accepted


def test_deeply_nested_values_are_rejected() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for field in ("u", "v", "w", "period"):
        result = check(certificate("(aa)*", "recognise", "deltanet", "no", {**PUMP, field: deep}))
        assert not result.accepted
    while deep:
        deep = deep.pop()


def test_budgets_end_in_a_third_outcome() -> None:
    sample = certificate("(ab)*", "recognise", "rnn", "yes", {"kind": "regular"})
    with pytest.raises(BudgetError):
        check(sample, max_states=2)
    with pytest.raises(BudgetError):
        check(sample, timeout=0.0)


def test_the_language_given_must_be_the_same() -> None:
    sample = certificate("(ab)*", "recognise", "rnn", "yes", {"kind": "regular"})
    assert check(sample, language_dfa=language_document("()|a(ba)*b")).accepted
    other = check(sample, language_dfa=language_document("(ab)*a?"))
    assert not other.accepted
    assert "['a']" in other.reason
    wider = check(sample, language_dfa=language_document("(ab)*", "abc"))
    assert not wider.accepted
    assert "'c'" in wider.reason
    reordered = language_document("(ab)*")
    reordered = {
        "alphabet": reordered["alphabet"][::-1],
        "dfa": {**reordered["dfa"], "table": [row[::-1] for row in reordered["dfa"]["table"]]},
    }
    assert check(sample, language_dfa=reordered).accepted
    assert not check(sample, language_dfa={"alphabet": 3}).accepted


def test_families_and_kinds_agree_with_the_oracle() -> None:
    """Every sample's evidence under every family, claim and task: checker and oracle say the same."""
    accepted = 0
    one_of_each = {sample["evidence"]["kind"]: sample for sample in SAMPLES}
    for sample in SAMPLES if FULL else one_of_each.values():
        for family, (arithmetic, _, _) in TABLE.items():
            for claim in ("yes", "no"):
                for task in ("recognise", "predict"):
                    for assuming in (None, "TC0 != NC1"):
                        changed = {
                            **sample,
                            "family": family,
                            "arithmetic": arithmetic,
                            "claim": claim,
                            "task": task,
                            "assuming": assuming,
                        }
                        assert check(changed).accepted == supported(changed), changed
                        if supported(changed):
                            accepted += 1
                            assert claim_is_true(changed) in (True, None), changed
    assert accepted > 80
