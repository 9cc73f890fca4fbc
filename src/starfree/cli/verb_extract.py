"""`starfree extract`: the automaton of a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..languages.notation import bracketed
from .answer import Answer
from .automaton_view import automaton_text
from .options import Clock, json_option, language_options, number_option, seconds
from .progress import progress
from .screen import Screen, count_of
from .spoken import spoken

if TYPE_CHECKING:
    from ..proofs.extract import Extraction


@click.command(
    name="extract", epilog="\b\nExample:\n  starfree extract runs/models/0a1b2c3d4e5f6789 @tomita_4"
)
@click.argument("directory", metavar="DIR")
@click.argument("language", metavar="[LANG]", required=False)
@click.option(
    "--grid", type=float, help="Round the state to multiples of it.  [default: the coarsest that agrees]"
)
@click.option(
    "--decision", metavar="RULE", help="How logits are read: sign or prob:EPS.  [default: the model's]"
)
@number_option("--max-states", 1, "Most states of the rounded network.  [default: 50000]")
@click.option("--timeout", metavar="SECONDS", callback=seconds, help="Stop after so long.  [default: none]")
@language_options
@json_option
def command(
    directory: str,
    language: str | None,
    grid: float | None,
    decision: str | None,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    timeout: Clock,
) -> Answer:
    """Print the automaton of a trained network in DIR, and compare it with LANG.

    The recurrent state is rounded after every step; the automaton is that of the rounded network.
    """
    from ..proofs.extract import extract

    target = None if language is None else spoken(language, alphabet, epsilon, None, timeout.left())
    with progress("rounded states") as report:
        found = extract(
            Path(directory),
            target,
            grid=grid,
            decision=decision,
            max_states=max_states,
            timeout=timeout.left(),
            progress=None if report is None else lambda strategy, done: report(done),
        )
    return Answer(found.to_json, lambda screen: extraction_text(screen, found))


def extraction_text(screen: Screen, found: Extraction) -> str:
    """Return the automaton, how it agrees with the network, and how with a language."""
    rounded = count_of(found.states, "state")
    head = f"With its state in multiples of {found.grid:g} the network has {rounded}, and is this automaton:"
    agreement = found.agreement
    if not found.consistent:
        said = "It also takes symbols to be legal after which no word of this automaton goes on."
    elif agreement.word is None:
        said = (
            f"The network itself says the same after all {agreement.words:,} prefixes of its words "
            f"up to length {agreement.length}."
        )
    else:
        names = [found.dfa.alphabet[symbol] for symbol in agreement.word]
        said = (
            f"The network itself says something else after {bracketed(names, 200)}, a shortest such prefix."
        )
    lines = [screen.wrap(head), automaton_text(screen, found.dfa), screen.wrap(said)]
    if found.language is not None:
        target, difference = found.language, found.difference
        if difference is None:
            lines.append(
                screen.wrap(f"{screen.style('equal', 'yes')}: it is the minimal automaton of {target.spec}.")
            )
        else:
            place = "is a word of the one and not of the other"
            lines.append(
                f"{screen.style('not equal', 'no')} to {target.spec}: {bracketed(difference, 200)} {place}."
            )
    return "\n".join(lines)
