"""What trained networks get right in each bin, beside what needs no memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..models.networks import Ensemble
from .baselines import LENGTHS, baseline
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
            extra = {"baselines": simple, "exhaustive": each.exhaustive}
            results.append(BinResult(run, number, each.lo, each.hi, *counts, extra))
    return found
