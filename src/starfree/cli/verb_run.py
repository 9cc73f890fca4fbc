"""`starfree run`: a built model on a word, with the legal set after every prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .answer import Answer
from .automaton_view import legal_text
from .options import arithmetic_option, json_option
from .screen import Screen, visible

if TYPE_CHECKING:
    from ..models.run import Run

_SHOWN = 40


@click.command(name="run", epilog="\b\nExample:\n  starfree run models/ab abab")
@click.argument("directory", metavar="DIR")
@click.argument("word", metavar="WORD")
@arithmetic_option
@json_option
def command(directory: str, word: str, arithmetic: str | None) -> Answer:
    """Run the model in DIR on WORD: exit 0 when it accepts, 1 when it rejects.

    It accepts when every symbol is legal where it stands, and the word may end after the last.

    WORD is its symbols, separated by spaces when any is longer than one character; the empty word is "".
    """
    from ..models.run import run

    found = run(directory, word, arithmetic=arithmetic)

    def text(screen: Screen) -> str:
        return f"{_table(screen, found)}\n{'accepted' if found.accepted else 'rejected'}"

    note = None
    if found.horizon is not None and len(found.word) > found.horizon:
        note = f"starfree: this model is exact up to {found.horizon:,} symbols, and the word is longer"
    return Answer(found.to_json, text, status=0 if found.accepted else 1, note=note)


def _table(screen: Screen, found: Run) -> str:
    """Return a line per prefix: the symbol read, whether it was legal, and what the model then takes to be.

    Of a long word, the beginning, the first symbol that was not legal, and the end.
    """
    rows, left = [], 0
    illegal = set(found.illegal)
    shown = {0, *range(len(found.legal) - _SHOWN, len(found.legal)), *found.illegal[:1]}
    for place, allowed in enumerate(found.legal):
        if place not in shown:
            left += 1
            continue
        if left:
            rows.append(["", f"... {left:,} more", "", ""])
            left = 0
        read = visible(found.word[place - 1]) if place else "(start)"
        mark = "not legal here" if place in illegal else ""
        rows.append([str(place), read, mark, legal_text(allowed, found.alphabet)])
    if not illegal:
        rows = [[place, read, legal] for place, read, _, legal in rows]
    head = ["", "read", "", "legal next"] if illegal else ["", "read", "legal next"]
    return screen.table(rows, head=head, right=[0])
