"""Certificates in plain words: the witness of a "no", for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..verdicts.spelling import word_text
from .screen import Screen


def describe(screen: Screen, certificate: Mapping[str, Any]) -> str:
    """Return what the evidence of a certificate says, in a few lines; empty when only programs read it."""
    evidence = certificate["evidence"]
    kind = evidence["kind"]
    if kind not in _SAYS:
        return ""
    names, says = _SAYS[kind]
    words = {name: evidence[name] for name in names} if names else _numbered(evidence["generators"])
    rows = [[f"{name} =", word_text(word)] for name, word in words.items()]
    told = says.format(**evidence, moved=len(evidence.get("points", ())))
    return screen.table(rows, indent=2, gap=1) + "\n" + screen.wrap(told, indent=2)


def _numbered(words: Sequence[Any]) -> dict[str, Any]:
    """Return words under the names g1, g2, ..."""
    return {f"g{number}": word for number, word in enumerate(words, 1)}


def in_short(certificate: Mapping[str, Any]) -> str | None:
    """Return what the evidence shows in a few words, where `describe` says the rest."""
    evidence = certificate["evidence"]
    says = _SHORT.get(evidence["kind"])
    return None if says is None else f"{says.format(**evidence)}, see the witness"


_SHORT = {
    "pumping": "not star-free: counts modulo {period}",
    "mutually-reachable": "two states lead to each other",
    "pair-cycle": "no window of last symbols is long enough",
    "equal-length": "not quasi-aperiodic: words of one length act differently",
    "perfect-subgroup": "a group of words that is not solvable",
}
_SAYS = {
    "pumping": (
        ("u", "v", "w"),
        "however large n is, n mod {period} decides whether u v^n w is a word",
    ),
    "mutually-reachable": (
        ("u", "x", "y"),
        "u leads to a state that x leaves and y returns to",
    ),
    "pair-cycle": (
        ("u1", "u2", "x"),
        "u1 x^n and u2 x^n stay apart however large n is, so the last symbols alone never tell them apart",
    ),
    "equal-length": (
        ("u", "v_e", "v_g"),
        "v_e and v_g are equally long; after u, v_e changes nothing and v_g runs through {period} states",
    ),
    "perfect-subgroup": (
        (),
        "these words permute {moved} states, and each is a product of commutators of the group they make",
    ),
}
