"""Trained networks beside the theorem that they must fail: two words of which each says the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..budgets import Budget
from ..errors import StarfreeError
from ..languages import END, Language, LegalSet
from ..languages.notation import printable, runs
from ..proofs.refutation import Finding, Refutation
from ..proofs.refute import refute
from ..proofs.witnesses import witness_against
from .parts import Chapter

_SECONDS = 15.0  # for one network
_COPIES = 1_000


def refuted_chapter(
    language: Language, models: Iterable[tuple[str, Any]], title: str = "Two words of which it says the same"
) -> list[Chapter]:
    """Return a chapter with a pair of words for each network that must have one, or none.

    Arguments:
        models: networks by name.
        title: of the chapter.

    Complexity: that of `refute` by pumping alone.
    """
    rows = []
    reasons: dict[str, None] = {}  # in the order met, each once
    for name, model in models:
        try:
            if not witness_against(model, language, model.alphabet, Budget.of(timeout=_SECONDS))[1]:
                continue
            found = refute(
                model, language, task="predict", strategies=["pumping"], copies=_COPIES, timeout=_SECONDS
            )
        except StarfreeError:  # a network without a step function
            continue
        reasons[found.because] = None
        rows.append((name, *_row(found)))
    if not rows:
        return []
    said = (
        f"Theory is certain that they exist: {'; '.join(reasons)}. A word v that the language counts is read "
        "again and again, until the network says the same after m and m + 1 copies, and is wrong after one "
        "of them. Each pair was run once more, from the beginning."
    )
    columns = ("run", "u, v, w", "m and m + 1", "it says", "right is", "the network")
    return [Chapter(title, said, columns, tuple(rows))]


def _row(found: Refutation) -> tuple[str, ...]:
    pair = next((each for each in found.findings if each.kind == "pair"), None)
    if pair is None or pair.pumped is None:
        return ("", "", "", "", f"not found in {_COPIES:,} copies or {_SECONDS:.0f} s")
    u, v, w, copies = pair.pumped
    words = ", ".join(runs(word) for word in (u, v, w))
    says = legal_text(pair.model_legal[0], found.alphabet)
    right = "; ".join(legal_text(legal, found.alphabet) for legal in pair.language_legal)
    return (words, f"{copies:,} and {copies + 1:,}", says, right, _state(pair))


def _state(pair: Finding) -> str:
    if pair.equal_states:
        return "is in the same state, bit for bit"
    return "is in another state, and says the same"


def legal_text(legal: LegalSet, alphabet: Iterable[str]) -> str:
    """Return a legal set as text: the symbols, then END."""
    parts = [printable(symbol) for symbol in alphabet if symbol in legal]
    return " ".join([*parts, *(["END"] if END in legal else [])]) or "nothing"
