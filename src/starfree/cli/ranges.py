"""Numbers and ranges of lengths as options take them: `0,1,2`, `0-4`, `1-50,51-100`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import click

from ..errors import BadInput

_RANGE = re.compile(r"([0-9]+)-([0-9]+)")
_MOST = 1_000_000  # numbers in a range, and symbols in a word
_DIGITS = 18  # more are not turned into a number at all

Window = tuple[int, int]


def numbers(
    kind: Callable[[str], Any], example: str
) -> Callable[[click.Context, click.Parameter, str], tuple[Any, ...]]:
    """Return a reader of numbers separated by commas, each kept once; `a-b` is a range of whole ones."""

    def read(ctx: click.Context, param: click.Parameter, value: str) -> tuple[Any, ...]:
        what = f"{max(param.opts, key=len)} {value}"
        return tuple(dict.fromkeys(_numbers(value, kind, what, f"Write such as {example}.")))

    return read


def _numbers(value: str, kind: Callable[[str], Any], what: str, do: str) -> Iterator[Any]:
    for part in value.split(","):
        if kind is int and _RANGE.fullmatch(part.strip()):
            low, high = _ends(part.strip(), what)
            if high - low >= _MOST:
                raise BadInput(what, f"has more than {_MOST:,} numbers", "Give fewer.")
            yield from range(low, high + 1)
            continue
        try:
            number = kind(part)
        except ValueError:
            raise BadInput(what, "is not a list of numbers separated by commas", do) from None
        if math.isnan(number):
            raise BadInput(what, "has what is not a number", do)
        yield number


def windows(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[Window, ...]:
    """Read ranges of lengths separated by commas: `1-50,51-100`."""
    if value is None:
        return ()
    what = f"{max(param.opts, key=len)} {value}"
    parts = [part.strip() for part in value.split(",")]
    if not all(map(_RANGE.fullmatch, parts)):
        raise BadInput(what, "is not a list of ranges of lengths", "Write such as 1-50,51-100.")
    return tuple(_window(part, what) for part in parts)


def window(ctx: click.Context, param: click.Parameter, value: str) -> Window:
    """Read one range of lengths: `1-50`."""
    what = f"{max(param.opts, key=len)} {value}"
    if not _RANGE.fullmatch(value.strip()):
        why = "must be one range" if "," in value else "is not a range of lengths"
        raise BadInput(what, why, "Write such as 1-50.")
    return _window(value.strip(), what)


def _window(part: str, what: str) -> Window:
    low, high = _ends(part, what)
    if high >= _MOST:
        raise BadInput(what, f"asks for words of {high:,} symbols", f"Give lengths below {_MOST:,}.")
    return low, high


def _ends(part: str, what: str) -> tuple[int, int]:
    """Return the ends of a range, which begins with the smaller one."""
    low, _, high = part.partition("-")
    if max(len(low), len(high)) > _DIGITS:
        raise BadInput(what, "has too large a number", f"Write at most {_DIGITS} digits.")
    if int(low) > int(high):
        do = f"Write {high}-{low}."
        raise BadInput(what, f"has {part}, which begins with the larger number", do)
    return int(low), int(high)
