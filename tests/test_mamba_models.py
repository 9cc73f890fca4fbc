"""Whole checkpoints on the stock classes: every short word, long words, every way to run them, each dtype."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
import torch
from conftest import FULL, SEED, count

import starfree
from starfree.algebra.aperiodic import Pumping, aperiodicity
from starfree.errors import BudgetExceeded
from starfree.languages import DFA, catalog
from starfree.models.mamba import Mamba
from starfree.models.stock import stock_model
from starfree.models.tokens import token_ids
from starfree.proofs.explore_stock import TokenDFA
from starfree.proofs.stock_paths import long_words

LARGEST = 60  # states


def star_free() -> Iterator[str]:
    for name in catalog.regular:
        dfa = catalog[name].dfa
        if dfa.states <= LARGEST and not isinstance(aperiodicity(dfa), Pumping):
            yield name


NAMES = list(star_free())
SMALL = ["tomita_2", "tomita_4", "ab_d_bc", "d_3", "flip_flop"]  # at most 9 states
# Small, with few levels: errors in the weights give a stored bit as many values as it has histories.
PROVED_WITH_ERRORS = ["tomita_2", "tomita_4", "ab_d_bc", "aa_bb_cc_dd_ee", "zot_02"]
DTYPES = {"mamba": ("float32", "bfloat16", "float16"), "mamba2": ("float32", "bfloat16")}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def build(name: str, target: str = "mamba", **options: object) -> Mamba:
    model = starfree.build(f"@{name}", target=target, **options)
    assert isinstance(model, Mamba)
    return model


def logits_of(net: torch.nn.Module, tokens: np.ndarray, **more: object) -> torch.Tensor:
    with torch.inference_mode():
        return net(input_ids=torch.from_numpy(tokens), use_cache=False, **more).logits


def expected(dfa: DFA, alphabet: tuple[str, ...], tokens: np.ndarray) -> np.ndarray:
    """The slow twin: which tokens are legal after each token, by stepping the DFA; BOS is the first token."""
    over = TokenDFA.of(dfa, alphabet)
    state = np.full(len(tokens), over.start)
    legal = [over.legal[state]]
    for column in tokens.T[1:]:
        state = over.table[state, column]
        legal.append(over.legal[state])
    return np.stack(legal, axis=1)


def assert_right(net: torch.nn.Module, dfa: DFA, alphabet: tuple[str, ...], tokens: np.ndarray) -> None:
    logits = logits_of(net, tokens)
    assert np.array_equal((logits > 0).numpy(), expected(dfa, alphabet, tokens))
    assert set(torch.unique(logits).tolist()) <= {-64.0, 64.0}


def words_up_to(length: int, representatives: list[int], bos: int) -> np.ndarray:
    """Return all words of a length over some tokens, BOS in front: their prefixes are all shorter words."""
    words = np.array(list(product(representatives, repeat=length)), np.int64).reshape(-1, length)
    return np.column_stack([np.full(len(words), bos), words])


def exhaustive_length(symbols: int) -> int:
    """The issue's lengths where 10^6 words allow it: a word of each class of symbols stands for the class."""
    full = 10 if symbols <= 2 else 8 if symbols <= 4 else 7
    most = count(1_000, 1_000_000)
    length = 1
    while length < full and symbols ** (length + 1) <= most:
        length += 1
    return length


