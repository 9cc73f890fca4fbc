"""Arbitrary JSON in, three outcomes out: accepted, rejected with a reason, a budget; no exception."""

from __future__ import annotations

from typing import Any

import numpy as np
from certificate_samples import samples
from conftest import SEED, count
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import blind

from starfree.checker import BudgetError, Result, check
from starfree.checker.families import KINDS, TABLE

SAMPLES = samples()
FIELDS = sorted({field for sample in SAMPLES for field in sample["evidence"]})
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=4)
values = st.recursive(
    scalars | st.sampled_from(["a", "b", "gen", "mul", "pow", "sym", 10**30, 2**200]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=12,
)
evidence = st.builds(
    lambda kind, fields: {**fields, "kind": kind},
    st.sampled_from(sorted(KINDS)) | scalars,
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=5),
)


def outcome(document: Any) -> str:
    try:
        result = check(document, max_states=3000)
    except BudgetError:
        return "unknown"
    assert isinstance(result, Result)
    assert result.reason
    result.reason.encode("ascii")
    result.statement.encode("ascii")
    return "accepted" if result.accepted else "rejected"


@settings(max_examples=count(150, 3000))
@given(values)
def test_arbitrary_documents_are_rejected(document: Any) -> None:
    assert outcome(document) == "rejected"


@settings(max_examples=count(250, 5000))
@given(st.sampled_from(SAMPLES), evidence, st.sampled_from(sorted(TABLE)), st.sampled_from(["yes", "no"]))
def test_arbitrary_evidence(sample: Any, fields: Any, family: str, claim: str) -> None:
    document = {
        **sample,
        "evidence": fields,
        "family": family,
        "arithmetic": TABLE[family][0],
        "claim": claim,
    }
    assert outcome(document) in ("accepted", "rejected", "unknown")


@settings(max_examples=count(150, 3000))
@given(st.sampled_from(SAMPLES), values, values, values)
def test_arbitrary_languages(sample: Any, alphabet: Any, table: Any, spec: Any) -> None:
    for language in (
        {"spec": spec, "alphabet": sample["language"]["alphabet"], "dfa": sample["language"]["dfa"]},
        {"spec": None, "alphabet": alphabet, "dfa": sample["language"]["dfa"]},
        {"spec": None, "alphabet": ["a"], "dfa": {"start": 0, "accepting": [0], "table": table}},
    ):
        assert outcome({**sample, "language": language}) in ("accepted", "rejected", "unknown")


def test_many_mutations_at_once() -> None:
    rng = np.random.default_rng(SEED)
    tally = {"accepted": 0, "rejected": 0, "unknown": 0}
    for _ in range(count(400, 8000)):
        document: Any = SAMPLES[int(rng.integers(len(SAMPLES)))]
        for _ in range(int(rng.integers(1, 5))):
            try:
                document = blind(rng, document, SAMPLES)
            except (KeyError, TypeError, ValueError):  # nothing left to mutate
                break
        tally[outcome(document)] += 1
    assert tally["rejected"] > tally["accepted"] > 0
