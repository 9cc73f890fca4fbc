"""Training an ensemble: one loop for every architecture, and every member as if it were alone.

A member's batches depend on its seed and the step only, its loss is its own mean, and the optimiser keeps
members apart. So an ensemble is what its members would be alone, up to the order of sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from ..errors import BadInput
from ..models.networks import Ensemble
from ..models.tokens import token_ids
from .checkpoint import load_checkpoint, save_checkpoint
from .examples import Examples
from .job import Job
from .optimiser import EnsembleAdamW, learning_rate_factor
from .results import Point

Bools = NDArray[np.bool_]
_ROOM = 200_000  # tokens of all members that one forward pass of an evaluation takes


@dataclass
class Member:
    """What training keeps of one member.

    Arguments:
        job: what is trained.
        status: "running", then "finished" or "nan".
        curve: its points so far.
        best: the step whose weights are kept, and these, `(P,)`.
        rank: what they were chosen for: validation words right, then the negative loss there.
        in_a_row: evaluations without an error since the last one with.
    """

    job: Job
    status: str = "running"
    curve: list[Point] = field(default_factory=list)
    best: tuple[int, Tensor] | None = None
    rank: tuple[int, float] = (-1, 0.0)
    in_a_row: int = 0


def train(
    network: Ensemble,
    jobs: Sequence[Job],
    training: Examples,
    validation: Examples,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[int, Sequence[Member]], None] | None = None,
) -> list[Member]:
    """Train the members of a network, one a job, on words of one language; leave the best weights in it.

    Arguments:
        network: an ensemble with a member for each job.
        jobs: they share an `engine`; seeds, rates and initial weights may differ.
        training, validation: words; the weights with most validation words right are kept, of these the
            ones with the least loss there. No other words are looked at.
        checkpoint: a file that is written at every evaluation, and read when it is there.
        progress: told the step and the members at every evaluation.

    Returns:
        a `Member` for each job. One whose loss is not a number has status "nan"; the others go on.

    Complexity: steps times batch times length times parameters, for each member.
    """
    job = jobs[0]
    device = network.device
    rates = torch.tensor([job.learning_rate for job in jobs], device=device)
    optimiser = EnsembleAdamW(network, rates, job.weight_decay, job.clip)
    members = [Member(job) for job in jobs]
    active, step = list(range(len(jobs))), 0
    if checkpoint is not None and checkpoint.exists():
        members, active, step = load_checkpoint(checkpoint, optimiser, members)
    words, checked = Batches(training, device), Batches(validation, device)
    order = [words_in_order(len(training), job.batch, one.seed, step) for one in jobs]
    losses = torch.zeros(len(active), device=device)
    while step < job.steps and active:
        network.train()
        optimiser.zero_gradient()
        rows = np.stack([next(order[index]) for index in active])
        losses += _add_gradient(network, optimiser, words, rows)
        factor = learning_rate_factor(step, job.warm_up, job.steps)
        optimiser.step(factor)
        step += 1
        if step % job.evaluate_every and step < job.steps:
            continue
        since = (step - 1) % job.evaluate_every + 1
        found = evaluate(network, checked)
        for place, index in enumerate(active):
            member = members[index]
            right, positions, validation_loss = found[place]
            mean, rate = float(losses[place]) / since, member.job.learning_rate * factor
            point = Point(member.job.id, step, mean, rate, right, len(validation), positions)
            _judge(member, point, validation_loss, optimiser.values[place])
        keep = [place for place, index in enumerate(active) if members[index].status == "running"]
        if len(keep) < len(active):
            active = [active[place] for place in keep]
            optimiser.keep(keep)
        losses = torch.zeros(len(active), device=device)
        if checkpoint is not None:
            save_checkpoint(checkpoint, optimiser, members, active, step)
        if progress is not None:
            progress(step, members)
    for index in active:
        members[index].status = "finished"
    _restore(optimiser, members)
    return members


def _judge(member: Member, point: Point, validation_loss: float, weights: Tensor) -> None:
    """Add a point to a member's curve; keep its weights when they are the best; say whether it goes on."""
    member.curve.append(point)
    if not np.isfinite(point.loss) or not np.isfinite(validation_loss):
        member.status = "nan"
        return
    rank = point.validation_words_right, -validation_loss
    if member.best is None or rank > member.rank:
        member.best, member.rank = (point.step, weights.clone()), rank
    without_error = point.validation_words_right == point.validation_words
    member.in_a_row = member.in_a_row + 1 if without_error else 0
    if member.job.patience and member.in_a_row >= member.job.patience:
        member.status = "finished"


def _restore(optimiser: EnsembleAdamW, members: Sequence[Member]) -> None:
    """Give every member its best weights, those that stopped early too."""
    width = optimiser.values.shape[1]
    rows = [torch.full((width,), torch.nan) if member.best is None else member.best[1] for member in members]
    optimiser.load(torch.stack([row.to(optimiser.values) for row in rows]))


