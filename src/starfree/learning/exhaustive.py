"""Every prefix of a word, shortest first: where a trained network goes wrong before anywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..languages import Language
from ..models.mamba import Mamba
from ..models.networks import Network
from ..models.networks.exchange import from_stock
from ..models.networks.trained import Trained
from .batches import Batches
from .examples import encode_columns


@dataclass(frozen=True)
class Exhausted:
    """What running a network on every short prefix gave.

    Arguments:
        prefix: a shortest one after which it says a wrong legal set; None where it is always right.
        length: up to which every prefix was run.
        prefixes: how many.
    """

    prefix: tuple[str, ...] | None
    length: int
    prefixes: int


def shortest_wrong(model: Any, language: Language, *, most: int) -> Exhausted:
    """Return the shortest prefix of a word after which a network says a wrong legal set, if it is short.

    Arguments:
        model: a Mamba or a trained network over the language's alphabet.
        language: every prefix of its words is run, shortest first, the first symbols of the alphabet first.
        most: prefixes of one length; where there are more the search ends.

    Complexity: the prefixes times their length times the parameters.
    """
    network = network_of(model)
    k, columns = len(language.alphabet), np.zeros((1, 0), np.int64)
    run = length = 0
    while len(columns):
        examples = encode_columns(language, columns, np.full(len(columns), length))
        words = Batches.of(examples, network.device)
        wrong = np.zeros(len(columns), bool)
        for rows in words.blocks(1):
            tokens, targets, _ = words.rows(rows[None])
            with torch.no_grad():
                right = words.head.right(network(tokens), targets)
            wrong[rows.numpy()] = ~right[0, :, -1].numpy()
        run += len(columns)
        if wrong.any():
            first = columns[int(wrong.argmax())]
            return Exhausted(tuple(language.alphabet[i] for i in first), length, run)
        row, symbol = np.nonzero(examples.legal[:, -1, :k])
        if len(row) > most:
            break
        columns = np.column_stack([columns[row], symbol])
        length += 1
    return Exhausted(None, length, run)


def network_of(model: Any) -> Network:
    """Return the network behind a saved model, an ensemble of one."""
    if isinstance(model, Trained):
        return model.network
    assert isinstance(model, Mamba)
    return from_stock(model)
