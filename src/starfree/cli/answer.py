"""What a verb gives back: a document for programs, text for people, and an exit status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .screen import Screen


@dataclass(frozen=True)
class Answer:
    """The outcome of a verb; only the form that is asked for is computed.

    Arguments:
        document: gives the one JSON document of `--json`.
        text: gives what people read, for a screen.
        status: the exit status.
        note: what to tell people on standard error beside the text.
    """

    document: Callable[[], dict[str, Any]]
    text: Callable[[Screen], str]
    status: int = 0
    note: str | None = None
