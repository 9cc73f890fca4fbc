"""A job: one network, one language, one seed. Jobs are data, so that any engine can run them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import BadInput

# What jobs must share to be trained as one ensemble.
_SHARED = (
    "model",
    "layers",
    "width",
    "batch",
    "steps",
    "warm_up",
    "evaluate_every",
    "clip",
    "weight_decay",
    "head",
    "source",
    "shuffled",
    "window",
    "bins",
    "words",
    "test_words",
    "data_seed",
)


@dataclass(frozen=True)
class Job:
    """What is trained on what, and how; two jobs with the same fields give the same result.

    Arguments:
        language: as `starfree.load` reads it.
        model: one of `networks.MODELS`, or `module:factory`.
        layers: at least 1.
        width: of the residual stream, at least 1.
        learning_rate: the largest, reached after the warm-up.
        seed: of the initial weights and of the order of the words.
        window: the least and the largest length of the training words.
        bins: ranges of lengths that are measured; the first is the window itself.
        words: distinct training words asked for; 0 means new ones at every step, none that is tested on.
        test_words: words asked for in each bin, and for validation.
        data_seed: of the words.
        batch: words in a step.
        steps: the most steps.
        warm_up: steps until the learning rate is reached; then it falls to 0 along a cosine.
        evaluate_every: steps between two evaluations on the validation words.
        patience: evaluations without an error, one after the other, that end the training; 0 means never.
        weight_decay: of the maps and convolutions.
        clip: the largest norm of a gradient.
        init: "random"; "built" for the weights by construction; "built:X" for these with every weight
            multiplied by 1 + X N(0, 1).
        head: "khot", each symbol by itself; "joint", one class for each legal set of training; or "next", a
            language model.
        source: "uniform", words drawn evenly; "as-published": words, bins, classes and loss of the paper's
            code, its wrong labels too; "ffl", FFL(p) of flip-flop; "nested", bounded Dyck by its own sampler.
        shuffled: train on the legal sets of other words of the same length, a control that must fail.
    """

    language: str
    model: str = "mamba"
    layers: int = 1
    width: int = 32
    learning_rate: float = 3e-3
    seed: int = 0
    window: tuple[int, int] = (1, 50)
    bins: tuple[tuple[int, int], ...] = ((1, 50), (51, 100), (451, 500))
    words: int = 10_000
    test_words: int = 1_000
    data_seed: int = 2405
    batch: int = 32
    steps: int = 4_000
    warm_up: int = 100
    evaluate_every: int = 100
    patience: int = 5
    weight_decay: float = 0.01
    clip: float = 1.0
    init: str = "random"
    head: str = "khot"
    source: str = "uniform"
    shuffled: bool = False

    @property
    def id(self) -> str:
        """A digest of all fields: the name of the job in the results."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def engine(self) -> tuple[Any, ...]:
        """What jobs must share to be trained as one ensemble, besides the words."""
        return tuple(getattr(self, name) for name in _SHARED)

    def to_json(self) -> dict[str, Any]:
        """Return the job as a document, which `job_from_json` reads."""
        return asdict(self)


def job_from_json(document: dict[str, Any]) -> Job:
    """Return the job of a document; raises `BadInput` for one with other fields or values of other types."""
    known = {field.name: field for field in fields(Job)}
    for name, value in document.items():
        if name not in known:
            raise BadInput(f"job field {name!r}", "is not one", f"Use {', '.join(known)}.")
        if not _like(value, getattr(Job(""), name)):
            raise BadInput(f"job field {name} {value!r}", "is of another type", "See the fields of a Job.")
    if not isinstance(document.get("language"), str):
        raise BadInput("a job", "names no language", "Give it one.")
    values = dict(document)
    if "window" in values:
        values["window"] = tuple(values["window"])
    if "bins" in values:
        values["bins"] = tuple(map(tuple, values["bins"]))
    return Job(**values)


def _like(value: Any, example: Any) -> bool:
    """Say whether a value from JSON is of the type of an example: lists stand for tuples, 1 for 1.0."""
    if isinstance(example, tuple):
        return isinstance(value, (list, tuple)) and all(_like(item, example[0]) for item in value)
    return type(value) is type(example) or (isinstance(example, float) and type(value) is int)


def grouped(jobs: Sequence[Job], most: int) -> list[list[Job]]:
    """Return the jobs in groups that are trained together, each of one language and at most so many.

    >>> jobs = [Job("@parity", seed=s) for s in range(5)] + [Job("@d_2")]
    >>> [len(group) for group in grouped(jobs, 3)]
    [3, 2, 1]
    """
    groups: dict[tuple[Any, ...], list[Job]] = {}
    for job in jobs:
        groups.setdefault((job.language, *job.engine), []).append(job)
    return [group[i : i + most] for group in groups.values() for i in range(0, len(group), most)]
