"""`starfree reproduce`: the experiments of the paper, small or whole."""

from __future__ import annotations

import json
from typing import TextIO

import click

from .answer import Answer
from .bars import Bars
from .options import device_option, json_option, number_option
from .screen import Screen, count_of


@click.command(name="reproduce", epilog="\b\nExample:\n  starfree reproduce paper --only @parity,@d_2")
@click.argument("what", metavar="paper", type=click.Choice(["paper"]))
@click.option(
    "--scale",
    type=click.Choice(["smoke", "full"]),
    default="smoke",
    show_default=True,
    help="Eight languages in minutes on two cores, or every cell of the paper.",
)
@click.option("--only", metavar="LANG,...", help="Only these languages.")
@click.option(
    "--jobs", type=click.File(), help="Run just the jobs of this file, which --list wrote; - reads them."
)
@click.option("--runs", default=None, metavar="DIR", help="Where results are kept.  [default: runs/SCALE]")
@number_option("--workers", 1, "Processes.  [default: as many as cores]")
@device_option
@click.option("--list", "listed", is_flag=True, help="Print the jobs, one JSON document each; run none.")
@json_option
def command(
    what: str,
    scale: str,
    only: str | None,
    jobs: TextIO | None,
    runs: str | None,
    workers: int | None,
    device: str | None,
    listed: bool,
) -> Answer:
    """Run the experiments of the paper and write the report; what is there is not run again."""
    from ..reports.reproduce import jobs_of, read_jobs, reproduce

    chosen = None if only is None else only.split(",")
    given = None if jobs is None else read_jobs(jobs, jobs.name)
    if listed:
        named = [job.to_json() for job in given or jobs_of(scale, chosen)]
        return Answer(
            lambda: {"scale": scale, "jobs": named}, lambda screen: "\n".join(map(json.dumps, named))
        )
    with Bars() as bars:
        found = reproduce(
            what,
            scale=scale,
            only=chosen,
            jobs=given,
            runs=runs,
            workers=workers,
            device=device,
            progress=bars.report,
        )

    def text(screen: Screen) -> str:
        rows = [[claim.outcome, claim.text, claim.evidence] for claim in found.report.hypotheses]
        lines = [screen.table(rows, head=["outcome", "expected", "measured"]), ""] if rows else []
        counted = count_of(len(found.learned.records), "run")
        return "\n".join([*lines, counted, f"page   {found.report.page}", f"table  {found.report.table}"])

    return Answer(found.to_json, text)
