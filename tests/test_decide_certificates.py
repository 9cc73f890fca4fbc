"""Every certificate that `decide` emits is accepted by the checker, which shares no code with it."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from conftest import count
from test_decide_examples import TASKS, sample

from starfree.checker.check import check
from starfree.languages import DFA, catalog, make_dfa, regex
from starfree.verdicts.certificates import certificate
from starfree.verdicts.decide import decide
from starfree.verdicts.spelling import read_word, write_word

KINDS = {
    "regular",
    "cascade",
    "ordered-images",
    "topological-order",
    "mutually-reachable",
    "definite",
    "live-definite",
    "pair-cycle",
    "pumping",
    "equal-length",
    "rotations",
    "subgroups",
    "perfect-subgroup",
    "potentials",
    "flows",
    "last-symbol-quotient",
    "named",
}


def assert_accepted(language: DFA, task: str, met: Counter[str]) -> None:
    """Check the certificate of each verdict, as JSON text would carry it."""
    decision = decide(language, task=task)
    for verdict in decision:
        document = json.loads(json.dumps(verdict.certificate))
        assert (document is None) == (verdict.expressible in ("open", "unknown")), verdict.family
        if document is not None:
            result = check(document)
            assert result.accepted, (
                language.spec,
                language.table.tolist(),
                task,
                verdict.family,
                result.reason,
            )
            met[document["evidence"]["kind"]] += 1
        assert verdict.because


@pytest.mark.parametrize(
    "name", [name for name in catalog.regular if name not in ("d_12", "iso_date", "uuid", "http_status")]
)
def test_catalogue(name: str) -> None:
    for task in TASKS:
        assert_accepted(catalog[name], task, Counter())


def test_brackets_nested_twelve_deep() -> None:
    """One family for each kind of evidence, as the cascade takes a while to replay."""
    for family in ("diagonal-nonnegative", "time-invariant-unit", "transformer-softmax-fixed", "rnn"):
        result = check(certificate(catalog["d_12"], "recognise", family))
        assert result.accepted, result.reason


@pytest.mark.parametrize("task", TASKS)
def test_random_languages(task: str) -> None:
    met: Counter[str] = Counter()
    for language in sample(count(150, 2000), seed=11):
        assert_accepted(language, task, met)
    groups = [regex(text) for text in ("(aaa)*", "(b|ab*a)*", "(ab|ba)*", "(a(ba)*b)*")]
    window = regex("(a|b)*a(a|b){7}")  # its cascade would have too many rules
    for language in (*groups, window, catalog["a_5"], catalog["flip_flop"]):
        assert_accepted(language, task, met)
    other_task = {"recognise": {"live-definite", "last-symbol-quotient"}, "predict": set[str]()}[task]
    assert set(met) == KINDS - other_task, KINDS - set(met)


def test_long_words_are_written_as_programs() -> None:
    """Cycles of coprime lengths, joined: words that make few of the states move are long."""
    lengths = [2, 3, 5, 7, 11]
    offsets = np.cumsum([0, *lengths])
    n = int(offsets[-1])
    turn = np.concatenate([(np.arange(p) + 1) % p + o for p, o in zip(lengths, offsets, strict=False)])
    hop = np.arange(n)
    hop[offsets[:-1]] = np.roll(offsets[:-1], 1)
    accepting = np.isin(np.arange(n), offsets[:2])
    language = make_dfa("ab", np.stack([turn, hop], axis=1), accepting)
    words = certificate(language, "recognise", "diagonal-complex")["evidence"]["generators"]
    assert any(isinstance(word, dict) for word in words)
    assert all(read_word(write_word(read_word(word, language), language), language) for word in words)
    for task in TASKS:
        assert_accepted(language, task, Counter())
