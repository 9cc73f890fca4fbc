"""`starfree check`: a certificate, judged by code that shares nothing with what made it."""

from __future__ import annotations

from typing import Any

import click

from .answer import Answer
from .options import Clock, json_option, language_options, state_budget
from .screen import Screen, clip, printable
from .spoken import spoken

_LONGEST = 60  # what the checker's sentences show of a text


@click.command(name="check", epilog="\b\nExample:\n  starfree check models/ab/proof.json '(ab)*'")
@click.argument("certificate", metavar="CERTIFICATE")
@click.argument("language", metavar="[LANG]", required=False)
@language_options
@state_budget
@json_option
def command(
    certificate: str,
    language: str | None,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    timeout: Clock,
) -> Answer:
    """Check CERTIFICATE: exit 0 when it is accepted, 1 when it is rejected.

    With LANG also decide that it speaks of that language.
    """
    from ..proofs.check import check

    named = None if language is None else spoken(language, alphabet, epsilon, max_states, timeout.left())
    result = check(certificate, named, max_states=max_states, timeout=timeout.left())

    def text(screen: Screen) -> str:
        word = screen.style("accepted", "yes") if result.accepted else screen.style("rejected", "no")
        claim = statement_text(result.document, result.statement)
        if claim and not result.accepted:
            claim = f"the claim was: {claim}"
        return "\n".join(screen.wrap(line) for line in (f"{word}: {result.reason}", claim) if line)

    return Answer(result.to_json, text, status=0 if result.accepted else 1)


def statement_text(document: Any, statement: str) -> str:
    """Return the checker's sentence with the symbols of the language's text as they are, not as escapes."""
    spec = document["language"]["spec"] if statement else None
    if not isinstance(spec, str):
        return statement
    escaped = ascii(spec)
    if len(escaped) > _LONGEST:
        escaped = escaped[: _LONGEST - 3] + "..."
    return statement.replace(escaped, f"`{clip(printable(spec), _LONGEST)}`")
