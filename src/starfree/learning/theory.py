"""What theory predicts of a network, beside which its measurement stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..languages import Language
from ..verdicts.decide import decide

FAMILIES = {
    "mamba": "diagonal-nonnegative",
    "mamba2": "diagonal-nonnegative",
    "mamba-signed": "diagonal-signed",
    "mamba2-signed": "diagonal-signed",
    "s4d": "time-invariant-decaying",
    "gru": "rnn",
    "lstm": "rnn",
    "transformer": "transformer-softmax-fixed",
    "transformer-sin": "transformer-softmax-fixed",
    "deltanet": "deltanet",
    "deltanet-negative": "deltanet-negative",
}


@dataclass(frozen=True)
class Prediction:
    """A verdict on the family that a network belongs to, for the task predict.

    Arguments:
        model: the network.
        family: its family; None for a network that is not ours.
        expressible: "yes", "no", "open" or "unknown"; None without a family.
        arithmetic: what the verdict assumes of numbers.
        because: the reason, in a line.
    """

    model: str
    family: str | None
    expressible: str | None
    arithmetic: str | None
    because: str | None


def prediction(language: Language, model: str, **budgets: Any) -> Prediction:
    """Return what theory says of a network's family and a language.

    Arguments:
        budgets: as of `decide`.

    Raises:
        NotRegular, BudgetExceeded: as `decide` does.

    >>> import starfree
    >>> prediction(starfree.load("@parity"), "mamba").expressible
    'no'
    """
    family = FAMILIES.get(model)
    if family is None:
        return Prediction(model, None, None, None, None)
    verdict = decide(language, task="predict", **budgets)[family]
    return Prediction(model, family, verdict.expressible, verdict.arithmetic, verdict.because)
