"""The published experiments: what they ask, what look-ups score on them, and the published figures."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from conftest import SEED, count

from starfree.errors import BadInput
from starfree.learning.baselines import fit
from starfree.learning.metrics import Score, per_word
from starfree.learning.published import (
    PUBLISHED,
    Labelled,
    PublishedData,
    published,
    published_data,
    published_results,
)

# Strict accuracy in per cent of a look-up of the last symbol, then of the last four, on bins 0 and 1 of the
# published words, and how many words these bins have.
LOOKUPS = {
    "tomita_1": (100.0, 100.0, 100.0, 100.0, 40, 33),
    "tomita_2": (100.0, 100.0, 100.0, 100.0, 22, 15),
    "tomita_3": (7.81, 3.58, 17.46, 8.31, 1627, 1818),
    "tomita_4": (2.7, 0.0, 100.0, 100.0, 1926, 2000),
    "tomita_5": (0.0, 0.0, 0.11, 0.0, 1819, 2000),
    "tomita_6": (0.0, 0.0, 0.05, 0.0, 8689, 10000),
    "tomita_7": (30.29, 26.16, 33.95, 28.32, 1829, 1896),
    "parity": (0.0, 0.0, 6.7, 0.0, 2000, 2000),
    "aa_star": (0.0, 0.0, 2.13, 0.0, 47, 30),
    "aaaa_star": (0.0, 0.0, 0.0, 0.0, 25, 16),
    "abab_star": (0.0, 0.0, 0.0, 0.0, 24, 15),
    "aa_bb_cc_dd_ee": (100.0, 100.0, 100.0, 100.0, 2000, 2000),
    "ab_d_bc": (14.1, 8.95, 75.0, 55.0, 2000, 2000),
    "zot_02": (8.6, 6.1, 90.45, 83.2, 2000, 2000),
    "d_2": (0.0, 0.0, 91.3, 98.1, 1000, 1000),
    "d_3": (0.0, 0.0, 2.15, 44.1, 698, 2000),
    "d_4": (0.0, 0.0, 2.65, 30.9, 2000, 2000),
    "d_12": (0.0, 0.0, 0.0, 0.0, 2000, 2000),
    "dyck_1": (0.0, 0.0, 0.05, 0.0, 2000, 2000),
    "shuffle_2": (0.0, 0.0, 0.1, 0.0, 2000, 2000),
    "shuffle_4": (0.0, 0.0, 0.2, 0.0, 2000, 2000),
    "shuffle_6": (1.4, 0.0, 1.1, 0.0, 2000, 2000),
    "boolean_3": (0.0, 0.0, 0.0, 0.0, 2000, 2000),
    "boolean_5": (0.0, 0.0, 0.0, 0.0, 2000, 2000),
    "anbn": (0.0, 0.0, 0.0, 0.0, 41, 42),
    "anbncn": (0.0, 0.0, 0.0, 0.0, 43, 39),
    "anbncndn": (0.0, 0.0, 0.0, 0.0, 42, 42),
}

SLOW = {"d_3", "d_4", "d_12", "tomita_6", "shuffle_2", "shuffle_4", "shuffle_6", "dyck_1"}  # in the full run


def lookup_score(training: Labelled, test: Labelled, symbols: int) -> Score:
    lookup = fit(training.examples.tokens.astype(np.int64), training.targets, symbols)
    right = lookup.predict(test.examples.tokens.astype(np.int64)) == test.targets
    return per_word(right, test.targets >= 0)


def agree(one: Score, other: Score) -> bool:
    """Tell whether two shares differ by less than four standard deviations and the grain of both.

    A test of all 108 figures then fails by chance once in a hundred and fifty.
    """
    pooled = (one.right + other.right) / (one.n + other.n)
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / other.n))
    return abs(one.share - other.share) <= 4 * deviation + 1 / one.n + 1 / other.n


def drawn(name: str) -> PublishedData:
    # The first words of d_n are others than the last, so that all are needed.
    size = min(10_000 if name.startswith("d_") else count(1000, 10_000), published(name).test_size)
    return published_data(name, seed=SEED, as_published=True, test_size=size, bins=2)


def test_shares_can_disagree() -> None:
    assert agree(Score(50, 100), Score(52, 100))
    assert not agree(Score(500, 1000), Score(600, 1000))
    assert not agree(Score(0, 2000), Score(20, 2000))


@pytest.mark.parametrize("name", sorted(set(LOOKUPS) - (set() if count(0, 1) else SLOW)))
def test_lookups_score_as_on_the_published_words(name: str) -> None:
    data = drawn(name)
    assert [test.examples.lengths.max() > 0 for test in data.bins] == [True, True]
    expected = LOOKUPS[name]
    for i, symbols in enumerate((1, 4)):
        for at, test in enumerate(data.bins):
            n = expected[4 + at]
            theirs = Score(round(expected[2 * i + at] * n / 100), n)
            ours = lookup_score(data.train, test, symbols)
            assert agree(ours, theirs), (name, symbols, at, ours, theirs)


def test_all_languages_are_listed() -> None:
    assert set(LOOKUPS) == {one.name for one in PUBLISHED}
    assert len(PUBLISHED) == 27
    assert published("@d_12").train_size == 10_000
    with pytest.raises(BadInput, match="not among the published"):
        published("flip_flop")


@pytest.mark.parametrize("one", PUBLISHED, ids=lambda one: one.name)
def test_small_data_of_every_language(one: object) -> None:
    name = one.name  # type: ignore[attr-defined]
    data = published_data(name, seed=1, train_size=60, test_size=20)
    experiment = data.experiment
    language = experiment.language
    assert len(data.bins) == len(experiment.bins)
    times = len(language.alphabet) if experiment.repeats else 1
    for part, (lo, hi) in zip((data.train, *data.bins), (experiment.train, *experiment.bins), strict=True):
        lengths = part.examples.lengths
        assert lo * times <= lengths.min() <= lengths.max() <= hi * times
        last = np.arange(len(lengths)), lengths, -1
        assert part.examples.legal[last].all()  # all are words
        assert (
            (part.targets >= 0) == (part.examples.mask & (part.examples.tokens < len(language.alphabet)))
        ).all()
    again = published_data(name, seed=1, train_size=60, test_size=20)
    assert again.train.examples.tokens.tobytes() == data.train.examples.tokens.tobytes()


def test_bins_as_they_should_have_been() -> None:
    for one in PUBLISHED:
        bins = one.lengths
        assert bins[0] == tuple(n * (len(one.language.alphabet) if one.repeats else 1) for n in one.train)
        assert all(before[1] < after[0] <= after[1] for before, after in pairwise(bins))
    assert published("tomita_5").lengths == ((1, 100), (101, 150), (151, 200), (201, 250))
    assert published("d_3").lengths == ((2, 100), (101, 200))
    assert published("anbn").lengths == ((4, 200), (202, 400), (402, 600))
    assert published("boolean_3").lengths == ((2, 50), (51, 100), (101, 150))


def texts_of(part: Labelled, row: int) -> list[str]:
    """Return the targets of a word as text, one for each of its symbols."""
    n = int(part.examples.lengths[row])
    return [(*part.names, "unseen")[i] for i in part.targets[row, 1 : n + 1]]


def test_targets_are_written_as_published() -> None:
    for name, prefix, expected in (
        ("anbn", "aaabbb", ["a", "a", "a", "b", "b", "T"]),
        ("d_2", "ab", ["11", "10"]),
        ("dyck_1", "(())", ["1", "1", "1", "0"]),
        ("boolean_3", "~1", ["0", "1"]),
        ("aa_star", "aa", ["0", "1"]),
        ("ab_d_bc", "d", ["0110"]),
        ("aa_bb_cc_dd_ee", "abcde", list("bcdeT")),
    ):
        from starfree.learning.examples import encode_words
        from starfree.learning.published_targets import target_texts

        one = published(name)
        texts, asked = target_texts(one.encoding, one.language, encode_words(one.language, [prefix]), True)
        assert texts[0, 1:].tolist() == expected
        assert asked[0].tolist() == [False] + [True] * len(expected)


def tomita_3_as_published(word: str) -> list[str]:
    """Take the state after odd runs of 1 and of 0 for dead, as the published labels do."""
    texts = []
    for n in range(1, len(word) + 1):
        runs = [len(run) % 2 for run in re.findall("1+|0+", word[:n])]
        if word[n - 1] == "1":
            texts.append("01" if runs[-1] else "11")
        else:
            odd_ones = len(runs) > 1 and runs[-2]
            texts.append("00" if odd_ones and runs[-1] else "11")
    return texts


def test_the_two_wrong_labels_are_kept_only_on_request() -> None:
    for as_published in (True, False):
        data = published_data("tomita_3", seed=2, train_size=300, test_size=20, as_published=as_published)
        for row, word in enumerate(data.train.examples.words()[:100]):
            wrong = tomita_3_as_published("".join(word))
            right = [{"01": "11", "00": "10"}.get(text, text) for text in wrong]
            assert texts_of(data.train, row) == (wrong if as_published else right)
        data = published_data("zot_02", seed=2, train_size=300, test_size=20, as_published=as_published)
        for row, word in enumerate(data.train.examples.words()[:100]):
            text = "".join(word)
            pattern = "[012]*02+" if as_published else "[012]*02*"
            prefixes = [text[:n] for n in range(1, len(text) + 1)]
            assert texts_of(data.train, row) == ["ce"[bool(re.fullmatch(pattern, p))] for p in prefixes]


def test_classes_that_training_lacks_are_never_right() -> None:
    data = published_data("shuffle_6", seed=1, train_size=5, test_size=200, bins=2)
    unseen = data.bins[1].targets == len(data.train.names)
    assert unseen.any()
    lookup = fit(data.train.examples.tokens.astype(np.int64), data.train.targets, 2)
    assert not (
        lookup.predict(data.bins[1].examples.tokens.astype(np.int64))[unseen] == len(data.train.names)
    ).any()


def test_published_shuffles_never_cross() -> None:
    data = published_data("shuffle_4", seed=1, train_size=200, test_size=20, bins=1)
    for word in data.train.examples.words():
        text, before = "".join(word), ""
        while text != before:
            before, text = text, re.sub(r"\(\)|\[\]|\{\}|<>", "", text)
        assert not text


def test_published_figures_are_complete() -> None:
    rows = published_results()
    assert len(rows) == 252
    assert {row["language"] for row in rows} == set(LOOKUPS)
    parity = [
        row["accuracy_percent"] for row in rows if (row["language"], row["model"]) == ("parity", "mamba")
    ]
    assert parity == [26.95, 0, 80.05, 4.15, 91.15, 16.7]
    curve = published_results("flipflop")
    assert len(curve) == 192
    assert curve[0]["sequence_error_percent"] == 100
    dyck = published_results("bounded_dyck")
    assert len(dyck) == 27
    assert dyck[1]["test20_close_acc"] is None
