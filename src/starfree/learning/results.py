"""What is known about a training: the run, what it gets right on each range of lengths, its curve."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

ENDS = "ends after prefixes as long as these words"  # names of measures in `BinResult.extra`
READS = "bits after a read"
MASS = "closing brackets, by over 0.8 of the probability of all"
LENGTHS_OF_PREFIXES = "by length of prefix"  # lo, hi, right, n of each range, in `BinResult.extra`
CLOSES = "closing brackets where one is open"

Status = Literal["finished", "nan", "stopped"]


@dataclass(frozen=True)
class Run:
    """One training of one network.

    Arguments:
        id: a digest of what defines the run; a run that is repeated has the same.
        language: as `starfree.load` reads it.
        task: what was learned, such as "predict".
        model: the architecture.
        layers, width, parameters: its sizes.
        config: everything else that defines the run; a JSON document.
        seed: of the initial weights and the order of the words.
        status: "finished", "nan" (the loss was no number) or "stopped".
        steps: updates made.
        best_step: the one whose weights were measured.
        seconds: the time it took.
        versions: of the libraries.
        commit: of starfree's source, where it is a checkout.
        created: when it ended, UTC, in ISO 8601.
    """

    id: str
    language: str
    task: str
    model: str
    layers: int
    width: int
    parameters: int
    config: dict[str, Any]
    seed: int
    status: Status
    steps: int
    best_step: int
    seconds: float
    versions: dict[str, str]
    commit: str | None
    created: str


@dataclass(frozen=True)
class BinResult:
    """What a run gets right on the words of a range of lengths.

    Arguments:
        run: the id of the run.
        bin: number of the bin, from 0, which has the lengths of training.
        lo, hi: the least and the largest length.
        words, words_right: words, and those with every legal set right.
        positions, positions_right: prefixes, the empty one included, and those whose legal set is right.
        ends_right: prefixes at which it is right whether the word may end.
        extra: anything else that was counted, such as the baselines; a JSON document.
    """

    run: str
    bin: int
    lo: int
    hi: int
    words: int
    words_right: int
    positions: int
    positions_right: int
    ends_right: int
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """What was measured at one step of training; a value that is not a number is kept as such."""

    run: str
    step: int
    loss: float
    learning_rate: float
    validation_words_right: int
    validation_words: int
    validation_position_accuracy: float


@dataclass(frozen=True)
class Record:
    """A run as it is kept.

    Arguments:
        run: the run.
        attempt: 1 for the first run with this id, 2 for the next, and so on.
        bins: in order.
        curve: by step.
    """

    run: Run
    attempt: int
    bins: tuple[BinResult, ...]
    curve: tuple[Point, ...]


def finite(value: Any) -> Any:
    """Return a document in which what JSON has no number for is null."""
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class Hypothesis:
    """A claim that was written down before the results.

    Arguments:
        text: the claim.
        held: whether the results bear it out; None when they do not say.
        evidence: the figures that decide.
    """

    text: str
    held: bool | None
    evidence: str

    @property
    def outcome(self) -> str:
        """The answer, in words."""
        return "not tested" if self.held is None else "held" if self.held else "failed"
