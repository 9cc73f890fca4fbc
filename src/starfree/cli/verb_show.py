"""`starfree show`: a language as people can read it: automaton, monoid, cascade, layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from ..errors import BudgetExceeded
from .answer import Answer
from .automaton_view import alphabet_text, automaton_text
from .cascade_view import cascade_text, model_text
from .options import Clock, budget_options, json_option, language_options, task_option
from .screen import Screen, clip, count_of, printable
from .spoken import spoken

if TYPE_CHECKING:
    from ..languages import Language
    from ..targets.listing import Listing
    from ..targets.show import View


@click.command(name="show", epilog="\b\nExample:\n  starfree show '(ab)*'")
@click.argument("language", metavar="LANG")
@click.option(
    "--as",
    "form",
    type=click.Choice(["parts", "program"]),
    default="parts",
    show_default=True,
    help="Take it apart, or write it as a program of past temporal logic.",
)
@task_option
@language_options
@budget_options
@json_option
def command(
    language: str,
    form: Literal["parts", "program"],
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
    if form == "program":
        listing = show(
            chosen, form=form, max_states=max_states, max_elements=max_elements, timeout=timeout.left()
        )
        return Answer(listing.to_json, lambda screen: _listing_text(screen, listing))
    view = show(chosen, task=task, max_states=max_states, max_elements=max_elements, timeout=timeout.left())
    return Answer(
        view.to_json,
        lambda screen: _text(screen, view),
        status=BudgetExceeded.exit_status if view.stopped else 0,
        note=f"starfree: {view.stopped}" if view.stopped else None,
    )


def _listing_text(screen: Screen, listing: Listing) -> str:
    """Return the lines of a program, unbroken, for people and for Python."""
    return f"{_title(screen, listing.program)}\n\n{listing}"


def _title(screen: Screen, language: Language) -> str:
    name = screen.heading(clip(printable(language.spec), 200))
    return screen.wrap(f"{name}  over {alphabet_text(language.alphabet)}")


def _text(screen: Screen, view: View) -> str:
    """Return the parts that there are, under headings."""
    from .monoid_view import drawing_text

    dfa = view.dfa
    parts = [_title(screen, dfa)]
    parts.append(_part(screen, "automaton", count_of(dfa.states, "state"), automaton_text(screen, dfa)))
    size = "size unknown" if view.size is None else count_of(view.size, "element")
    drawn = "" if view.drawing is None else drawing_text(screen, view.drawing)
    parts.append(_part(screen, "monoid", size, drawn))
    if view.cascade is not None:
        note = f"{view.task}, with rotors: the language is not star-free" if view.pumping else view.task
        parts.append(_part(screen, "cascade", note, cascade_text(screen, view.cascade)))
    elif view.pumping is not None:
        parts.append(_part(screen, "cascade", "none: a group of the language is not solvable", ""))
    if view.model is not None and view.cascade is not None:
        shown = model_text(screen, view.model, view.cascade)
        parts.append(_part(screen, view.model.target, view.task, shown))
    return "\n\n".join(parts)


def _part(screen: Screen, name: str, note: str, body: str) -> str:
    head = f"{screen.heading(name)}  {note}"
    return f"{head}\n{body}" if body else head