class Batches:
    """Examples on the device of a network, and batches of them cut to the longest word."""

    def __init__(self, examples: Examples, device: torch.device) -> None:
        self.symbols = len(examples.alphabet)
        self.tokens = torch.as_tensor(np.asarray(examples.tokens, np.int64), device=device)
        self.legal = torch.as_tensor(np.asarray(examples.legal, np.uint8), device=device)
        self.lengths = torch.as_tensor(np.asarray(examples.lengths, np.int64), device=device)

    def __len__(self) -> int:
        return len(self.lengths)

    def positions(self, rows: NDArray[np.int64]) -> Tensor:
        """Return how many positions the words of each member have, `(E,)`."""
        chosen = torch.as_tensor(rows, device=self.lengths.device)
        return (self.lengths[chosen] + 1).sum(1)

    def of(self, rows: NDArray[np.int64] | Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return tokens `(E, B, T)`, legal sets `(E, B, T, k + 1)` and the mask of rows `(E, B)`."""
        chosen = torch.as_tensor(rows, device=self.tokens.device)
        lengths = self.lengths[chosen]
        longest = int(lengths.max()) + 1
        mask = torch.arange(longest, device=chosen.device) <= lengths[..., None]
        return self.tokens[:, :longest][chosen], self.legal[:, :longest][chosen], mask


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


def decisions(logits: Tensor, symbols: int) -> Tensor:
    """Return the logits of the symbols and of END, `(..., k + 1)`: those that are decided on, at 0."""
    end = token_ids(symbols).eos
    return torch.cat([logits[..., :symbols], logits[..., end : end + 1]], -1)


def _add_gradient(
    network: Ensemble, optimiser: EnsembleAdamW, words: Batches, rows: NDArray[np.int64]
) -> Tensor:
    """Compute the gradient of a batch, in as many parts as fit in memory; return each member's loss."""
    parts = 1
    while True:
        optimiser.zero_gradient()
        total = words.positions(rows)
        losses = torch.zeros(len(rows), device=words.tokens.device)
        try:
            for part in np.array_split(rows, parts, axis=1):
                loss = summed_loss(network, *words.of(part)) / total
                loss.sum().backward()
                losses += loss.detach()
            return losses
        except RuntimeError as error:  # of which torch's own OutOfMemoryError is one
            if "memory" not in str(error):
                raise
            parts *= 2
            if parts > 2 * rows.shape[1]:
                do = "Train fewer jobs together, or shorter words."
                raise BadInput("training", "a single word of each job does not fit in memory", do) from None


def summed_loss(network: Ensemble, tokens: Tensor, legal: Tensor, mask: Tensor) -> Tensor:
    """Return the binary cross-entropy of each member, `(E,)`, summed over what is not padding."""
    logits = decisions(network(tokens), legal.shape[-1] - 1)
    every = binary_cross_entropy_with_logits(logits, legal.to(logits), reduction="none").mean(-1)
    return (every * mask).sum((1, 2))


def evaluate(network: Ensemble, words: Batches) -> list[tuple[int, float, float]]:
    """Return for each member: words right, share of positions right, and mean loss."""
    members = network.members
    sums = torch.zeros(4, members, dtype=torch.float64)
    for rows in blocks(words, members):
        tokens, legal, mask = words.of(rows.expand(members, -1))
        with torch.no_grad():
            logits = decisions(network(tokens), words.symbols)
        wrong = ((logits > 0) != legal.bool()).any(-1) & mask
        every = binary_cross_entropy_with_logits(logits, legal.to(logits), reduction="none").mean(-1) * mask
        sums[0] += (~wrong.any(-1)).sum(1).cpu()
        sums[1] += (mask & ~wrong).sum((1, 2)).cpu()
        sums[2] += every.sum((1, 2)).cpu()
        sums[3] += mask.sum((1, 2)).cpu()
    words_right, right, loss, positions = sums.tolist()
    return [
        (int(w), r / n, total / n) for w, r, total, n in zip(words_right, right, loss, positions, strict=True)
    ]


def predicted(network: Ensemble, examples: Examples) -> Iterator[tuple[NDArray[np.int64], Bools]]:
    """Yield rows and what each member takes to be legal there, `(E, rows, T + 1, k + 1)`."""
    words = Batches(examples, network.device)
    width = words.tokens.shape[1]
    for rows in blocks(words, network.members):
        tokens, _, _ = words.of(rows.expand(network.members, -1))
        with torch.no_grad():
            legal = (decisions(network(tokens), words.symbols) > 0).cpu().numpy()
        padded = np.zeros((*legal.shape[:2], width, legal.shape[3]), bool)
        padded[:, :, : legal.shape[2]] = legal
        yield rows.cpu().numpy(), padded


def blocks(words: Batches, members: int) -> Iterator[Tensor]:
    """Yield the rows of words in blocks that fit, the longest words first."""
    order = torch.argsort(words.lengths, descending=True, stable=True)
    at = 0
    while at < len(order):
        longest = int(words.lengths[order[at]]) + 1
        size = max(1, _ROOM // (members * longest))
        yield order[at : at + size]
        at += size
