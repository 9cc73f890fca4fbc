"""`starfree learn`: train networks and measure them on words of other lengths."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadInput
from .answer import Answer
from .bars import Bars
from .options import at_least, device_option, json_option, number_option
from .screen import Screen, count_of

if TYPE_CHECKING:
    from ..learning.learn import Learned
    from ..reports.summary import Section, Series

_WINDOW = re.compile(r"([0-9]{1,6})-([0-9]{1,6})")
_LAYERS = {"can": ", at every length, with enough layers", "cannot": ", with however many layers"}
_SIMPLE = {"majority": "constant", "lookup_1": "1 symbol", "lookup_4": "4 symbols"}


def numbers(kind: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, str], tuple[Any, ...]]:
    """Return a reader of numbers separated by commas; `a-b` is a range of whole ones."""

    def read(ctx: click.Context, param: click.Parameter, value: str) -> tuple[Any, ...]:
        found: list[Any] = []
        try:
            for part in value.split(","):
                ends = _WINDOW.fullmatch(part.strip()) if kind is int else None
                found += range(int(ends[1]), int(ends[2]) + 1) if ends else [kind(part)]
        except ValueError:
            why = "is not a list of numbers separated by commas"
            raise BadInput(f"{max(param.opts, key=len)} {value}", why, "Write such as 1,2,3.") from None
        return tuple(found)

    return read


def windows(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[tuple[int, int], ...]:
    """Read ranges of lengths separated by commas: `1-50,51-100`."""
    if value is None:
        return ()
    found = [_WINDOW.fullmatch(part.strip()) for part in value.split(",")]
    if not all(found):
        what = f"{max(param.opts, key=len)} {value}"
        raise BadInput(what, "is not a list of ranges of lengths", "Write such as 1-50,51-100.")
    return tuple((int(each[1]), int(each[2])) for each in found if each)


@click.command(name="learn", epilog="\b\nExample:\n  starfree learn @tomita_4 --model mamba --layers 1")
@click.argument("languages", metavar="LANG...", nargs=-1, required=True)
@click.option(
    "--model",
    "models",
    multiple=True,
    default=("mamba",),
    help="mamba, mamba-signed, lstm, ...; or module:factory.",
)
@click.option("--layers", default="1", callback=numbers(int), show_default=True, help="Depths, as 1,2,3.")
@number_option("--width", 1, "Of the residual stream.", default="32", show_default=True)
@click.option("--seeds", default="0-4", callback=numbers(int), show_default=True, help="As 0-4 or 1,7.")
@click.option(
    "--lr", "rates", default="0.003", callback=numbers(float), show_default=True, help="Learning rates."
)
@number_option("--steps", 1, "The most updates.", default="4000", show_default=True)
@click.option("--window", callback=windows, default="1-50", show_default=True, help="Lengths to train on.")
@click.option("--bins", callback=windows, help="Lengths to measure.  [default: 1, 2 and 10 times the window]")
@number_option("--words", 0, "Training words; 0: new ones at each step.", default="10000", show_default=True)
@number_option("--test-words", 1, "Words in each bin.", default="1000", show_default=True)
@click.option("--parameters", metavar="N", callback=at_least(1), help="Choose the width by their number.")
@click.option(
    "--head",
    type=click.Choice(["khot", "joint", "next"]),
    default="khot",
    show_default=True,
    help="Each symbol by itself, a class for each legal set, or what comes next.",
)
@click.option("--as-published", is_flag=True, help="Words, bins, targets and loss of the paper's code.")
@click.option("--init", default="random", show_default=True, help="random, built, or built:NOISE.")
@click.option("--runs", default="runs", metavar="DIR", show_default=True, help="Where results are kept.")
@number_option("--workers", 1, "Processes.  [default: as many as cores]")
@device_option
@json_option
def command(
    languages: tuple[str, ...],
    models: tuple[str, ...],
    layers: tuple[int, ...],
    width: int,
    seeds: tuple[int, ...],
    rates: tuple[float, ...],
    steps: int,
    window: tuple[tuple[int, int], ...],
    bins: tuple[tuple[int, int], ...],
    words: int,
    test_words: int,
    parameters: int | None,
    head: str,
    as_published: bool,
    init: str,
    runs: str,
    workers: int | None,
    device: str | None,
) -> Answer:
    """Train networks on words of LANG and measure what they predict on longer ones.

    Results are added to a directory: what is there is not trained again, and what was stopped goes on.
    """
    if len(window) != 1:
        raise BadInput("--window", "must be one range", "Write such as 1-50.")

    from ..learning.learn import learn
    from ..learning.splits import default_bins

    with Bars() as bars:
        learned = learn(
            languages,
            models=models,
            layers=layers,
            width=width,
            seeds=seeds,
            learning_rates=rates,
            runs=runs,
            workers=workers,
            device=device,
            report=bars.report,
            steps=steps,
            window=window[0],
            bins=bins or default_bins(*window[0]),
            words=words,
            test_words=test_words,
            parameters=parameters,
            head=head,
            source="as-published" if as_published else "uniform",
            init=init,
        )
    return Answer(learned.to_json, lambda screen: shown(learned, screen))


def shown(learned: Learned, screen: Screen) -> str:
    """Return a table for each setting: bins down, seeds across."""
    from ..reports.summary import sections

    return "\n\n".join(
        _setting(learned, section, series, screen)
        for section in sections(learned.records)
        for series in (*section.series, *section.others)
    )


def _setting(learned: Learned, section: Section, series: Series, screen: Screen) -> str:
    config = series.settings
    seeds = sorted(record.run.seed for record in (*series.records, *series.lost))
    lines = [
        screen.heading(f"{section.language}  {series.name}, width {series.width}"),
        f"{count_of(series.parameters, 'parameter')}, trained on lengths {_range(*config['window'])}, "
        f"learning rate {config['learning_rate']:g}, seeds {', '.join(map(str, seeds))}",
    ]
    known = learned.theory[section.language]
    families = " / ".join(found.family for found in known.predictions.get(series.model, ()))
    if families:
        answer = known.answer(series.model)
        lines.append(f"theory: {answer}{_LAYERS.get(answer, '')} ({families})")
    simple = section.baselines()
    rows = []
    for place, (lo, hi) in enumerate(section.bins):
        cell = series.cell(place)
        if cell is None:
            continue
        low, high = cell.middle.interval
        rows.append(
            [
                _range(lo, hi),
                f"{cell.middle.n:,}",
                f"{_percent(cell.middle.accuracy)} [{_percent(low)}, {_percent(high)}]",
                " ".join(_percent(share.accuracy) for share in cell.shares),
                *(_percent(share.accuracy) if (share := simple[name][place]) else "" for name in _SIMPLE),
            ]
        )
    head = ["lengths", "words", "middle [95 %]", "each seed", *_SIMPLE.values()]
    if rows:
        lines += ["", screen.table(rows, head=head, right=[1, *range(4, len(head))])]
    if series.lost:
        broken = ", ".join(str(record.run.seed) for record in series.lost)
        lines.append(f"the loss was no number with seeds {broken}: they were stopped")
    said = "Per cent of words with the legal set right after every prefix; the last three need no memory."
    lines.append(screen.dim(said))
    return "\n".join(lines)


def _range(lo: int, hi: int) -> str:
    return f"{lo}-{hi}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
