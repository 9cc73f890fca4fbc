"""A counter on standard error while long work goes on, and only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_DELAY = 1.0  # seconds before anything is shown: most work is done by then


@contextmanager
def progress(unit: str) -> Iterator[Callable[[int], None] | None]:
    """Give a function that is told how many units are done so far, or None when nobody watches.

    Arguments:
        unit: what is counted.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(unit=f" {unit}", file=sys.stderr, leave=False, delay=_DELAY) as bar:

        def report(done: int) -> None:
            bar.update(done - bar.n)

        yield report
