"""`starfree study`: all of it on one language, on one page."""

from __future__ import annotations

import click

from .answer import Answer
from .bars import Bars
from .options import device_option, json_option, number_option
from .ranges import numbers
from .screen import Screen


@click.command(name="study", epilog="\b\nExample:\n  starfree study @parity")
@click.argument("language", metavar="LANG")
@click.option("--model", "models", multiple=True, help="Networks.  [default: mamba, mamba-signed, lstm]")
@click.option(
    "--seeds", default="0-2", callback=numbers(int, "0-2 or 1,7"), show_default=True, help="As 0-2 or 1,7."
)
@number_option("--steps", 1, "The most updates.", default="2000", show_default=True)
@click.option(
    "--runs", default="runs/study", metavar="DIR", show_default=True, help="Where results are kept."
)
@click.option("--out", metavar="FILE", help="The page to write.  [default: study.html in DIR]")
@number_option("--workers", 1, "Processes.  [default: as many as cores]")
@device_option
@json_option
def command(
    language: str,
    models: tuple[str, ...],
    seeds: tuple[int, ...],
    steps: int,
    runs: str,
    out: str | None,
    workers: int | None,
    device: str | None,
) -> Answer:
    """Decide, build, prove and learn LANG, and say what the trained networks get wrong, on one page."""
    from ..reports.study import study

    with Bars() as bars:
        found = study(
            language,
            models=models or None,
            seeds=seeds,
            runs=runs,
            out=out,
            workers=workers,
            device=device,
            report=bars.report,
            steps=steps,
        )

    def text(screen: Screen) -> str:
        return f"page   {found.report.page}\ntable  {found.report.table}"

    return Answer(found.to_json, text)
