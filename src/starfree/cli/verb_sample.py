"""`starfree sample`: words of a language, uniform over one length, or near misses."""

from __future__ import annotations

import click

from ..budgets import Budget
from .answer import Answer
from .options import at_least, json_option, language_options, number_option, state_budget
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
    timeout: float | None,
) -> Answer:
    """Draw words of LANG, each word of the length equally likely."""
    from ..languages import format_word
    from ..languages.near import near_misses
    from ..languages.sampling import sample

    chosen = spoken(language, alphabet, epsilon, max_states, timeout)
    budget = Budget.of(max_states, timeout=timeout)
    words = sample(chosen, length, number, seed=seed, budget=budget)
    if near is not None:
        # A seed for each: the words are independent, and so must be their near misses.
        found = [
            near_misses(chosen, word, near, seed=seed + i, budget=budget) for i, word in enumerate(words)
        ]
        words = [word for some in found for word in some]
    written = [format_word(word, chosen.alphabet) for word in words]
    document = {
        "language": {"spec": chosen.spec, "alphabet": list(chosen.alphabet)},
        "length": length,
        "seed": seed,
        "near": near,
        "words": written,
    }
    missing = number - len(written)
    note = f"starfree: found no near miss of {count_of(missing, 'word')}" if missing else None
    return Answer(lambda: document, lambda screen: "\n".join(map(printable, written)), note=note)
