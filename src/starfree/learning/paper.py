"""Every cell of the paper's experiments as jobs: 27 languages, one to three layers, its grids, three seeds.

Words, bins and metric are ours: distinct words, bins that do not meet, selection by validation words. The
grids, windows, sizes and numbers of updates are the paper's.
"""

from __future__ import annotations

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
    (4347, True)
    """
    order = {name: place for place, name in enumerate(("d_12", "parity", "dyck_1"))}
    experiments = sorted(PUBLISHED, key=lambda one: order.get(one.name, len(order)))
    return [job for one in experiments for job in _cells(one)]


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
