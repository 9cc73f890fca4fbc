"""Whether other ways through a stock model give what the proved one gives: the full forward, and single rows.

A proof is about the one-token path, in batches. These comparisons are tests, on a stated number of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..budgets import Budget
from ..models.tokens import token_ids
from .explore_stock import StockMismatch, StockProduct, TokenDFA, legal_flags
from .stock_steps import StockSteps

_DOING = "comparing the paths through the stock model"
_RESTART, _ERROR = 0.01, 0.01  # per position of a long word: BOS again, and any token that may be read


@dataclass(frozen=True)
class Parallel:
    """The full forward beside the one-token path, on long words.

    Arguments:
        words, length, seed: which words; each has BOS and `length` tokens.
        equal: whether every logit was the same, bit for bit.
        largest: the largest absolute difference of two logits.
    """

    words: int
    length: int
    seed: int
    equal: bool
    largest: float

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "largest": round(self.largest, 6)}


def long_words(dfa: TokenDFA, *, task: str, words: int, length: int, seed: int) -> NDArray[np.int64]:
    """Return live walks with errors and new beginnings in mid-stream, shape `(words, 1 + length)`.

    For predict the walks stay live. A walk that cannot go on begins again.
    """
    rng = np.random.default_rng(seed)
    bos, _, pad, unk = token_ids(dfa.table.shape[1] - 4)
    tokens = np.full((words, 1 + length), bos, np.int64)
    anything = np.array([t for t in range(unk + 1) if t != pad])
    for row in tokens:
        state = dfa.start
        for at in range(1, len(row)):
            going = np.flatnonzero(dfa.legal[state, :bos])
            chance = rng.random()
            if task == "recognise" and chance < _ERROR:
                row[at] = rng.choice(anything)
            elif chance < _ERROR + _RESTART:
                row[at] = bos
            elif len(going):
                row[at] = rng.choice(going)
            else:  # a dead prefix, or a word that cannot be longer: sometimes go on into errors
                row[at] = rng.choice(anything) if task == "recognise" and rng.random() < 0.8 else bos
            state = int(dfa.table[state, row[at]])
    return tokens


def compare_paths(
    net: Any, dfa: TokenDFA, *, task: str, words: int, length: int, seed: int, budget: Budget
) -> Parallel | StockMismatch:
    """Run long words through one full forward without a cache, and through the one-token path.

    Returns:
        how equal the logits are; or the shortest prefix, of these words, after which the full forward has
        other legal sets than the language.

    Complexity: words times length times the parameters, twice.
    """
    tokens = long_words(dfa, task=task, words=words, length=length, seed=seed)
    compared = words > 0 and (task == "recognise" or bool(dfa.live[dfa.start]))
    if not compared:
        return Parallel(0, length, seed, True, 0.0)
    ids = torch.from_numpy(tokens)
    with torch.inference_mode():
        whole = net(input_ids=ids, use_cache=False).logits
        cache, single = None, []
        for at in range(ids.shape[1]):
            budget.check_time(_DOING)
            out = net(input_ids=ids[:, at : at + 1], cache_params=cache, use_cache=True)
            cache = out.cache_params
            single.append(out.logits[:, -1])
        stepped = torch.stack(single, dim=1)
    states = np.full(len(tokens), dfa.start)
    for at in range(1 + length):
        if at:
            states = dfa.table[states, tokens[:, at]]
        flags, legal = legal_flags(whole[:, at]), dfa.legal[states]
        wrong = np.flatnonzero((flags != legal).any(axis=1))
        if len(wrong):
            i = wrong[0]
            return StockMismatch(tuple(tokens[i, 1 : at + 1].tolist()), flags[i], legal[i])
    equal = torch.equal(whole.contiguous().view(torch.uint8), stepped.view(torch.uint8))
    largest = float((whole - stepped).abs().nan_to_num(float("inf")).max())
    return Parallel(words, length, seed, equal, largest)


def same_alone(steps: StockSteps, product: StockProduct, *, rows: int, seed: int) -> bool:
    """Say whether states of the product, run one by one, give the bits that they give together."""
    rng = np.random.default_rng(seed)
    state, column = np.nonzero(product.successors >= 0)
    if not len(state):
        return True
    picked = rng.integers(len(state), size=rows)
    state, token = state[picked], product.explored[column[picked]]
    target = product.successors[state, column[picked]]
    codes, logits = steps.step(product.codes[state], token)
    if not np.array_equal(codes, product.codes[target]):
        return False
    for i in range(rows):
        alone, said = steps.step(product.codes[state[[i]]], token[[i]])
        if not np.array_equal(alone[0], codes[i]) or not torch.equal(
            said[0].view(torch.uint8), logits[i].view(torch.uint8)
        ):
            return False
    return True
