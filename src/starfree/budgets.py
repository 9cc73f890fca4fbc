"""Explicit limits on work; running out raises `BudgetExceeded`, never a guess."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .errors import BudgetExceeded

MAX_STATES = 10**6
MAX_ELEMENTS = 10**6


@dataclass(frozen=True)
class Budget:
    """Limits that long computations check as they go.

    Arguments:
        max_states: most states of any automaton or product.
        max_elements: most elements of any monoid or group that is enumerated.
        deadline: value of `time.monotonic()` after which work stops, or None.
    """

    max_states: int = MAX_STATES
    max_elements: int = MAX_ELEMENTS
    deadline: float | None = None

    @classmethod
    def of(
        cls,
        max_states: int | None = None,
        max_elements: int | None = None,
        timeout: float | None = None,
    ) -> Budget:
        """Return the budget with the given limits, defaults elsewhere; `timeout` is in seconds from now."""
        return cls(
            MAX_STATES if max_states is None else max_states,
            MAX_ELEMENTS if max_elements is None else max_elements,
            None if timeout is None else time.monotonic() + timeout,
        )

    def left(self) -> float | None:
        """Return the seconds until the deadline, negative after it; None without one."""
        return None if self.deadline is None else self.deadline - time.monotonic()

    def check_time(self, doing: str) -> None:
        """Raise `BudgetExceeded` when the deadline has passed."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise BudgetExceeded(doing, "the time limit ran out", "Raise --timeout.")

    def check_states(self, count: int, doing: str) -> None:
        """Raise `BudgetExceeded` when `count` states are more than allowed, or time is up."""
        if count > self.max_states:
            why = f"more than {self.max_states:,} states are needed"
            raise BudgetExceeded(doing, why, "Raise --max-states.")
        self.check_time(doing)

    def check_elements(self, count: int, doing: str) -> None:
        """Raise `BudgetExceeded` when `count` elements are more than allowed, or time is up."""
        if count > self.max_elements:
            why = f"more than {self.max_elements:,} elements are needed"
            raise BudgetExceeded(doing, why, "Raise --max-elements.")
        self.check_time(doing)


DEFAULT = Budget()
