"""The published experiments: their words, drawn anew, with what they ask; and the published figures.

Source: Sarrof, Veitsman and Hahn 2024, arXiv:2405.17394, and its code.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .examples import Examples, encode_words
from .published_grid import PUBLISHED as PUBLISHED
from .published_grid import Published as Published
from .published_grid import published as published
from .published_targets import target_texts
from .published_words import published_words

# Of these the code draws the words of bin 0 whether or not they are training words.
_SHARING = ("dyck_1", "shuffle_2", "shuffle_4", "shuffle_6")
# Of these the words of training and of bin 0 are one set, divided at random: only so is bin 0 as hard for
# look-ups, and d_3 runs out of words after 698 of bin 0.
_DIVIDED = ("d_2", "d_3", "d_4", "d_12")


@dataclass(frozen=True, eq=False)
class Labelled:
    """Words with the class that is to be predicted at each position.

    Arguments:
        examples: the words.
        targets: shape `(n, T + 1)`: the class after each prefix, -1 where nothing is asked, `len(names)` for
            what does not occur in training.
        names: the classes as the published files write them.
    """

    examples: Examples
    targets: NDArray[np.int64]
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PublishedData:
    """The data of a published experiment, drawn anew: words may repeat, and bins overlap.

    Arguments:
        experiment: what it is.
        train: the training words.
        bins: the test words, one for each of the experiment's bins.
    """

    experiment: Published
    train: Labelled
    bins: tuple[Labelled, ...]


def published_data(
    name: str,
    *,
    seed: int,
    as_published: bool = False,
    train_size: int | None = None,
    test_size: int | None = None,
    bins: int | None = None,
) -> PublishedData:
    """Return words drawn as the published code draws them, with the classes it asks for.

    Arguments:
        name: of the language.
        as_published: keep the wrong labels of tomita_3 and zot_02.
        train_size, test_size: how many words to draw; as published when None.
        bins: how many of the bins to draw; all when None.

    Raises:
        BadInput: when the language is not among the published ones.

    >>> data = published_data("anbn", seed=0)
    >>> data.train.names, len(data.train.examples) <= 99
    (('T', 'a', 'b'), True)
    """
    one = published(name)
    language = one.language
    windows = one.bins[:bins]
    streams = np.random.default_rng(seed).spawn(1 + len(windows))
    train_size = one.train_size if train_size is None else train_size
    test_size = one.test_size if test_size is None else test_size
    both = train_size + test_size if one.name in _DIVIDED and windows else train_size
    known: set[str] = set()
    drawn = published_words(one.name, one.train, both, train=True, rng=streams[0], known=known)
    if both > train_size:
        drawn = [drawn[i] for i in streams[1].permutation(len(drawn)).tolist()]
    words = [drawn[:train_size]]
    for i, (window, rng) in enumerate(zip(windows, streams[1:], strict=True)):
        if i == 0 and both > train_size:
            words.append(drawn[train_size:])
            continue
        # Of the other languages with distinct words bin 0 has none of training; later bins may have some.
        others = known if i == 0 and one.name not in _SHARING else set()
        words.append(published_words(one.name, window, test_size, train=False, rng=rng, known=others))
    examples = [encode_words(language, some) for some in words]
    texts = [target_texts(one.encoding, language, some, as_published) for some in examples]
    names = np.unique(texts[0][0][texts[0][1]])
    parts = [
        Labelled(some, _coded(*found, names), tuple(names.tolist()))
        for some, found in zip(examples, texts, strict=True)
    ]
    return PublishedData(one, parts[0], tuple(parts[1:]))


def _coded(texts: NDArray[np.str_], asked: NDArray[np.bool_], names: NDArray[np.str_]) -> NDArray[np.int64]:
    at = np.minimum(np.searchsorted(names, texts), len(names) - 1)
    return np.where(asked, np.where(names[at] == texts, at, len(names)), -1)


def published_results(
    table: Literal["results", "flipflop", "bounded_dyck"] = "results",
) -> list[dict[str, Any]]:
    """Return the published figures, a dictionary for each row; None where a cell is empty.

    Arguments:
        table: "results" for the accuracies of the 27 languages, "flipflop" for the error of the flip-flop
            language during training, "bounded_dyck" for closing brackets.

    >>> rows = published_results()
    >>> [row["accuracy_percent"] for row in rows if row["language"] == "d_12" and row["model"] == "mamba"]
    [93.65, 93.35, 99.9, 95.55, 99.99, 99.85]
    """
    text = (files("starfree.learning") / "data" / f"paper_{table}.csv").read_text("utf-8")
    return [{name: _read(cell) for name, cell in row.items()} for row in csv.DictReader(text.splitlines())]


def _read(cell: str) -> int | float | str | None:
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell or None
