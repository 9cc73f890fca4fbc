"""`starfree learn`: train networks and measure them on words of other lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .answer import Answer
from .bars import Bars
from .options import at_least, device_option, json_option, number_option
from .ranges import Window, numbers, window, windows
from .screen import Screen, count_of

if TYPE_CHECKING:
    from ..learning.learn import Learned
    from ..reports.summary import Cell, Section, Series

_LAYERS = {"can": ", at every length, with enough layers", "cannot": ", with however many layers"}
_SIMPLE = {"majority": "constant", "lookup_1": "1 symbol", "lookup_4": "4 symbols"}
_READING = (
    "Per cent of words whose every legal set is right; the last three look at no more than the last symbols."
)
_EVEN = " Of an even number of seeds the middle is the lower of the two."


@click.command(name="learn", epilog="\b\nExample:\n  starfree learn @tomita_4 --model mamba --layers 1")
@click.argument("languages", metavar="LANG...", nargs=-1, required=True)
@click.option(
    "--model",
    "models",
    multiple=True,
    default=("mamba",),
    help="mamba, mamba-signed, lstm, ...; or module:factory.",
)
@click.option(
    "--layers", default="1", callback=numbers(int, "1,2,3"), show_default=True, help="Depths, as 1,2,3."
)
@number_option("--width", 1, "Of the residual stream.  [default: 32]")
@click.option(
    "--seeds", default="0-4", callback=numbers(int, "0-4 or 1,7"), show_default=True, help="As 0-4 or 1,7."
)
@click.option(
    "--lr",
    "rates",
    default="0.003",
    callback=numbers(float, "0.001,0.003"),
    show_default=True,
    help="Learning rates.",
)
@number_option("--steps", 1, "The most updates.", default="4000", show_default=True)
@click.option(
    "--window",
    "lengths",
    metavar="LO-HI",
    callback=window,
    default="1-50",
    show_default=True,
    help="Lengths to train on.",
)
@click.option(
    "--bins",
    metavar="LO-HI,...",
    callback=windows,
    help="Lengths to measure, the window first.  [default: 1, 2 and 10 times the window]",
)
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
    width: int | None,
    seeds: tuple[int, ...],
    rates: tuple[float, ...],
    steps: int,
    lengths: Window,
    bins: tuple[Window, ...],
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
    from ..learning.learn import jobs_for, learn_jobs
    from ..learning.splits import default_bins

    jobs = jobs_for(
        languages,
        models=models,
        layers=layers,
        width=width,
        parameters=parameters,
        seeds=seeds,
        learning_rates=rates,
        steps=steps,
        window=lengths,
        bins=bins or default_bins(*lengths),
        words=words,
        test_words=test_words,
        head=head,
        source="as-published" if as_published else "uniform",
        init=init,
    )
    with Bars() as bars:
        bars.announce(len(jobs))
        learned = learn_jobs(jobs, runs, workers=workers, device=device, report=bars.report)
    return Answer(learned.to_json, lambda screen: shown(learned, screen))


def shown(learned: Learned, screen: Screen) -> str:
    """Return a table for each setting: bins down, seeds across; then where the models are."""
    from ..reports.summary import sections

    tables = [
        _setting(learned, section, series, screen)
        for section in sections(learned.records)
        for series in (*section.series, *section.others)
    ]
    return "\n\n".join([*tables, *_saved(learned)])


def _saved(learned: Learned) -> list[str]:
    """Return the line that says where the trained models are, when some were saved."""
    places = learned.saved()
    if not places:
        return []
    others = f" and {count_of(len(places) - 1, 'other')} beside it" if places[1:] else ""
    return [f"models: {places[0]}{others}"]


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
    cells = {place: cell for place in range(len(section.bins)) if (cell := series.cell(place))}
    if cells:
        lines += ["", _table(section, cells, screen)]
    if series.lost:
        broken = ", ".join(str(record.run.seed) for record in series.lost)
        lines.append(f"the loss was no number with seeds {broken}: they were stopped")
    if cells:
        lines.append(screen.dim(_READING + (_EVEN if len(series.records) % 2 == 0 else "")))
    return "\n".join(lines)


def _table(section: Section, cells: dict[int, Cell], screen: Screen) -> str:
    """Return the table of a setting: a row for each bin that was measured."""
    simple = section.baselines()
    rows = []
    for place, cell in cells.items():
        low, high = cell.middle.interval
        rows.append(
            [
                _range(*section.bins[place]),
                f"{cell.middle.n:,}",
                f"{_percent(cell.middle.accuracy)} [{_percent(low)}, {_percent(high)}]",
                " ".join(_percent(share.accuracy) for share in cell.shares),
                *(_percent(share.accuracy) if (share := simple[name][place]) else "" for name in _SIMPLE),
            ]
        )
    head = ["lengths", "words", "middle [95 %]", "each seed", *_SIMPLE.values()]
    return screen.table(rows, head=head, right=[1, *range(4, len(head))])


def _range(lo: int, hi: int) -> str:
    return f"{lo}-{hi}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
