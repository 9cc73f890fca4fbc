"""`reproduce`: the experiments of the paper, small or whole, with their report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import BadInput, check_installed
from ..learning.job import Job, job_from_json
from ..learning.learn import Learned, learn_jobs
from ..learning.paper import full_jobs
from ..learning.runner import Report as Told
from ..learning.smoke import hypotheses, smoke_jobs
from .report import LIBRARIES, Report, report

SCALES = {"smoke": smoke_jobs, "full": full_jobs}


@dataclass(frozen=True)
class Reproduction:
    """What came out.

    Arguments:
        scale: "smoke" or "full".
        learned: the runs.
        report: the page and the table, with the hypotheses of the smoke set.
    """

    scale: str
    learned: Learned
    report: Report

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree reproduce --json` prints."""
        return {"scale": self.scale, **self.report.to_json(), **self.learned.to_json()}


def jobs_of(scale: str, only: Sequence[str] | None = None) -> list[Job]:
    """Return the jobs of a scale, of some languages where these are given.

    Raises:
        BadInput: for another scale, or a language that has no jobs in it.

    >>> len(jobs_of("smoke")), len(jobs_of("smoke", ["@parity"]))
    (45, 10)
    """
    if scale not in SCALES:
        raise BadInput(f"scale {scale}", "there is no such scale", f"Use {' or '.join(SCALES)}.")
    jobs = SCALES[scale]()
    if only is None:
        return jobs
    known = dict.fromkeys(job.language for job in jobs)
    wanted = {"@" + name.strip().removeprefix("@") for name in only}
    for name in sorted(wanted - known.keys()):
        raise BadInput(f"language {name}", "is not in this experiment", f"Choose from {', '.join(known)}.")
    return [job for job in jobs if job.language in wanted]


def read_jobs(lines: Iterable[str], source: str) -> list[Job]:
    """Read jobs as `--list` prints them: one JSON document each, on a line of its own.

    Raises:
        BadInput: for a line that is no job, or when there is none.

    >>> read_jobs(['{"language": "@parity", "seed": 3}'], "jobs.txt")[0].seed
    3
    """
    jobs = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            do = "Write one job a line, as `starfree reproduce paper --list` does."
            raise BadInput(f"{source}, line {number}", "is no JSON object", do)
        jobs.append(job_from_json(document))
    if not jobs:
        raise BadInput(source, "holds no jobs", "Write some with `starfree reproduce paper --list`.")
    return jobs


def reproduce(
    what: str = "paper",
    *,
    scale: str = "smoke",
    only: Sequence[str] | None = None,
    jobs: Sequence[Job] | None = None,
    runs: str | PathLike[str] | None = None,
    workers: int | None = None,
    device: str | None = None,
    progress: Told | None = None,
) -> Reproduction:
    """Run the experiments of the paper and write the report; what is there is not run again.

    Arguments:
        what: "paper".
        scale: "smoke", eight languages in minutes; "full", every cell of the paper.
        only: languages, by name; all when None.
        jobs: run just these, and not all of the scale.
        runs: the directory of the results; `runs/SCALE` when None.
        workers: processes; as many as there are cores when None.
        device: "cpu" or "cuda"; a GPU where there is one, when None.
        progress: told how far training is.

    Raises:
        BadInput: for another experiment, scale or language.
        MissingDependency: when torch, matplotlib or Jinja is missing.

    Complexity: that of training; the full scale has 4,707 jobs.
    """
    if what != "paper":
        raise BadInput(what, "there is no such experiment", "Write paper.")
    check_installed("a report", "learn", *LIBRARIES)
    directory = Path(f"runs/{scale}" if runs is None else runs)
    chosen = jobs_of(scale, only) if jobs is None else jobs
    learned = learn_jobs(chosen, directory, workers=workers, device=device, report=progress)
    claims = hypotheses(learned.records) if scale == "smoke" else []
    title = f"The paper's experiments, {scale}"
    return Reproduction(scale, learned, report(directory, hypotheses=claims, title=title))
