"""`starfree sample`: words of a language, uniform over one length, or near misses."""

from __future__ import annotations

import click

from .answer import Answer
from .options import Clock, at_least, json_option, language_options, number_option, state_budget
from .screen import count_of, printable
from .spoken import spoken


@click.command(
    name="sample",
    epilog="\b\nExample:\n  starfree sample '(a|b)*a' --length 8 --number 3 --seed 1",
)
@click.argument("language", metavar="LANG")
@number_option("--length", 0, "Symbols in a word.", required=True)
@number_option("--number", 0, "How many words.", short="-n", default="1", show_default=True)
@number_option("--seed", 0, "Where chance starts.", default="0", show_default=True)
@click.option("--near", metavar="D", callback=at_least(1), help="Near misses instead: at most D edits away.")
@language_options
@state_budget
@json_option
def command(
    language: str,
    length: int,
    number: int,
    seed: int,
    near: int | None,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    timeout: Clock,
) -> Answer:
    """Draw words of LANG, each word of the length equally likely."""
    from ..languages.near import searched_in_full
    from ..languages.sample import sample

    chosen = spoken(language, alphabet, epsilon, max_states, timeout.left())
    found = sample(
        chosen,
        length=length,
        number=number,
        seed=seed,
        near=near,
        max_states=max_states,
        timeout=timeout.left(),
    )
    missing = number - len(found)
    all_tried = searched_in_full(length, len(chosen.alphabet), near or 1)
    note = _note(missing, near, all_tried) if missing else None
    return Answer(found.to_json, lambda screen: "\n".join(map(printable, found.texts())), note=note)


def _note(missing: int, near: int | None, all_tried: bool) -> str:
    """Return what to tell of words without a near miss: that there is none, or that chance found none."""
    distance = "distance 1" if near == 1 else f"distance 1 to {near}"
    words = count_of(missing, "word")
    if all_tried:
        return f"starfree: no near miss of {words}: every word at {distance} is in the language"
    return f"starfree: found no near miss of {words} at {distance}; there may be one"
