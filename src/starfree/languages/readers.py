"""Where the readers of texts are that later packages bring: named here, and imported when first used.

The packages of starfree import only earlier ones. But a text may name any language, those of programs and of
temporal logic too, so that the one function that reads texts finds their readers by name.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

_PROGRAMS = "starfree.programs"
READERS = {
    "ltlf:": f"{_PROGRAMS}.future:future_dfa",
    "pltl:": f"{_PROGRAMS}.past:past_program",
    "name": f"{_PROGRAMS}.named:named",
}


def reader(kind: str) -> Any:
    """Return what reads a kind of text."""
    module, _, name = READERS[kind].partition(":")
    return getattr(import_module(module), name)


def formula_reader(text: str) -> Callable[..., Any] | None:
    """Return what reads a text that says by its prefix that it is a formula."""
    prefix = text[:5]
    return reader(prefix) if prefix in ("ltlf:", "pltl:") else None
