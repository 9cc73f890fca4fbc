"""The words of a job: drawn evenly or as the paper's code draws them, with what is asked at each position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages import Language
from ..languages.load import load
from .classes import Classes
from .control import shuffled
from .examples import Examples, encode_columns
from .flipflop import flip_flop
from .heads import Head, Joint, KHot, NextToken
from .job import Job
from .nested import nested_words
from .published import Labelled, published_data
from .splits import TRAIN, Stream, make_split, make_stream

_VALIDATION = 10  # of the published training words every tenth is kept for validation


@dataclass(frozen=True, eq=False)
class Part:
    """Some words, and what is asked of them where that is not the legal set of each prefix.

    Arguments:
        lo, hi: lengths of the words.
        examples: the words.
        targets: shape `(n, T)`: the class of each position, -1 where nothing is asked; or as `NextToken` has
            them; None for legal sets.
        exhaustive: whether these are all words of these lengths.
        name: of the bin, where its lengths do not tell it from the others.
    """

    lo: int
    hi: int
    examples: Examples
    targets: NDArray[np.int64] | None = None
    exhaustive: bool = False
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Material:
    """All that a job reads.

    Arguments:
        language: what is learned.
        head: what the logits are asked for.
        classes: the legal set of each class of a joint head; None for others.
        training, validation: words.
        stream: draws the training words instead, when new ones are wanted at every step.
        bins: words to measure by.
    """

    language: Language
    head: Head
    classes: Classes | None
    training: Part
    validation: Part
    bins: tuple[Part, ...]
    stream: Stream | None = None


def material(job: Job) -> Material:
    """Return the words of a job.

    Raises:
        BadInput: for an unknown language, head or source; for a bin without words.
        BudgetExceeded: when the language is too large.

    Complexity: that of `make_split`, or of the published samplers.
    """
    if job.head not in HEADS:
        raise BadInput(f"head {job.head}", "there is no such head", f"Use one of {', '.join(HEADS)}.")
    if job.source == "as-published":
        return _as_published(job)
    if job.source not in SOURCES:
        do = f"Use one of {', '.join(SOURCES)}."
        raise BadInput(f"source {job.source}", "is no source of words", do)
    if job.source != "uniform" and job.source != f"{_SAMPLED.get(job.language)}":
        why = f"has no words of {job.language}"
        raise BadInput(f"source {job.source}", why, f"Use it for {' or '.join(_SAMPLED)}.")
    language = load(job.language)
    if job.source in _PARTS:
        found = _PARTS[job.source](job)
        return _material(language, job, found)
    split = make_split(
        language,
        job.window,
        job.bins,
        train_size=job.words or TRAIN,
        validation_size=job.test_words,
        bin_size=job.test_words,
        seed=job.data_seed,
    )
    training = shuffled(split.train, job.data_seed) if job.shuffled else split.train
    parts = [Part(*job.window, training), Part(*job.window, split.validation)]
    parts += [Part(each.lo, each.hi, each.examples, None, each.exhaustive) for each in split.bins]
    made = _material(language, job, parts)
    if job.words:
        return made
    held = [*split.validation.words(), *split.bins[0].examples.words()]
    return replace(made, stream=make_stream(language, *job.window, job.batch, exclude=held))


def _material(language: Language, job: Job, parts: Sequence[Part]) -> Material:
    """Return training words, validation words and bins, with the head of a job."""
    if job.head == "khot":
        return Material(language, KHot(len(language.alphabet)), None, parts[0], parts[1], tuple(parts[2:]))
    if job.head == "next":
        following = [replace(part, targets=next_targets(part.examples)) for part in parts]
        head = NextToken(len(language.alphabet))
        return Material(language, head, None, following[0], following[1], tuple(following[2:]))
    classes = Classes.of(parts[0].examples)
    asked = [_classified(part, classes) for part in parts]
    return Material(language, Joint(len(classes)), classes, asked[0], asked[1], tuple(asked[2:]))


def _flip_flop(job: Job) -> list[Part]:
    """Return FFL(0.8) to train on; to measure by, the same, few writes, and words twice as long."""
    length = job.window[1]
    drawn = [(job.words, 0.8, length), (job.test_words, 0.8, length)]
    drawn += [(job.test_words, p, size) for p, size in ((0.8, length), (0.98, length), (0.8, 2 * length))]
    return [
        Part(
            size, size, flip_flop(number, p, length=size, seed=job.data_seed + place), name=f"{size}, p = {p}"
        )
        for place, (number, p, size) in enumerate(drawn)
    ]


def _nested(job: Job) -> list[Part]:
    """Return words drawn bracket by bracket; windows are in tokens, END included, as published."""
    asked = [(job.words, job.window), (job.test_words, job.window)]
    asked += [(job.test_words, window) for window in job.bins]
    language, parts = load(job.language), []
    for place, (number, (lo, hi)) in enumerate(asked):
        words = nested_words(8, 10, lo, hi, number=number, seed=job.data_seed + place)
        parts.append(Part(lo, hi, encode_columns(language, *words)))
    return parts


def next_targets(examples: Examples) -> NDArray[np.int64]:
    """Return the legal sets and what comes next, `(n, T, k + 2)`, as `NextToken` has them."""
    k = len(examples.alphabet)
    after = np.concatenate([examples.tokens[:, 1:], examples.tokens[:, :1]], axis=1).astype(np.int64)
    after[np.arange(len(examples)), examples.lengths] = k
    after[~examples.mask] = 0
    return np.concatenate([examples.legal, after[..., None]], axis=-1).astype(np.int64)


def _classified(part: Part, classes: Classes) -> Part:
    return replace(part, targets=class_targets(part.examples, classes))


def class_targets(examples: Examples, classes: Classes) -> NDArray[np.int64]:
    """Return the class of each legal set; one that training did not have is none of them, `len(classes)`."""
    mask = examples.mask
    index = classes.index(examples.legal, mask)
    return np.where(mask & (index < 0), len(classes), index)


def _as_published(job: Job) -> Material:
    """Return words, bins, classes and loss as the paper's code has them, but for a validation part."""
    data = published_data(job.language, seed=job.data_seed, as_published=True)
    experiment = data.experiment
    held = np.arange(len(data.train.examples)) % _VALIDATION == 0

    def part(found: Labelled, rows: NDArray[np.bool_] | slice = slice(None)) -> Part:
        examples = found.examples[rows]
        lengths = examples.lengths
        return Part(int(lengths.min()), int(lengths.max()), examples, found.targets[rows])

    return Material(
        experiment.language,
        Joint(len(data.train.names), experiment.loss),
        None,
        part(data.train, ~held),
        part(data.train, held),
        tuple(part(each) for each in data.bins),
    )


_PARTS: dict[str, Callable[[Job], list[Part]]] = {"ffl": _flip_flop, "nested": _nested}
_SAMPLED = {"@flip_flop": "ffl", "@bounded_dyck_8_10": "nested"}
HEADS = ("khot", "joint", "next")
SOURCES = ("uniform", "as-published", *_PARTS)
