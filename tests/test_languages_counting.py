"""Counting, sampling and near misses."""

from __future__ import annotations

import time
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from automata.fa import dfa as library
from conftest import count as cases
from expressions import all_words, random_tree, text_of

from starfree.budgets import Budget
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import DFA, catalog, make_dfa, regex
from starfree.languages import near as nearby
from starfree.languages import scaled as scaling
from starfree.languages.counting import count, count_from, counts
from starfree.languages.near import near_misses
from starfree.languages.sampling import _Sampler, sample
from starfree.languages.scaled import ZERO, Continuations, Scaled


def random_languages(seed: int, number: int, alphabet: str = "ab") -> list[DFA]:
    rng = np.random.default_rng(seed)
    trees = (random_tree(rng, int(rng.integers(1, 9)), alphabet, boolean=True) for _ in range(number))
    return [regex(text_of(tree), alphabet) for tree in trees]


def test_counts_agree_with_listing() -> None:
    for language in random_languages(21, cases(60, 1000)):
        listed = Counter(len(w) for w in all_words("ab", 7) if w in language)
        assert counts(language, 7) == [listed[n] for n in range(8)]
        assert language.count(6) == listed[6]


def test_counts_agree_with_automata_lib() -> None:
    for language in random_languages(22, cases(30, 1000)):
        k = len(language.alphabet)
        lib = library.DFA(
            states=set(range(language.states)),
            input_symbols=set(language.alphabet),
            transitions={
                q: {language.alphabet[a]: int(language.table[q, a]) for a in range(k)}
                for q in range(language.states)
            },
            initial_state=0,
            final_states=set(np.flatnonzero(language.accepting).tolist()),
        )
        for length in (0, 1, 13, 40):
            assert count(language, length) == lib.count_words_of_length(length)


def test_long_counts_agree_with_steps() -> None:
    rng = np.random.default_rng(23)
    languages = random_languages(24, cases(40, 500))
    for _ in range(cases(20, 300)):
        n, k = int(rng.integers(2, 30)), int(rng.integers(1, 4))
        languages.append(make_dfa("abc"[:k], rng.integers(0, n, (n, k)), rng.random(n) < 0.3))
    languages += [catalog[name] for name in ("tcp", "json_number", "d_12", "s_4", "base64")]
    for language in languages:
        slow = counts(language, 901)
        for length in (600, 900, 901):
            assert count(language, length) == slow[length]
        for state in range(min(3, language.states)):
            assert sum(count_from(language, int(t), 700) for t in language.table[state]) == count_from(
                language, state, 701
            )


def test_long_counts_are_known() -> None:
    assert count(regex("(a|b)*"), 100_000) == 2**100_000
    assert count(regex("(ab)*"), 99_999) == 0
    assert count(regex("~(.*)", "ab"), 100_000) == 0
    assert count(regex("a*b*"), 100_000) == 100_001
    assert count(catalog["parity"], 100_000) == 2**99_999
    with pytest.raises(BadInput):
        count(regex("a"), -1)
    with pytest.raises(BudgetExceeded):
        count(catalog["d_100"], 10_000, budget=Budget.of(timeout=0))


def assert_promised(language: DFA, lengths: list[int]) -> None:
    """Compare scaled counts with exact ones; the error allowed is the one that sampling counts on."""
    continuations = Continuations(language, Budget())
    mantissas, exponents = continuations.ahead(continuations.none(), lengths[-1])
    for n in lengths:
        for state in range(min(language.states, 15)):
            exact = count_from(language, state, n)
            scaled = Fraction(float(mantissas[n, state])) * Fraction(2) ** max(int(exponents[n, state]), -10)
            assert abs(scaled - exact) <= n * Fraction(continuations.error) * exact
            assert (scaled == 0) == (exponents[n, state] == ZERO)


@pytest.mark.parametrize("small", [128, 0])
def test_scaled_counts_keep_their_promise(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "_SMALL", small)  # in blocks, or step by step
    languages = [catalog[name] for name in ("parity", "d_12", "tcp", "s_3", "json_number", "ab_d_bc")]
    for language in languages + random_languages(25, cases(20, 300)):
        assert_promised(language, [0, 1, 33, 400])


def test_numbers_too_far_apart_for_a_block_are_stepped(monkeypatch: pytest.MonkeyPatch) -> None:
    # At multiples of 99 there are 300^99 words or more, at other lengths one.
    full = "".join(chr(0x4E00 + i) for i in range(300))
    language = regex(f"([{full}]{{99}})*|b+", full + "b")
    outcomes = set()
    block = Continuations._block

    def watched(self: Continuations, counts: Scaled, steps: int) -> Scaled | None:
        found = block(self, counts, steps)
        outcomes.add(found is None)
        return found

    monkeypatch.setattr(Continuations, "_block", watched)
    assert_promised(language, [98, 99, 100, 198, 200])
    assert outcomes == {True, False}


