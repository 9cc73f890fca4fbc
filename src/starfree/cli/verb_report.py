"""`starfree report`: a page and a table about the results in a directory."""

from __future__ import annotations

import click

from .answer import Answer
from .options import json_option
from .screen import Screen, count_of


@click.command(name="report", epilog="\b\nExample:\n  starfree report runs --out report.html")
@click.argument("runs", metavar="RUNS")
@click.option("--out", metavar="FILE", help="The page to write.  [default: report.html in RUNS]")
@json_option
def command(runs: str, out: str | None) -> Answer:
    """Write one page, and a Markdown table beside it, about what was learned in RUNS."""
    from ..reports.report import report

    written = report(runs, out)

    def text(screen: Screen) -> str:
        counted = f"{count_of(written.runs, 'run')} on {count_of(written.languages, 'language')}"
        return f"{counted}\npage   {written.page}\ntable  {written.table}"

    return Answer(written.to_json, text)
