"""`learn`: train networks on languages, and measure what they get right on words of other lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from ..errors import BadInput, check_installed
from ..languages.load import load
from .checks import check_factories, check_jobs
from .job import Job
from .published_grid import published
from .results import Record, finite
from .runner import Report, run_jobs
from .store import Store
from .theory import Theory, theory


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
        """Return the document that `starfree learn --json` prints; what is no number is null."""
        document: dict[str, Any] = finite(
            {
                "directory": self.directory,
                "theory": {language: asdict(found) for language, found in self.theory.items()},
                "runs": [asdict(record) for record in self.records],
            }
        )
        return document

    def saved(self) -> list[Path]:
        """Return the directories of the trained models, in the order of the jobs.

        A network of the user's own is not saved, nor one whose head is not "khot".
        """
        places = [Path(self.directory) / "models" / job.id for job in self.jobs]
        return [place for place in places if place.is_dir()]


def learn(
    languages: str | Sequence[str],
    *,
    models: str | Sequence[str] = "mamba",
    layers: int | Sequence[int] = 1,
    width: int | None = None,
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
        languages, models, layers, width, parameters, seeds, learning_rates, others: as of `jobs_for`.
        runs: a directory; made if needed.
        workers: processes, each with one thread; as many as there are cores when None.
        device: "cpu" or "cuda"; a GPU where there is one, when None.
        report: told how far training is.

    Raises:
        BadInput: for an unknown language, model or field; when a bin has no word.
        BudgetExceeded: when a language is too large.
        MissingDependency: when torch is missing.

    Complexity: see `train`.
    """
    jobs = jobs_for(
        languages,
        models=models,
        layers=layers,
        width=width,
        parameters=parameters,
        seeds=seeds,
        learning_rates=learning_rates,
        **others,
    )
    return learn_jobs(jobs, runs, workers=workers, device=device, report=report)


def jobs_for(
    languages: str | Sequence[str],
    *,
    models: str | Sequence[str] = "mamba",
    layers: int | Sequence[int] = 1,
    width: int | None = None,
    parameters: int | None = None,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    learning_rates: Sequence[float] = (3e-3,),
    **others: Any,
) -> list[Job]:
    """Return a job for each choice of a language, a model, a depth, a learning rate and a seed.

    What a list has twice is taken once.

    Arguments:
        languages: text for `starfree.load`, one or several.
        models: networks, one or several: see `starfree.models.networks.MODELS`; or `module:factory`.
        layers: one or several depths.
        width: of the residual stream; 32 when None.
        parameters: choose the width of each network so that it has about so many.
        seeds: of the initial weights and of the order of words.
        learning_rates: each is tried with each seed.
        others: more fields of a `Job`.

    Raises:
        BadInput: for an empty list; for sizes that contradict each other, or built weights; as `check_jobs`.
        MissingDependency: when torch is missing.
    """
    check_installed("training", "learn", "torch")
    names = [languages] if isinstance(languages, str) else list(languages)
    kinds = [models] if isinstance(models, str) else list(models)
    depths = [layers] if isinstance(layers, int) else list(layers)
    if not (names and kinds and depths and seeds and learning_rates):
        raise BadInput("nothing to train", "a list is empty", "Give a language, a model and a seed.")
    first = replace(Job(names[0]), **others)
    _check_sizes(first.init, depths, width, parameters)
    if width is not None:
        first = replace(first, width=width)
    choices: list[dict[Any, None]] = [
        dict.fromkeys(each) for each in (names, kinds, depths, learning_rates, seeds)
    ]
    jobs = [
        replace(first, language=name, model=kind, layers=depth, learning_rate=rate, seed=seed)
        for name, kind, depth, rate, seed in product(*choices)
    ]
    if first.source == "as-published":  # which has windows and numbers of words of its own
        jobs = [replace(job, **_published_sizes(job.language)) for job in jobs]
    check_jobs(jobs)
    if parameters is not None:
        jobs = _with_widths(jobs, parameters)
    return jobs


def _check_sizes(init: str, layers: Sequence[int], width: int | None, parameters: int | None) -> None:
    """Raise `BadInput` for a size that is chosen twice, or of weights that have one already."""
    if width is not None and parameters is not None:
        why = "both choose the size of the network"
        raise BadInput(f"width {width} and {parameters} parameters", why, "Give one of them.")
    if init == "random":
        return
    given = {"width": width, "parameters": parameters, "layers": None if list(layers) == [1] else layers[0]}
    for name, value in given.items():
        if value is not None:
            why = "built weights have the size that they have"
            raise BadInput(f"{name} {value} with init {init}", why, f"Leave out {name}.")


def _with_widths(jobs: Sequence[Job], parameters: int) -> list[Job]:
    """Return jobs whose networks have about so many parameters."""
    found: dict[tuple[str, str, int], int] = {}
    for job in jobs:
        key = (job.language, job.model, job.layers)
        if key not in found:
            found[key] = _width(job, parameters)
    return [replace(job, width=found[job.language, job.model, job.layers]) for job in jobs]


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

    if ":" in job.model:
        why = "its factory alone knows how many parameters a width makes"
        raise BadInput(f"{parameters} parameters of {job.model}", why, "Give a width.")
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
    check_jobs(jobs)
    check_factories(jobs)
    models: dict[str, dict[str, None]] = {}
    for job in jobs:
        models.setdefault(job.language, {})[job.model] = None
    known = {language: theory(language, kinds) for language, kinds in models.items()}
    errors = run_jobs(jobs, directory, workers=workers, device=device, report=report)
    if errors:
        raise errors[0]
    kept = {record.run.id: record for record in Store.open(directory).runs()}
    return Learned(str(directory), tuple(jobs), tuple(kept[job.id] for job in jobs), known)