def test_samples_are_uniform() -> None:
    language = regex("(ab|c)*b?")
    length, number = 8, cases(20_000, 200_000)
    seen = Counter(sample(language, length, number, seed=5))
    assert set(seen) == {tuple(w) for w in all_words("abc", length) if len(w) == length and w in language}
    expected = number / len(seen)
    statistic = sum((n - expected) ** 2 / expected for n in seen.values())
    degrees = len(seen) - 1
    assert statistic < degrees + 5 * (2 * degrees) ** 0.5
    assert statistic > degrees - 5 * (2 * degrees) ** 0.5


def test_uncertain_draws_are_decided_the_same_way_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    languages = [*random_languages(26, cases(15, 200), "abc"), catalog["json_number"], catalog["tcp"]]
    quick = [_samples(language) for language in languages]
    decided = []
    decide = _Sampler._decide
    monkeypatch.setattr(_Sampler, "margin", 1e20)
    monkeypatch.setattr(_Sampler, "_decide", lambda self, *a: decided.append(1) or decide(self, *a))
    assert [_samples(language) for language in languages] == quick
    assert len(decided) > 100


def _samples(language: DFA) -> list[tuple[str, ...]]:
    lengths = [n for n, number in enumerate(counts(language, 30)) if number]
    return [w for n in lengths[-2:] for w in sample(language, n, 4, seed=n)]


def test_exact_decisions_are_uniform() -> None:
    # Every draw begins at the border of the 53 bits, so only the exact way can tell the symbols apart.
    sampler, rng = _Sampler(regex("a|b|c"), Budget()), np.random.default_rng(1)
    targets = sampler.dfa.table[0].tolist()
    border = float(2**53 // 3) / 2**53  # the first third ends within this one of the 2^53 intervals
    seen = Counter(sampler._decide(targets, 0, border, rng) for _ in range(3000))
    share = (2**53 % 3) / 3  # the part of the interval that lies in the first third
    assert set(seen) == {0, 1}
    assert abs(seen[0] - 3000 * share) < 5 * (3000 * share * (1 - share)) ** 0.5


def test_long_samples() -> None:
    for name in ("d_12", "json_number", "tcp"):
        language = catalog[name]
        began = time.process_time()
        words = language.sample(5_000, 2, seed=3)
        assert time.process_time() - began < 10
        assert words[0] != words[1]
        assert all(len(word) == 5_000 and word in language for word in words)


def test_seeds_and_lengths() -> None:
    language = regex("(aaa|b)*")
    assert language.sample(9, 5, seed=1) == language.sample(9, 5, seed=1)
    assert language.sample(50, seed=1) != language.sample(50, seed=2)
    assert language.sample(0, seed=0) == [()]
    assert language.sample(3, 0, seed=0) == []
    with pytest.raises(BadInput, match="4 and 6"):
        regex("(aa)*").sample(5, seed=0)
    with pytest.raises(BadInput, match="words: 2"):
        regex("ab").sample(100, seed=0)
    with pytest.raises(BadInput, match="empty"):
        regex("~(.*)", "a").sample(0, seed=0)
    with pytest.raises(BadInput):
        language.sample(-1, seed=0)


def distance(u: tuple[str, ...], v: tuple[str, ...]) -> int:
    """Return the edit distance, by the usual table."""
    row = list(range(len(v) + 1))
    for i, a in enumerate(u, 1):
        above = row
        row = [i]
        for j, b in enumerate(v, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row[-1]


@pytest.mark.parametrize("exhaustive", [20_000, 0])
def test_near_misses(exhaustive: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "_EXHAUSTIVE", exhaustive)
    for language in random_languages(27, cases(6, 300)):
        for most in (1, 2):
            word = tuple("abba")
            found = near_misses(language, word, most, 10, seed=most)
            assert len(set(found)) == len(found) <= 10
            for one in found:
                assert one not in language
                assert 1 <= distance(word, one) <= most
            every = map(tuple, all_words("ab", 6))
            outside = [w for w in every if w not in language and 1 <= distance(word, w) <= most]
            assert len(found) == min(10, len(outside))


def test_near_misses_of_everything_and_bad_input() -> None:
    assert regex(".*", "ab").near_misses("ab", 1, 3, seed=0) == []
    assert len(catalog["uuid"].near_misses("01234567-89ab-cdef-0123-456789abcdef", 3, 20, seed=0)) == 20
    with pytest.raises(BadInput):
        regex("a").near_misses("a", 0, seed=0)
    with pytest.raises(BadInput):
        regex("a").near_misses("b", 1, seed=0)


def test_an_enormous_distance_costs_no_more_than_a_large_one() -> None:
    from starfree.languages import regex

    found = regex("(ab)*").near_misses("abab", 10**9, 3, seed=1)
    assert len(found) == 3
    assert all(word not in regex("(ab)*") for word in found)
