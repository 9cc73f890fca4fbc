"""Words to learn from: their arrays, how they are drawn and split, and how predictions are scored."""

from __future__ import annotations

import hashlib
import itertools
import math
import sys
from collections import Counter
from collections.abc import Hashable
from typing import Any

import numpy as np
import pytest
from conftest import SEED, count
from expressions import random_tree, text_of

from starfree.budgets import Budget
from starfree.errors import BadInput, BudgetExceeded, MissingDependency
from starfree.languages import END, Language, catalog, make_dfa, regex
from starfree.learning import baselines, nested
from starfree.learning.classes import Classes
from starfree.learning.draw import draw, drawer
from starfree.learning.drawers import MANY, TableDrawer, followed
from starfree.learning.drawers_known import BlockDrawer, NestedDrawer, ShuffleDrawer
from starfree.learning.examples import Examples, encode_words
from starfree.learning.export import export
from starfree.learning.flipflop import flip_flop
from starfree.learning.metrics import (
    Score,
    by_length,
    close_right,
    measure,
    per_position,
    reads,
    wilson,
)
from starfree.learning.splits import default_bins, make_split, stream
from starfree.programs import count as counted
from starfree.programs import program, read
from starfree.programs.counters import bounded_dyck


class Balanced(Language):
    """Balanced brackets as a user would write them: no program, no automaton."""

    alphabet = ("(", ")")
    start = 0

    def step(self, state: Any, symbol: str) -> Any:
        return state + (1 if symbol == "(" else -1)

    def legal(self, state: Hashable) -> frozenset[Any]:
        if state == 0:
            return frozenset(["(", END])
        return frozenset("()") if isinstance(state, int) and state > 0 else frozenset()


depth = counted(read("(")) - counted(read(")"))
WRITTEN = program("()", legal={"(": True, ")": depth > 0}, end=depth == 0)
SMALL: dict[str, Language] = {
    **{f"@{name}": catalog[name] for name in ("tomita_4", "d_2", "aa_star", "aa_bb_cc_dd_ee", "flip_flop")},
    **{f"@{name}": catalog[name] for name in ("dyck_1", "shuffle_2", "boolean_3", "anbn", "anbncn")},
    "bounded Dyck": bounded_dyck(2, 2),
    "written": WRITTEN,
    "a class": Balanced(),
}


def all_words(language: Language, length: int) -> list[tuple[str, ...]]:
    """Return the words of a length, by following legal symbols only."""
    words: list[tuple[str, ...]] = []
    stack: list[tuple[tuple[str, ...], Any]] = [((), language.start)]
    while stack:
        prefix, state = stack.pop()
        legal = language.legal(state)
        if len(prefix) == length:
            words += [prefix] if END in legal else []
            continue
        stack += [((*prefix, s), language.step(state, s)) for s in language.alphabet if s in legal]
    return words


def assert_true_to_language(examples: Examples, language: Language, words: list[tuple[str, ...]]) -> None:
    k = len(language.alphabet)
    assert examples.words() == words
    assert examples.tokens.shape == examples.legal.shape[:2] == examples.mask.shape
    for row, word in enumerate(words):
        ids = [k, *(language.alphabet.index(symbol) for symbol in word)]
        assert examples.tokens[row].tolist() == ids + [k + 2] * (examples.tokens.shape[1] - len(ids))
        for at in range(examples.tokens.shape[1]):
            legal = language.legal_after(word[:at]) if at <= len(word) else frozenset()
            assert examples.legal[row, at].tolist() == [s in legal for s in (*language.alphabet, END)]
            assert examples.mask[row, at] == (at <= len(word))


@pytest.mark.parametrize("name", SMALL)
def test_legal_sets_are_those_of_the_language(name: str) -> None:
    language = SMALL[name]
    rng = np.random.default_rng(SEED)
    k = len(language.alphabet)
    words = [tuple(language.alphabet[i] for i in rng.integers(0, k, n)) for n in range(9)]  # mostly no words
    words += [word for length in range(7) for word in all_words(language, length)[:5]]
    assert_true_to_language(encode_words(language, words), language, words)


