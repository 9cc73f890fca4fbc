"""Which evidence supports which claim about which family: the table of docs/certificates.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .automaton import Automaton
from .evidence_cascade import cascade
from .evidence_counting import flows, potentials
from .evidence_groups import perfect_subgroup, rotations, subgroups
from .evidence_named import named
from .evidence_order import (
    definite,
    last_symbol_quotient,
    live_definite,
    ordered_images,
    regular,
    topological_order,
)
from .evidence_words import equal_length, mutually_reachable, pair_cycle, pumping
from .outcome import Meter

Check = Callable[[dict[str, Any], Automaton, str, Meter], None]
KINDS: dict[str, Check] = {
    "regular": regular,
    "cascade": cascade,
    "ordered-images": ordered_images,
    "topological-order": topological_order,
    "mutually-reachable": mutually_reachable,
    "definite": definite,
    "live-definite": live_definite,
    "pair-cycle": pair_cycle,
    "pumping": pumping,
    "equal-length": equal_length,
    "rotations": rotations,
    "subgroups": subgroups,
    "perfect-subgroup": perfect_subgroup,
    "potentials": potentials,
    "flows": flows,
    "last-symbol-quotient": last_symbol_quotient,
    "named": named,
}
APERIODIC = ("cascade", "ordered-images", "topological-order")
QUASI_APERIODIC = (*APERIODIC, "rotations")
GROUPS = (*APERIODIC, "subgroups")
COUNTING = ("topological-order", "potentials")
NOTHING: tuple[str, ...] = ()
TABLE: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "diagonal-nonnegative": ("FIX", APERIODIC, ("pumping",)),
    "deltanet": ("MARGIN", APERIODIC, ("pumping",)),
    "transformer-hard": ("WIDTH", APERIODIC, ("pumping",)),
    "time-invariant-decaying": ("MARGIN", ("definite", "live-definite"), ("pair-cycle",)),
    "time-invariant-unit": ("FIX", ("definite", *COUNTING), ("equal-length", "named")),
    "time-invariant-mixed": ("WIDTH", QUASI_APERIODIC, ("equal-length",)),
    "transformer-hard-pe": ("WIDTH", QUASI_APERIODIC, ("equal-length",)),
    "diagonal-signed": ("FIX", GROUPS, ("pumping",)),
    "diagonal-complex": ("MARGIN", GROUPS, ("perfect-subgroup",)),
    "deltanet-negative": ("MARGIN", ("regular",), NOTHING),
    "deltaproduct": ("MARGIN", ("regular",), NOTHING),
    "permutation-diagonal": ("FIX", ("regular",), NOTHING),
    "rnn": ("WIDTH", ("regular",), NOTHING),
    "transformer-softmax-fixed": (
        "WIDTH",
        ("topological-order", "last-symbol-quotient"),
        ("mutually-reachable", "pumping"),
    ),
    "transformer-c-rasp": ("C-RASP", COUNTING, ("flows", "pumping")),
    "transformer-log-precision": ("LOGP", COUNTING, ("perfect-subgroup",)),
    "ssm-log-precision": ("LOGP", APERIODIC, ("perfect-subgroup",)),
}
"""For each family its arithmetic, the evidence for "yes", and the evidence for "no"."""

ASSUMPTION = "TC0 != NC1"
ASSUMING = ("transformer-log-precision", "ssm-log-precision")
PREDICT_ONLY = ("live-definite", "last-symbol-quotient")


def unsupported(
    family: str, claim: str, task: str, evidence: dict[str, Any], automaton: Automaton
) -> str | None:
    """Return why evidence of this kind, if it holds, would not support the claim; None when it would."""
    kind = evidence["kind"]
    _, yes, no = TABLE[family]
    if kind not in (yes if claim == "yes" else no):
        return f"evidence of the kind {kind} does not show {claim!r} for {family}"
    if kind in PREDICT_ONLY and task != "predict":
        return f"evidence of the kind {kind} is for prediction only"
    if family in ("transformer-softmax-fixed", "transformer-c-rasp"):
        if kind in ("mutually-reachable", "flows") and task == "predict" and not all(automaton.live):
            return f"evidence of the kind {kind} does not refute prediction: the language has a dead state"
        if kind == "pumping" and task != "predict":
            return f"evidence of the kind pumping refutes prediction by {family}, not recognition"
    if family == "diagonal-signed":
        if kind == "subgroups" and evidence.get("class") != "two-groups":
            return "diagonal-signed needs subgroups of the class two-groups"
        period = evidence.get("period")
        if kind == "pumping" and type(period) is int and period & (period - 1) == 0:
            return "diagonal-signed needs a period that is not a power of 2"
    return None
