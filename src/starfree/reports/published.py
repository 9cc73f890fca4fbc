"""The numbers of arXiv:2405.17394 beside ours, and why the two may differ."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_MODELS = {
    "mamba": ("mamba",),
    "transformer": ("transformer_pos_mask", "transformer"),
    "transformer-sin": ("transformer_pos_enc",),
}
_WINDOW = "The published second bin contains the lengths of training, so it says little about longer words."
_FEW = "Published from 15 to 50 test words, most of them also training words: one word is 2 to 7 points."
_COUNTED = "Published lengths are values of n, not of the word."
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
    "anbn": (_COUNTED, _FEW),
    "anbncn": (_COUNTED, _FEW),
    "anbncndn": (_COUNTED, _FEW),
    "parity": ("76% of the published training words end in 1, because an odd word was given one more 1.",),
}


@dataclass(frozen=True)
class Published:
    """A published accuracy of one run, in percent, strict; its lengths are values of n for the unit "reps"."""

    accuracy: float
    lo: int
    hi: int
    unit: str


@lru_cache(maxsize=1)
def _tables() -> tuple[list[dict[str, str]], dict[str, Any]]:
    folder = files("starfree.learning") / "data"
    try:
        rows = list(csv.DictReader((folder / "paper_results.csv").read_text().splitlines()))
        languages = json.loads((folder / "languages.json").read_text())
    except OSError:
        return [], {}
    return rows, {each["id"]: each for each in languages}


def published(language: str, model: str, layers: int) -> tuple[Published, ...]:
    """Return the published numbers of a model on a language of the catalogue, bin by bin; mostly none."""
    rows, languages = _tables()
    name = language.removeprefix("@")
    if not language.startswith("@") or name not in languages:
        return ()
    about = languages[name]
    found = []
    for row in rows:
        depth = not row["layers"] or int(row["layers"]) == layers
        if row["language"] == name and row["model"] in _MODELS.get(model, ()) and depth:
            lo, hi = about["bins"][int(row["bin"])]
            found.append(
                (int(row["bin"]), Published(float(row["accuracy_percent"]), lo, hi, about["window_unit"]))
            )
    return tuple(each for _, each in sorted(found, key=lambda pair: pair[0]))
