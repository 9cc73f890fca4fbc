"""Whether jobs make sense, told before anything is drawn, written or trained."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import BadInput
from ..languages.load import load
from .draw import check_window
from .job import Job
from .splits import check_bins
from .theory import FAMILIES

MOST_LAYERS = 256
_LEAST = {
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
_SEEDS = 2**63  # torch and the store take no larger ones
_LARGE = 10_000_000  # a network with fewer weights in a map from its width to its width is not looked at


def check_jobs(jobs: Sequence[Job]) -> None:
    """Raise `BadInput` for the first job that cannot be trained, as far as its fields say.

    Complexity: that of loading the languages, and linear in the jobs.
    """
    tokens = {language: _tokens(language) for language in dict.fromkeys(job.language for job in jobs)}
    sizes = {}
    for job in jobs:
        _check_numbers(job)
        _check_model(job)
        _check_lengths(job)
        sizes[tokens[job.language], job.model, job.layers, job.width] = job
    for (number, *_), job in sizes.items():
        _check_size(job, number)


def check_factories(jobs: Sequence[Job]) -> None:
    """Raise `BadInput` when a network of the user's own cannot be made or trained: each size is made once."""
    from ..models.networks.foreign import foreign

    own = [job for job in jobs if ":" in job.model]
    first = {(job.language, job.model, job.layers, job.width): job for job in reversed(own)}
    for (language, model, layers, width), job in first.items():
        foreign(model, _tokens(language), layers=layers, width=width, seeds=[job.seed])


def _tokens(language: str) -> int:
    """Return the size of the vocabulary of a language."""
    from ..models.tokens import token_ids

    return token_ids(len(load(language).alphabet)).unk + 1


def _check_numbers(job: Job) -> None:
    for name, low in _LEAST.items():
        if getattr(job, name) < low:
            raise BadInput(f"{name} {getattr(job, name)}", f"is below {low}", "Give a larger number.")
    for name in ("seed", "data_seed"):
        if getattr(job, name) >= _SEEDS:
            raise BadInput(f"{name} {getattr(job, name)}", "is too large", "Give one below 2^63.")
    if job.layers > MOST_LAYERS:
        raise BadInput(f"layers {job.layers}", "are too many", f"Give at most {MOST_LAYERS}.")
    if not 0 < job.learning_rate < math.inf:
        why = "is not a number" if math.isnan(job.learning_rate) else "is not positive"
        why = "is not finite" if job.learning_rate == math.inf else why
        raise BadInput(f"learning rate {job.learning_rate}", why, "Give one such as 0.003.")


def _check_model(job: Job) -> None:
    if job.model not in FAMILIES and ":" not in job.model:
        what = f"model {job.model}" if job.model else "model ''"
        do = f"Use one of {', '.join(FAMILIES)}, or module:factory."
        raise BadInput(what, "there is no such network", do)
    if job.init != "random":
        from .initial import check_built

        check_built(job)


def _check_lengths(job: Job) -> None:
    check_window(*job.window)
    if job.window[1] == 0:
        raise BadInput("window 0 to 0", "has the empty word only", "Give a window of longer words.")
    if job.source == "uniform":
        check_bins(job.window, job.bins)


def _check_size(job: Job, tokens: int) -> None:
    """Look at how many parameters a network of ours would have, when there may be very many."""
    from ..models.networks import MOST_PARAMETERS, number_of_parameters

    least = job.layers * job.width**2  # each layer has a map from its width to its width
    if job.model not in FAMILIES or job.init != "random" or least < _LARGE:
        return
    if least <= MOST_PARAMETERS:
        least = number_of_parameters(job.model, tokens, layers=job.layers, width=job.width)
    if least > MOST_PARAMETERS:
        why = f"is too large: the network would have more than {MOST_PARAMETERS:,} parameters"
        raise BadInput(f"width {job.width}", why, "Give a smaller width, or fewer layers.")
