"""Runs that differ in their seed only, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .metrics import Score
from .results import BinResult, Record


@dataclass(frozen=True)
class Cell:
    """One bin of the runs of a setting.

    Arguments:
        lo, hi: the lengths.
        scores: strict accuracy per word, one a seed.
        baselines: of each predictor without memory the words it has right.
        exhaustive: whether all words of these lengths were used.
    """

    lo: int
    hi: int
    scores: tuple[Score, ...]
    baselines: dict[str, Score]
    exhaustive: bool

    @property
    def median(self) -> Score:
        """The score of the seed in the middle; of two, the lower."""
        return sorted(self.scores, key=lambda score: score.share)[(len(self.scores) - 1) // 2]


def settings(records: Sequence[Record]) -> list[list[Record]]:
    """Return the records grouped by everything but the seed, in the order in which they come."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        config = {name: value for name, value in record.run.config.items() if name != "seed"}
        groups.setdefault(repr(sorted(config.items())), []).append(record)
    return list(groups.values())


def cells(records: Sequence[Record]) -> list[Cell]:
    """Return the bins of runs that differ in their seed only; those that broke off have none."""
    measured = [record.bins for record in records if record.bins]
    return [_cell(column) for column in zip(*measured, strict=True)]


def _cell(column: Sequence[BinResult]) -> Cell:
    first = column[0]
    simple = first.extra.get("baselines", {})
    return Cell(
        first.lo,
        first.hi,
        tuple(Score(each.words_right, each.words) for each in column),
        {name: Score(right["words"], first.words) for name, right in simple.items()},
        bool(first.extra.get("exhaustive")),
    )