def test_legal_sets_of_random_expressions() -> None:
    rng = np.random.default_rng(SEED)
    for _ in range(count(10, 200)):
        language = regex(text_of(random_tree(rng, 6, "ab", boolean=True)), "ab")
        words = [tuple("ab"[i] for i in rng.integers(0, 2, n)) for n in (0, 1, 3, 7)]
        assert_true_to_language(encode_words(language, words), language, words)


def test_choosing_and_trimming() -> None:
    examples = encode_words(catalog["d_2"], ["", "ab", "aabb"], width=7)
    assert examples.tokens.shape == (3, 8)
    chosen = examples[[1, 0]]
    assert chosen.words() == [("a", "b"), ()]
    assert chosen.tokens.shape == (2, 8)
    assert chosen.trimmed().tokens.tolist() == [[2, 0, 1], [2, 4, 4]]
    assert examples[np.array([False, False, True])].words() == [tuple("aabb")]
    assert len(encode_words(catalog["d_2"], [])) == 0
    with pytest.raises(BadInput, match="not in the alphabet"):
        encode_words(catalog["d_2"], [("a", "x")])
    with pytest.raises(BadInput, match="not in the alphabet"):
        encode_words(catalog["d_2"], ["ab", ("ab", "ab")])  # two symbols of two characters
    with pytest.raises(BadInput, match="not in the alphabet"):
        encode_words(catalog["bounded_dyck_5_2"], [("(a", "x")])
    with pytest.raises(BadInput, match="longest word"):
        encode_words(catalog["d_2"], ["aabb"], width=3)


def test_wide_alphabets_have_wide_tokens() -> None:
    names = tuple(f"s{i}" for i in range(300))
    many_words = make_dfa(names, np.zeros((1, 300), int), [True])
    many = encode_words(many_words, [names])
    assert many.tokens[0].tolist() == [300, *range(300)]
    assert encode_words(many_words, ["s7 s8"]).tokens[0].tolist() == [300, 7, 8]
    empty = encode_words(make_dfa("", np.zeros((1, 0), int), [True]), [""])
    assert empty.legal.tolist() == [[[True]]]


# Drawing.

KINDS = {
    "@tomita_4": TableDrawer,
    "@d_2": TableDrawer,
    "@aa_star": TableDrawer,
    "@flip_flop": TableDrawer,
    "@dyck_1": ShuffleDrawer,
    "@shuffle_2": ShuffleDrawer,
    "@boolean_3": TableDrawer,
    "@anbn": BlockDrawer,
    "@anbncn": BlockDrawer,
    "bounded Dyck": NestedDrawer,
    "written": ShuffleDrawer,
    "a class": TableDrawer,
}


@pytest.mark.parametrize("name", KINDS)
def test_drawers_know_all_words(name: str) -> None:
    language = SMALL[name]
    source = drawer(language, 8)
    assert type(source) is KINDS[name]
    for length in range(9):
        words = all_words(language, length)
        assert source.sizes[length] == len(words)
        listed = [tuple(language.alphabet[i] for i in row) for row in source.every(length).tolist()]
        assert sorted(listed) == sorted(words)


@pytest.mark.parametrize("name", KINDS)
def test_words_of_a_length_are_alike(name: str) -> None:
    language = SMALL[name]
    source = drawer(language, 6)
    words = all_words(language, 6)
    n = 40 * len(words) * count(1, 20)
    rows = source.draw(np.full(n, 6), np.random.default_rng(SEED))
    seen = Counter(tuple(language.alphabet[i] for i in row) for row in rows.tolist())
    assert seen.keys() <= set(words)
    expected, freedom = n / len(words), len(words) - 1
    statistic = sum((seen[word] - expected) ** 2 / expected for word in words)
    assert statistic <= freedom + 5 * math.sqrt(2 * freedom)  # five standard deviations of chi square


def test_mixed_lengths_are_drawn_in_their_rows() -> None:
    for name, language in SMALL.items():
        source = drawer(language, 12)
        rng = np.random.default_rng(SEED)
        lengths = rng.choice(np.flatnonzero(source.sizes), 50)
        words = source.draw(lengths, rng)
        for row, length in zip(words.tolist(), lengths.tolist(), strict=True):
            assert tuple(language.alphabet[i] for i in row[:length]) in language, name
            assert not any(row[length:])


