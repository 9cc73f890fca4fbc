"""The numbers of arXiv:2405.17394 beside ours, and why the two may differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ..learning.published import PUBLISHED, published_results
from ..learning.results import MASS
from .summary import Series

_MODELS = {
    "mamba": ("mamba",),
    "transformer": ("transformer_pos_mask", "transformer"),
    "transformer-sin": ("transformer_pos_enc",),
}
_WINDOW = "The published second bin contains the lengths of training, so it says little about longer words."
_FEW = "Published from 15 to 50 test words, most of them also training words: one word is 2 to 7 points."
_SHUFFLE = "The published words never cross brackets of two types; ours do."
_SHORT = "Published after some 400 updates, so it does not tell what cannot be learned from what was not."
WHY: dict[str, tuple[str, ...]] = {
    "tomita_1": (_FEW,),
    "tomita_2": (_FEW,),
    "tomita_3": (
        "The published legal sets are wrong at 30% of the positions: 0 after an odd run of ones counts as "
        "illegal.",
    ),
    "zot_02": (
        "The published legal sets are wrong at 25% of the positions: they are those of (0|1|2)*02+.",
        _WINDOW,
    ),
    "aa_star": (_SHORT, _FEW),
    "aaaa_star": (_SHORT, _FEW),
    "abab_star": (
        _SHORT,
        _FEW,
        "Published: only whether the word may end is asked, not which letter is next.",
    ),
    "ab_d_bc": (_WINDOW,),
    "aa_bb_cc_dd_ee": (_WINDOW,),
    "d_3": (_WINDOW,),
    "d_4": (_WINDOW,),
    "shuffle_2": (_SHUFFLE,),
    "shuffle_4": (_SHUFFLE,),
    "shuffle_6": (_SHUFFLE,),
    "anbn": (_FEW,),
    "anbncn": (_FEW,),
    "anbncndn": (_FEW,),
    "flip_flop": ("Published: one run of one layer, its error after about as many updates.",),
    "bounded_dyck_8_10": (
        "Published: one run of each width; learning rate 0.0001 for one layer and 0.001 for two, so that "
        "depth and rate cannot be told apart. Ours have both.",
    ),
    "parity": ("76% of the published training words end in 1, because an odd word was given one more 1.",),
}


@dataclass(frozen=True)
class Published:
    """A published accuracy: of one run, strict, in percent, on the words of a bin.

    Arguments:
        accuracy: in percent.
        lo, hi: the lengths of the words.
        title: of the bin, where its lengths do not tell it from the others.
    """

    accuracy: float
    lo: int
    hi: int
    title: str | None = None


def published_beside(language: str, series: Series, measure: str) -> tuple[Published, ...]:
    """Return what is published about runs like those of a series, bin by bin; mostly nothing.

    Flip-flop was published for words of FFL only, and bounded Dyck by closing brackets.
    """
    settings = series.settings
    if measure == MASS and language == "@bounded_dyck_8_10" and series.model == "mamba":
        return _closing(series.layers, series.width, settings["learning_rate"])
    if measure != "words":
        return ()
    if language == "@flip_flop":
        like = (series.model, series.layers, settings.get("source")) == ("mamba", 1, "ffl")
        return _flip_flop(settings["steps"]) if like else ()
    return published_figures(language, series.model, series.layers)


def _flip_flop(updates: int) -> tuple[Published, ...]:
    found = []
    for split, p in (("in_distribution_p0.8", 0.8), ("out_of_distribution_p0.98", 0.98)):
        rows = [row for row in _rows("flipflop") if row["split"] == split]
        row = min(rows, key=lambda row: abs(row["train_step"] - updates))
        found.append(Published(100 - row["sequence_error_percent"], 512, 512, f"512, p = {p}"))
    return tuple(found)


def published_curve(language: str, series: Series) -> list[tuple[int, float]]:
    """Return the published learning curve: updates, and the share of words that are wrong, in percent."""
    if language != "@flip_flop" or not published_beside(language, series, "words"):
        return []
    rows = [row for row in _rows("flipflop") if row["split"] == "in_distribution_p0.8"]
    points = [(row["train_step"], row["sequence_error_percent"]) for row in rows]
    return [point for point in points if point[0] <= series.settings["steps"]]


def _closing(layers: int, width: int, rate: float) -> tuple[Published, ...]:
    for row in _rows("bounded_dyck"):
        if (row["layers"], row["hidden_dim"], row["learning_rate"]) == (layers, width, rate):
            bins = (("dev_close_acc", 1, 700), ("test_close_acc", 701, 1400))
            return tuple(Published(round(100 * row[name], 2), lo, hi) for name, lo, hi in bins)
    return ()


def published_figures(language: str, model: str, layers: int) -> tuple[Published, ...]:
    """Return what is published about a model on a language of the catalogue, bin by bin; mostly nothing.

    >>> [each.accuracy for each in published_figures("@parity", "mamba", 3)]
    [91.15, 16.7]
    """
    names = {each.name: each for each in PUBLISHED}
    name = language.removeprefix("@")
    if not language.startswith("@") or name not in names:
        return ()
    experiment = names[name]
    times = len(experiment.language.alphabet) if experiment.repeats else 1
    found = {}
    for row in _rows():
        depth = row["layers"] in (None, layers)
        if row["language"] == name and row["model"] in _MODELS.get(model, ()) and depth:
            lo, hi = experiment.bins[row["bin"]]
            found[row["bin"]] = Published(float(row["accuracy_percent"]), lo * times, hi * times)
    return tuple(found[bin] for bin in sorted(found))


@cache
def _rows(table: Literal["results", "flipflop", "bounded_dyck"] = "results") -> list[dict[str, Any]]:
    return published_results(table)
