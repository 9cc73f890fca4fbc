"""Verdicts on languages that are not regular: which families can count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .families import Family
from .rules import Ruling


def rule_counting(family: Family, kind: str) -> tuple[Ruling, str]:
    """Return what is known about a family for a language that is not regular, and in which arithmetic.

    A model counts when it can hold an exact integer without bound (fixed point, gate 1, free increment): then
    it has the counter languages. Where the state is an average or decays, or the bits are constant in number,
    it has not.

    Arguments:
        family: one of `FAMILIES`.
        kind: "counter", or "program" for anything else.

    Source: arXiv:2405.17394 for counter languages; Weiss et al., ACL 2018, for LSTM and GRU.
    """
    if family.models_yes and kind == "counter":
        return Ruling("yes", None, "lower"), "FIX"
    if not family.models_yes and (family.models_no or family.arithmetic == "WIDTH"):
        return Ruling("no", None, "upper"), family.arithmetic
    return Ruling("open", None, family.bound), family.arithmetic


@dataclass(frozen=True)
class CountingSupport:
    """Reasons for the verdicts on a language that is not regular; they carry no certificate."""

    def because(self, family: Family, ruling: Ruling) -> str:
        """Return the reason, in plain words."""
        if ruling.answer == "yes":
            rest = f"; these cannot: {', '.join(family.models_no)}" if family.models_no else ""
            return f"These models can hold an exact counter: {', '.join(family.models_yes)}{rest}."
        if ruling.answer == "no":
            if family.arithmetic == "WIDTH":
                return "With a constant number of bits it has regular languages only; this one is not."
            return "Its state decays or is an average, so it cannot hold a counter without bound."
        return "The language is not regular, and no theorem used here says whether the family has it."

    def layers(self, family: Family, ruling: Ruling) -> int | None:
        """Return None: layers are counted for regular languages only."""
        return None

    def certificate(self, family: Family, ruling: Ruling) -> dict[str, Any] | None:
        """Return None: certificates contain a DFA."""
        return None
