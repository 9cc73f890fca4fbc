"""Every cell of the paper's experiments as jobs: 27 languages, one to three layers, its grids, three seeds.

Words, bins and metric are ours: distinct words, bins that do not meet, selection by validation words. The
grids, windows, sizes and numbers of updates are the paper's.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from .job import Job
from .published import PUBLISHED, Published

SEEDS = (0, 1, 2)
BASELINES = ("lstm", "transformer")  # trained on the same words; the paper copied figures from elsewhere
_LOOKS = 50  # evaluations in a run
_LEAST = 1_000  # test words in a bin, where the language has them


def full_jobs() -> list[Job]:
    """Return the jobs, the most telling languages first.

    >>> jobs = full_jobs()
    >>> len(jobs), len({job.id for job in jobs}) == len(jobs)
    (4707, True)
    """
    order = {name: place for place, name in enumerate(("d_12", "parity", "dyck_1"))}
    experiments = sorted(PUBLISHED, key=lambda one: order.get(one.name, len(order)))
    return [*(job for one in experiments for job in _cells(one)), *_flip_flop(), *_bounded_dyck()]


def _flip_flop() -> list[Job]:
    """Return flip-flop in words of FFL(0.8) of 512 symbols; one layer, as published, and the baselines."""
    window = (512, 512)
    first = Job("@flip_flop", window=window, bins=(window,), words=100_000, source="ffl", steps=100_000)
    first = replace(first, batch=16, evaluate_every=2_000, patience=0)
    grid = product(("mamba", *BASELINES), (16, 64), (1e-4, 1e-3), SEEDS)
    return [
        replace(first, model=model, width=width, learning_rate=rate, seed=seed)
        for model, width, rate, seed in grid
    ]


def _bounded_dyck() -> list[Job]:
    """Return bounded Dyck, K = 8 and h = 10, with the same learning rates for both depths."""
    bins = ((1, 700), (701, 1400))
    first = Job("@bounded_dyck_8_10", window=bins[0], bins=bins, words=49_000, source="nested", batch=10)
    first = replace(first, head="next")
    first = replace(first, steps=73_500, evaluate_every=4_900, patience=0)
    grid = product(("mamba", *BASELINES), (1, 2), range(20, 101, 10), (1e-4, 1e-3), SEEDS)
    return [
        replace(first, model=model, layers=layers, width=width, learning_rate=rate, seed=seed)
        for model, layers, width, rate, seed in grid
    ]


def _cells(one: Published) -> list[Job]:
    jobs = []
    for model in ("mamba", *BASELINES):
        for layers, width, rate, epochs, seed in product(
            one.layers, one.widths, one.rates, one.epochs, SEEDS
        ):
            steps = epochs * -(-one.train_size // one.batch)
            jobs.append(
                Job(
                    f"@{one.name}",
                    model,
                    layers=layers,
                    width=width,
                    learning_rate=rate,
                    seed=seed,
                    window=one.lengths[0],
                    bins=one.lengths,
                    words=one.train_size,
                    test_words=max(_LEAST, one.test_size),
                    batch=one.batch,
                    steps=steps,
                    evaluate_every=max(100, steps // _LOOKS),
                    patience=0,
                )
            )
    return jobs
