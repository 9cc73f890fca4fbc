"""Checkpoints of training: whatever moment it is stopped at, one whole file is there."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..errors import BadInput
from .results import Point

if TYPE_CHECKING:
    from .optimiser import EnsembleAdamW
    from .train import Member


def save_checkpoint(
    path: Path, optimiser: EnsembleAdamW, members: list[Member], active: list[int], step: int
) -> None:
    """Write a checkpoint beside the last one and put it in its place at once.

    Raises:
        BadInput: when it cannot be written, for example because the disk is full; the last one stays.
    """
    document = {
        "jobs": [member.job.id for member in members],
        "members": [
            {
                "status": member.status,
                "curve": [asdict(point) for point in member.curve],
                "best": member.best,
                "rank": member.rank,
                "in_a_row": member.in_a_row,
            }
            for member in members
        ],
        "active": active,
        "step": step,
        "optimiser": optimiser.to_state(),
    }
    beside = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(document, beside)
        os.replace(beside, path)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        beside.unlink(missing_ok=True)
        why = f"cannot be written ({error.strerror if isinstance(error, OSError) else 'is the disk full?'})"
        raise BadInput(f"the checkpoint {path}", why, "Make room and run it again: it goes on.") from None


def load_checkpoint(
    path: Path, optimiser: EnsembleAdamW, members: list[Member]
) -> tuple[list[Member], list[int], int]:
    """Return the members, those that still run and the step of a checkpoint; fill the optimiser.

    Raises:
        BadInput: when the file is not a checkpoint of these jobs.
    """
    try:
        document: dict[str, Any] = torch.load(path, map_location=optimiser.values.device, weights_only=True)
        fits = document["jobs"] == [member.job.id for member in members]
    except Exception:  # torch raises whatever the bytes lead it to
        fits = False
    if not fits:
        raise BadInput(f"the checkpoint {path}", "is not one of these jobs", "Delete it to start again.")
    for member, kept in zip(members, document["members"], strict=True):
        member.status, member.in_a_row = kept["status"], kept["in_a_row"]
        member.curve = [Point(**point) for point in kept["curve"]]
        member.best, member.rank = kept["best"], kept["rank"]
    optimiser.keep(document["active"])
    optimiser.from_state(document["optimiser"])
    return members, document["active"], document["step"]
