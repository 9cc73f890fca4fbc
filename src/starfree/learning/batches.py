"""Words with their targets, on the device of a network, cut into batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .examples import Examples, joined
from .heads import Head, KHot
from .splits import Stream

_ROOM = 200_000  # tokens of all members that one forward pass of an evaluation takes


@dataclass(frozen=True, eq=False)
class Batches:
    """Words to train on or to measure by.

    Arguments:
        head: what is asked of the logits.
        tokens: `(n, T)`.
        targets: `(n, T, ...)`, as the head has them.
        asked: `(n, T)`: where a target counts; nowhere behind the end of a word.
        lengths: `(n,)`: positions of each word.
    """

    head: Head
    tokens: Tensor
    targets: Tensor
    asked: Tensor
    lengths: Tensor

    @classmethod
    def of(
        cls,
        examples: Examples,
        device: torch.device,
        *,
        head: Head | None = None,
        targets: NDArray[np.int64] | None = None,
    ) -> Batches:
        """Return examples on a device; their targets are the legal sets, unless others are given.

        Arguments:
            head: of the other targets.
            targets: shape `(n, T)`, -1 where nothing is asked; or `(n, T, ...)`, asked everywhere.
        """
        asked = examples.mask
        if targets is not None and targets.ndim == 2:
            asked = asked & (targets >= 0)
        wanted = np.asarray(examples.legal, np.uint8) if targets is None else targets
        return cls(
            head or KHot(len(examples.alphabet)),
            torch.as_tensor(np.asarray(examples.tokens, np.int64), device=device),
            torch.as_tensor(wanted, device=device),
            torch.as_tensor(asked, device=device),
            torch.as_tensor(np.asarray(examples.lengths, np.int64) + 1, device=device),
        )

    def __len__(self) -> int:
        return len(self.lengths)

    def chosen(self, rows: NDArray[np.int64]) -> Batches:
        """Return some of the words."""
        index = torch.as_tensor(rows, device=self.tokens.device)
        parts = (part[index] for part in (self.tokens, self.targets, self.asked, self.lengths))
        return Batches(self.head, *parts)

    def rows(self, chosen: NDArray[np.int64] | Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return tokens `(E, B, T)`, targets and where they count, for the rows `(E, B)`."""
        index = torch.as_tensor(chosen, device=self.tokens.device)
        longest = int(self.lengths[index].max())
        return (
            self.tokens[:, :longest][index],
            self.targets[:, :longest][index],
            self.asked[:, :longest][index],
        )

    def blocks(self, members: int) -> Iterator[Tensor]:
        """Yield the rows in blocks that fit, the longest words first."""
        order = torch.argsort(self.lengths, descending=True, stable=True)
        at = 0
        while at < len(order):
            size = max(1, _ROOM // (members * int(self.lengths[order[at]])))
            yield order[at : at + size]
            at += size


class Source(Protocol):
    """What training words come from."""

    @property
    def head(self) -> Head:
        """What is asked of the logits."""

    def batch(self, seeds: Sequence[int], step: int) -> Batches:
        """Return the words of a step: those of the first seed, then of the next, as many of each."""


class Epochs:
    """The same words again and again, in a new random order each time; every seed has its own orders.

    Arguments:
        words: to train on.
        size: words in a batch.
    """

    def __init__(self, words: Batches, size: int) -> None:
        self.words, self.size, self.head = words, size, words.head
        self._orders: dict[int, tuple[int, NDArray[np.int64], Iterator[NDArray[np.int64]]]] = {}

    def batch(self, seeds: Sequence[int], step: int) -> Batches:
        """Return the words of a step."""
        return self.words.chosen(np.concatenate([self._rows(seed, step) for seed in seeds]))

    def _rows(self, seed: int, step: int) -> NDArray[np.int64]:
        at, rows, order = self._orders.get(seed, (-2, None, None))
        if rows is None or order is None or at not in (step, step - 1):
            order, at = words_in_order(len(self.words), self.size, seed, step), step - 1
        if rows is None or at != step:
            rows = next(order)
            self._orders[seed] = step, rows, order
        return rows


class Streaming:
    """New words at every step, from the seed and the step only.

    Arguments:
        made: draws them.
        encode: from words to batches.
        seed: of the data, beside the seeds of the members.
    """

    def __init__(self, made: Stream, encode: Callable[[Examples], Batches], head: Head, seed: int) -> None:
        self.made, self.encode, self.head, self.seed = made, encode, head, seed

    def batch(self, seeds: Sequence[int], step: int) -> Batches:
        """Return the words of a step."""
        drawn = [self.made.draw(np.random.default_rng([self.seed, seed, step])) for seed in seeds]
        return self.encode(joined(drawn))


def words_in_order(number: int, batch: int, seed: int, step: int = 0) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of each batch from a step on: all words in a new random order, again and again."""
    epoch, at = divmod(step * batch, number)
    rest = np.random.default_rng([seed, epoch]).permutation(number)[at:]
    while True:
        while len(rest) < batch:
            epoch += 1
            rest = np.concatenate([rest, np.random.default_rng([seed, epoch]).permutation(number)])
        yield rest[:batch]
        rest = rest[batch:]
