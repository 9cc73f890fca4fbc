"""Training an ensemble: one loop for every architecture, and every member as if it were alone.

A member's batches depend on its seed and the step only, its loss is its own mean, and the optimiser keeps
members apart. So an ensemble is what its members would be alone, up to the order of sums.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import BadInput
from ..models.networks import Ensemble
from .batches import Batches, Source
from .checkpoint import load_checkpoint, save_checkpoint
from .heads import Head
from .job import Job
from .optimiser import EnsembleAdamW, learning_rate_factor
from .results import Point


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
    training: Source,
    validation: Batches,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[int, Sequence[Member]], None] | None = None,
) -> list[Member]:
    """Train the members of a network, one a job, on words of one language; leave the best weights in it.

    Arguments:
        network: an ensemble with a member for each job.
        jobs: they share an `engine`; seeds, rates and initial weights may differ.
        training: where the words of each step come from.
        validation: words; the weights with most validation words right are kept, of these the
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
    losses = torch.zeros(len(active), device=device)
    while step < job.steps and active:
        network.train()
        words = training.batch([jobs[index].seed for index in active], step)
        losses += _add_gradient(network, optimiser, words, len(active))
        factor = learning_rate_factor(step, job.warm_up, job.steps)
        optimiser.step(factor)
        step += 1
        if step % job.evaluate_every and step < job.steps:
            continue
        since = (step - 1) % job.evaluate_every + 1
        found = evaluate(network, validation)
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


def _add_gradient(network: Ensemble, optimiser: EnsembleAdamW, words: Batches, members: int) -> Tensor:
    """Compute the gradient of a batch, in as many parts as fit in memory; return each member's loss."""
    parts, rows = 1, np.arange(len(words)).reshape(members, -1)
    while True:
        optimiser.zero_gradient()
        total = words.asked.view(members, -1).sum(1)
        losses = torch.zeros(members, device=words.tokens.device)
        try:
            for part in np.array_split(rows, parts, axis=1):
                loss = summed_loss(network, words.head, *words.rows(part)) / total
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


def summed_loss(network: Ensemble, head: Head, tokens: Tensor, targets: Tensor, asked: Tensor) -> Tensor:
    """Return the loss of each member, `(E,)`, summed over the positions that are asked for."""
    return (head.losses(network(tokens), targets) * asked).sum((1, 2))


def evaluate(network: Ensemble, words: Batches) -> list[tuple[int, float, float]]:
    """Return for each member: words right, share of positions right, and mean loss."""
    network.train(False)
    members = network.members
    sums = torch.zeros(4, members, dtype=torch.float64)
    for rows in words.blocks(members):
        tokens, targets, asked = words.rows(rows.expand(members, -1))
        with torch.no_grad():
            logits = network(tokens)
            wrong = ~words.head.right(logits, targets) & asked
            losses = words.head.losses(logits, targets) * asked
        sums[0] += (~wrong.any(-1)).sum(1).cpu()
        sums[1] += (asked & ~wrong).sum((1, 2)).cpu()
        sums[2] += losses.sum((1, 2)).cpu()
        sums[3] += asked.sum((1, 2)).cpu()
    words_right, right, loss, positions = sums.tolist()
    return [
        (int(w), r / n, total / n) for w, r, total, n in zip(words_right, right, loss, positions, strict=True)
    ]
