"""A proof about a trained network: its state rounded to a grid, every reachable pair of states is seen."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from ..budgets import Budget
from ..errors import BudgetExceeded
from ..languages import Language
from ..models.steps import legal_set
from .decision import decision_named
from .extract import OnGrid, checked_grid, float_machine
from .prove import Difference
from .reader import Reader
from .short_words import short_words
from .trial import Progress, Trial


@dataclass(frozen=True, eq=False)
class RoundedProof:
    """A closed product of a rounded network and a language.

    Arguments:
        language: the language proved.
        task: "recognise" or "predict".
        arithmetic: of the network, and the grid.
        grid: what the state is rounded to after every step.
        size: steps to new pairs of states that were run.
        seconds: time taken.
    """

    language: Language
    task: str
    arithmetic: str
    grid: float
    size: int
    seconds: float

    proved: ClassVar[Literal[True]] = True

    def to_json(self) -> dict[str, Any]:
        """Return the document that `prove --grid --json` prints."""
        return {
            "proved": True,
            "language": self.language.spec,
            "task": self.task,
            "arithmetic": self.arithmetic,
            "grid": self.grid,
            "steps": self.size,
            "seconds": round(self.seconds, 3),
        }


def prove_rounded(
    model: Any,
    language: Language,
    grid: float,
    *,
    task: str,
    budget: Budget,
    progress: Progress | None = None,
) -> RoundedProof | Difference:
    """Decide whether a network, its state rounded to a grid after every step, is a language.

    The proof is about the rounded network. How far the network itself agrees is what `extract` measures.

    Arguments:
        model: an opened model with a recurrent state of real numbers.
        grid: a power of two.

    Raises:
        BadInput: for another model or grid.
        BudgetExceeded: when the pairs of states are too many.

    Complexity: the pairs times k steps of the network.
    """
    begun = time.perf_counter()
    machine = OnGrid(float_machine(model), checked_grid(grid))
    rule = decision_named(None, model, len(machine.alphabet))
    reader = Reader(language, machine.alphabet)
    found = short_words(Trial(machine, reader, rule, task == "predict", budget, progress))
    if found.word is not None:
        states, logits = machine.begin()
        for symbol in found.word:
            states, logits = machine.step(states, np.array([symbol]))
        said = legal_set(machine.alphabet, rule.read(logits)[0][0])
        legal = legal_set(machine.alphabet, reader.legal(reader.run(np.array(found.word, np.int64))[-1:])[0])
        word = tuple(machine.alphabet[symbol] for symbol in found.word)
        return Difference(language, task, machine.arithmetic, word, said, legal, machine.alphabet)
    if not found.closed:
        why = f"{found.words:,} steps, all right, have not closed the pairs of states"
        raise BudgetExceeded(
            "proving the rounded network", why, "Take a coarser --grid, or raise --max-states."
        )
    seconds = time.perf_counter() - begun
    return RoundedProof(language, task, machine.arithmetic, grid, found.words, seconds)
