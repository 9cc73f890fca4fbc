"""`starfree show`: a language as people can read it: automaton, monoid, cascade, layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import BudgetExceeded
from .answer import Answer
from .automaton_view import alphabet_text, automaton_text
from .cascade_view import cascade_text, model_text
from .options import Clock, budget_options, json_option, language_options, task_option
from .screen import Screen, clip, count_of, printable
from .spoken import spoken

if TYPE_CHECKING:
    from ..targets.show import View


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
    timeout: Clock,
) -> Answer:
    """Print LANG: its automaton, its monoid as egg-boxes, its cascade, and the layers that `build` makes."""
    from ..targets.show import show

    chosen = spoken(language, alphabet, epsilon, max_states, timeout.left())
    view = show(chosen, task=task, max_states=max_states, max_elements=max_elements, timeout=timeout.left())
    return Answer(
        view.to_json,
        lambda screen: _text(screen, view),
        status=BudgetExceeded.exit_status if view.stopped else 0,
        note=f"starfree: {view.stopped}" if view.stopped else None,
    )


def _text(screen: Screen, view: View) -> str:
    """Return the parts that there are, under headings."""
    from .monoid_view import drawing_text

    dfa = view.dfa
    name = screen.heading(clip(printable(dfa.spec), 200))
    parts = [screen.wrap(f"{name}  over {alphabet_text(dfa.alphabet)}")]
    parts.append(_part(screen, "automaton", count_of(dfa.states, "state"), automaton_text(screen, dfa)))
    size = "size unknown" if view.size is None else count_of(view.size, "element")
    drawn = "" if view.drawing is None else drawing_text(screen, view.drawing)
    parts.append(_part(screen, "monoid", size, drawn))
    if view.pumping is not None:
        parts.append(_part(screen, "cascade", "none: the language is not star-free", ""))
    if view.cascade is not None:
        parts.append(_part(screen, "cascade", view.task, cascade_text(screen, view.cascade)))
    if view.model is not None and view.cascade is not None:
        parts.append(_part(screen, "ssm", view.task, model_text(screen, view.model, view.cascade)))
    return "\n\n".join(parts)


def _part(screen: Screen, name: str, note: str, body: str) -> str:
    head = f"{screen.heading(name)}  {note}"
    return f"{head}\n{body}" if body else head
