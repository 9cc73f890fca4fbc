"""The checker's own reading of specs: derivatives beside starfree's compiler and the oracle's automata."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from certificate_samples import language_document
from conftest import SEED, count
from oracle import supported

from starfree.checker import BudgetError, check
from starfree.errors import BadInput
from starfree.languages import catalog, regex


def about(language: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": "starfree-certificate-1",
        "language": language,
        "task": "recognise",
        "family": "rnn",
        "arithmetic": "WIDTH",
        "claim": "yes",
        "assuming": None,
        "evidence": {"kind": "regular"},
    }


def random_regex(rng: np.random.Generator, size: int) -> str:
    """Return a random expression of the whole dialect over a and b."""
    if size <= 1:
        return str(rng.choice(["a", "b", "a", "b", ".", "[^a]", "[a-b]", "()"]))
    kind = int(rng.integers(9))
    left = int(rng.integers(1, size))
    first, second = random_regex(rng, left), random_regex(rng, max(1, size - left))
    if kind < 3:
        return f"({first}{second})"
    if kind < 5:
        return f"({first}|{second})"
    if kind == 5:
        return f"({first}&{second})"
    if kind == 6:
        return f"~({first}){second}"
    return f"({first}){rng.choice(['*', '+', '?', '{2}', '{1,3}', '{2,}'])}{second}"


def test_every_catalogue_language_is_its_spec() -> None:
    closed = 0
    for name in catalog.regular:
        dfa = catalog[name].dfa
        accepting = [i for i, flag in enumerate(dfa.accepting.tolist()) if flag]
        table = {"start": 0, "accepting": accepting, "table": dfa.table.tolist()}
        result = check(about({"spec": dfa.definition, "alphabet": list(dfa.alphabet), "dfa": table}))
        assert result.accepted, (name, result.reason)
        closed += result.reason.endswith("the dfa is the language of the spec")
    assert closed >= 45


def test_random_specs_beside_the_compiler_and_the_oracle() -> None:
    rng = np.random.default_rng(SEED)
    accepted = rejected = 0
    documents = []
    for _ in range(count(150, 1500)):
        text = random_regex(rng, int(rng.integers(1, 9)))
        documents.append(language_document(text, "ab"))
        sample = about(documents[-1])
        assert check(sample).accepted, text
        other = about({**documents[-1], "spec": documents[int(rng.integers(len(documents)))]["spec"]})
        outcome = check(other).accepted
        assert outcome == supported(other), other
        accepted, rejected = accepted + outcome, rejected + (not outcome)
    assert accepted > 5
    assert rejected > 50


@pytest.mark.parametrize(
    "text",
    [
        "", "(", ")", "a|", "|a", "a||b", "*a", "a&", "&a", "~", "a~", "(~)", "[]", "[", "[a", "[b-a]", "[^]",
        "a{", "a{}", "a{2,1}", "a{,2}", "a{x}", "a{1", "}", "]", "\\", "\\n", "a\\1", "(|a)", "(a|)", "[a\\",
        "+", "a{1}{", "(*)", "~*",
    ],
)  # fmt: skip
def test_malformed_expressions_are_rejected_as_by_the_compiler(text: str) -> None:
    with pytest.raises(BadInput):
        regex(text, "ab")
    sample = about({**language_document("a*", "ab"), "spec": text})
    result = check(sample)
    assert not result.accepted
    assert "not a regular expression" in result.reason
    assert not supported(sample)


@pytest.mark.parametrize(
    "text",
    [
        "a**",
        "~~a",
        "~a*b",
        "a~b|b",
        "[-a]|[a-]",
        "a|[]a]",
        "[a^]",
        "\\~|\\&|a",
        "()",
        "(())*",
        "[^a][.]",
        "a{0}",
        "a{0,0}b",
        "a&b|a",
    ],
)
def test_corners_of_the_dialect_are_read_as_by_the_compiler(text: str) -> None:
    try:
        document = language_document(text, "ab-^~&.")
    except BadInput:
        assert not check(about({**language_document("a*", "ab-^~&."), "spec": text})).accepted
    else:
        assert check(about(document)).accepted
        assert supported(about(document))


def test_symbols_outside_the_alphabet_are_rejected() -> None:
    for text in ("c", "[a-c]", "[^c]", "ab\\-"):
        assert not check(about({**language_document("a*", "ab"), "spec": text})).accepted


def test_deep_nesting_needs_no_recursion() -> None:
    language = language_document("a*", "ab")
    assert check(about({**language, "spec": "(" * 20_000 + "a*" + ")" * 20_000})).accepted
    assert check(about({**language, "spec": "~" * 20_000 + "(a*)"})).accepted
    assert check(about({**language, "spec": "(a" * 300 + "?)*" * 300})).accepted
    with pytest.raises(BudgetError):
        check(about({**language, "spec": "(a" * 2_000 + "?)*" * 2_000}), max_states=10_000)


@pytest.mark.parametrize(
    "text", ["a{1000000}", "a{999999999999999999}", "(a|b)*a(a|b){25}", "((a{900}){900}){900}"]
)
def test_huge_specs_are_rejected_or_end_in_a_budget(text: str) -> None:
    sample = about({**language_document("(a|b)*a(a|b){3}"), "spec": text})
    with contextlib.suppress(BudgetError):
        assert not check(sample, max_states=20_000).accepted


def test_beyond_the_state_budget_words_up_to_a_length_are_compared() -> None:
    sample = about(language_document("(a|b)*a(a|b){10}"))
    assert check(sample).reason.endswith("the dfa is the language of the spec")
    result = check(sample, max_states=10_000)
    assert result.accepted
    assert "words of at most" in result.reason


def test_groups_in_cycle_notation() -> None:
    document = language_document("@group[(1 2),(1 2 3)]")
    assert check(about(document)).accepted
    good = ["@group[(1 2),(3 1 2)]", "@group[(7 9), (7 9 8)]", "@group[(1 2)(4 5),(1 2 3)]"]
    bad = [
        "(1 3),(1 2 3)",
        "(1 2)",
        "(1 2),(1 2 3),()",
        "(1 2 1),(1 2 3)",
        "(1 2),1 2 3",
        "(1 2),(0 1 2)",
        "",
    ]
    for spec in [*good, *(f"@group[{text}]" for text in bad)]:
        sample = about({**document, "spec": spec})
        assert check(sample).accepted == supported(sample), spec
    assert not check(about({**document, "spec": "@group[(1 2),]"})).accepted
