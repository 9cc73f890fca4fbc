"""`starfree run`: a built model on a word, with the legal set after every prefix."""

from __future__ import annotations

from pathlib import Path

import click

from ..languages.language import END, LegalSet
from ..languages.words import format_word, parse_word
from .answer import Answer
from .automaton_view import legal_text
from .options import json_option
from .screen import Screen, visible

_SHOWN = 40


@click.command(name="run", epilog="\b\nExample:\n  starfree run models/ab abab")
@click.argument("directory", metavar="DIR")
@click.argument("word", metavar="WORD")
@json_option
def command(directory: str, word: str) -> Answer:
    """Run the model in DIR on WORD: exit 0 when it accepts, 1 when it rejects.

    WORD is its symbols, separated by spaces when any is longer than one character; the empty word is "".
    """
    from ..models.open_model import open_model

    model = open_model(Path(directory))
    if " " not in model.alphabet and all(len(symbol) == 1 for symbol in model.alphabet):
        word = word.replace(" ", "")
    symbols = parse_word(word, model.alphabet)
    legal = model.legal_sets(symbols)
    accepted = END in legal[-1]
    document = {
        "model": directory,
        "word": format_word(symbols, model.alphabet),
        "accepted": accepted,
        "legal": [
            {"symbols": [a for a in model.alphabet if a in allowed], "end": END in allowed}
            for allowed in legal
        ],
    }

    def text(screen: Screen) -> str:
        return (
            _table(screen, model.alphabet, symbols, legal) + "\n" + ("accepted" if accepted else "rejected")
        )

    return Answer(lambda: document, text, status=0 if accepted else 1)


def _table(screen: Screen, alphabet: tuple[str, ...], symbols: tuple[str, ...], legal: list[LegalSet]) -> str:
    """Return a line per prefix: the symbol read, and what the model then takes to be legal."""
    rows = []
    for place, allowed in enumerate(legal):
        if 0 < place < len(legal) - _SHOWN:
            continue
        read = visible(symbols[place - 1]) if place else "(start)"
        rows.append([str(place), read, legal_text(allowed, alphabet)])
    return screen.table(rows, head=["", "read", "legal next"], right=[0])