@pytest.mark.parametrize(
    ("name", "target"), [*((name, "mamba") for name in NAMES), *((name, "mamba2") for name in SMALL)]
)
def test_every_short_word(name: str, target: str) -> None:
    """Symbols with one embedding row are one symbol to the model, so one of each class is tried."""
    model, dfa = build(name, target), catalog[name].dfa
    rows = model.tensors["backbone.embeddings.weight"]
    classes: dict[bytes, int] = {}
    for i in range(len(model.alphabet)):
        classes.setdefault(rows[i].tobytes(), i)
    symbols = list(classes.values())
    tokens = words_up_to(exhaustive_length(len(symbols)), symbols, token_ids(len(model.alphabet)).bos)
    net = stock_model(model)
    for part in np.array_split(tokens, -(-len(tokens) // 1024)):
        assert_right(net, dfa, model.alphabet, part)


@pytest.mark.parametrize("target", ["mamba", "mamba2"])
@pytest.mark.parametrize("name", NAMES)
def test_symbols_alike_on_the_automaton_share_a_row(name: str, target: str) -> None:
    model, dfa = build(name, target), catalog[name].dfa
    rows = model.tensors["backbone.embeddings.weight"]
    place = {symbol: i for i, symbol in enumerate(model.alphabet)}
    first: dict[bytes, int] = {}
    for i, symbol in enumerate(dfa.alphabet):
        j = first.setdefault(dfa.table[:, i].tobytes(), place[symbol])
        assert rows[place[symbol]].tobytes() == rows[j].tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_long_words_with_errors_and_restarts(name: str) -> None:
    model, dfa = build(name), catalog[name].dfa
    over = TokenDFA.of(dfa, model.alphabet)
    tokens = long_words(over, task="recognise", words=count(2, 8), length=count(150, 10_000), seed=SEED)
    assert_right(stock_model(model), dfa, model.alphabet, tokens)


@pytest.mark.parametrize("target", ["mamba", "mamba2"])
@pytest.mark.parametrize("name", SMALL)
def test_all_ways_to_run_give_the_same_bits(name: str, target: str) -> None:
    """One forward; token by token; a prompt and then tokens; behind left padding; in each dtype."""
    model, dfa = build(name, target), catalog[name].dfa
    over = TokenDFA.of(dfa, model.alphabet)
    tokens = long_words(over, task="recognise", words=3, length=count(40, 400), seed=SEED)
    pad = token_ids(len(model.alphabet)).pad
    whole = logits_of(stock_model(model), tokens)
    for dtype in DTYPES[target]:
        net = stock_model(model, dtype)
        assert torch.equal(logits_of(net, tokens), whole)
        for prompt in (1, 7):
            with torch.inference_mode():
                out = net(input_ids=torch.from_numpy(tokens[:, :prompt]), use_cache=True)
                pieces = [out.logits]
                for at in range(prompt, tokens.shape[1]):
                    ids = torch.from_numpy(tokens[:, at : at + 1])
                    out = net(input_ids=ids, cache_params=out.cache_params, use_cache=True)
                    pieces.append(out.logits)
            assert torch.equal(torch.cat(pieces, dim=1), whole)
        padded = np.column_stack([np.full((len(tokens), 5), pad), tokens])
        mask = torch.from_numpy((np.arange(padded.shape[1]) >= 5).astype(np.int64)).expand(len(padded), -1)
        assert torch.equal(logits_of(net, padded, attention_mask=mask)[:, 5:], whole)


@pytest.mark.parametrize(("name", "start", "held"), [("flip_flop", "w1", "i0"), ("c_comment", "/*", "a")])
def test_a_long_hold(name: str, start: str, held: str) -> None:
    model, dfa = build(name), catalog[name].dfa
    times = count(1_000, 100_000) // len(held)
    symbols = [model.alphabet.index(s) for s in start + held * times]
    tokens = np.array([[token_ids(len(model.alphabet)).bos, *symbols]])
    assert_right(stock_model(model), dfa, model.alphabet, tokens)


@pytest.mark.parametrize("target", ["mamba", "mamba2"])
@pytest.mark.parametrize("name", NAMES if FULL else SMALL)
@pytest.mark.parametrize("task", ["recognise", "predict"])
def test_proofs(name: str, task: str, target: str) -> None:
    """Those of the small languages in float32; by the full run all, in each dtype."""
    model = build(name, target, task=task)
    for dtype in DTYPES[target][: count(1, 3)]:
        proof = starfree.prove(model, f"@{name}", dtype=dtype, words=1, length=100)
        assert proof.proved, (dtype, proof.word)
        assert proof.to_json()["margin"] == 64
        assert proof.parallel.equal
        assert proof.alone
        assert proof.product.illegal_mass == 0


def noised(model: Mamba, seed: int) -> Mamba:
    """Multiply each weight by 1 + 0.01 N(0, 1)."""
    rng = np.random.default_rng(seed)
    tensors = {
        name: (weight * (1 + 0.01 * rng.standard_normal(weight.shape))).astype(np.float32)
        for name, weight in model.tensors.items()
    }
    return dataclasses.replace(model, tensors=tensors)


def rounded(model: Mamba) -> Mamba:
    """Round weight matrices to 8 bits, symmetric, with a scale for each output channel."""

    def int8(weight: np.ndarray) -> np.ndarray:
        flat = weight.reshape(len(weight), -1)
        scale = np.abs(flat).max(axis=1, keepdims=True) / 127
        scale[scale == 0] = 1
        return (np.round(flat / scale) * scale).reshape(weight.shape).astype(np.float32)

    tensors = {name: int8(w) if w.ndim > 1 else w for name, w in model.tensors.items()}
    return dataclasses.replace(model, tensors=tensors)


@pytest.mark.parametrize("name", PROVED_WITH_ERRORS)
def test_robust_models_stay_proved(name: str) -> None:
    model = build(name, robust=True)
    for edited in (model, rounded(model), *(noised(model, SEED + i) for i in range(count(1, 100)))):
        proof = starfree.prove(edited, f"@{name}", words=1, length=100)
        assert proof.proved, proof.word


OTHERS = [name for name in NAMES if name not in PROVED_WITH_ERRORS]


@pytest.mark.parametrize("name", OTHERS if FULL else ["d_4", "c_identifier", "json_number"])
def test_robust_models_stay_right_on_long_words(name: str) -> None:
    """For each of the languages: 4 words of 60 tokens (40 at reduced counts), with errors and restarts."""
    model, dfa = build(name, robust=True), catalog[name].dfa
    over = TokenDFA.of(dfa, model.alphabet)
    tokens = long_words(over, task="recognise", words=4, length=count(40, 60), seed=SEED)
    right = expected(dfa, model.alphabet, tokens)
    for edited in (rounded(model), *(noised(model, SEED + i) for i in range(count(2, 100)))):
        assert np.array_equal((logits_of(stock_model(edited), tokens) > 0).numpy(), right)


def test_a_changed_weight_is_found_or_invisible() -> None:
    """Prove finds the shortest word, by the slow twin, or says that nothing can be seen of the change."""
    model, dfa = build("ab_d_bc"), catalog["ab_d_bc"].dfa
    rng = np.random.default_rng(SEED)
    outcomes, unknown = set(), 0
    symbols = list(range(len(model.alphabet)))
    for _ in range(count(12, 120)):
        name = str(rng.choice([n for n in model.tensors if "A_log" not in n]))
        weight = model.tensors[name].copy()
        weight[tuple(rng.integers(0, weight.shape))] += float(rng.choice([-100, -1, 1, 100]))
        edited = dataclasses.replace(model, tensors={**model.tensors, name: weight})
        bos = token_ids(len(symbols)).bos
        tokens = words_up_to(4, symbols, bos)
        wrong = (logits_of(stock_model(edited), tokens) > 0).numpy() != expected(dfa, model.alphabet, tokens)
        depths = np.flatnonzero(wrong.any(axis=(0, 2)))
        try:
            found = starfree.prove(edited, "@ab_d_bc", words=0, max_states=20_000)
        except BudgetExceeded:  # some changes leave states without end; shorter words came first
            unknown += 1
            assert not len(depths)
            continue
        outcomes.add(found.proved)
        if found.proved:
            assert not len(depths)
            continue
        assert not len(depths) or len(found.word) <= depths[0]  # a word may be shorter with BOS or EOS in it
        if found.plain and len(found.word) <= 4:
            assert len(found.word) == depths[0]
            at = [
                i
                for i, row in enumerate(tokens)
                if tuple(row[1 : len(found.word) + 1]) == tuple(model.alphabet.index(s) for s in found.word)
            ]
            assert wrong[at[0], len(found.word)].any()
    assert outcomes == {True, False}
    assert unknown <= count(0, 3)
