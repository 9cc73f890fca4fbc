"""What a network's logits are asked for: each symbol by itself, one of the legal sets, or what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, one_hot

from ..models.tokens import token_ids


class Head(Protocol):
    """How logits are turned into a loss, and into right and wrong."""

    @property
    def outputs(self) -> int | None:
        """How many logits a position has; None means one for each token."""

    def losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of every position, `(E, B, T)`, of logits `(E, B, T, V)`."""

    def said(self, logits: Tensor) -> Tensor:
        """Return what is taken to be so: legal sets, `(E, B, T, k + 1)`, or classes, `(E, B, T)`."""

    def right(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return which positions are exactly right, `(E, B, T)`."""


@dataclass(frozen=True)
class KHot:
    """One decision for each symbol and for END: legal where the logit is positive.

    Arguments:
        symbols: k; targets are the legal sets, `(E, B, T, k + 1)` with END last.
    """

    symbols: int
    outputs: None = None

    def decided(self, logits: Tensor) -> Tensor:
        """Return the logits that are decided on, `(..., k + 1)`, END last."""
        end = token_ids(self.symbols).eos
        return torch.cat([logits[..., : self.symbols], logits[..., end : end + 1]], -1)

    def losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the mean binary cross-entropy of the decisions."""
        decided = self.decided(logits)
        return binary_cross_entropy_with_logits(decided, targets.to(decided), reduction="none").mean(-1)

    def said(self, logits: Tensor) -> Tensor:
        """Return the legal sets."""
        return self.decided(logits) > 0

    def right(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return where every decision is right."""
        return (self.said(logits) == targets.bool()).all(-1)


@dataclass(frozen=True)
class Joint:
    """One class at each position, the one with the largest logit.

    Arguments:
        classes: how many there are; targets are their numbers, `(E, B, T)`; a larger one is no class that
            training had, and always wrong.
        loss: "ce", cross-entropy; or "mse", the squared distance from one-hot, as some of the paper's runs.
    """

    classes: int
    loss: str = "ce"

    @property
    def outputs(self) -> int:
        """One logit for each class."""
        return self.classes

    def losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of each position; of a class that training did not have, that of the last."""
        known = targets.clamp(0, self.classes - 1)
        if self.loss == "mse":
            return (logits - one_hot(known, self.classes).to(logits)).square().mean(-1)
        return cross_entropy(logits.movedim(-1, 1), known, reduction="none")

    def said(self, logits: Tensor) -> Tensor:
        """Return the class with the largest logit."""
        return logits.argmax(-1)

    def right(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return where it is that of the target."""
        return self.said(logits) == targets


@dataclass(frozen=True)
class NextToken:
    """A language model: the probability of each symbol, and of END, to come next.

    A symbol is taken to be legal when its probability is above half of what it is when all are alike.

    Arguments:
        symbols: k; targets are `(E, B, T, k + 2)`: the legal set, END last, and the number of what comes
            next, k for END.
    """

    symbols: int
    outputs: None = None

    def probabilities(self, logits: Tensor) -> Tensor:
        """Return the probability of each symbol and of END, `(..., k + 1)`."""
        return KHot(self.symbols).decided(logits).softmax(-1)

    def losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return the cross-entropy of what comes next, in nats."""
        decided = KHot(self.symbols).decided(logits)
        return cross_entropy(decided.movedim(-1, 1), targets[..., -1].long(), reduction="none")

    def said(self, logits: Tensor) -> Tensor:
        """Return the legal sets."""
        return self.probabilities(logits) > 1 / (2 * (self.symbols + 2))

    def right(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Return where the legal set is right."""
        return (self.said(logits) == targets[..., :-1].bool()).all(-1)
