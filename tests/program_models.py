"""What the models of programs say: legal sets along many words, and how they are compared."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from starfree.models.mamba import Mamba
from starfree.models.ssm import SSM
from starfree.models.stock import stock_model
from starfree.models.tokens import token_ids


def ssm_legal(model: SSM, words: NDArray[np.int64]) -> NDArray[np.bool_]:
    states, legal = model.begin()
    states, found = np.repeat(states, len(words), 0), [np.repeat(legal, len(words), 0)]
    for column in words.T:
        states, legal = model.step(states, column)
        found.append(legal)
    return np.stack(found, axis=1)


def mamba_legal(model: Mamba, words: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the legal sets by one stock forward; every logit must be 64 or -64, and PAD never legal."""
    k = len(model.alphabet)
    bos, eos, pad, unk = token_ids(k)
    tokens = torch.from_numpy(np.column_stack([np.full(len(words), bos), words]))
    with torch.inference_mode():
        logits = stock_model(model)(input_ids=tokens, use_cache=False).logits.numpy()
    assert set(np.unique(logits)) <= {-64.0, 64.0}
    assert (logits[..., [bos, pad, unk]] < 0).all()
    return logits[..., [*range(k), eos]] > 0


def assert_legal(found: NDArray[np.bool_], right: NDArray[np.bool_], task: str) -> None:
    compared = right.any(axis=-1) if task == "predict" else np.ones(right.shape[:2], np.bool_)
    assert np.array_equal(found[compared], right[compared])
