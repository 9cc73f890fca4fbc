"""Languages of one's own: an alphabet, a start, a step and legal sets are enough."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from algebra_brute import random_dfas
from conftest import count

import starfree
from starfree.budgets import Budget
from starfree.errors import BadInput, BudgetExceeded, NotRegular
from starfree.languages import DFA, END, Language, LegalSet, dfa_of, load, regex


class Mirror(Language):
    """The same words as a DFA, with nothing but the protocol; a dead state must not be asked for a step."""

    def __init__(self, dfa: DFA) -> None:
        self.of, self.alphabet = dfa, dfa.alphabet

    @property
    def start(self) -> tuple[str, int]:
        return "state", self.of.start

    def step(self, state: tuple[str, int], symbol: str) -> tuple[str, int]:
        return "state", self.of.step(state[1], symbol)

    def legal(self, state: tuple[str, int]) -> LegalSet:  # type: ignore[override]
        return self.of.legal(state[1])


class Endless(Mirror):
    """A machine that reaches a new state with every symbol."""

    def step(self, state: tuple[str, int], symbol: str) -> tuple[str, int]:
        return "state", state[1] + 1

    def legal(self, state: tuple[str, int]) -> LegalSet:  # type: ignore[override]
        return frozenset([*self.alphabet, END])


class Counter(Endless):
    kind = "counter"


class Careless(Mirror):
    def legal(self, state: tuple[str, int]) -> LegalSet:  # type: ignore[override]
        return frozenset(["z"])


def test_the_automaton_of_a_protocol() -> None:
    for dfa in random_dfas(count(40, 400), seed=31):
        mirror = Mirror(dfa)
        assert mirror.dfa == dfa_of(mirror) == dfa
        assert mirror.difference(dfa) is None
        assert mirror.count(4) == dfa.count(4)
        assert ~mirror == ~dfa


def test_verbs_take_a_protocol() -> None:
    mirror = Mirror(regex("(ab)*"))
    assert starfree.decide(mirror)["Mamba"].expressible == "yes"
    assert starfree.prove(starfree.build(mirror), mirror).proved
    assert starfree.sample(mirror, length=2).texts() == ["ab"]


def test_what_has_no_automaton() -> None:
    with pytest.raises(BudgetExceeded, match="max-states"):
        dfa_of(Endless(regex("a*")), budget=Budget(max_states=100))
    with pytest.raises(NotRegular):
        _ = Counter(regex("a*")).dfa
    assert starfree.decide(Counter(regex("a*"))).language.kind == "counter"
    with pytest.raises(BadInput, match="'z'"):
        _ = Careless(regex("a*")).dfa


def test_a_difference_is_named() -> None:
    assert regex("(ab)*").difference(regex("(ab)*|abb")) == ("a", "b", "b")
    assert regex("(ab)*").difference("(ab)*(ab)*") is None
    assert regex("a", "ab").difference("a") is None  # a symbol that is never allowed makes no difference
    assert regex("a", "ab") != regex("a")
    assert load("@tcp").difference("@parity") is not None
    assert regex("a").same_words("a")
    assert not regex("a").same_words("b")
    assert regex("(ab)*").difference(Mirror(regex("a"))) == ()


@pytest.mark.parametrize("operation", [operator.or_, operator.and_, operator.sub])
@pytest.mark.parametrize("other", ["b", 5, None])
def test_operators_refuse_what_is_no_language(operation: Callable[[Any, Any], Any], other: object) -> None:
    for pair in ((regex("a"), other), (other, regex("a"))):
        with pytest.raises(TypeError, match="unsupported operand"):
            operation(*pair)


@pytest.mark.parametrize("other", [5, None, b"a"])
def test_comparisons_refuse_what_is_no_language(other: Any) -> None:
    with pytest.raises(BadInput):
        regex("a").same_words(other)


def test_operators_take_a_protocol() -> None:
    assert regex("a") | Mirror(regex("b")) == regex("a|b")
    assert Mirror(regex("a*")) & regex("aa*") == regex("a+")
    assert Mirror(regex("a*")) - Mirror(regex("()")) == regex("a+", "a")


def test_text_is_read_in_one_way() -> None:
    tcp = load("@tcp")
    text, symbols = "passive-open send close", ("passive-open", "send", "close")
    model = starfree.build(tcp)
    assert (text in tcp) == (symbols in tcp) == model.accepts(text) == model.accepts(symbols)
    assert tcp.legal_after(text) == tcp.legal_after(symbols) == model.legal_sets(text)[-1]
    assert np.array_equal(tcp.indices(text), tcp.indices(symbols))
    assert tcp.near_misses(text, number=3, seed=1) == tcp.near_misses(symbols, number=3, seed=1)
    with pytest.raises(BadInput):
        tcp.legal_after("passive-open  send")
    with pytest.raises(BadInput):
        regex("ab").legal_after("a b")
