"""From logits to a legal set: the rule by which a model is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .machine import OURS

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """How legal sets are read off logits.

    Arguments:
        kind: "sign", a symbol is legal when its logit is positive; "prob", when its probability among the
            symbols and END is above a threshold; "joint-class", when it is in the class with the largest
            logit.
        threshold: of "prob", in (0, 1).
        classes: of "joint-class": shape `(c, k + 1)`, a legal set for each class.

    >>> import numpy as np
    >>> Decision("prob", 0.25).read(np.array([[2.0, 0.0, 0.0]]))[0].tolist()
    [[True, False, False]]
    """

    kind: Literal["sign", "prob", "joint-class"]
    threshold: float | None = None
    classes: Flags | None = None

    def __str__(self) -> str:
        return self.kind if self.threshold is None else f"prob:{self.threshold:g}"

    def read(self, logits: Floats) -> tuple[Flags, Floats]:
        """Return legal sets, and how far each entry is from the other answer.

        Arguments:
            logits: shape `(m, k + 1)`, END last; of "joint-class" `(m, c)`.

        Returns:
            flags, shape `(m, k + 1)`, and distances of the same shape, at least 0.
        """
        if self.kind == "sign":
            return logits > 0, np.abs(np.nan_to_num(logits))
        if self.classes is not None:
            flags = self.classes[logits.argmax(axis=1)]
            masked = [np.where(self.classes.T[:, None, :] == said, logits, -np.inf) for said in (True, False)]
            best = np.abs(masked[0].max(axis=2) - masked[1].max(axis=2)).T
            return flags, np.nan_to_num(best, posinf=math.inf)
        assert self.threshold is not None
        with np.errstate(invalid="ignore"):  # of infinite logits, whose shares are no numbers
            shares = np.exp(logits - logits.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
        return shares > self.threshold, np.abs(shares - self.threshold)


def decision_named(text: str | None, model: Any, symbols: int) -> Decision:
    """Return the rule that a text names; without one, that of the model.

    Arguments:
        text: "sign", "prob:EPS" or "joint-class"; None means the sign for models of starfree's own making,
            and half the probability that all alike would have, 1/(2(V + 1)), for other checkpoints.
        model: as opened.
        symbols: V, in its alphabet.

    Raises:
        BadInput: for another text, a threshold outside (0, 1), or classes that the model does not have.
    """
    classes = getattr(model, "classes", None)
    if text is None:
        if classes is not None:
            text = "joint-class"
        else:
            ours = isinstance(model, OURS) or getattr(model, "origin", None)
            text = "sign" if ours else f"prob:{1 / (2 * (symbols + 1))}"
    if classes is not None and text != "joint-class":
        why = "the model chooses one of several legal sets, and has no logits of single symbols"
        raise BadInput(f"decision {text}", why, "Use joint-class.")
    if text == "sign":
        return Decision("sign")
    if text == "joint-class":
        if classes is None:
            why = "the model says for each symbol whether it is legal, and has no classes"
            raise BadInput("decision joint-class", why, "Use sign or prob:EPS.")
        return Decision("joint-class", classes=classes)
    kind, _, number = text.partition(":")
    try:
        threshold = float(number)
    except ValueError:
        threshold = math.nan
    if kind != "prob" or not 0 < threshold < 1:
        do = "Write sign, joint-class, or prob:EPS with EPS between 0 and 1."
        raise BadInput(f"decision {text}", "there is no such rule", do)
    return Decision("prob", threshold)
