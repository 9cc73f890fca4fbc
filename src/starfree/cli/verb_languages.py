"""`starfree languages`: the catalogue, by section."""

from __future__ import annotations

from itertools import groupby

import click

from .answer import Answer
from .options import json_option
from .screen import Screen


@click.command(name="languages", epilog="\b\nExample:\n  starfree languages")
@json_option
def command() -> Answer:
    """List the catalogue: what can be written as @name."""
    from ..languages import catalog

    entries = catalog.entries()

    def text(screen: Screen) -> str:
        width = max(len(entry.name) for entry in entries) + 1
        parts = []
        for section, members in groupby(entries, key=lambda entry: entry.section):
            rows = [[f"@{entry.name}".ljust(width), entry.description] for entry in members]
            parts.append(screen.heading(section) + "\n" + screen.table(rows, indent=2))
        return "\n\n".join(parts)

    return Answer(catalog.to_json, text)
