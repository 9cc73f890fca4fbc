"""The numbers of arXiv:2405.17394 beside ours, and why the two may differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..learning.published import PUBLISHED, published_results

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
    "parity": ("76% of the published training words end in 1, because an odd word was given one more 1.",),
}


@dataclass(frozen=True)
class Published:
    """A published accuracy: of one run, strict, in percent, on words of these lengths."""

    accuracy: float
    lo: int
    hi: int


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


@lru_cache(maxsize=1)
def _rows() -> list[dict[str, Any]]:
    return published_results()
