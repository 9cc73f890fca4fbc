"""What stands behind the verdicts on a regular language: evidence, reasons, layers, certificates."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ..algebra.properties import Properties
from ..budgets import Budget
from ..cascades import decompose
from ..cascades.rotors import Rotors
from ..errors import BudgetExceeded
from ..languages import DFA
from ..languages.json_format import table_to_json
from .because import explain, explain_no_answer, explain_without_evidence
from .evidence import Evidence, evidence
from .facts import Facts
from .families import Family, assumption
from .rules import Answer, FactName, Ruling, Task, rule, rule_of


class RegularSupport:
    """Rules on families for one regular language, and finds evidence once for all that share it.

    Arguments:
        dfa: the language's.
        definition: a text that stands alone and says the same, or None.
        families: those to rule on.
        properties: what is already known of the language.
        budget: its deadline is for the rulings; the time that they leave is for the evidence, whenever it is
            asked for.
    """

    def __init__(
        self,
        dfa: DFA,
        definition: str | None,
        task: Task,
        families: Sequence[Family],
        properties: Properties | None = None,
        *,
        budget: Budget,
    ) -> None:
        self._dfa, self._definition, self._task = dfa, definition, task
        self._properties = properties
        self._facts = Facts(dfa, properties, budget=budget)
        self.rulings = {family.id: rule(family, task, self._facts) for family in families}
        self._budget = budget
        self._left = None if budget.deadline is None else budget.deadline - time.monotonic()
        self._evidence: dict[tuple[FactName, Answer], Evidence | BudgetExceeded] = {}

    @cached_property
    def _later(self) -> Budget:
        """The budget for the evidence; its clock starts when evidence is first asked for."""
        deadline = None if self._left is None else time.monotonic() + self._left
        return replace(self._budget, deadline=deadline)

    def evidence(self, ruling: Ruling) -> Evidence:
        """Return the evidence for a ruling that is "yes" or "no"; raises `BudgetExceeded`."""
        by = ruling.by
        if ruling.answer == "yes" and by in _WEAKER and self._facts("aperiodic"):
            by = "aperiodic"  # one piece of evidence for all of them
        assert by is not None
        key = by, ruling.answer
        if key not in self._evidence:
            try:
                self._evidence[key] = evidence(self._dfa, self._task, *key, budget=self._later)
            except BudgetExceeded as error:  # several verdicts ask, and would each try in vain
                self._evidence[key] = error
        found = self._evidence[key]
        if isinstance(found, BudgetExceeded):
            raise BudgetExceeded(found.what, found.why, found.do)
        return found

    def because(self, family: Family, ruling: Ruling) -> str:
        """Return the reason, in plain words."""
        if ruling.by is None:
            return explain_no_answer(rule_of(family, self._task), self._facts)
        try:
            return explain(self.evidence(ruling), self._dfa)
        except BudgetExceeded:
            return explain_without_evidence(ruling)

    def layers(self, family: Family, ruling: Ruling) -> int | None:
        """Return a number of layers that a construction or a theorem gives, or None.

        - permutation-diagonal, rnn: one layer holds the state (arXiv:2509.22284; Weiss et al., ACL 2018).
        - what a window of last symbols tells, in time-invariant layers: one layer of delays.
        - star-free, in a family that has gates 0 and 1: the cascade's layers, delays included, as `starfree
          build` makes them without a shift.
        - other languages, in signed and complex gates: the same with rotors.
        - only permutations: one layer of enough reflections (deltaproduct, arXiv:2411.12537), four layers of
          one reflection (deltanet-negative, arXiv:2502.10297), the derived length in complex gates
          (arXiv:2603.01959).
        """
        if ruling.answer != "yes":
            return None
        if family.id in _ONE_LAYER or ruling.by in ("definite", "live_definite"):
            return 1
        if family.id in _GATED and self._facts("aperiodic"):
            try:
                cascade = self.evidence(Ruling("yes", "aperiodic", ruling.bound))
            except BudgetExceeded:
                return None
            return _cascade_layers(cascade, self._dfa.alphabet)
        rotors = _ROTORS.get(family.id)
        known = self._properties
        if rotors is not None and not (rotors == "complex" and known is not None and known.group_language):
            return self._layers_with(rotors)
        if known is None or not known.group_language or known.subgroups is None:
            return None
        return {
            "deltaproduct": 1,
            "deltanet-negative": 4,
            "diagonal-complex": known.subgroups.derived_length,
        }.get(family.id)

    def _layers_with(self, rotors: Rotors) -> int | None:
        """Return the layers of a cascade with rotors, None when it is too large to be written by the way."""
        budget = replace(self._later, max_elements=min(_BY_THE_WAY, self._later.max_elements))
        try:
            cascade = decompose(self._dfa, task=self._task, rotors=rotors, budget=budget)
        except BudgetExceeded:
            return None
        return _cascade_layers(cascade.to_evidence(), self._dfa.alphabet)

    def certificate(self, family: Family, ruling: Ruling) -> dict[str, Any] | None:
        """Return the certificate, None for "open" and "unknown".

        Raises:
            BudgetExceeded: when a budget runs out before the evidence is written.
        """
        if ruling.by is None:
            return None
        self._later.check_time("writing a certificate")  # its table may be large
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
        return {"spec": self._definition, "alphabet": list(dfa.alphabet), "dfa": table_to_json(dfa)}


_WEAKER: tuple[FactName, ...] = ("quasi_aperiodic", "two_groups", "solvable")
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


_ROTORS: dict[str, Rotors] = {"diagonal-signed": "signed", "diagonal-complex": "complex"}
_BY_THE_WAY = 5_000  # rules of a cascade that is made only to count its layers


def _cascade_layers(found: Evidence, alphabet: tuple[str, ...]) -> int | None:
    """Return the layers of a cascade: a cell comes after a delay of the cells that it reads.

    A cell that every symbol sets needs no layer: it is a function of the symbol.
    """
    if found["kind"] != "cascade":
        return None
    layer: list[int] = []
    for cell in found["cells"]:
        reads = {other for rule in cell["rules"] for other, _ in rule["when"]}
        setting = [rule for rule in cell["rules"] if not rule["when"] and "set" in rule]
        sets = {symbol for rule in setting for symbol in rule["symbols"]}
        layer.append(
            1 + max((layer[other] + 1 for other in reads), default=0) if sets != set(alphabet) else 0
        )
    return max([1, *layer])
