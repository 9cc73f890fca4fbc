"""Certificates in plain words: the witness of a "no", for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .screen import Screen, clip, runs, visible

_LONGEST = 160


def word_text(word: Any) -> str:
    """Return a word of a certificate in run-length notation.

    Arguments:
        word: a list of symbols, or a straight-line program `{"steps": [...]}`.

    >>> word_text(["a", "b"]), word_text([])
    ('ab', 'ε')
    >>> word_text({"steps": [["sym", "a"], ["sym", "b"], ["mul", 0, 1], ["pow", 2, 10**9]]})
    '(ab)^1000000000'
    """
    if isinstance(word, list):
        return clip(runs(word), _LONGEST)
    texts: list[str] = []
    apart = " " if any(step[0] == "sym" and len(step[1]) > 1 for step in word["steps"]) else ""
    for kind, *operands in word["steps"]:
        if kind == "sym":
            text = visible(operands[0])
        elif kind == "mul":
            text = apart.join(texts[i] for i in operands if texts[i] != "ε") or "ε"
        elif operands[1] == 0 or texts[operands[0]] == "ε":
            text = "ε"
        else:
            base = texts[operands[0]]
            text = (base if len(base) == 1 else f"({base})") + f"^{operands[1]}"
        texts.append(clip(text, _LONGEST))  # a step may double the one before it, so each is kept short
    return texts[-1] if texts else "ε"


def describe(screen: Screen, certificate: Mapping[str, Any]) -> str:
    """Return what the evidence of a certificate says, in a few lines; empty when only programs read it."""
    evidence = certificate["evidence"]
    kind = evidence["kind"]
    if kind not in _SAYS:
        return ""
    names, says = _SAYS[kind]
    words = ", ".join(f"{name} = {word_text(evidence[name])}" for name in names)
    return screen.wrap(f"{words}: {says.format(**evidence)}", indent=2)


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
}