def test_large_numbers_of_words_are_capped_and_small_ones_exact() -> None:
    for name in ("d_12", "tomita_7", "shuffle_2", "boolean_5", "bounded_dyck_8_10"):
        language = catalog[name]
        sizes = drawer(language, 40).sizes.tolist()
        plain = language if name != "bounded_dyck_8_10" else None
        for length in range(0, 14 if plain is None else 22, 3):
            if plain is not None and name != "shuffle_2":
                assert sizes[length] == min(plain.count(length), MANY)
        assert sizes[40] == (MANY if name != "tomita_7" else catalog[name].count(40))
    # Dyck words with 3 brackets: 5 shapes, 8 types each.
    assert drawer(catalog["bounded_dyck_8_10"], 6).sizes.tolist() == [1, 0, 8, 0, 2 * 64, 0, 5 * 512]


def test_followed_states_come_back_once() -> None:
    found = followed(Balanced(), 300)
    assert found.states <= 302
    assert "(" * 150 + ")" * 150 in found
    with pytest.raises(BudgetExceeded, match="max-states"):
        followed(catalog["shuffle_6"], 300, budget=Budget(max_states=300))
    with pytest.raises(BudgetExceeded, match="too large a table"):
        TableDrawer(catalog["s_4"], 10**6)


def test_programs_that_only_look_like_a_family_are_followed() -> None:
    odd = program("()", legal={"(": True, ")": depth > 0}, end=depth == 1)
    assert type(drawer(odd, 5)) is TableDrawer
    assert sorted("".join(word) for word in draw(odd, 3, 3, 9, seed=1)) == ["(()", "()("]


@pytest.mark.parametrize("name", SMALL)
def test_drawn_words_are_distinct_and_inside(name: str) -> None:
    language = SMALL[name]
    words = draw(language, 1, 12, 300, seed=SEED)
    assert len(set(words)) == len(words)
    assert all(1 <= len(word) <= 12 and word in language for word in words)
    total = sum(len(all_words(language, n)) for n in range(1, 13)) if len(words) < 300 else 300
    assert len(words) == total
    assert words == draw(language, 1, 12, 300, seed=SEED)
    if len(words) > 3:
        assert words != draw(language, 1, 12, 300, seed=SEED + 1)


def test_lengths_are_alike_until_they_run_out() -> None:
    lengths = Counter(len(word) for word in draw(regex("(a|b)*"), 1, 20, 4000, seed=SEED))
    assert [lengths[n] for n in range(1, 7)] == [2, 4, 8, 16, 32, 64]
    share = (4000 - sum(2**n for n in range(1, 8))) / 13
    assert all(abs(lengths[n] - share) < 5 * math.sqrt(share) for n in range(9, 21))


def test_excluded_words_do_not_come() -> None:
    language = regex("(a|b)*")
    everything = ["".join(word) for n in range(1, 6) for word in itertools.product("ab", repeat=n)]
    exclude = [*everything[::2], "aaaaaaaaa", "b" * 9]  # some are outside of the window
    words = {"".join(word) for word in draw(language, 1, 5, 100, seed=1, exclude=exclude)}
    assert words == set(everything) - set(exclude)
    # What is no word does not count as one that is gone.
    few = draw(regex("a*b"), 2, 2, 5, seed=0, exclude=["aa", "bb", "ba", "aa"])
    assert few == [("a", "b")]


def test_windows_without_words() -> None:
    for language, lo, hi, near in (
        (catalog["aa_star"], 3, 3, "2 and 4"),
        (catalog["anbncn"], 1, 2, "3"),
        (catalog["shuffle_2"], 5, 5, "4 and 6"),
        (regex("ab"), 3, 7, "2"),
    ):
        with pytest.raises(BadInput, match=f"nearest lengths that have words: {near}"):
            draw(language, lo, hi, 1, seed=0)
    with pytest.raises(BadInput, match="has no words"):
        draw(regex("a") - regex("a"), 1, 2, 1, seed=0)
    with pytest.raises(BadInput, match="no range"):
        draw(regex("a*"), 3, 2, 1, seed=0)
    with pytest.raises(BadInput, match="negative"):
        draw(regex("a*"), 1, 2, -1, seed=0)
    assert draw(regex("a*"), 1, 2, 0, seed=0) == []


