"""The form of a certificate, as patterns.

A pattern is a dict (an object with exactly these fields), a list of one pattern (a list of such values), a
tuple (a list of just these values), or a function of the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


class Unsupported(Exception):
    """The certificate is malformed, or its evidence is not true, or does not support the claim."""


class Malformed(Unsupported):
    """Already the form is wrong."""


def need(holds: bool, why: str, kind: type[Unsupported] = Unsupported) -> None:
    if not holds:
        raise kind(why)


def fits(value: Any, pattern: Any) -> bool:
    if isinstance(pattern, dict):
        return (
            isinstance(value, dict)
            and set(value) == set(pattern)
            and all(fits(value[key], part) for key, part in pattern.items())
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(fits(entry, pattern[0]) for entry in value)
    if isinstance(pattern, tuple):
        return isinstance(value, list) and len(value) == len(pattern) and all(map(fits, value, pattern))
    return bool(pattern(value))


def between(low: int, high: int | None = None) -> Callable[[Any], bool]:
    return lambda v: (
        isinstance(v, int) and not isinstance(v, bool) and v >= low and (high is None or v < high)
    )


def exactly(*values: Any) -> Callable[[Any], bool]:
    return lambda v: any(v is w or (isinstance(v, str) and isinstance(w, str) and v == w) for w in values)


def either(*patterns: Any) -> Callable[[Any], bool]:
    return lambda v: any(fits(v, pattern) for pattern in patterns)


def distinct(pattern: Any) -> Callable[[Any], bool]:
    return lambda v: fits(v, [pattern]) and len(set(v)) == len(v)


def is_text(v: Any) -> bool:
    return isinstance(v, str)


def is_flag(v: Any) -> bool:
    return v is True or v is False


def is_rational(v: Any) -> bool:
    if isinstance(v, str):
        return re.match(r"^-?[0-9]{1,1000}(/0*[1-9][0-9]*)?\Z", v) is not None and len(v) <= 2000
    return isinstance(v, int) and not isinstance(v, bool) and abs(v) < 2**3000
