"""How a check ends: accepted, rejected with a reason, or stopped by a budget."""

from __future__ import annotations

import time
from dataclasses import dataclass

WORK_PER_STATE = 300
CELLS_PER_STATE = 30


@dataclass(frozen=True)
class Result:
    """The outcome of a check that came to an end.

    Arguments:
        accepted: whether the certificate is well formed and its evidence supports its claim.
        reason: why it was rejected, or what was checked.
        statement: the claim in one sentence; empty when the document is too malformed to state one.
    """

    accepted: bool
    reason: str
    statement: str


class Rejected(Exception):
    """The document is malformed or its evidence does not hold; the text says why."""


class BudgetError(Exception):
    """A stated budget ran out before the check could end: neither accepted nor rejected."""


class Unavailable(Exception):
    """What the check needs to run is not installed: neither accepted nor rejected.

    Arguments:
        why: what is missing.
        do: how to get it.
    """

    def __init__(self, why: str, do: str) -> None:
        super().__init__(f"{why}. {do}")
        self.why, self.do = why, do


class Meter:
    """Counts states, elementary steps and kept numbers, and watches the clock.

    Arguments:
        max_states: most states of any exploration; steps and kept numbers are limited in proportion.
        timeout: seconds from now, or None.
    """

    def __init__(self, max_states: int, timeout: float | None) -> None:
        self.max_states = max_states
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.work_left = WORK_PER_STATE * max_states
        self.cells_left = CELLS_PER_STATE * max_states

    def spend(self, steps: int) -> None:
        """Count elementary steps; raise `BudgetError` when there were too many or time is up."""
        self.work_left -= steps
        if self.work_left < 0:
            raise BudgetError("the check needs more steps than the state budget allows")
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise BudgetError("the time limit ran out")

    def keep(self, cells: int) -> None:
        """Count numbers kept in memory, and as many steps; raise `BudgetError` when there are too many."""
        self.cells_left -= cells
        if self.cells_left < 0:
            raise BudgetError("the check needs more memory than the state budget allows")
        self.spend(cells)

    def states(self, count: int) -> None:
        """Raise `BudgetError` when one exploration has met more than `max_states` states, or time is up."""
        if count > self.max_states:
            raise BudgetError(f"more than {self.max_states:,} states are needed")
        self.spend(1)


def require(holds: bool, reason: str) -> None:
    """Raise `Rejected` with the reason unless the condition holds."""
    if not holds:
        raise Rejected(reason)
