"""Temporal logic: random formulas against their semantics, as programs, automata, ssm and stock Mamba."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from random import Random

import numpy as np
import pytest
import torch
from conftest import SEED, count
from numpy.typing import NDArray
from program_models import assert_legal, mamba_legal, ssm_legal
from program_oracles import FUTURE, PAST, Formula, all_words, holds, random_formula, written

import starfree
from starfree.languages import DFA, Language
from starfree.models.mamba import Mamba
from starfree.models.ssm import SSM
from starfree.programs import Program

Flags = NDArray[np.bool_]
KINDS = {"pltl": PAST, "ltlf": FUTURE}
BLOCK = 20  # formulas of one test
BLOCKS = count(2, 50)
LENGTH = 8


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def formulas(kind: str, block: int, number: int) -> Iterator[tuple[Formula, str]]:
    """Yield random formulas of at most 12 operators and their symbols, two or three."""
    for i in range(number):
        draw = Random(f"{SEED} {kind} {block} {i}")
        symbols = draw.choice(["ab", "abc"])
        yield random_formula(draw, draw.randint(1, 12), symbols, KINDS[kind]), symbols


def values(formula: Formula, words: NDArray[np.int64], symbols: str) -> list[Flags]:
    """Return what `holds` says at each position of many words of one length, by the same definitions."""
    operator, *parts = formula
    n, length = words.shape
    always, never = np.ones(n, np.bool_), np.zeros(n, np.bool_)
    if operator in ("true", "false"):
        return [always if operator == "true" else never] * length
    if operator == "symbol":
        return list(symbols.index(str(parts[0])) == words.T)
    left, right = (values(part, words, symbols) for part in (parts[0], parts[-1]))  # type: ignore[arg-type]

    def some(flags: Sequence[Flags]) -> Flags:
        return reduce(np.logical_or, flags, never)

    def each(flags: Sequence[Flags]) -> Flags:
        return reduce(np.logical_and, flags, always)

    rules: dict[str, Callable[[int], Flags]] = {
        "!": lambda t: ~left[t],
        "&": lambda t: left[t] & right[t],
        "|": lambda t: left[t] | right[t],
        "->": lambda t: ~left[t] | right[t],
        "<->": lambda t: left[t] == right[t],
        "X": lambda t: left[t + 1] if t + 1 < length else never,
        "WX": lambda t: left[t + 1] if t + 1 < length else always,
        "F": lambda t: some(left[t:]),
        "G": lambda t: each(left[t:]),
        "U": lambda t: some([right[i] & each(left[t:i]) for i in range(t, length)]),
        "R": lambda t: each([right[i] | some(left[t:i]) for i in range(t, length)]),
        "Y": lambda t: left[t - 1] if t else never,
        "WY": lambda t: left[t - 1] if t else always,
        "O": lambda t: some(left[: t + 1]),
        "H": lambda t: each(left[: t + 1]),
        "S": lambda t: some([right[i] & each(left[i + 1 : t + 1]) for i in range(t + 1)]),
        "T": lambda t: each([right[i] | some(left[i + 1 : t + 1]) for i in range(t + 1)]),
    }
    return [rules[str(operator)](t) for t in range(length)]


def words_of(symbols: str, length: int) -> NDArray[np.int64]:
    """Return all words of a length as indices."""
    grid = np.indices((len(symbols),) * length).reshape(length, -1)
    return np.ascontiguousarray(grid.T)


def members(kind: str, formula: Formula, symbols: str, words: NDArray[np.int64]) -> list[Flags]:
    """Return which prefixes of the words are in the language of a formula, the empty one first."""
    empty = holds(formula, (), -1 if kind == "pltl" else 0)
    found = [np.full(len(words), empty)]
    if kind == "pltl":
        return found + values(formula, words, symbols)
    return found + [values(formula, words[:, :t], symbols)[0] for t in range(1, words.shape[1] + 1)]


def dfa_legal(dfa: DFA, words: NDArray[np.int64]) -> Flags:
    """Return the legal sets along the words; END last."""
    states = np.zeros((len(words), words.shape[1] + 1), np.int64)
    for t, column in enumerate(words.T):
        states[:, t + 1] = dfa.table[states[:, t], column]
    return dfa.legal_table[states]


def loaded(kind: str, formula: Formula, symbols: str) -> Language:
    language = starfree.load(f"{kind}:{written(formula)}", alphabet=symbols)
    assert isinstance(language, Program if kind == "pltl" else DFA)
    assert language.alphabet == tuple(symbols)
    return language


def assert_steps(language: Language, word: Sequence[str], dfa: DFA) -> None:
    """The protocol, one symbol at a time, says the same as the automaton, past dead prefixes too."""
    state, right = language.start, 0
    for symbol in word:
        assert language.legal(state) == dfa.legal(right)
        state, right = language.step(state, symbol), dfa.step(right, symbol)
    assert language.legal(state) == dfa.legal(right) == language.legal_after(word)


@pytest.mark.parametrize("kind", KINDS)
def test_both_ways_to_evaluate_agree(kind: str) -> None:
    for formula, symbols in formulas(kind, -1, count(40, 400)):
        words = words_of(symbols, 4)
        found = values(formula, words, symbols)
        for i, word in enumerate(all_words(symbols, 4)):
            for t in range(4):
                assert found[t][i] == holds(formula, word, t), (written(formula), word, t)


@pytest.mark.parametrize("block", range(BLOCKS))
@pytest.mark.parametrize("kind", KINDS)
def test_formulas_are_their_semantics_in_every_form(kind: str, block: int) -> None:
    for number, (formula, symbols) in enumerate(formulas(kind, block, BLOCK)):
        language = loaded(kind, formula, symbols)
        words = words_of(symbols, LENGTH)
        legal = dfa_legal(language.dfa, words)
        for t, right in enumerate(members(kind, formula, symbols, words)):
            assert np.array_equal(legal[:, t, -1], right), (written(formula), t)
        if isinstance(language, Program):
            assert np.array_equal(language.legal_along(words), legal), written(formula)
        draw = Random(f"{SEED} {kind} {block} {number} words")
        for _ in range(5):
            word = tuple(draw.choices(symbols, k=12))
            assert_steps(language, word, language.dfa)
            assert (word in language) == holds(formula, word, 11 if kind == "pltl" else 0)
        task = ("recognise", "predict")[number % 2]
        model = starfree.build(language, task=task)
        assert isinstance(model, SSM)
        assert_legal(ssm_legal(model, words), legal, task)
        assert starfree.prove(model, language).proved, written(formula)


@pytest.mark.parametrize("block", range(count(1, 10)))
@pytest.mark.parametrize("kind", KINDS)
def test_formulas_as_stock_mambas(kind: str, block: int) -> None:
    for formula, symbols in formulas(kind, BLOCKS + block, 4):
        language = loaded(kind, formula, symbols)
        words = words_of(symbols, 6)
        for task in ("recognise", "predict"):
            model = starfree.build(language, task=task, target="mamba")
            assert isinstance(model, Mamba)
            assert_legal(mamba_legal(model, words), dfa_legal(language.dfa, words), task)


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("pltl:O true", False),
        ("pltl:H false", True),
        ("pltl:a S true", False),
        ("pltl:false S !a", False),
        ("pltl:true T !b", True),
        ("pltl:O !a", False),
        ("pltl:Y true", False),
        ("pltl:WY false", True),
        ("pltl:!a", True),
        ("ltlf:G false", True),
        ("ltlf:F true", False),
        ("ltlf:X true", False),
        ("ltlf:WX false", True),
        ("ltlf:!a", True),
        ("ltlf:true U true", False),
        ("ltlf:false R false", True),
    ],
)
def test_the_empty_word(text: str, member: bool) -> None:
    """There is no position in it: what asks for one is false, and what speaks of all of them is true."""
    language = starfree.load(text, alphabet="ab")
    assert ("" in language) == member
    for task in ("recognise", "predict"):
        assert starfree.prove(starfree.build(language, task=task), language).proved
