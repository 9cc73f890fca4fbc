"""`starfree reproduce`: the experiments of the paper, small or whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import BadInput
from .answer import Answer
from .bars import Bars
from .options import json_option, number_option
from .screen import Screen, count_of

if TYPE_CHECKING:
    from ..learning.job import Job

_OUTCOMES = {True: "held", False: "failed", None: "not tested"}


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
@click.option("--runs", default=None, metavar="DIR", help="Where results are kept.  [default: runs/SCALE]")
@number_option("--workers", 1, "Processes.  [default: as many as cores]")
@click.option("--list", "listed", is_flag=True, help="Print the jobs as one JSON document, and run none.")
@json_option
def command(
    what: str, scale: str, only: str | None, runs: str | None, workers: int | None, listed: bool
) -> Answer:
    """Run the experiments of the paper and write the report; what is there is not run again."""
    from ..learning.learn import learn_jobs
    from ..learning.paper import full_jobs
    from ..learning.smoke import hypotheses, smoke_jobs

    jobs = chosen(smoke_jobs() if scale == "smoke" else full_jobs(), only)
    document = {"scale": scale, "jobs": [job.to_json() for job in jobs]}
    if listed:
        return Answer(lambda: document, lambda screen: _listed(jobs))
    directory = runs or f"runs/{scale}"
    with Bars() as bars:
        learned = learn_jobs(jobs, directory, workers=workers, report=bars.report)

    from ..reports.report import report

    claims = hypotheses(learned.records) if scale == "smoke" else []
    written = report(directory, hypotheses=claims, title=f"The paper's experiments, {scale}")

    def text(screen: Screen) -> str:
        rows = [[_OUTCOMES[claim.held], claim.text, claim.evidence] for claim in claims]
        table = screen.table(rows, head=["outcome", "expected", "measured"]) + "\n\n" if rows else ""
        counted = f"{count_of(len(learned.records), 'run')} in {directory}"
        return f"{table}{counted}\npage   {written.page}\ntable  {written.table}"

    return Answer(lambda: {**written.to_json(), **learned.to_json()}, text)


def chosen(jobs: list[Job], only: str | None) -> list[Job]:
    """Return the jobs of some languages; `BadInput` for one that has none."""
    if only is None:
        return jobs
    known = dict.fromkeys(job.language for job in jobs)
    wanted = {"@" + name.strip().removeprefix("@") for name in only.split(",")}
    for name in sorted(wanted - known.keys()):
        raise BadInput(f"--only {name}", "is not in this experiment", f"Choose from {', '.join(known)}.")
    return [job for job in jobs if job.language in wanted]


def _listed(jobs: list[Job]) -> str:
    import json

    return "\n".join(json.dumps(job.to_json()) for job in jobs)
