"""How long a trained network holds what it must hold: a symbol that changes nothing, read again and again.

A latch by construction holds for ever. A trained gate is close to 1, and what it holds leaks away.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..languages import DFA
from ..models.mamba import Mamba
from ..models.networks import Network
from ..models.networks.exchange import from_stock
from ..models.networks.trained import Trained
from .batches import Batches
from .examples import encode_columns

LENGTH = 1_000  # how often the symbol is read, at the most


@dataclass(frozen=True)
class Hold:
    """A state and a symbol that keeps it.

    Arguments:
        prefix: a shortest way there.
        symbol: what is read again and again.
        kept: how often it can be read until a legal set is wrong; None for as often as was tried.
    """

    prefix: tuple[str, ...]
    symbol: str
    kept: int | None


def holds(model: Any, dfa: DFA, *, length: int = LENGTH) -> list[Hold]:
    """Return for every live state and each symbol that keeps it how long a trained network holds.

    Arguments:
        model: a Mamba or a trained network over the alphabet of the language.
        dfa: the minimal automaton of the language.
        length: how often each symbol is read, at the most.

    Complexity: the loops times their length times the parameters.

    >>> import starfree
    >>> language = starfree.load("a*ba*")
    >>> built = starfree.build(language, target="mamba", task="predict")
    >>> [("".join(hold.prefix), hold.symbol, hold.kept) for hold in holds(built, language.dfa)]
    [('', 'a', None), ('b', 'a', None)]
    """
    loops = [
        (prefix, symbol)
        for state, prefix in _ways(dfa)
        for symbol in range(len(dfa.alphabet))
        if dfa.table[state, symbol] == state
    ]
    if not loops:
        return []
    longest = max(len(prefix) for prefix, _ in loops) + length
    columns = np.zeros((len(loops), longest), np.int64)
    for row, (prefix, symbol) in enumerate(loops):
        columns[row, : len(prefix)] = prefix
        columns[row, len(prefix) :] = symbol
    examples = encode_columns(dfa, columns, np.full(len(loops), longest))
    network = _network_of(model)
    words = Batches.of(examples, network.device)
    right = np.zeros((len(loops), longest + 1), bool)
    for rows in words.blocks(1):
        tokens, targets, _ = words.rows(rows[None])
        with torch.no_grad():
            right[rows.numpy()] = words.head.right(network(tokens), targets)[0].numpy()
    found = []
    for (prefix, symbol), flags in zip(loops, right, strict=True):
        wrong = np.flatnonzero(~flags[len(prefix) : len(prefix) + length + 1])
        kept = int(wrong[0]) if len(wrong) else None
        named = tuple(dfa.alphabet[i] for i in prefix)
        found.append(Hold(named, dfa.alphabet[symbol], kept))
    return found


def _ways(dfa: DFA) -> list[tuple[int, tuple[int, ...]]]:
    """Return every live state with the indices of a shortest word that leads there."""
    ways: dict[int, tuple[int, ...]] = {0: ()}
    waiting = deque([0])
    while waiting:
        state = waiting.popleft()
        for symbol, after in enumerate(dfa.table[state].tolist()):
            if after not in ways and dfa.legal_table[after].any():
                ways[after] = (*ways[state], symbol)
                waiting.append(after)
    return list(ways.items()) if dfa.legal_table[0].any() else []


def _network_of(model: Any) -> Network:
    """Return the network behind a saved model, an ensemble of one."""
    if isinstance(model, Trained):
        return model.network
    assert isinstance(model, Mamba)
    return from_stock(model)
