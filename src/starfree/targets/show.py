"""`show`: all that there is to see of a language: automaton, monoid, cascade, layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any, Literal, overload

from ..algebra.aperiodic import Pumping, aperiodicity
from ..algebra.drawing import LARGEST, Drawing, draw
from ..algebra.size import monoid_size
from ..algebra.subgroups import subgroups
from ..budgets import Budget
from ..cascades import Cascade, decompose
from ..cascades.rotors import Rotors
from ..errors import BadInput, BudgetExceeded
from ..languages import DFA, Language, as_language, dfa_of
from ..languages.json_format import table_to_json
from ..models.ssm import SSM
from ..verdicts.recommend import cheapest
from ..verdicts.rules import Task, task_named
from .listing import Listing, listing
from .ssm import lower

FORMS = ("parts", "program")


@dataclass(frozen=True, eq=False, repr=False)
class View:
    """A language, taken apart; a part is None when there is none, or when a budget ran out (see `stopped`).

    Arguments:
        dfa: the minimal automaton.
        task: "recognise" or "predict".
        size: of the monoid.
        drawing: its egg-boxes, when it is small.
        pumping: why there is no cascade of latches alone, for a language that is not star-free.
        cascade: the cascade, with rotors for a language that is not star-free; None when one of its groups is
            not solvable.
        model: what `build --target auto` makes of it.
        stopped: which budget ran out, and what to do.
    """

    dfa: DFA
    task: Task
    size: int | None = None
    drawing: Drawing | None = None
    pumping: Pumping | None = None
    cascade: Cascade | None = None
    model: SSM | None = None
    stopped: str | None = None

    def __repr__(self) -> str:
        monoid = "unknown" if self.size is None else self.size
        return f"<View of {self.dfa.spec!r}: {self.dfa.states} states, monoid {monoid}, {self.task}>"

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree show --json` prints; parts that are not there are null."""
        dfa, cascade, model = self.dfa, self.cascade, self.model
        return {
            "language": {"spec": dfa.spec, "definition": dfa.definition, "alphabet": list(dfa.alphabet)},
            "task": self.task,
            "automaton": {**table_to_json(dfa), "dead": dfa.dead_state},
            "monoid": {
                "size": self.size,
                "egg_boxes": None if self.drawing is None else self.drawing.to_json(),
            },
            "cascade": None
            if cascade is None
            else {
                "origin": cascade.origin,
                "levels": cascade.levels,
                "names": [cell.name for cell in cascade.cells],
                **cascade.to_evidence(),
            },
            "layers": None if model is None else [{"cells": list(layer.cells)} for layer in model.layers],
            "stopped": self.stopped,
        }


@overload
def show(
    language: Language | str | PathLike[str],
    *,
    form: Literal["parts"] = "parts",
    task: str = "recognise",
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
) -> View: ...


@overload
def show(
    language: Language | str | PathLike[str],
    *,
    form: Literal["program"],
    task: str = "recognise",
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
) -> Listing: ...


def show(
    language: Language | str | PathLike[str],
    *,
    form: str = "parts",
    task: str = "recognise",
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
) -> View | Listing:
    """Take a language apart, automaton, monoid, cascade and layers, or write it as a program.

    Arguments:
        language: a regular language, or text for `starfree.load`; as a program, also one that counts.
        form: "parts", or "program" for the words as a condition of past temporal logic.
        task: "recognise" or "predict"; a program is the same for both.
        max_states, max_elements, timeout: budgets (seconds for the last).

    Returns:
        a `View`; where a budget runs out it has what was found before, and says so in `stopped`. With
        form="program", a `Listing`.

    Raises:
        BadInput: when the text cannot be read, or there is no such form or task.
        NotRegular: when the language is not regular.
        NotExpressible: with form="program", when the language is regular and not star-free.
        BudgetExceeded: when the language has no DFA within the budget; with form="program", when any budget
            runs out.

    Complexity: that of the cascade, see `decompose`, and of the monoid's size, see `monoid_size`.

    >>> view = show("(ab)*")
    >>> view.dfa.states, view.size, view.cascade.levels, len(view.model.layers)
    (3, 6, 2, 2)
    >>> print(show("1*", form="program"))
    accept = True
    """
    asked = task_named(task)
    if form not in FORMS:
        raise BadInput(f"form {form!r}", "not a form", f"Use {' or '.join(FORMS)}.")
    if form == "program":
        return listing(language, max_states=max_states, max_elements=max_elements, timeout=timeout)
    budget = Budget.of(max_states, max_elements, timeout)
    language = as_language(language, max_states=max_states, timeout=timeout)
    view = View(dfa_of(language, budget=budget), asked)
    try:
        for part in _parts(view.dfa, asked, budget):
            view = replace(view, **part)
    except BudgetExceeded as error:
        return replace(view, stopped=str(error))
    return view


def _parts(dfa: DFA, task: Task, budget: Budget) -> Iterator[dict[str, Any]]:
    """Yield what there is to show, as arguments of `View`, the cheap parts first."""
    found = aperiodicity(dfa, budget=budget)
    if isinstance(found, Pumping):
        yield {"pumping": found}
    target = cheapest(not isinstance(found, Pumping), lambda: subgroups(dfa, budget=budget))
    if target != "permutation":
        rotors: Rotors | None = "signed" if target == "signed" else "complex" if target == "complex" else None
        cascade = decompose(dfa, task=task, rotors=rotors, budget=budget)
        yield {"cascade": cascade}
        yield {"model": lower(cascade, shift=False, rotors=rotors, origin={"language": dfa.spec})}
    size = monoid_size(dfa, budget=budget)
    if size is None:
        why = f"the monoid has more than {budget.max_elements:,} elements. Raise --max-elements."
        yield {"stopped": why}
        return
    yield {"size": size}
    if size <= LARGEST:
        yield {"drawing": draw(dfa, budget=budget)}
