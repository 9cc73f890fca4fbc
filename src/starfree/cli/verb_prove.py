"""`starfree prove`: is this model that language, at every length?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .answer import Answer
from .automaton_view import legal_text
from .files import writing
from .options import json_option, language_options, state_budget
from .progress import progress
from .screen import Screen, clip, count_of, runs
from .spoken import spoken

if TYPE_CHECKING:
    from ..proofs.prove import Difference, Proof


@click.command(
    name="prove", epilog="\b\nExample:\n  starfree prove models/ab '(ab)*' --certificate models/ab/proof.json"
)
@click.argument("directory", metavar="DIR")
@click.argument("language", metavar="LANG")
@click.option(
    "--task",
    type=click.Choice(["recognise", "predict"]),
    help="Be right after every word, or only after prefixes of words.  [default: the model's]",
)
@click.option("--certificate", metavar="FILE", help="Where to write the proof for `starfree check`.")
@language_options
@state_budget
@json_option
def command(
    directory: str,
    language: str,
    task: str | None,
    certificate: str | None,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    timeout: float | None,
) -> Answer:
    """Prove the model in DIR equal to LANG at every length; exit 1 with a shortest word where it is not."""
    from ..models.open_model import open_model
    from ..proofs.prove import Difference, prove

    model = open_model(Path(directory))
    chosen = spoken(language, alphabet, epsilon, max_states, timeout)
    with progress("product states") as report:
        outcome = prove(model, chosen, task=task, max_states=max_states, timeout=timeout, progress=report)
    if isinstance(outcome, Difference):
        return Answer(outcome.to_json, lambda screen: _difference(screen, outcome), status=1)
    if certificate is not None:
        with writing(Path(certificate)):
            Path(certificate).write_text(json.dumps(outcome.certificate()) + "\n", encoding="utf-8")
    return Answer(outcome.to_json, lambda screen: _proof(screen, outcome))


def _proof(screen: Screen, proof: Proof) -> str:
    """Return what was proved, and how large the proof is."""
    size = count_of(proof.size, "product state")
    after = "every word" if proof.task == "recognise" else "every prefix of a word"
    text = f"{screen.style('proved', 'yes')} ({proof.task}, {proof.arithmetic}): {size}, closed. "
    return screen.wrap(text + f"The model's legal set is the language's after {after}, at every length.")


def _difference(screen: Screen, found: Difference) -> str:
    """Return the shortest word on which model and language differ, and what each says after it."""
    rows = [
        ["the model", legal_text(found.model_legal, found.model_alphabet)],
        ["the language", legal_text(found.language_legal, found.model_alphabet)],
    ]
    size = count_of(len(found.word), "symbol")
    word = (
        f"after {clip(runs(found.word), 400)}, a shortest such word ({size})"
        if found.word
        else "before any symbol"
    )
    head = f"{screen.style('not equal', 'no')} ({found.task}, {found.arithmetic}): they differ {word}."
    return "\n".join([screen.wrap(head), "Legal next:", screen.table(rows, indent=2)])
