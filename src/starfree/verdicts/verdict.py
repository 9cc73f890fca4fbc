"""What `decide` returns: one verdict per family, and the document that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from ..algebra.properties import Properties
from ..errors import BudgetExceeded
from .families import Bound, Family, assumption, family_named
from .rules import Answer, Ruling, Task


class Support(Protocol):
    """What stands behind the verdicts on one language; found when first asked for."""

    def because(self, family: Family, ruling: Ruling) -> str:
        """Return the reason, in plain words."""

    def layers(self, family: Family, ruling: Ruling) -> int | None:
        """Return a number of layers that is known to be enough."""

    def certificate(self, family: Family, ruling: Ruling) -> dict[str, Any] | None:
        """Return the certificate; None when the verdict makes no claim."""


@dataclass(frozen=True, repr=False)
class Verdict:
    """What is known about one family for one language and task.

    Arguments:
        about: the family.
        task: "recognise" or "predict".
        ruling: the answer and what it rests on.
        arithmetic: what the theorem assumes about numbers.
        counting: whether the verdict is about counting, because the language is not regular.
    """

    about: Family
    task: Task
    ruling: Ruling
    arithmetic: str
    counting: bool
    _support: Support = field(compare=False)

    @property
    def family(self) -> str:
        """The family's name."""
        return self.about.id

    @property
    def models(self) -> tuple[str, ...]:
        """The family's models."""
        return self.about.models

    @property
    def expressible(self) -> Answer:
        """The answer: "yes", "no", "open" (no theorem known) or "unknown" (a budget ran out)."""
        return self.ruling.answer

    @property
    def bound(self) -> Bound:
        """What the answer rests on: "characterisation", or only a "lower" or an "upper" bound."""
        return self.ruling.bound

    @property
    def assuming(self) -> str | None:
        """The unproved conjecture that a "no" needs, if any."""
        return assumption(self.about, self.expressible)

    @property
    def theorem(self) -> str:
        """The theorem, in words."""
        return self.about.theorem

    @property
    def citation(self) -> str:
        """Where the theorem stands."""
        return self.about.citation

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know before using the verdict."""
        return self.about.notes

    def __repr__(self) -> str:
        return f"<Verdict {self.family}: {self.expressible} ({self.task}, {self.arithmetic})>"

    @cached_property
    def because(self) -> str:
        """Why the answer holds for this language, in plain words."""
        return self._support.because(self.about, self.ruling)

    @cached_property
    def layers(self) -> int | None:
        """A number of layers that is enough for a "yes", where a construction or a theorem gives one.

        With a short convolution or token shift; not claimed to be the least.
        """
        return self._support.layers(self.about, self.ruling)

    @cached_property
    def certificate(self) -> dict[str, Any] | None:
        """The certificate that `starfree check` accepts.

        None for "open" and "unknown", and when a budget runs out before it is written (`because` says so).
        """
        try:
            return self._support.certificate(self.about, self.ruling)
        except BudgetExceeded:
            return None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict's part of the document, certificate included."""
        document = {
            "family": self.family,
            "models": list(self.models),
            "arithmetic": self.arithmetic,
            "task": self.task,
            "expressible": self.expressible,
            "bound": self.bound,
            "assuming": self.assuming,
            "theorem": self.theorem,
            "citation": self.citation,
            "notes": list(self.notes),
            "because": self.because,
            "layers": self.layers,
            "certificate": self.certificate,
        }
        if self.counting:
            document["models_yes"] = list(self.about.models_yes)
            document["models_no"] = list(self.about.models_no)
        return document


@dataclass(frozen=True)
class Summary:
    """The language that was decided.

    Arguments:
        spec: as the user wrote it.
        kind: "regular", "counter" or "program".
        alphabet: the symbols.
        states: of the minimal complete DFA; None for a language that is not regular.
    """

    spec: str
    kind: str
    alphabet: tuple[str, ...]
    states: int | None


@dataclass(frozen=True, repr=False)
class Decision:
    """All verdicts on a language.

    Arguments:
        language: a summary of it.
        task: "recognise" or "predict".
        algebra: its properties; None for a language that is not regular.
        verdicts: one per family asked for.
        target: the cheapest target of `build` that has the language; None when that is not known.
    """

    language: Summary
    task: Task
    algebra: Properties | None
    verdicts: tuple[Verdict, ...]
    target: str | None

    def __repr__(self) -> str:
        answers = [verdict.expressible for verdict in self.verdicts]
        kinds = [answer for answer in ("yes", "no", "open", "unknown") if answer in answers]
        counts = ", ".join(f"{answers.count(answer)} {answer}" for answer in kinds)
        return f"<Decision {self.language.spec!r}, {self.task}: {counts}>"

    def __getitem__(self, family: str) -> Verdict:
        wanted = family_named(family).id
        for verdict in self.verdicts:
            if verdict.family == wanted:
                return verdict
        raise KeyError(wanted)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree decide --json` prints."""
        language, algebra = self.language, self.algebra
        return {
            "language": {
                "spec": language.spec,
                "kind": language.kind,
                "alphabet": list(language.alphabet),
                "states": language.states,
            },
            "task": self.task,
            "target": self.target,
            "algebra": None if algebra is None else algebra_to_json(algebra),
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
        }


def algebra_to_json(found: Properties) -> dict[str, Any]:
    """Return the `algebra` part of the document; null is what a budget left unknown."""
    names = (
        "monoid_size",
        "aperiodic",
        "r_trivial",
        "j_trivial",
        "da",
        "definite",
        "locally_testable",
        "quasi_aperiodic",
        "c_rasp",
    )
    groups = found.subgroups
    parts = ("two_groups", "abelian", "solvable", "derived_length")
    orders = None if groups is None or groups.orders is None else list(groups.orders)
    return {
        **{name: getattr(found, name) for name in names},
        "subgroups": {
            "orders": orders,
            **{name: None if groups is None else getattr(groups, name) for name in parts},
        },
    }
