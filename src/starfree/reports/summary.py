"""From the records of a store to what a report shows: one series for each model, one cell for each bin."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..learning.metrics import wilson
from ..learning.results import LENGTHS_OF_PREFIXES, BinResult, Point, Record

Bin = tuple[int, int]
Measure = Callable[[BinResult], tuple[int, int] | None]

MEASURES: dict[str, Measure] = {
    "words": lambda each: (each.words_right, each.words),
    "positions": lambda each: (each.positions_right, each.positions),
    "end": lambda each: (each.ends_right, each.positions),
}


@dataclass(frozen=True)
class Share:
    """What one run got right in one bin: `right` out of `n`."""

    seed: int
    right: int
    n: int

    @property
    def accuracy(self) -> float:
        """The share, in [0, 1]."""
        return self.right / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% Wilson interval of the share."""
        return wilson(self.right, self.n)


@dataclass(frozen=True)
class Cell:
    """All seeds of a series in one bin.

    Arguments:
        shares: one for each seed, in the order of the seeds.
    """

    shares: tuple[Share, ...]

    @property
    def middle(self) -> Share:
        """The run in the middle; of an even number the lower one, so that it is a run and not a mean."""
        ranked = sorted(self.shares, key=lambda share: share.accuracy)
        return ranked[(len(ranked) - 1) // 2]

    @property
    def low(self) -> Share:
        """The worst run."""
        return min(self.shares, key=lambda share: share.accuracy)

    @property
    def high(self) -> Share:
        """The best run."""
        return max(self.shares, key=lambda share: share.accuracy)


@dataclass(frozen=True)
class Series:
    """The runs of one model on one language that differ only in their seed.

    Arguments:
        model, layers, width, parameters: of the network.
        notes: what makes it unlike a plain run, such as "shuffled labels".
        settings: all that defines the runs but the seed.
        records: the runs that have bins, by seed.
        lost: the runs that have none: the loss was no number, or they were stopped.
    """

    model: str
    layers: int
    width: int
    parameters: int
    notes: tuple[str, ...]
    settings: dict[str, Any]
    records: tuple[Record, ...]
    lost: tuple[Record, ...]

    @property
    def name(self) -> str:
        """The model, its depth and its notes."""
        depth = f"{self.layers} layer{'s' if self.layers != 1 else ''}"
        return ", ".join((f"{self.model} {depth}", *self.notes))

    @property
    def control(self) -> bool:
        """Whether the run checks the harness and is no result."""
        return any(note.startswith(("built", "shuffled")) for note in self.notes)

    def cell(self, bin: int, measure: str = "words") -> Cell | None:
        """Return what all seeds got right in a bin; None where it was not measured."""
        shares = []
        for record in self.records:
            for each in record.bins:
                counted = _counted(each, measure) if each.bin == bin else None
                if counted:
                    shares.append(Share(record.run.seed, *counted))
        return Cell(tuple(shares)) if shares else None

    def by_length(self) -> dict[int, list[tuple[float, Share]]]:
        """Return by seed what is right at each length of prefix, of the longest words.

        Runs of which that was not counted have a point for each bin, in its middle.
        """
        found = {}
        for record in self.records:
            counted = record.bins[-1].extra.get(LENGTHS_OF_PREFIXES) or [
                [each.lo, each.hi, each.positions_right, each.positions] for each in record.bins
            ]
            seed = record.run.seed
            found[seed] = [((lo + hi) / 2, Share(seed, right, n)) for lo, hi, right, n in counted]
        return found

    @property
    def validation(self) -> tuple[float, float]:
        """The medians over seeds of the shares of validation words and positions that are right."""
        best = [point for record in self.records for point in [best_point(record)] if point]
        if not best:
            return (0.0, 0.0)
        words = median(point.validation_words_right / max(1, point.validation_words) for point in best)
        return words, median(point.validation_position_accuracy for point in best)


@dataclass(frozen=True)
class Section:
    """All that was learned about one language, measured in the same bins.

    Arguments:
        language: as the jobs have it.
        bins: ranges of lengths.
        series: the chosen settings of each model and depth; see `sections`.
        others: the settings that were not chosen.
    """

    language: str
    bins: tuple[Bin, ...]
    series: tuple[Series, ...]
    others: tuple[Series, ...]

    @property
    def name(self) -> str:
        """The language without the sign of the catalogue."""
        return self.language.removeprefix("@")

    @property
    def titles(self) -> tuple[str, ...]:
        """What to call each bin: its name, where it has one, or its lengths."""
        named: dict[int, str] = {}
        for series in self.series:
            for record in series.records:
                named.update({each.bin: each.extra["name"] for each in record.bins if "name" in each.extra})
        return tuple(named.get(bin, lengths(*each)) for bin, each in enumerate(self.bins))

    def bin_like(self, lo: int, hi: int, title: str | None = None) -> int | None:
        """Return the number of the bin with a title, or of these lengths without one; None if none is."""
        for bin, each in enumerate(self.bins):
            if each == (lo, hi) and title in (None, self.titles[bin]):
                return bin
        return None

    @property
    def plain(self) -> tuple[Series, ...]:
        """The series that are results, not controls."""
        return tuple(series for series in self.series if not series.control)

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures, the ones of every task first."""
        extra: dict[str, None] = {}
        for series in self.series:
            for record in series.records:
                for each in record.bins:
                    extra.update(dict.fromkeys(each.extra.get("measures", {})))
        return (*MEASURES, *extra)

    def baselines(self, measure: str = "words") -> dict[str, tuple[Share | None, ...]]:
        """Return what each baseline gets right in each bin; they are the same for all runs."""
        found: dict[str, list[Share | None]] = {}
        for series in self.series:
            for record in series.records:
                for each in record.bins:
                    for name, counts in each.extra.get("baselines", {}).items():
                        row = found.setdefault(name, [None] * len(self.bins))
                        row[each.bin] = row[each.bin] or _share(counts.get(measure), each, measure)
        return {name: tuple(row) for name, row in found.items() if any(row)}


def best_point(record: Record) -> Point | None:
    """Return the evaluation whose weights were measured."""
    for point in record.curve:
        if point.step == record.run.best_step:
            return point
    return record.curve[-1] if record.curve else None


def sections(records: Iterable[Record]) -> list[Section]:
    """Sort records by language and bins, and choose the settings of each model and depth.

    Where several widths or learning rates were tried, the one that is shown has the best median over its
    seeds on the validation words, which have the lengths of training; the bins have no say in it.

    Complexity: linear in the number of records.
    """
    found: dict[tuple[str, tuple[Bin, ...]], dict[str, list[Record]]] = {}
    for record in records:
        run = record.run
        settings = {"model": run.model, "layers": run.layers, "width": run.width, **_settings(record)}
        key = json.dumps(settings, sort_keys=True)
        found.setdefault((run.language, _bins(record)), {}).setdefault(key, []).append(record)
    return [
        _section(language, bins, [_series(group) for group in groups.values()])
        for (language, bins), groups in found.items()
    ]


def _section(language: str, bins: tuple[Bin, ...], every: Sequence[Series]) -> Section:
    chosen: dict[tuple[Any, ...], Series] = {}
    for series in every:
        key = (series.control, series.model, series.layers, series.notes)
        if key not in chosen or _rank(series) > _rank(chosen[key]):
            chosen[key] = series
    shown = tuple(chosen[key] for key in sorted(chosen, key=lambda key: (key[0], _place(key[1]), key[2:])))
    return Section(language, bins, shown, tuple(series for series in every if series not in shown))


def _place(model: str) -> tuple[int, str]:
    order = ("mamba", "mamba-signed", "mamba2", "mamba2-signed")
    return (order.index(model), model) if model in order else (len(order), model)


def _rank(series: Series) -> tuple[float, ...]:
    rate = series.settings.get("learning_rate")
    smaller = (-series.width, -float(rate) if isinstance(rate, (int, float)) else 0.0)
    return (*series.validation, *smaller)


def _series(group: Sequence[Record]) -> Series:
    ranked = sorted(group, key=lambda record: record.run.seed)
    run = ranked[0].run
    return Series(
        run.model,
        run.layers,
        run.width,
        run.parameters,
        _notes(run.config),
        _settings(ranked[0]),
        tuple(record for record in ranked if record.bins),
        tuple(record for record in ranked if not record.bins),
    )


def _settings(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.run.config.items() if name != "seed"}


def _notes(config: dict[str, Any]) -> tuple[str, ...]:
    notes = []
    start = str(config.get("init", "random"))
    if start != "random":
        noise = start.partition(":")[2]
        notes.append("built weights" + (f" with noise {noise}" if noise else ""))
    if config.get("shuffled"):
        notes.append("shuffled labels")
    head = {"joint": "joint classes", "next": "language model"}.get(str(config.get("head")))
    if head:
        notes.append(head)
    if config.get("source") == "as-published":
        notes.append("as published")
    return tuple(notes)


def _bins(record: Record) -> tuple[Bin, ...]:
    if record.bins:
        return tuple((each.lo, each.hi) for each in record.bins)
    return tuple((int(lo), int(hi)) for lo, hi in record.run.config.get("bins", ()))


def _counted(each: BinResult, measure: str) -> tuple[int, int] | None:
    if measure in MEASURES:
        return MEASURES[measure](each)
    counts = _share(each.extra.get("measures", {}).get(measure), each, measure)
    return (counts.right, counts.n) if counts else None


def _share(counts: Any, each: BinResult, measure: str) -> Share | None:
    """Return what was counted beside a run: a number of the same n, or a document with its own."""
    if counts is None:
        return None
    if isinstance(counts, dict):
        return Share(-1, int(counts["right"]), int(counts["n"]))
    return Share(-1, int(counts), each.words if measure == "words" else each.positions)


def lengths(lo: int, hi: int) -> str:
    """Return a range of lengths, such as `51–100`."""
    return str(lo) if lo == hi else f"{lo}–{hi}"
