"""A step function of the user's own: what it returns is looked at before it is believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import BadInput, StarfreeError
from ..languages.words import check_alphabet
from .machine import Floats, States, Symbols, Way

_NAME = "the step function of the model"


class GivenMachine:
    """A user's object with `begin`, `step` and `whole`; see `Machine`.

    Raises:
        BadInput: when it lacks something, raises, or returns what does not fit.
    """

    def __init__(self, model: Any) -> None:
        missing = [name for name in ("alphabet", "arithmetic", "path", "batch") if not hasattr(model, name)]
        if missing:
            raise BadInput("the model", f"has no {missing[0]}", "See starfree.proofs.machine.Machine.")
        self._model = model
        self.alphabet, self.arithmetic = check_alphabet(model.alphabet), str(model.arithmetic)
        if model.path not in ("recurrent", "parallel"):
            raise BadInput(f"path {model.path!r}", "is not one", "Use recurrent or parallel.")
        self.path: Way = model.path
        if not (isinstance(model.batch, int) and model.batch >= 1):
            raise BadInput(f"batch {model.batch!r}", "is no number of states", "Give at least 1.")
        self.batch: int = model.batch
        self._kind: np.dtype[Any] | None = None

    def begin(self) -> tuple[States, Floats]:
        return self._checked(lambda: self._model.begin(), 1)

    def step(self, states: States, symbols: Symbols) -> tuple[States, Floats]:
        return self._checked(lambda: self._model.step(states, symbols), len(symbols))

    def whole(self, words: Symbols) -> Floats | None:
        found = guarded(lambda: self._model.whole(words))
        return None if found is None else self._logits(found, len(words))

    def _checked(self, run: Callable[[], Any], rows: int) -> tuple[States, Floats]:
        found = guarded(run)
        if not (isinstance(found, tuple) and len(found) == 2):
            raise BadInput(_NAME, "returns no pair of states and logits", "Return two arrays.")
        states, logits = found
        fits = isinstance(states, np.ndarray) and states.ndim == 2 and len(states) == rows
        if not fits or states.dtype.kind not in "biuf":
            shape = getattr(states, "shape", type(states).__name__)
            why = f"returns states of shape {shape} for {rows} of them"
            raise BadInput(_NAME, why, "Return numbers of shape (m, s), a row for each state.")
        self._kind = self._kind or states.dtype
        if states.dtype != self._kind:
            why = f"returns states of type {states.dtype} after {self._kind}"
            raise BadInput(_NAME, why, "Return states of one type.")
        return states, self._logits(logits, rows)

    def _logits(self, logits: Any, rows: int) -> Floats:
        wanted = (rows, len(self.alphabet) + 1)
        if not isinstance(logits, np.ndarray) or logits.shape != wanted or logits.dtype.kind not in "biuf":
            shape = getattr(logits, "shape", type(logits).__name__)
            raise BadInput(_NAME, f"returns logits of shape {shape}, not {wanted}", "END comes last.")
        return logits.astype(np.float64)


def guarded(run: Callable[[], Any]) -> Any:
    """Return what a user's code returns; an error of it becomes `BadInput`, one line of it."""
    try:
        return run()
    except StarfreeError:
        raise
    except (Exception, SystemExit) as error:
        said = (str(error).splitlines() or [""])[0]
        raise BadInput(_NAME, f"failed: {type(error).__name__}: {said}", "Mend it.") from None
