"""A model and a language that read the same words, and how their answers are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import Budget
from .decision import Decision, Floats
from .machine import Machine
from .reader import Flags, Ints, Reader

Word = tuple[int, ...]
"""Indices of symbols in the alphabet of the machine."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Trial:
    """What every strategy of `refute` works on.

    Arguments:
        machine: the model.
        reader: the language.
        decision: how logits become legal sets.
        predict: nothing is asked after dead prefixes.
        budget: of states and time.
        progress: told what is done and how far it is.
    """

    machine: Machine
    reader: Reader
    decision: Decision
    predict: bool
    budget: Budget
    progress: Progress | None = None

    @property
    def symbols(self) -> int:
        """The number k of symbols."""
        return len(self.machine.alphabet)

    @property
    def out_of_time(self) -> bool:
        """Whether the deadline has passed."""
        left = self.budget.left()
        return left is not None and left < 0

    def wrong(self, logits: Floats, ids: Ints) -> Flags:
        """Return at which of some places the legal sets differ.

        Arguments:
            logits: shape `(m, k + 1)`, of the machine.
            ids: shape `(m,)`, states of the reader.
        """
        found: Flags = (self.decision.read(logits)[0] != self.reader.legal(ids)).any(axis=1)
        return found

    def branches(self, ids: Ints) -> tuple[Ints, Ints, Ints]:
        """Return every symbol that can be read at some places, in order.

        Returns:
            the number of the place, the symbol, and the state of the reader after it.
        """
        sources = np.repeat(np.arange(len(ids)), self.symbols)
        read = np.tile(np.arange(self.symbols), len(ids))
        after = self.reader.step(ids[sources], read)
        if not self.predict:
            return sources, read, after
        kept = self.reader.live(after)
        return sources[kept], read[kept], after[kept]

    def stepped(self, states: NDArray[np.generic], read: Ints) -> tuple[NDArray[np.generic], Floats]:
        """Step many states, as many together as the machine takes."""
        batch = self.machine.batch
        parts = [slice(at, at + batch) for at in range(0, len(read), batch)]
        found = [self.machine.step(states[part], read[part]) for part in parts]
        return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found])

    def tell(self, doing: str, done: int) -> None:
        """Say how far it is, if anybody listens."""
        if self.progress is not None:
            self.progress(doing, done)
