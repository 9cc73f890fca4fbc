"""Conditions as Python values: one object for equal ones, however deep and however much is shared."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from collections.abc import Callable
from functools import reduce
from itertools import permutations

import pytest
from program_oracles import all_words

import starfree
from starfree import program as p
from starfree.errors import BadInput
from starfree.programs.expressions import Expression, Read, Turned, all_of, any_of, walk
from starfree.programs.meaning import Interpreter

A, B, C = (p.read(symbol) for symbol in "abc")


def doubled(levels: int, symbol: str = "a") -> Expression:
    """Return a condition that is twice as long as text with each level."""
    found = p.read(symbol)
    for _ in range(levels):
        found = found & p.previously(found)
    return found


def test_equal_conditions_are_one_object() -> None:
    for make in (
        lambda: p.read("a", "b"),
        lambda: ~p.once(A & B),
        lambda: p.since(A | B, p.previously(C)),
        lambda: p.latch(A, B, initial=True),
        lambda: 2 * p.count(A) - p.count(B) >= 3,
        lambda: p.rotor(A, 3) == 1,
    ):
        assert make() is make()
        assert hash(make()) == hash(make())
        assert copy.copy(make()) is copy.deepcopy(make()) is make()
        assert pickle.loads(pickle.dumps(make())) is make()
    assert A & B != B & A
    assert p.read("a", "b") is p.read("b", "a")
    assert p.latch(A, B) != p.latch(A, B, initial=True)
    assert (p.rotor(A, 3) == 1) is not (p.rotor(A, 3) == 2)


def test_conditions_nobody_has_are_forgotten() -> None:
    found = doubled(60, "a symbol that no other test reads")
    watched = [weakref.ref(node) for node in walk([found]) if not isinstance(node, Read)]
    assert len(watched) == 120
    del found
    gc.collect()
    assert all(one() is None for one in watched)


def test_shared_parts_cost_nothing() -> None:
    found, again = doubled(60), doubled(60)
    assert found is again
    assert found != doubled(59)
    assert len(list(walk([found]))) == 121
    assert len(str(found)) < 100_000
    assert "..." in str(found)
    assert (p.count(found) > p.count(doubled(59))) is (p.count(doubled(59)) < p.count(found))
    language = p.program("ab", accept=found)
    assert [("a" * n in language) for n in (60, 61, 62)] == [False, True, True]
    model = starfree.build(p.program("ab", accept=doubled(12)))
    assert starfree.prove(model, "(a|b)*a{13}").proved


def test_counts_of_counts_are_written_in_linear_time() -> None:
    found = A
    for _ in range(40):
        found = p.count(found) - p.count(B) >= 1
    assert str(found).count("count") == 80
    assert eval(str(found), {name: getattr(p, name) for name in p.__all__}) is found


def test_sums_have_one_form_in_whatever_order_they_are_written() -> None:
    parts = [A, B, p.once(A), p.once(B), ~A, p.previously(A & B), p.previously(A | B), doubled(60)]
    for four in permutations(parts, 4):
        weights = {part: parts.index(part) + 1 for part in four}
        sums = [sum(weights[part] * p.count(part) for part in order) for order in (four, four[::-1])]
        assert (sums[0] >= 5) is (sums[1] >= 5)
        assert (sums[0] < 5) is (-sums[1] > -5)
    assert str(p.count(B) - p.count(A) >= 0) == "~(count(read('a')) - count(read('b')) >= 1)"


NESTINGS: dict[str, Callable[[Expression], Expression]] = {
    "previously": p.previously,
    "once": lambda x: p.once(x & B),
    "since": lambda x: p.since(x, A),
    "since, started": lambda x: p.since(A, x),
    "historically": lambda x: p.historically(x | A),
    "latch": lambda x: p.latch(x, B, initial=True),
    "count": lambda x: p.count(x) > 2,
    "boolean": lambda x: ~((x | A) & B),
}


@pytest.mark.parametrize("name", NESTINGS)
def test_what_is_nested_too_deep_is_said(name: str) -> None:
    found = [A]
    with pytest.raises(BadInput, match="inside each other"):  # noqa: PT012
        for _ in range(5_000):
            found.append(NESTINGS[name](found[-1]))
    assert len(found) > 40
    Interpreter(("a", "b"), [found[-1]]).begin()
    assert len(str(found[-1])) < 100_000
    if name != "count":
        legal = {"a": found[-10], "b": ~found[-10]}  # of the deepest ones, programs make deeper ones
        model = starfree.build(p.program("ab", legal=legal, end=True), task="predict")
        assert model.accepts("")


def test_long_chains() -> None:
    parts = [p.previously(p.read(f"s{i}")) for i in range(2_000)]
    assert reduce(lambda x, y: x & y, parts) is all_of(*parts)
    assert any_of(*parts, ~parts[7]) is p.program("a", accept=True).end_when
    assert (reduce(lambda x, y: x | y, parts) & ~any_of(*parts)) is ~p.program("a", accept=True).end_when


def test_what_happened_needs_a_position() -> None:
    """At the empty prefix nothing has happened yet, whatever holds there."""
    cases: dict[str, tuple[Expression, Callable[[tuple[str, ...]], bool]]] = {
        "once true": (p.once(True), lambda w: len(w) > 0),
        "historically false": (p.historically(False), lambda w: not w),
        "since, true": (p.since(A, True), lambda w: len(w) > 0),
        "since false": (p.since(False, ~A), lambda w: w[-1:] == ("b",)),
        "once not": (p.once(~A), lambda w: "b" in w),
        "latch true": (p.latch(True, A), lambda w: len(w) > 0),
        "latch, true": (p.latch(A, True), lambda w: w[-1:] == ("a",)),
        "latch, true, at first": (p.latch(A, True, initial=True), lambda w: w[-1:] in ((), ("a",))),
        "latch false": (p.latch(False, A), lambda w: False),
        "latch false, at first": (p.latch(False, A, initial=True), lambda w: "a" not in w),
        "latch, false, at first": (p.latch(A, False, initial=True), lambda w: True),
        "latch nothing": (p.latch(False, False), lambda w: False),
        "previously not": (p.previously(~A), lambda w: w[-2:-1] == ("b",)),
    }
    for name, (accept, member) in cases.items():
        language = p.program("ab", accept=accept)
        for word in (word for length in range(6) for word in all_words("ab", length)):
            assert (word in language) == member(word), (name, word)
        for task in ("recognise", "predict"):
            assert starfree.prove(starfree.build(language, task=task), language).proved, name
        names = {name: getattr(p, name) for name in p.__all__}
        assert p.program("ab", accept=eval(str(accept), names)).end_when is accept


def test_text_of_what_sugar_does_not_make() -> None:
    names = {name: getattr(p, name) for name in p.__all__}
    two = Turned(A, 3, frozenset([0, 2]))
    for accept in (~two, two & B, p.historically(~A), ~p.once(p.once(A)), ~p.once(p.historically(B))):
        again = eval(str(accept), names)
        first, second = (p.program("ab", accept=one) for one in (accept, again))
        assert first.dfa == second.dfa, str(accept)


@pytest.mark.parametrize("weights", [(1,), (-1,), (2,), (-2,), (-3, 1), (2, -4), (-2, -2)])
def test_comparisons_are_those_of_whole_numbers(weights: tuple[int, ...]) -> None:
    words = all_words("ab", 4)
    for bound in range(-5, 6):
        form = sum(weight * p.count(part) for weight, part in zip(weights, (A, B), strict=False))
        made = (form >= bound, form > bound, form <= bound, form < bound, form == bound, form != bound)
        for word in words:
            n = sum(w * word.count(s) for w, s in zip(weights, "ab", strict=False))
            right = (n >= bound, n > bound, n <= bound, n < bound, n == bound, n != bound)
            interpreter = Interpreter(("a", "b"), made)
            memory, said = interpreter.begin()
            for symbol in word:
                memory, said = interpreter.step(memory, symbol)
            assert said == right, (weights, bound, word)
