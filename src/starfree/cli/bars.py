"""Progress bars for jobs that run side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from .options import AS_JSON

if TYPE_CHECKING:
    from ..learning.runner import Progress

_MANY = 50  # jobs


class Bars:
    """One progress bar for each group of jobs, on standard error, unless JSON was asked for."""

    def __init__(self) -> None:
        self._bars: dict[int, Any] = {}
        self._quiet = bool(click.get_current_context().meta.get(AS_JSON))

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *exception: object) -> None:
        for bar in self._bars.values():
            bar.close()

    def announce(self, jobs: int) -> None:
        """Say how many jobs there are, when they are so many that it may not be what was meant."""
        if jobs > _MANY and not self._quiet:
            click.echo(f"{jobs:,} jobs", err=True)

    def report(self, progress: Progress) -> None:
        """Show what a worker says."""
        from tqdm import tqdm

        if self._quiet:
            return
        if progress.group not in self._bars:
            if progress.done:  # without a step: an error is told instead
                return
            self._bars[progress.group] = tqdm(
                desc=progress.label, total=progress.of, unit="step", file=sys.stderr, leave=False
            )
        bar = self._bars[progress.group]
        if progress.done:
            bar.close()
            return
        low, high = progress.right
        bar.set_postfix_str(f"validation words right {low:.0%} to {high:.0%}", refresh=False)
        bar.update(progress.steps - bar.n)
