"""Verdicts on languages that are not regular: which families can count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..programs import Program
from ..programs.expressions import FALSE, Latch
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


def rule_program(family: Family, program: Program) -> tuple[Ruling, str]:
    """Return what is known about a family for a program that counts, when its language may be regular.

    A model that counts and can hold or reset what it has by its input has the latches and counters of every
    program without rotors; with fixed gates it has those whose latches are never reset, which are counts.
    Gates of -1 add rotors whose orders are powers of two.

    Source: arXiv:2405.17394; Weiss et al., ACL 2018, for LSTM.
    """
    signed = program.turns and family.id == "diagonal-signed"
    turned = "modular" in program.fragment and not signed
    reset = any(isinstance(node, Latch) and node.reset is not FALSE for node in program.nodes)
    can = family.models_yes and not (family.id != "rnn" and turned)
    if can and not (family.id == "time-invariant-unit" and reset):
        return Ruling("yes", None, "lower"), "FIX"
    return Ruling("open", None, family.bound), family.arithmetic


@dataclass(frozen=True)
class CountingSupport:
    """Reasons for the verdicts on a language that counts; they carry no certificate.

    Arguments:
        regular: False, or None when it is not known whether the language is regular.
    """

    regular: Literal[False] | None = False

    def because(self, family: Family, ruling: Ruling) -> str:
        """Return the reason, in plain words."""
        if ruling.answer == "yes":
            rest = f"; these cannot: {', '.join(family.models_no)}" if family.models_no else ""
            return f"These models can hold an exact counter: {', '.join(family.models_yes)}{rest}."
        if ruling.answer == "no":
            if family.arithmetic == "WIDTH":
                return "With a constant number of bits it has regular languages only; this one is not."
            return "Its state decays or is an average, so it cannot hold a counter without bound."
        if self.regular is None:
            return "The program counts, and it is not known here whether its language is regular."
        return "The language is not regular, and no theorem used here says whether the family has it."

    def layers(self, family: Family, ruling: Ruling) -> int | None:
        """Return None: layers are counted for regular languages only."""
        return None

    def certificate(self, family: Family, ruling: Ruling) -> dict[str, Any] | None:
        """Return None: certificates contain a DFA."""
        return None
