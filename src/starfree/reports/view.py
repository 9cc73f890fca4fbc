"""From records to what stands in a report."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..languages import catalog
from ..learning.results import Hypothesis, Record
from ..learning.theory import FAMILIES, GROUPS, Theory, theory
from .colours import shade
from .numbers import interval, percent, spread
from .parts import Figure, Part, Row, Table, View
from .published import WHY, Published, published_beside
from .summary import Section, Series, Share, lengths, sections

_MANY = 20  # seeds that are listed one by one
BASELINE_NAMES = {
    "majority": "always the most frequent answer",
    "lookup_0": "always the most frequent answer",
    "lookup_1": "look-up of the last symbol",
    "lookup_4": "look-up of the last 4 symbols",
}


def view(records: Sequence[Record], hypotheses: Sequence[Hypothesis], title: str) -> View:
    """Return what a report on some records shows.

    Complexity: that of the verdicts on the languages, and linear in the records.
    """
    order = {f"@{name}": place for place, name in enumerate(catalog)}
    found = sections(records)
    found.sort(key=lambda each: (order.get(each.language, len(order)), each.language, each.bins))
    known = {
        language: theory(language, dict.fromkeys(record.run.model for record in records))
        for language in dict.fromkeys(section.language for section in found)
    }
    parts = tuple(_part(section, known[section.language], place) for place, section in enumerate(found))
    parts = tuple(sorted(parts, key=lambda part: GROUPS.index(part.theory.group)))
    columns = tuple(dict.fromkeys(series.name for part in parts for series in _plain(part)))
    columns = tuple(sorted(columns, key=lambda name: _place(name, parts)))
    groups = tuple(
        (group, tuple(_summary_row(part, columns) for part in parts if part.theory.group == group))
        for group in GROUPS
        if any(part.theory.group == group for part in parts)
    )
    return View(title, _origin(records, known), tuple(hypotheses), columns, groups, parts)


def _plain(part: Part) -> tuple[Series, ...]:
    return part.section.plain


def _place(name: str, parts: Sequence[Part]) -> tuple[int, int, str]:
    series = next(series for part in parts for series in _plain(part) if series.name == name)
    known = list(FAMILIES)
    place = known.index(series.model) if series.model in known else len(known)
    return place, series.layers, name


def _summary_row(part: Part, columns: Sequence[str]) -> Row:
    by_name = {series.name: series for series in _plain(part)}
    figures: list[Figure | None] = []
    words = 0
    for name in columns:
        cell = by_name[name].cell(len(part.section.bins) - 1) if name in by_name else None
        if cell is None:
            figures.append(None)
            continue
        words = cell.middle.n
        colours = shade(cell.middle.accuracy)
        said = part.theory.answer(by_name[name].model)
        lost = len(by_name[name].lost)
        seeds = spread(cell) + (f"; {lost} lost" if lost else "")
        figures.append(Figure(percent(cell.middle.accuracy), "", seeds, said, *colours))
    longest = part.section.titles[-1] if part.section.bins else ""
    return Row(part.section.name, f"length {longest}, {words:,} words", tuple(figures), "", part.anchor)


def _part(section: Section, about: Theory, place: int) -> Part:
    anchor = re.sub(r"[^a-z0-9]+", "-", section.name.lower()).strip("-") + f"-{place}"
    models = dict.fromkeys(series.model for series in section.series)
    shown = tuple((model, prediction) for model in models for prediction in about.predictions.get(model, ()))
    compared = any(
        published_beside(section.language, series, measure)
        for series in section.plain
        for measure in section.measures
    )
    why = WHY.get(section.name, ()) if compared else ()
    lost = tuple(
        f"{series.name}, seed {one.run.seed}: ended as “{one.run.status}” after {one.run.steps} updates."
        for series in section.series
        for one in series.lost
    )
    sizes = tuple(_size(series) for series in section.series)
    others = tuple(
        Row(f"{series.name}, {_settings(series)}", _validated(series), _figures(section, series, "words"))
        for series in (*section.series, *section.others)
        if section.others
    )
    tables = tuple(_table(section, about, measure) for measure in section.measures)
    return Part(section, about, anchor, shown, tables, why, lost, sizes, others)


def _table(section: Section, about: Theory, measure: str) -> Table:
    known = [published_beside(section.language, series, measure) for series in section.plain]
    beside = max(map(len, known), default=0)
    columns = [f"length {title}" for title in section.titles]
    ranges: dict[int, str] = {}
    rows = []
    for series, numbers in zip(section.plain, known, strict=True):
        for bin, each in enumerate(numbers):
            ranges[bin] = f"published, length {each.title or lengths(each.lo, each.hi)}"
        theirs = [_difference(section, series, each, measure) for each in numbers]
        figures = (*_figures(section, series, measure), *theirs, *[None] * (beside - len(theirs)))
        said = about.answer(series.model)
        remark = _runs(series) + (f", theory: {said}" if said else "")
        rows.append(Row(series.name, remark, figures, series.model))
    columns += [ranges[bin] for bin in range(beside)]
    baselines = tuple(
        Row(BASELINE_NAMES.get(name, name), "", tuple(map(_one, row)))
        for name, row in sorted(section.baselines(measure).items(), key=lambda pair: _simple(pair[0]))
    )
    controls = tuple(
        Row(series.name, _runs(series), _figures(section, series, measure), series.model)
        for series in section.series
        if series.control
    )
    return Table(measure, tuple(columns), tuple(rows), baselines, controls)


def _simple(name: str) -> tuple[int, str]:
    known = list(BASELINE_NAMES)
    return (known.index(name) if name in known else len(known), name)


def _difference(section: Section, series: Series, each: Published, measure: str) -> Figure:
    """Return a published number, with how far ours is from it where the words are of the same kind."""
    bin = section.bin_like(each.lo, each.hi, each.title)
    cell = None if bin is None else series.cell(bin, measure)
    text = f"{each.accuracy:g}"
    if cell is None:
        return Figure(text, "", "other lengths")
    apart = f"{100 * cell.middle.accuracy - each.accuracy:+.1f}".replace("-", "−")
    return Figure(text, "", f"ours {apart} points")


def _figures(section: Section, series: Series, measure: str) -> tuple[Figure | None, ...]:
    figures: list[Figure | None] = []
    for bin in range(len(section.bins)):
        cell = series.cell(bin, measure)
        if cell is None:
            figures.append(None)
            continue
        middle = cell.middle
        around = interval(middle) if measure != "positions" and measure != "end" else ""
        figures.append(Figure(percent(middle.accuracy), around, spread(cell), "", *shade(middle.accuracy)))
    return tuple(figures)


def _one(share: Share | None) -> Figure | None:
    return None if share is None else Figure(percent(share.accuracy))


def _runs(series: Series) -> str:
    runs = len(series.records)
    text = f"{runs} seed{'s' if runs != 1 else ''}"
    return text + (f", {len(series.lost)} lost" if series.lost else "")


def _size(series: Series) -> str:
    return f"{series.name}: width {series.width}, {series.parameters:,} parameters, {_settings(series)}."


def _settings(series: Series) -> str:
    """Return what a reader asks about first; all of it stands in the store."""
    rate, steps = series.settings.get("learning_rate"), series.settings.get("steps")
    parts = [f"width {series.width}"] if rate is None else [f"learning rate {rate:g}"]
    return ", ".join([*parts, *([f"at most {steps:,} updates"] if steps else [])])


def _validated(series: Series) -> str:
    words, positions = series.validation
    return f"width {series.width}; validation: {percent(words)}% of words, {percent(positions)}% of prefixes"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def _seeds(seeds: Sequence[int]) -> str:
    """Return the seeds in words: where they are many, how many and between which."""
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if len(seeds) > _MANY:
        return f"{len(seeds):,} seeds from {seeds[0]} to {seeds[-1]}"
    return f"seeds {', '.join(map(str, seeds))}"


def _origin(records: Sequence[Record], known: dict[str, Theory]) -> tuple[str, ...]:
    runs = [record.run for record in records]
    finished = sum(run.status == "finished" for run in runs)
    seeds = sorted({run.seed for run in runs})
    hours = sum(run.seconds for run in runs) / 3600
    lines = [
        f"{_counted(len(runs), 'run')}, {finished} of them finished, on {_counted(len(known), 'language')}; "
        f"{_seeds(seeds)}; {hours:.1f} hours of computing.",
    ]
    days = sorted({run.created[:10] for run in runs})
    lines.append(f"Run on {days[0]}." if len(days) == 1 else f"Run from {days[0]} to {days[-1]}.")
    libraries = sorted({f"{name} {number}" for run in runs for name, number in run.versions.items()})
    lines.append(f"With {', '.join(libraries)}." if libraries else "Versions of libraries were not kept.")
    commits = sorted({run.commit[:12] + run.commit[40:] for run in runs if run.commit})
    lines += [f"Source at commit {', '.join(commits)}."] if commits else []
    return tuple(lines)
