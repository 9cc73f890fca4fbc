"""Languages as values: equality, differences, Boolean and rational operations."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import count
from expressions import all_words, random_tree, text_of, words_of

from starfree.budgets import Budget
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import (
    DFA,
    END,
    catalog,
    concatenation,
    difference,
    left_quotient,
    make_dfa,
    regex,
    rename,
    reversal,
    right_quotient,
    star,
)
from starfree.languages import product as products
from starfree.languages.minimise import minimise

LENGTH = 6
CASES = count(25, 500)


def random_language(rng: np.random.Generator, alphabet: str = "ab") -> DFA:
    return regex(text_of(random_tree(rng, int(rng.integers(1, 7)), alphabet, boolean=True)), alphabet)


def words(language: DFA, alphabet: str = "ab", length: int = LENGTH) -> set[str]:
    foreign = set(alphabet) - set(language.alphabet)
    return {w for w in all_words(alphabet, length) if not set(w) & foreign and w in language}


def test_boolean_operations_widen_to_both_alphabets() -> None:
    rng = np.random.default_rng(11)
    for _ in range(CASES):
        left, right = random_language(rng, "ab"), random_language(rng, "bc")
        one, other, every = words(left, "abc", 4), words(right, "abc", 4), set(all_words("ab", 4))
        for got, want in (
            (left | right, one | other),
            (left & right, one & other),
            (left - right, one - other),
        ):
            assert got.alphabet == ("a", "b", "c")
            assert words(got, "abc", 4) == want
        assert words(~left, "ab", 4) == every - one
        assert (~left).alphabet == left.alphabet


def test_rational_operations() -> None:
    rng = np.random.default_rng(12)
    for _ in range(CASES):
        left, right = random_language(rng), random_language(rng)
        one, other = words(left), words(right)
        every = all_words("ab", LENGTH)
        assert words(concatenation(left, right)) == {
            u + v for u in one for v in other if len(u + v) <= LENGTH
        }
        assert words(reversal(left)) == {w[::-1] for w in one}
        for part in ("", "a", "ba"):
            short = LENGTH - len(part)
            assert words(left_quotient(left, part), length=short) == {
                w for w in every if len(w) <= short and part + w in one
            }
            assert words(right_quotient(left, part), length=short) == {
                w for w in every if len(w) <= short and w + part in one
            }
        assert words(rename(left, {"a": "b"}), "b") == {w.replace("a", "b") for w in one}
        assert words(rename(left, {"a": "b", "b": "a"})) == {w.translate({97: "b", 98: "a"}) for w in one}


def test_star_agrees_with_the_expression() -> None:
    rng = np.random.default_rng(13)
    for _ in range(CASES):
        tree = random_tree(rng, int(rng.integers(1, 7)), "ab", boolean=True)
        got = words(star(regex(text_of(tree), "ab")))
        assert got == words_of(("repeat", tree, 0, None), "ab", LENGTH)


def test_rational_operations_widen_and_name_symbols() -> None:
    assert concatenation(regex("a"), regex("b")) == regex("ab")
    assert rename(regex("ab"), {"a": "SYN"}).alphabet == ("SYN", "b")
    with pytest.raises(BadInput):
        rename(regex("ab"), {"c": "d"})
    with pytest.raises(BadInput):
        left_quotient(regex("ab"), "c")


def test_difference_is_the_first_in_shortlex_order() -> None:
    rng = np.random.default_rng(14)
    found = 0
    for _ in range(2 * CASES):
        left, right = random_language(rng), random_language(rng)
        got = difference(left, right)
        apart = sorted(words(left) ^ words(right), key=lambda w: (len(w), w))
        if apart:
            assert got == tuple(apart[0])
            found += 1
        else:
            assert got is None or len(got) > LENGTH
        assert (got is None) == (left == right) == left.same_words(right)
    assert found > CASES // 2


def test_equality_ignores_order_but_not_the_set_of_symbols() -> None:
    one, other = regex("ab*", "ab"), regex("ab*", "ba")
    assert one.alphabet != other.alphabet
    assert one == other
    assert hash(one) == hash(other)
    wide = regex("ab*", "abc")
    assert one != wide
    assert one.same_words(wide)
    assert difference(one, wide) is None
    assert difference(wide, regex(".b*", "abc")) == ("b",)
    assert difference(regex("a"), regex("b")) == ("a",)
    assert regex("()") != "()"


def test_large_products_agree_with_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(15)
    pairs = [(random_language(rng), random_language(rng)) for _ in range(CASES)]
    explicit = [products.product(a.table, b.table) for a, b in pairs]
    monkeypatch.setattr(products, "_EXPLICIT", -1)
    for (a, b), one in zip(pairs, explicit, strict=True):
        assert all((x == y).all() for x, y in zip(one, products.product(a.table, b.table), strict=True))


def test_products_are_bounded() -> None:
    one, other = regex("(a{1601})*"), regex("(a{1607})*")
    with pytest.raises(BudgetExceeded):
        products.product(one.table, other.table, budget=Budget(max_states=10**4))
    # The words differ long before the 2.5 million pairs are through.
    assert difference(one, other) == ("a",) * 1601


def test_steps_and_legal_sets() -> None:
    rng = np.random.default_rng(16)
    for _ in range(CASES):
        language = random_language(rng)
        inside = words(language, length=8)
        live = {w[:i] for w in inside for i in range(len(w) + 1)}
        for prefix in all_words("ab", 3):
            want = {c for c in "ab" if prefix + c in live} | ({END} if prefix in inside else set())
            if language.states <= 5:  # every state is within reach of acceptance in the words looked at
                assert language.legal_after(prefix) == want
        state = language.start
        for symbol in "abba":
            state = language.step(state, symbol)
        assert state == language.run(language.indices("abba")) == language.state_after("abba")


def test_dead_state_and_live_flags() -> None:
    language = regex("(ab)*")
    assert language.dead_state is not None
    assert language.live.tolist() == [True, True, False]
    assert language.legal_table.tolist() == [[True, False, True], [False, True, False], [False, False, False]]
    assert regex(".*", "a").dead_state is None
    for symbol in ("c", "", "ab"):
        with pytest.raises(BadInput, match="alphabet"):
            language.step(0, symbol)
    with pytest.raises(BadInput):
        _ = "abc" in language
    with pytest.raises(BadInput):
        language.legal_after("x")


def test_values_cannot_be_changed() -> None:
    language = regex("(ab)*")
    with pytest.raises(ValueError, match="read-only"):
        language.table[0, 0] = 1
    with pytest.raises(AttributeError):
        language.spec = "x"  # type: ignore[misc]
    table = np.array([[1], [0]])
    made = make_dfa("a", table, [True, False])
    table[0, 0] = 0
    assert made.table.tolist() == [[1], [0]]


def test_every_value_is_minimal_and_canonical() -> None:
    rng = np.random.default_rng(17)
    for _ in range(CASES):
        left, right = random_language(rng), random_language(rng)
        made = [left, ~left, left | right, reversal(left), star(right), rename(left, {"b": "a"})]
        for language in made:
            table, accepting = minimise(language.table, language.accepting)
            assert (table == language.table).all()
            assert (accepting == language.accepting).all()
    for name in catalog.regular:
        language = catalog[name]
        table, accepting = minimise(language.table, language.accepting)
        assert (table == language.table).all(), name
