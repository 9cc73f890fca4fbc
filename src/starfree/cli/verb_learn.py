"""`starfree learn`: train networks and measure them on words of other lengths."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadInput
from .answer import Answer
from .bars import Bars
from .options import at_least, json_option, number_option
from .screen import Screen, count_of

if TYPE_CHECKING:
    from ..learning.learn import Learned
    from ..learning.results import Record

_WINDOW = re.compile(r"([0-9]{1,6})-([0-9]{1,6})")
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
@click.option("--model", "models", multiple=True, default=("mamba",), help="A network, or module:factory.")
@click.option("--layers", default="1", callback=numbers(int), show_default=True, help="Depths, as 1,2,3.")
@number_option("--width", 1, "Of the residual stream.", default="32", show_default=True)
@click.option("--seeds", default="0-4", callback=numbers(int), show_default=True, help="As 0-4 or 1,7.")
@click.option(
    "--lr", "rates", default="0.003", callback=numbers(float), show_default=True, help="Learning rates."
)
@number_option("--steps", 1, "The most updates.", default="4000", show_default=True)
@click.option("--window", callback=windows, default="1-50", show_default=True, help="Lengths to train on.")
@click.option("--bins", callback=windows, help="Lengths to measure.  [default: 1, 2 and 10 times the window]")
@number_option("--words", 1, "Distinct training words.", default="10000", show_default=True)
@number_option("--test-words", 1, "Words in each bin.", default="1000", show_default=True)
@click.option("--parameters", metavar="N", callback=at_least(1), help="Choose the width by their number.")
@click.option(
    "--head",
    type=click.Choice(["khot", "joint"]),
    default="khot",
    show_default=True,
    help="Each symbol by itself, or one class for each legal set.",
)
@click.option("--as-published", is_flag=True, help="Words, bins, targets and loss of the paper's code.")
@click.option("--init", default="random", show_default=True, help="random, built, or built:NOISE.")
@click.option("--runs", default="runs", metavar="DIR", show_default=True, help="Where results are kept.")
@number_option("--workers", 1, "Processes.  [default: as many as cores]")
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
    from ..learning.summary import settings

    return "\n\n".join(_setting(learned, records, screen) for records in settings(learned.records))


def _setting(learned: Learned, records: list[Record], screen: Screen) -> str:
    from ..learning.summary import cells

    run = records[0].run
    said = learned.predictions[run.language, run.model]
    config = run.config
    lines = [
        screen.heading(f"{run.language}  {run.model}, {count_of(run.layers, 'layer')}, width {run.width}"),
        f"{count_of(run.parameters, 'parameter')}, trained on lengths {_range(*config['window'])}, "
        f"learning rate {config['learning_rate']:g}, seeds {', '.join(str(r.run.seed) for r in records)}",
    ]
    if said.family is not None:
        arithmetic = f", {said.arithmetic}" if said.arithmetic else ""
        lines.append(f"theory: {said.expressible} ({said.family}{arithmetic}, task predict)")
    rows = []
    found = cells(records)
    for cell in found:
        low, high = cell.median.interval
        rows.append(
            [
                _range(cell.lo, cell.hi),
                f"{cell.median.n:,}{' (all)' if cell.exhaustive else ''}",
                f"{_percent(cell.median.share)} [{_percent(low)}, {_percent(high)}]",
                " ".join(_percent(score.share) for score in cell.scores),
                *(_percent(cell.baselines[name].share) for name in _SIMPLE if name in cell.baselines),
            ]
        )
    head = ["lengths", "words", "median [95 %]", "each seed"]
    head += [title for name, title in _SIMPLE.items() if found and name in found[0].baselines]
    lines += ["", screen.table(rows, head=head, right=[1, *range(4, len(head))])]
    broken = [str(record.run.seed) for record in records if record.run.status == "nan"]
    if broken:
        lines.append(f"the loss was no number with seeds {', '.join(broken)}: they were stopped")
    lines.append(screen.dim("Per cent of words with the legal set right after every prefix."))
    return "\n".join(lines)


def _range(lo: int, hi: int) -> str:
    return f"{lo}-{hi}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
