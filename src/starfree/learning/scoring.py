"""What trained networks get right in each bin, beside what needs no memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..languages import END, LegalSet, format_word
from ..languages.language import legal_to_json
from ..models.networks import Ensemble
from .baselines import LENGTHS, baseline
from .examples import Examples, Flags
from .metrics import measure
from .results import BinResult
from .splits import Split
from .train import predicted


def bin_results(network: Ensemble, ids: Sequence[str], split: Split) -> list[list[BinResult]]:
    """Return for each member of a network what it gets right in each bin.

    Arguments:
        network: an ensemble with a member for each run.
        ids: of the runs.
        split: its bins are measured; its training words make the baselines.

    Complexity: one forward pass over all words of the bins.
    """
    found: list[list[BinResult]] = [[] for _ in ids]
    for number, each in enumerate(split.bins):
        examples = each.examples
        legal = np.zeros((len(ids), *examples.legal.shape), np.bool_)
        for rows, answers in predicted(network, examples):
            legal[:, rows] = answers
        simple = {
            "majority" if symbols == 0 else f"lookup_{symbols}": {
                name: score.right
                for name, score in measure(baseline(split.train, examples, symbols), examples).items()
            }
            for symbols in LENGTHS
        }
        for results, run, answer in zip(found, ids, legal, strict=True):
            right = measure(answer, examples)
            words, positions = right["words"], right["positions"]
            counts = (words.n, words.right, positions.n, positions.right, right["end"].right)
            extra: dict[str, Any] = {"baselines": simple, "exhaustive": each.exhaustive}
            wrong = first_wrong(answer, examples)
            if wrong is not None:
                extra["wrong"] = wrong
            results.append(BinResult(run, number, each.lo, each.hi, *counts, extra))
    return found


def first_wrong(predicted: Flags, examples: Examples) -> dict[str, Any] | None:
    """Return the shortest prefix after which a legal set is wrong, as a document; None where none is.

    Arguments:
        predicted: shape `(n, T + 1, k + 1)`.
    """
    wrong = (predicted != examples.legal).any(axis=-1) & examples.mask
    places = np.where(wrong.any(axis=1), wrong.argmax(axis=1), wrong.shape[1])
    row = int(places.argmin())
    place = int(places[row])
    if place == wrong.shape[1]:
        return None
    alphabet = examples.alphabet
    prefix = tuple(alphabet[token] for token in examples.tokens[row, 1 : place + 1].tolist())

    def named(flags: Flags) -> LegalSet:
        symbols = [symbol for symbol, flag in zip(alphabet, flags.tolist(), strict=False) if flag]
        return frozenset([*symbols, END] if flags[-1] else symbols)

    return {
        "prefix": format_word(prefix, alphabet),
        "said": legal_to_json(named(predicted[row, place]), alphabet),
        "legal": legal_to_json(named(examples.legal[row, place]), alphabet),
    }
