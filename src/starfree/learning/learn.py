"""`learn`: train networks on languages, and measure what they get right on words of other lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from ..errors import BadInput, check_installed
from ..languages.load import load
from .job import Job
from .published_grid import published
from .results import Record
from .runner import Report, run_jobs
from .store import Store
from .theory import FAMILIES, Theory, theory


@dataclass(frozen=True)
class Learned:
    """What was trained, and how well.

    Arguments:
        directory: of the results.
        jobs: what was asked for, in order.
        records: of each job its run, as the store has it.
        theory: what is known of each language, and of the models on it.
    """

    directory: str
    jobs: tuple[Job, ...]
    records: tuple[Record, ...]
    theory: dict[str, Theory]

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree learn --json` prints."""
        return {
            "directory": self.directory,
            "theory": {language: asdict(found) for language, found in self.theory.items()},
            "runs": [asdict(record) for record in self.records],
        }


def learn(
    languages: str | Sequence[str],
    *,
    models: str | Sequence[str] = "mamba",
    layers: int | Sequence[int] = 1,
    width: int = 32,
    parameters: int | None = None,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    learning_rates: Sequence[float] = (3e-3,),
    runs: str | Path = "runs",
    workers: int | None = None,
    device: str | None = None,
    report: Report | None = None,
    **others: Any,
) -> Learned:
    """Train networks to predict what may come next in words of languages, and measure them.

    What the directory has already is not trained again, and what was stopped goes on.

    Arguments:
        languages: text for `starfree.load`, one or several.
        models: networks, one or several: see `starfree.models.networks.MODELS`; or `module:factory`.
        layers: one or several depths.
        width: of the residual stream.
        parameters: choose the width of each network so that it has about so many.
        seeds: of the initial weights and of the order of words.
        learning_rates: each is tried with each seed.
        runs: a directory; made if needed.
        workers: processes, each with one thread; as many as there are cores when None.
        device: "cpu" or "cuda"; a GPU where there is one, when None.
        report: told how far training is.
        others: more fields of a `Job`.

    Raises:
        BadInput: for an unknown language, model or field; when a bin has no word.
        BudgetExceeded: when a language is too large.
        MissingDependency: when torch is missing.

    Complexity: see `train`.
    """
    check_installed("training", "learn", "torch")
    names = [languages] if isinstance(languages, str) else list(languages)
    kinds = [models] if isinstance(models, str) else list(models)
    depths = [layers] if isinstance(layers, int) else list(layers)
    if not (names and kinds and depths and seeds and learning_rates):
        raise BadInput("nothing to train", "a list is empty", "Give a language, a model and a seed.")
    first = replace(Job(names[0], width=width), **others)
    jobs = [
        replace(first, language=name, model=kind, layers=depth, learning_rate=rate, seed=seed)
        for name, kind, depth, rate, seed in product(names, kinds, depths, learning_rates, seeds)
    ]
    if first.source == "as-published":  # which has windows and numbers of words of its own
        jobs = [replace(job, **_published_sizes(job.language)) for job in jobs]
    if parameters is not None:
        jobs = [replace(job, width=_width(job, parameters)) for job in jobs]
    return learn_jobs(jobs, runs, workers=workers, device=device, report=report)


def _published_sizes(language: str) -> dict[str, Any]:
    """Return what the published experiment trains on; raises `BadInput` when there is none."""
    one = published(language)
    return {
        "window": one.lengths[0],
        "bins": one.lengths,
        "words": one.train_size,
        "test_words": one.test_size,
    }


def _width(job: Job, parameters: int) -> int:
    """Return the width at which a job's network has about so many parameters."""
    from ..models.networks import width_for
    from ..models.tokens import token_ids

    tokens = token_ids(len(load(job.language).alphabet)).unk + 1
    return width_for(job.model, tokens, layers=job.layers, parameters=parameters)


def learn_jobs(
    jobs: Sequence[Job],
    runs: str | Path,
    *,
    workers: int | None = None,
    device: str | None = None,
    report: Report | None = None,
) -> Learned:
    """Run jobs and return their results; see `learn`."""
    check_installed("training", "learn", "torch")
    directory = Path(runs)
    for job in map(checked, jobs):
        load(job.language)
    models: dict[str, dict[str, None]] = {}
    for job in jobs:
        models.setdefault(job.language, {})[job.model] = None
    known = {language: theory(language, kinds) for language, kinds in models.items()}
    errors = run_jobs(jobs, directory, workers=workers, device=device, report=report)
    if errors:
        raise errors[0]
    kept = {record.run.id: record for record in Store.open(directory).runs()}
    return Learned(str(directory), tuple(jobs), tuple(kept[job.id] for job in jobs), known)


def checked(job: Job) -> Job:
    """Return a job whose numbers make sense; raises `BadInput` otherwise."""
    least = {
        "layers": 1,
        "width": 1,
        "words": 0,
        "test_words": 1,
        "batch": 1,
        "steps": 1,
        "warm_up": 0,
        "evaluate_every": 1,
        "patience": 0,
        "seed": 0,
        "data_seed": 0,
    }
    for name, low in least.items():
        if getattr(job, name) < low:
            raise BadInput(f"{name} {getattr(job, name)}", f"is below {low}", "Give a larger number.")
    if job.model not in FAMILIES and ":" not in job.model:
        do = f"Use one of {', '.join(FAMILIES)}, or module:factory."
        raise BadInput(f"model {job.model}", "there is no such network", do)
    if not job.learning_rate > 0:
        raise BadInput(f"learning rate {job.learning_rate}", "is not positive", "Give one such as 0.003.")
    return job