# Splits.


@pytest.mark.parametrize(
    "name", ["@tomita_4", "@d_2", "@flip_flop", "@shuffle_2", "@boolean_3", "bounded Dyck"]
)
def test_splits_share_no_word(name: str) -> None:
    sizes = {"train_size": 300, "validation_size": 40, "bin_size": 50}
    split = make_split(SMALL[name], (2, 20), seed=1, **sizes)
    parts = [split.train, split.validation, *(one.examples for one in split.bins)]
    assert [len(part) for part in parts] == [300, 40, 50, 50, 50]
    words = [word for part in parts for word in part.words()]
    assert len(set(words)) == len(words)
    assert not split.few
    assert [(one.lo, one.hi) for one in split.bins] == [(2, 20), (21, 40), (181, 200)]
    for one in split.bins:
        assert one.lo <= one.examples.lengths.min() <= one.examples.lengths.max() <= one.hi
        assert not one.exhaustive
        last = np.arange(len(one.examples)), one.examples.lengths, -1
        assert one.examples.legal[last].all()


@pytest.mark.parametrize(("name", "every"), [("@aa_star", 2), ("@anbn", 2), ("@anbncn", 3), ("1*", 1)])
def test_few_words_are_shared_out(name: str, every: int) -> None:
    language = SMALL[name] if name in SMALL else regex(name)
    split = make_split(language, (1, 50), seed=1)
    total = 50 // every  # one for each multiple
    parts = [split.train, split.validation, split.bins[0].examples]
    assert split.few
    assert [len(part) for part in parts] == [total - 2 * (total // 5), total // 5, total // 5]
    assert len({word for part in parts for word in part.words()}) == total
    assert all(one.exhaustive for one in split.bins)
    assert {len(w) for w in split.bins[2].examples.words()} == {n for n in range(451, 501) if n % every == 0}


def test_splits_that_cannot_be() -> None:
    language = regex("(a|b)*")
    for bins, message in (
        (((1, 9),), "Begin the bins"),
        (((1, 5), (5, 9)), "Give ranges that do not meet"),
        (((1, 5), (9, 12), (8, 9)), "Give ranges that do not meet"),
        ((), "Begin the bins"),
    ):
        with pytest.raises(BadInput, match=message):
            make_split(language, (1, 5), bins, seed=0)
    with pytest.raises(BadInput, match="has 2 words"):
        make_split(regex("a*"), (1, 2), seed=0)
    with pytest.raises(BadInput, match="nearest lengths"):
        make_split(catalog["aa_star"], (2, 20), ((2, 20), (21, 21)), seed=0)
    with pytest.raises(BadInput, match="not positive"):
        make_split(language, (1, 5), train_size=0, seed=0)
    assert default_bins(2, 30) == ((2, 30), (31, 60), (271, 300))


def test_streams() -> None:
    language = catalog["tomita_4"]
    exclude = draw(language, 1, 4, 6, seed=3)
    first, again = (stream(language, 1, 4, 50, seed=7, exclude=exclude) for _ in range(2))
    seen: set[tuple[str, ...]] = set()
    for _ in range(8):
        batch, same = next(first), next(again)
        assert batch.tokens.tobytes() == same.tokens.tobytes()
        assert batch.legal.tobytes() == same.legal.tobytes()
        assert batch.tokens.shape == (50, 5)
        assert_true_to_language(batch, language, batch.words())
        seen |= set(batch.words())
    everything = {word for n in range(1, 5) for word in all_words(language, n)}
    assert seen == everything - set(exclude)
    with pytest.raises(BadInput, match="every word is excluded"):
        stream(catalog["aa_star"], 1, 3, 2, seed=0, exclude=["aa"])
    with pytest.raises(BadInput, match="nearest"):
        stream(catalog["aa_star"], 3, 3, 2, seed=0)


DIGESTS = {
    "tomita_4": "90c3402f8c0111c1",
    "shuffle_2": "755d2d9d3e08a786",
    "boolean_3": "3ffc62ddc8459578",
    "anbn": "df04c416e863348b",
    "bounded_dyck_2_3": "6ac044c73daedc90",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    split = make_split(catalog[name], (2, 20), train_size=100, validation_size=10, bin_size=20, seed=5)
    digest = hashlib.sha256()
    for part in (split.train, split.validation, *(one.examples for one in split.bins)):
        for array in (part.tokens, part.legal, part.lengths):
            digest.update(array.tobytes())
    assert digest.hexdigest()[:16] == DIGESTS[name]


# Scores.


def test_wilson_against_known_values() -> None:
    # Newcombe 1998, table I, method 3 without continuity correction.
    for right, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)):
        assert [round(end, 4) for end in wilson(right, n)] == [low, high]
    assert wilson(29, 29) == (pytest.approx(0.8830, abs=5e-5), 1.0)
    assert wilson(0, 0) == (0.0, 1.0)


def test_wilson_ends_solve_their_equation() -> None:
    for n in (1, 2, 10, 1000):
        for right in {0, 1, n // 2, n}:
            for end in wilson(right, n):
                gap = abs(right / n - end)
                assert gap == pytest.approx(1.959963984540054 * math.sqrt(end * (1 - end) / n), abs=1e-12)


def test_scores() -> None:
    assert Score(1, 2) + Score(2, 2) == Score(3, 4)
    assert Score(1000, 1000).error_bound == 0.003
    assert Score(999, 1000).error_bound == 1 - wilson(999, 1000)[0]
    assert math.isnan(Score(0, 0).share)
    assert Score(0, 0).error_bound == 1
    assert Score(1, 2).to_json() == {"right": 1, "n": 2, "low": wilson(1, 2)[0], "high": wilson(1, 2)[1]}
    with pytest.raises(BadInput):
        Score(3, 2)


def test_measures_against_loops() -> None:
    rng = np.random.default_rng(SEED)
    examples = encode_words(catalog["d_2"], draw(catalog["d_2"], 0, 9, 30, seed=1))
    n = len(examples)
    predicted = examples.legal ^ (rng.random(examples.legal.shape) < 0.05)
    found = measure(predicted, examples)
    words = positions = ends = total = 0
    for row, length in enumerate(examples.lengths.tolist()):
        same = [bool((predicted[row, t] == examples.legal[row, t]).all()) for t in range(length + 1)]
        words += all(same)
        positions += sum(same)
        total += len(same)
        ends += sum(predicted[row, t, -1] == examples.legal[row, t, -1] for t in range(length + 1))
    assert found == {
        "words": Score(words, n),
        "positions": Score(positions, total),
        "end": Score(int(ends), total),
    }
    assert 0 < words < n


def test_errors_by_length_of_prefix() -> None:
    rng = np.random.default_rng(SEED)
    examples = encode_words(catalog["tomita_4"], ["", "0", "1" * 5, "01" * 20, "1" * 90])
    said = examples.legal ^ (rng.random(examples.legal.shape) < 0.1)
    found = by_length(said, examples)
    ranges = [(lo, hi) for lo, hi, _ in found]
    assert ranges[:7] == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (6, 7), (8, 11)]
    assert ranges[-1][1] == 90
    for lo, hi, score in found:  # one by one
        right, n = 0, 0
        for word, flags, answer in zip(examples.mask, said, examples.legal, strict=True):
            for place in range(lo, hi + 1):
                n += bool(word[place])
                right += bool(word[place]) and flags[place].tolist() == answer[place].tolist()
        assert (score.right, score.n) == (right, n)
    assert sum(score.n for *_, score in found) == examples.mask.sum()


def test_reads_of_flip_flop() -> None:
    examples = encode_words(catalog["flip_flop"], ["w0r0i1r0", "w1i0r1"])
    assert reads(examples.legal, examples) == Score(3, 3)
    wrong = examples.legal.copy()
    wrong[0, 3] = ~wrong[0, 3]  # after the first r
    wrong[1, 2] = ~wrong[1, 2]  # after a bit, where nothing is read
    assert reads(wrong, examples) == Score(2, 3)
    with pytest.raises(BadInput):
        reads(examples.legal, examples, read="x")


def test_closing_brackets_against_a_stack() -> None:
    columns, lengths = nested.nested_words(3, 4, 1, 30, number=200, seed=2)
    types, distances = nested.tops(columns, lengths, 4)
    for row, length in enumerate(lengths.tolist()):
        stack: list[tuple[int, int]] = []
        for at in range(columns.shape[1] + 1):
            if 0 < at <= length:
                symbol = int(columns[row, at - 1])
                if symbol % 2:
                    assert stack.pop()[0] == symbol // 2
                else:
                    stack.append((symbol // 2, at - 1))
            shown = stack[-1] if stack and at <= length else None
            assert (types[row, at], distances[row, at]) == (
                (-1, -1) if shown is None else (shown[0], at - 1 - shown[1])
            )
        assert not stack
    rng = np.random.default_rng(1)
    probabilities = rng.random((*types.shape, 3)) ** 8
    right, asked = close_right(probabilities, types)
    for row, at in itertools.product(range(20), range(types.shape[1])):
        top = types[row, at]
        assert asked[row, at] == (top >= 0)
        share = probabilities[row, at, top] / probabilities[row, at].sum()
        assert right[row, at] == (top >= 0 and share > 0.8)
    assert 0 < per_position(right, asked).share < 1


def test_bounded_dyck_words_are_those_of_their_description() -> None:
    columns, lengths = nested.nested_words(8, 10, 1, 700, tokens=40_000, seed=SEED)
    language = catalog["bounded_dyck_8_10"]
    total = int((lengths + 1).sum())
    assert 40_000 <= total < 40_000 + lengths[-1] + 1
    for row, length in zip(columns[:30].tolist(), lengths[:30].tolist(), strict=True):
        assert tuple(language.alphabet[i] for i in row[:length]) in language
    types, distances = nested.tops(columns, lengths, 10)
    # Measured on the published words: 52.6 % of open brackets have just been read, 80.1 % lie within 9.
    near = distances[types >= 0]
    assert abs((near == 0).mean() - 0.526) < 0.01
    assert abs((near <= 8).mean() - 0.801) < 0.02
    assert 1.62 < nested.entropy_floor(columns, lengths, 8, 10, 1) < 1.70
    columns, lengths = nested.nested_words(8, 10, 701, 1400, number=50, seed=1)
    assert len(lengths) == 50
    assert lengths.min() >= 701
    assert lengths.max() < 1400
    with pytest.raises(BadInput, match="none of"):
        nested.nested_words(1, 1, 2, 2, number=1, seed=0)
    with pytest.raises(BadInput, match="one of them"):
        nested.nested_words(1, 1, 2, 9, seed=0)


def test_flip_flop_words() -> None:
    examples = flip_flop(200, 0.8, seed=SEED)
    language = catalog["flip_flop"]
    words = examples.words()
    assert all(len(word) == 512 and word[0] == "w" and word[-2] == "r" for word in words)
    assert_true_to_language(examples[:2], language, words[:2])
    assert examples.legal[:, -1, -1].all()
    inner = Counter(symbol for word in words for symbol in word[2:-2:2])
    n = sum(inner.values())
    for symbol, p in (("i", 0.8), ("w", 0.1), ("r", 0.1)):
        assert abs(inner[symbol] / n - p) < 5 * math.sqrt(p * (1 - p) / n)
    for p, length in ((1.5, 8), (0.5, 7), (0.5, 2)):
        with pytest.raises(BadInput):
            flip_flop(1, p, length=length, seed=0)


# Classes and baselines.


def test_classes_against_a_set() -> None:
    training = encode_words(catalog["shuffle_2"], draw(catalog["shuffle_2"], 2, 6, 20, seed=1))
    other = encode_words(catalog["shuffle_2"], draw(catalog["shuffle_2"], 2, 10, 50, seed=2))
    classes = Classes.of(training)
    expected = {row.tobytes() for row in training.legal[training.mask]}
    assert {row.tobytes() for row in classes.table} == expected
    assert len(classes) == len(expected)
    index = classes.index(other.legal, other.mask)
    for row, at in itertools.product(*map(range, other.mask.shape)):
        legal = other.legal[row, at]
        known = other.mask[row, at] and legal.tobytes() in expected
        assert (index[row, at] >= 0) == known
        if known:
            assert (classes.sets(index)[row, at] == legal).all()
    few = encode_words(catalog["aa_star"], ["aa"])
    assert Classes.of(few).index(~few.legal, few.mask).tolist() == [[-1, -1, -1]]


def slow_lookup(
    tokens: list[list[int]], targets: list[list[int]], symbols: int
) -> dict[tuple[int, ...], int]:
    """Return the most frequent target of every context up to some length, None standing for the start."""
    seen: dict[tuple[Any, ...], Counter[int]] = {}
    for row, wanted in zip(tokens, targets, strict=True):
        padded = [None] * symbols + row
        for at, target in enumerate(wanted):
            if target >= 0:
                for fewer in range(symbols + 1):
                    context = tuple(padded[at + 1 + symbols - fewer : at + 1 + symbols])
                    seen.setdefault(context, Counter())[target] += 1
    return {context: min(found, key=lambda t: (-found[t], t)) for context, found in seen.items()}


def test_lookups_against_a_dictionary() -> None:
    rng = np.random.default_rng(SEED)
    for symbols in (0, 1, 2, 4):
        tokens, targets = rng.integers(0, 3, (12, 9)), rng.integers(-1, 3, (12, 9))
        others = rng.integers(0, 4, (20, 9))  # with a token that training did not have
        table = slow_lookup(tokens.tolist(), targets.tolist(), symbols)
        found = baselines.fit(tokens, targets, symbols).predict(others)
        for row, at in itertools.product(*map(range, others.shape)):
            padded = [None] * symbols + others[row].tolist()
            contexts = [
                tuple(padded[at + 1 + symbols - fewer : at + 1 + symbols]) for fewer in range(symbols, -1, -1)
            ]
            assert found[row, at] == next(table[one] for one in contexts if one in table)
    with pytest.raises(BadInput, match="no position"):
        baselines.fit(tokens, np.full_like(targets, -1), 1)
    with pytest.raises(BadInput, match="out of range"):
        baselines.fit(tokens, targets, 99)


def test_baselines_know_what_needs_no_memory() -> None:
    for name, symbols, solved in (("tomita_4", 4, True), ("tomita_4", 1, False), ("parity", 4, False)):
        split = make_split(catalog[name], (1, 20), train_size=500, validation_size=50, bin_size=100, seed=2)
        far = split.bins[2].examples
        score = measure(baselines.baseline(split.train, far, symbols), far)["words"]
        assert score == Score(100, 100) if solved else score.share < 0.1
    majority = baselines.baseline(split.train, far, 0)
    assert (majority == majority[0, 0]).all()


# Export.


def test_export_without_pyarrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    split = make_split(catalog["aa_star"], (2, 20), seed=0)
    with pytest.raises(MissingDependency, match=r"pip install 'starfree\[data\]'"):
        export(split, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["tomita_4", "bounded_dyck_5_2", "aa_star"])
def test_export_reads_back(name: str, tmp_path: Any) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    split = make_split(catalog[name], (2, 20), train_size=60, validation_size=10, bin_size=10, seed=0)
    folder = export(split, tmp_path / "data")
    parts = {"train": split.train, "validation": split.validation}
    parts |= {f"bin_{i}": one.examples for i, one in enumerate(split.bins)}
    card = (folder / "README.md").read_text()
    for part, examples in parts.items():
        rows = parquet.read_table(folder / f"{part}.parquet").to_pylist()
        assert f"  - split: {part}\n    path: {part}.parquet" in card
        assert len(rows) == len(examples)
        for i, row in enumerate(rows):
            n = int(examples.lengths[i]) + 1
            assert split.language.symbols_of(row["word"]) == examples.words()[i]
            assert row["tokens"] == examples.tokens[i, :n].tolist()
            assert row["legal"] == examples.legal[i, :n].astype(int).tolist()
    with pytest.raises(BadInput, match="not empty"):
        export(split, folder)
