"""What stands behind the verdicts on a regular language: evidence, reasons, layers, certificates."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from ..algebra.properties import Properties
from ..budgets import Budget
from ..languages import DFA
from .because import explain, explain_no_answer
from .evidence import Evidence, evidence
from .facts import Facts
from .families import Family, assumption
from .rules import Answer, FactName, Ruling, Task, rule, rule_of


class RegularSupport:
    """Finds evidence for rulings about one regular language, once for all families that share it.

    Arguments:
        dfa: the language's.
        definition: a text that stands alone and says the same, or None.
        properties: what is already known of it.
    """

    def __init__(
        self, dfa: DFA, definition: str | None, task: Task, properties: Properties | None, budget: Budget
    ) -> None:
        self._dfa, self._definition, self._task, self._budget = dfa, definition, task, budget
        self._properties = properties
        self._facts = Facts(dfa, properties, budget=budget)
        self._evidence: dict[tuple[FactName | None, Answer], Evidence] = {}

    def rule(self, family: Family) -> Ruling:
        """Return the ruling on a family."""
        return rule(family, self._task, self._facts)

    def evidence(self, ruling: Ruling) -> Evidence:
        """Return the evidence for a ruling that is "yes" or "no"; raises `BudgetExceeded`."""
        key = ruling.by, ruling.answer
        if key not in self._evidence:
            self._evidence[key] = evidence(self._dfa, self._task, ruling, budget=self._budget)
        return self._evidence[key]

    def because(self, family: Family, ruling: Ruling) -> str:
        """Return the reason, in plain words."""
        if ruling.by is None:
            return explain_no_answer(rule_of(family, self._task), self._facts)
        return explain(self.evidence(ruling), self._dfa)

    def layers(self, family: Family, ruling: Ruling) -> int | None:
        """Return a number of layers that a construction or a theorem gives, or None.

        - permutation-diagonal, rnn: one layer holds the state (arXiv:2509.22284; Weiss et al., ACL 2018).
        - what a window of last symbols tells, in time-invariant layers: one layer of delays.
        - star-free, in a family that has gates 0 and 1: the cascade's layers, delays included, as `starfree
          build` makes them without a shift.
        - only permutations: one layer of enough reflections (deltaproduct, arXiv:2411.12537), four layers of
          one reflection (deltanet-negative, arXiv:2502.10297), the derived length in complex gates
          (arXiv:2603.01959).
        """
        if ruling.answer != "yes":
            return None
        if family.id in _ONE_LAYER or ruling.by in ("definite", "live_definite"):
            return 1
        if family.id in _GATED and self._facts("aperiodic"):
            return _cascade_layers(
                self.evidence(Ruling("yes", "aperiodic", ruling.bound)), self._dfa.alphabet
            )
        known = self._properties
        if known is None or not known.group_language or known.subgroups is None:
            return None
        return {
            "deltaproduct": 1,
            "deltanet-negative": 4,
            "diagonal-complex": known.subgroups.derived_length,
        }.get(family.id)

    def certificate(self, family: Family, ruling: Ruling) -> dict[str, Any] | None:
        """Return the certificate, None for "open" and "unknown"; raises `BudgetExceeded`."""
        if ruling.by is None:
            return None
        return {
            "format": "starfree-certificate-1",
            "language": self._language,
            "task": self._task,
            "family": family.id,
            "arithmetic": family.arithmetic,
            "claim": ruling.answer,
            "assuming": assumption(family, ruling.answer),
            "evidence": self.evidence(ruling),
        }

    @cached_property
    def _language(self) -> dict[str, Any]:
        dfa = self._dfa
        table = {
            "start": dfa.start,
            "accepting": dfa.accepting.nonzero()[0].tolist(),
            "table": dfa.table.tolist(),
        }
        return {"spec": self._definition, "alphabet": list(dfa.alphabet), "dfa": table}


_ONE_LAYER = ("permutation-diagonal", "rnn")
_GATED = (
    "diagonal-nonnegative",
    "diagonal-signed",
    "diagonal-complex",
    "time-invariant-mixed",
    "deltanet",
    "deltanet-negative",
    "deltaproduct",
)
"""Families that can hold and reset a cell, and so have every cascade of latches."""


def _cascade_layers(found: Evidence, alphabet: tuple[str, ...]) -> int | None:
    """Return the layers of a cascade: a cell comes after a delay of the cells that it reads.

    A cell that every symbol sets needs no layer: it is a function of the symbol.
    """
    if found["kind"] != "cascade":
        return None
    layer: list[int] = []
    for cell in found["cells"]:
        reads = {other for rule in cell["rules"] for other, _ in rule["when"]}
        sets = {symbol for rule in cell["rules"] if not rule["when"] for symbol in rule["symbols"]}
        layer.append(
            1 + max((layer[other] + 1 for other in reads), default=0) if sets != set(alphabet) else 0
        )
    return max([1, *layer])
