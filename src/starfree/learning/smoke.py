"""The smoke set: eight languages of the paper in a few minutes, and what theory lets us expect of them."""

from __future__ import annotations

from collections.abc import Sequence

from .job import Job
from .metrics import Score, percent
from .results import ENDS, BinResult, Hypothesis, Record
from .splits import default_bins

SEEDS = (0, 1, 2, 3, 4)
STAR_FREE = ("@tomita_4", "@tomita_7", "@ab_d_bc", "@d_2", "@flip_flop")
LANGUAGES = (*STAR_FREE, "@parity", "@aa_star", "@dyck_1")
_WINDOW = (1, 50)
_HELD = 0.99  # the share of words that the seed in the middle must have right for a language to be held
_MOST = 0.01  # the share that a model may have right by chance where theory says no


def smoke_jobs(languages: Sequence[str] = LANGUAGES) -> list[Job]:
    """Return the jobs: Mamba on every language, and Mamba with signed gates on parity."""
    jobs, bins = [], default_bins(*_WINDOW)
    for language in languages:
        for model in ("mamba", "mamba-signed") if language == "@parity" else ("mamba",):
            jobs += [Job(language, model, seed=seed, window=_WINDOW, bins=bins) for seed in SEEDS]
    return jobs


def hypotheses(records: Sequence[Record]) -> list[Hypothesis]:
    """Return what was expected of the smoke set, each with what came out."""
    last: dict[tuple[str, str], list[BinResult]] = {}
    for record in records:
        if record.bins:
            last.setdefault((record.run.language, record.run.model), []).append(record.bins[-1])
    found = [_held(language, last.get((language, "mamba"), [])) for language in STAR_FREE]
    return [
        *found,
        *_parity(last.get(("@parity", "mamba"), [])),
        _signed(last.get(("@parity", "mamba-signed"), [])),
    ]


def _held(language: str, results: list[BinResult]) -> Hypothesis:
    text = f"{language} is star-free: Mamba holds it at ten times the training length ({_HELD:.0%} of words)."
    shares = sorted(each.words_right / each.words for each in results)
    held = shares[(len(shares) - 1) // 2] >= _HELD if shares else None
    return Hypothesis(text, held, _listed("words right", shares))


def _parity(results: list[BinResult]) -> list[Hypothesis]:
    strict = [each.words_right / each.words for each in results]
    few = Hypothesis(
        f"Parity with gates in [0, 1]: at most {_MOST:.0%} of words right at ten times the training length.",
        max(strict) <= _MOST if strict else None,
        _listed("words right", strict),
    )
    return [
        few,
        _constant([_ends_of_all(each) for each in results]),
        _no_better([_ends_of_long(each) for each in results]),
    ]


def _ends_of_all(result: BinResult) -> tuple[Score, Score]:
    """Return how often the end is right, for the network and for a constant."""
    constant = Score(result.extra["baselines"]["majority"]["end"], result.positions)
    return Score(result.ends_right, result.positions), constant


def _ends_of_long(result: BinResult) -> tuple[Score, Score]:
    own, constant = result.extra["measures"][ENDS], result.extra["baselines"]["majority"][ENDS]
    return Score(own["right"], own["n"]), Score(constant["right"], constant["n"])


def _constant(scores: list[tuple[Score, Score]]) -> Hypothesis:
    """Return whether every seed is in the interval of a constant answer."""
    text = "Parity with gates in [0, 1]: whether the word may end is right as often as for a constant answer."
    shares, low, high = _beside(scores)
    held = all(low <= share <= high for share in shares) if scores else None
    return Hypothesis(text, held, _ends(shares, low, high))


def _no_better(scores: list[tuple[Score, Score]]) -> Hypothesis:
    """Return whether no seed is above the interval of a constant answer."""
    text = (
        "Added after the first run: the same, counted only after prefixes as long as the words, for earlier "
        "ones are as short as those of training; no seed is better than a constant answer."
    )
    shares, low, high = _beside(scores)
    return Hypothesis(text, max(shares) <= high if scores else None, _ends(shares, low, high))


def _beside(scores: list[tuple[Score, Score]]) -> tuple[list[float], float, float]:
    """Return the shares of the seeds, and the interval of the constant answer."""
    low, high = scores[0][1].interval if scores else (0.0, 1.0)
    return [own.share for own, _ in scores], low, high


def _ends(shares: list[float], low: float, high: float) -> str:
    return _listed("ends right", shares) + (
        f"; a constant {percent(low)} to {percent(high)} %" if shares else ""
    )


def _signed(results: list[BinResult]) -> Hypothesis:
    shares = [each.words_right / each.words for each in results]
    return Hypothesis(
        "Parity with gates in [-1, 1]: at least one seed solves it at ten times the training length "
        f"({_HELD:.0%} of words).",
        max(shares) >= _HELD if shares else None,
        _listed("words right", shares),
    )


def _listed(what: str, shares: Sequence[float]) -> str:
    return f"{what}: " + ", ".join(f"{percent(share)} %" for share in shares) if shares else "not run"
