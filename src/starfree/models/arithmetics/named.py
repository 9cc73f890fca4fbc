"""The arithmetics that a model of ours can be run and proved in, by the names that users write."""

from __future__ import annotations

from ...errors import BadInput
from ..fixed import Fixed
from .exact import Exact
from .floating import FORMATS, Floating
from .wrapping import Wrapping

Arithmetic = Exact | Fixed | Floating | Wrapping
NAMES = ("exact", "fixed:P", *FORMATS, "int8wrap")
MOST_BITS = 24  # P: what a float32 weight file can hold


def arithmetic_named(text: str) -> Arithmetic:
    """Return the arithmetic that a text names.

    Arguments:
        text: one of `NAMES`, P being a number from 0 to 24.

    Raises:
        BadInput: for anything else.

    >>> arithmetic_named("fixed:8").name, arithmetic_named("bfloat16").bits
    ('FIX(8)', 8)
    """
    if text == "exact":
        return Exact()
    if text == "int8wrap":
        return Wrapping(8)
    if text in FORMATS:
        return FORMATS[text]
    kind, _, bits = text.partition(":") if isinstance(text, str) else ("", "", "")
    if kind == "fixed" and bits.isascii() and bits.isdecimal() and len(bits) < 3 and int(bits) <= MOST_BITS:
        return Fixed(int(bits))
    do = f"Use one of {', '.join(NAMES)}, with P from 0 to {MOST_BITS}."
    raise BadInput(f"arithmetic {text!r}", "is not one that models run in", do)
