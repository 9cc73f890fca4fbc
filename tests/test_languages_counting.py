"""Counting, sampling and near misses."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest
from automata.fa.dfa import DFA as LibDFA
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
from starfree.languages.scaled import ZERO, Continuations


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
        lib = LibDFA(
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


def test_scaled_counts_keep_their_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("parity", "d_12", "tcp", "s_3", "json_number", "ab_d_bc")
    # The last has words of even length in numbers that explode and of odd length in numbers that do not.
    languages = [catalog[name] for name in names] + random_languages(25, cases(20, 300))
    languages.append(regex("([^c][^c])*|c(dd)*", "abcdefgh"))
    steps = 400
    for language in languages:
        exact = [[count_from(language, q, n) for q in range(language.states)] for n in (0, 1, 33, steps)]
        for small in (128, 0):  # in blocks, and step by step
            monkeypatch.setattr(scaling, "_SMALL", small)
            continuations = Continuations(language, Budget())
            mantissas, exponents = continuations.ahead(continuations.none(), steps)
            for n, row in zip((0, 1, 33, steps), exact, strict=True):
                for q, number in enumerate(row):
                    got = (int(mantissas[n, q] * 2**53), int(exponents[n, q]) - 53)
                    if number == 0:
                        assert got[0] == 0
                        assert exponents[n, q] == ZERO
                        continue
                    # |got * 2^e - number| <= n * error * number, in integers
                    shift = max(0, -got[1])
                    value, true = got[0] << (got[1] + shift), number << shift
                    assert abs(value - true) * 2**60 <= int((n * continuations.error + 1e-300) * 2**60 + 1) * true


def test_numbers_too_far_apart_for_a_block_are_stepped() -> None:
    # After c the language is full at lengths that are multiples of 64 and has one word otherwise.
    full = "".join(chr(0x4E00 + i) for i in range(3000))
    language = regex(f"(([{full}]{{64}})*|b+)", full + "b")
    continuations = Continuations(language, Budget())
    mantissas, exponents = continuations.ahead(continuations.none(), 130)
    for n in (63, 64, 65, 128, 130):
        number = count_from(language, 0, n)
        assert abs(mantissas[n, 0] * 2.0 ** (int(exponents[n, 0]) - number.bit_length()) - number / 2 ** number.bit_length()) < 1e-9


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
        words = language.sample(20_000, 2, seed=3)
        assert time.process_time() - began < 10
        assert words[0] != words[1]
        assert all(len(word) == 20_000 and word in language for word in words)


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
    for language in random_languages(27, cases(20, 300)):
        for most in (1, 2):
            word = tuple("abba")
            found = near_misses(language, word, most, 10, seed=most)
            assert len(set(found)) == len(found) <= 10
            for one in found:
                assert one not in language
                assert 1 <= distance(word, one) <= most
            outside = [
                w for w in map(tuple, all_words("ab", 6)) if w not in language and 1 <= distance(word, w) <= most
            ]
            assert len(found) == min(10, len(outside))


def test_near_misses_of_everything_and_bad_input() -> None:
    assert regex(".*", "ab").near_misses("ab", 1, 3, seed=0) == []
    assert len(catalog["uuid"].near_misses("01234567-89ab-cdef-0123-456789abcdef", 3, 20, seed=0)) == 20
    with pytest.raises(BadInput):
        regex("a").near_misses("a", 0, seed=0)
    with pytest.raises(BadInput):
        regex("a").near_misses("b", 1, seed=0)
