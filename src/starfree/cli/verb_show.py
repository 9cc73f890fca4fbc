"""`starfree show`: a language as people can read it: automaton, monoid, cascade, layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..budgets import Budget
from ..errors import BudgetExceeded
from .answer import Answer
from .automaton_view import automaton_text, symbol_ranges
from .cascade_view import cascade_text, model_text
from .options import budget_options, json_option, language_options, task_option
from .screen import Screen, clip, count_of, printable
from .spoken import spoken

if TYPE_CHECKING:
    from ..algebra.aperiodic import Pumping
    from ..cascades import Cascade
    from ..languages.dfa import DFA
    from ..models.ssm import SSM
    from .monoid_view import Drawing


@dataclass
class _View:
    """What there is to show; a part is None when there is none, or when a budget ran out (see `stopped`)."""

    dfa: DFA
    size: int | None = None
    drawing: Drawing | None = None
    pumping: Pumping | None = None
    cascade: Cascade | None = None
    model: SSM | None = None
    stopped: str | None = None


@click.command(name="show", epilog="\b\nExample:\n  starfree show '(ab)*'")
@click.argument("language", metavar="LANG")
@task_option
@language_options
@budget_options
@json_option
def command(
    language: str,
    task: str,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    max_elements: int | None,
    timeout: float | None,
) -> Answer:
    """Print LANG: its automaton, its monoid as egg-boxes, its cascade, and the layers that `build` makes."""
    chosen = spoken(language, alphabet, epsilon, max_states, timeout)
    view = _View(chosen.dfa)
    try:
        _look(view, task, Budget.of(max_states, max_elements, timeout))
    except BudgetExceeded as error:
        view.stopped = str(error)
    return Answer(
        lambda: _document(view, task),
        lambda screen: _text(screen, view, task),
        status=BudgetExceeded.exit_status if view.stopped else 0,
        note=f"starfree: {view.stopped}" if view.stopped else None,
    )


def _look(view: _View, task: str, budget: Budget) -> None:
    """Find what there is to show, the cheap parts first."""
    from ..algebra.aperiodic import Pumping, aperiodicity
    from ..algebra.size import monoid_size
    from .monoid_view import LARGEST, draw

    found = aperiodicity(view.dfa, budget=budget)
    if isinstance(found, Pumping):
        view.pumping = found
    else:
        from ..cascades import decompose
        from ..targets.ssm import lower

        view.cascade = decompose(view.dfa, task=task, budget=budget)
        view.model = lower(view.cascade, shift=False)
    view.size = monoid_size(view.dfa, budget=budget)
    if view.size is not None and view.size <= LARGEST:
        view.drawing = draw(view.dfa, budget)
    elif view.size is None:
        view.stopped = f"the monoid has more than {budget.max_elements:,} elements. Raise --max-elements."


def _document(view: _View, task: str) -> dict[str, Any]:
    """Return everything for programs; parts that are not there are null."""
    from .monoid_view import drawing_document

    dfa, model = view.dfa, view.model
    return {
        "language": {"spec": dfa.spec, "definition": dfa.definition, "alphabet": list(dfa.alphabet)},
        "task": task,
        "automaton": {
            "start": dfa.start,
            "accepting": [state for state, accepts in enumerate(dfa.accepting.tolist()) if accepts],
            "dead": dfa.dead_state,
            "table": dfa.table.tolist(),
        },
        "monoid": {
            "size": view.size,
            "egg_boxes": None if view.drawing is None else drawing_document(view.drawing),
        },
        "cascade": None
        if view.cascade is None
        else {
            "origin": view.cascade.origin,
            "levels": view.cascade.levels,
            "names": [cell.name for cell in view.cascade.cells],
            **view.cascade.to_evidence(),
        },
        "layers": None if model is None else [{"cells": list(layer.cells)} for layer in model.layers],
        "stopped": view.stopped,
    }


def _text(screen: Screen, view: _View, task: str) -> str:
    """Return the parts that there are, under headings."""
    from .monoid_view import drawing_text

    dfa = view.dfa
    symbols = clip(symbol_ranges(dfa.alphabet), 60) or "(no symbols)"
    parts = [screen.wrap(f"{screen.heading(clip(printable(dfa.spec), 200))}  over {symbols}")]
    parts.append(_part(screen, "automaton", count_of(dfa.states, "state"), automaton_text(screen, dfa)))
    size = "size unknown" if view.size is None else count_of(view.size, "element")
    drawn = "" if view.drawing is None else drawing_text(screen, view.drawing)
    parts.append(_part(screen, "monoid", size, drawn))
    if view.pumping is not None:
        parts.append(_part(screen, "cascade", "none: the language is not star-free", ""))
    if view.cascade is not None:
        parts.append(_part(screen, "cascade", task, cascade_text(screen, view.cascade)))
    if view.model is not None and view.cascade is not None:
        parts.append(_part(screen, "ssm", task, model_text(screen, view.model, view.cascade)))
    return "\n\n".join(parts)


def _part(screen: Screen, name: str, note: str, body: str) -> str:
    head = f"{screen.heading(name)}  {note}"
    return f"{head}\n{body}" if body else head
