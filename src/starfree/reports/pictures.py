"""Pictures of a section as SVG: accuracy by length, errors by length, and learning curves; each seed is seen.

This file needs matplotlib and draws without a screen; equal results give equal text.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import MissingDependency
from .colours import DASHES, faded, look
from .published import published_beside, published_curve
from .summary import Section, Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GREY, _RULE = "#5b5b5b", "#d9d6cf"
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.edgecolor": _GREY,
    "axes.labelcolor": _GREY,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _RULE,
    "grid.linewidth": 0.6,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "lines.linewidth": 1.2,
    "path.simplify": True,
}
_SIZE = (4.6, 3.3)  # inches; the page scales pictures to its columns
MOST = 100  # seeds of a series that are drawn
_BELOW = 11  # matplotlib's caret that hangs below a point
_BASELINES = {"majority": ":", "lookup_1": (0, (1, 3)), "lookup_4": (0, (4, 3))}


def left_out(section: Section) -> bool:
    """Say whether the pictures leave seeds out, because they are too many."""
    return any(max(len(series.records), len(series.lost)) > MOST for series in section.plain)


def _seeds(series: Series) -> set[int]:
    """Return the seeds that are drawn: all; or `MOST`, evenly from the worst to the best in the last bin."""
    ranked = sorted(series.records, key=lambda record: record.bins[-1].words_right)
    if len(ranked) > MOST:
        ranked = [ranked[round(place * (len(ranked) - 1) / (MOST - 1))] for place in range(MOST)]
    return {record.run.seed for record in ranked}


def accuracy_picture(section: Section) -> str:
    """Draw the accuracy of every seed in every bin, a bar at the run in the middle, and the baselines."""
    with _figure(f"{section.language} accuracy") as (figure, axes):
        number, plain = len(section.bins), section.plain
        step = 0.8 / max(1, len(plain))
        for place, series in enumerate(plain):
            style, drawn = look(series.model), _seeds(series)
            theirs: dict[int | None, list[float]] = {}
            for known in published_beside(section.language, series, "words"):
                theirs.setdefault(section.bin_like(known.lo, known.hi, known.title), []).append(
                    known.accuracy
                )
            for bin in range(number):
                x = bin - 0.4 + step * (place + 0.5)
                cell = series.cell(bin)
                if cell is None:
                    continue
                marked = [100 * share.accuracy for share in cell.shares if share.seed in drawn]
                _dots(axes, x, marked, series, step)
                middle = 100 * cell.middle.accuracy
                axes.plot(
                    [x - 0.42 * step, x + 0.42 * step], [middle] * 2, color=style.colour, lw=2, zorder=4
                )
                for each in theirs.get(bin, ()):
                    axes.plot(x, each, "D", ms=7, mfc="none", mec="black", mew=1, zorder=6, clip_on=False)
        for name, row in section.baselines().items():
            for bin, share in enumerate(row):
                if share is not None:
                    xs, height = (bin - 0.45, bin + 0.45), 100 * share.accuracy
                    dashes: Any = _BASELINES.get(name, ":")
                    axes.plot(xs, (height, height), color="black", lw=1, ls=dashes, zorder=2, clip_on=False)
        axes.set(xlim=(-0.55, number - 0.45), ylim=(-3, 103), xlabel="length of the words, in symbols")
        axes.set_ylabel("words right, %")
        axes.set_xticks(range(number), section.titles)
        axes.grid(axis="x", visible=False)
        for edge in range(1, number):
            axes.axvline(edge - 0.5, color=_RULE, lw=0.8)
        return _svg(figure)


def error_picture(section: Section) -> str:
    """Draw for every seed the share of prefixes that are wrong against their length, on logarithmic scales.

    Without an error the upper end of a 95% interval is drawn, 3 of n, with a caret that points down.
    """
    with _figure(f"{section.language} errors", left=0.9) as (figure, axes):
        longest = 1.0
        for series in section.plain:
            style = look(series.model)
            face = faded(style.colour, series.layers)
            drawn = _seeds(series)
            marks: dict[bool, list[tuple[float, float]]] = {False: [], True: []}  # by: no error was seen
            for points in (points for seed, points in series.by_length().items() if seed in drawn):
                places = [max(1.0, place) for place, _ in points]
                none = [share.right == share.n for _, share in points]
                heights = [
                    100 * (min(1.0, 3 / share.n) if right else 1 - share.accuracy)
                    for right, (_, share) in zip(none, points, strict=True)
                ]
                axes.plot(places, heights, color=style.colour, ls=_dashes(series), lw=0.8, alpha=0.8)
                for right, place, height in zip(none, places, heights, strict=True):
                    marks[right].append((place, height))
                longest = max(longest, *places)
            for right, mark in ((False, style.mark), (True, _BELOW)):
                at = list(zip(*marks[right], strict=True)) or [(), ()]
                axes.plot(*at, marker=mark, ms=3, ls="", mfc=face, mec=style.colour, mew=0.7)
        axes.set(xscale="log", yscale="log", xlim=(0.9, 1.15 * longest))
        axes.set(xlabel="length of the prefix, in symbols", ylabel="prefixes wrong, %")
        _plain_lengths(axes, longest)
        _plain_logarithms(axes, 150)
        return _svg(figure)


def curve_picture(section: Section) -> str:
    """Draw for every seed the share of validation words that are wrong, and the loss, at each evaluation."""
    with _figure(f"{section.language} curves", rows=2, left=0.9) as (figure, both):
        for series in section.plain:
            style = look(series.model)
            drawn = _seeds(series)
            known = [record for record in series.records if record.run.seed in drawn]
            for record in (*known, *series.lost[:MOST]):
                steps = [point.step for point in record.curve]
                wrong = [
                    100 * (1 - point.validation_words_right / max(1, point.validation_words))
                    for point in record.curve
                ]
                look_of = {"color": style.colour, "ls": _dashes(series), "lw": 0.9, "alpha": 0.75}
                both[0].plot(steps, wrong, **look_of)
                both[1].plot(steps, [_drawable(point.loss) for point in record.curve], **look_of)
                if record.run.status == "nan" and steps:
                    both[0].plot(steps[-1], wrong[-1], "x", color=style.colour, ms=7, mew=2)
            theirs = published_curve(section.language, series)
            if theirs:
                both[0].plot(*zip(*theirs, strict=True), color="black", lw=1, ls=":", zorder=5)
        both[0].set(ylim=(-3, 103), ylabel="wrong, %")
        both[1].set(yscale="log", ylabel="loss, nats", xlabel="updates")
        _plain_logarithms(both[1])
        both[0].tick_params(labelbottom=False)
        for axes in both:
            axes.set_xlim(left=0)
        figure.align_ylabels(both)
        return _svg(figure)


def _drawable(loss: float) -> float:
    return loss if math.isfinite(loss) and loss > 0 else math.nan


def _dashes(series: Series) -> str:
    return DASHES[min(series.layers, len(DASHES)) - 1]


def _dots(axes: Axes, x: float, heights: Sequence[float], series: Series, room: float) -> None:
    """Draw one mark for each seed, those that would cover each other side by side."""
    style, face = look(series.model), faded(look(series.model).colour, series.layers)
    last: dict[int, float] = {}  # the highest mark at each shift; heights come in order
    shifts, ranked = [], sorted(heights)
    for height in ranked:
        shift = 0
        while height - last.get(shift, -math.inf) < 3.5:
            shift = -shift if shift > 0 else -shift + 1
        last[shift] = height
        shifts.append(shift)
    apart = room * min(0.22, 0.45 / max([1, *map(abs, shifts)]))  # closer where they are many
    places = [x + apart * shift for shift in shifts]
    about: dict[str, Any] = {"mfc": face, "mec": style.colour, "mew": 0.9, "zorder": 5, "clip_on": False}
    axes.plot(places, ranked, style.mark, ms=3.8, **about)


def _plain_lengths(axes: Axes, longest: float) -> None:
    """Label lengths as numbers: 1, 3, 10, 30, 100."""
    from matplotlib.ticker import NullLocator

    ticks = [number for power in range(7) for number in (10**power, 3 * 10**power) if number <= longest]
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, [f"{number:,}" for number in ticks])


def _plain_logarithms(axes: Axes, top: float | None = None) -> None:
    """Label the powers of ten as numbers: 0.01, 0.1, 1."""
    from matplotlib.ticker import FuncFormatter, NullLocator

    low, high = axes.get_ylim()
    if axes.lines and math.isfinite(low) and high > low > 0:
        axes.set_ylim(10 ** math.floor(math.log10(low)), top or 10 ** math.ceil(math.log10(high)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.10f}".rstrip("0").rstrip(".")))
    axes.yaxis.set_minor_locator(NullLocator())


@contextmanager
def _figure(name: str, *, rows: int = 1, left: float = 0.68) -> Iterator[tuple[Figure, Any]]:
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependency(
            "a report", f"{error.name} is not installed", "Run `pip install 'starfree[learn]'`."
        ) from None
    # The salt makes the names inside a picture its own: several stand in one page.
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=_SIZE)
        # Fixed margins, which cost no time: room for labels such as 0.0001.
        width, height = _SIZE
        figure.subplots_adjust(left / width, 0.5 / height, 1 - 0.08 / width, 1 - 0.1 / height, hspace=0.16)
        figure.patch.set_alpha(0)
        yield figure, figure.subplots(rows, 1)


def _svg(figure: Figure) -> str:
    """Return the picture as it stands in HTML: no prologue, no fixed size, no names that nothing uses."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    picture = text.getvalue()
    picture = picture[picture.index("<svg") :]
    picture = re.sub(r"<metadata>.*?</metadata>", "", picture, flags=re.DOTALL)
    picture = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", picture, count=1)
    picture = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", picture, count=1)
    used = set(re.findall(r"#([\w.-]+)", picture))
    picture = re.sub(r' id="([\w.-]+)"', lambda found: found[0] if found[1] in used else "", picture)
    return re.sub(r"\s*\n\s*", "\n", picture)
