"""Strict reading of JSON values: every value has its type and range, and no field is extra or missing."""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from typing import Any

from .outcome import Rejected

MAX_DIGITS = 1000
RATIONAL = re.compile(f"(-?[0-9]{{1,{MAX_DIGITS}}})(?:/([0-9]{{1,{MAX_DIGITS}}}))?")
NAMES = {
    dict: "an object",
    list: "a list",
    bool: "a truth value",
    float: "a decimal number",
    type(None): "null",
}


def shown(value: object) -> str:
    """Return a short printable form of any JSON value, safe for huge or deeply nested ones."""
    if isinstance(value, str):
        text = ascii(value)
        return text if len(text) <= 60 else text[:57] + "..."
    if type(value) is int:
        return str(value) if value.bit_length() < 64 else "a huge number"
    return NAMES.get(type(value), "something that is not JSON")


def some(states: Collection[int]) -> str:
    """Return a short printable form of a set of states."""
    first = ", ".join(map(str, sorted(states)[:8]))
    return f"{{{first}}}" if len(states) <= 8 else f"{{{first}, ... {len(states)} states}}"


def record(value: object, name: str, fields: Collection[str]) -> dict[str, Any]:
    """Return an object that has exactly the given fields."""
    if not isinstance(value, dict):
        raise Rejected(f"{name} must be an object, not {shown(value)}")
    for field in fields:
        if field not in value:
            raise Rejected(f"{name} has no field {field!r}")
    for field in value:
        if field not in fields:
            raise Rejected(f"{name} has a field that it must not have: {shown(field)}")
    return value


def items(value: object, name: str) -> list[Any]:
    """Return a list."""
    if not isinstance(value, list):
        raise Rejected(f"{name} must be a list, not {shown(value)}")
    return value


def integer(value: object, name: str, low: int, high: int | None = None) -> int:
    """Return an integer of `low <= value < high`; truth values and decimals are not integers."""
    if type(value) is not int:
        raise Rejected(f"{name} must be an integer, not {shown(value)}")
    if value < low or (high is not None and value >= high):
        bound = f"at least {low}" if high is None else f"in {low}..{high - 1}"
        raise Rejected(f"{name} must be {bound}, not {shown(value)}")
    return value


def flag(value: object, name: str) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        raise Rejected(f"{name} must be true or false, not {shown(value)}")
    return value


def text(value: object, name: str) -> str:
    """Return a string."""
    if not isinstance(value, str):
        raise Rejected(f"{name} must be a string, not {shown(value)}")
    return value


def choice(value: object, name: str, choices: Collection[str]) -> str:
    """Return a string that is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise Rejected(f"{name} is {shown(value)}, which is none of: {', '.join(sorted(choices))}")
    return value


def rational(value: object, name: str) -> Fraction:
    """Return an integer or a string `num/den` (or `num`), of at most 1000 digits a side, as a fraction."""
    if type(value) is int:
        if value.bit_length() > 3 * MAX_DIGITS:
            raise Rejected(f"{name} has more than {MAX_DIGITS} digits")
        return Fraction(value)
    match = RATIONAL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Rejected(f"{name} must be an integer or a string 'num/den', not {shown(value)}")
    denominator = int(match[2] or 1)
    if denominator == 0:
        raise Rejected(f"{name} has denominator 0")
    return Fraction(int(match[1]), denominator)


def indices(value: object, name: str, count: int) -> list[int]:
    """Return a list of distinct integers in `0..count-1`."""
    listed = [integer(entry, f"an entry of {name}", 0, count) for entry in items(value, name)]
    if len(set(listed)) != len(listed):
        raise Rejected(f"{name} lists something twice")
    return listed


def subset(value: object, name: str, alphabet: Collection[str]) -> list[str]:
    """Return a list of distinct symbols of the alphabet."""
    listed = [text(entry, f"an entry of {name}") for entry in items(value, name)]
    for symbol in listed:
        if symbol not in alphabet:
            raise Rejected(f"{name} lists {shown(symbol)}, which is not in the alphabet")
    if len(set(listed)) != len(listed):
        raise Rejected(f"{name} lists a symbol twice")
    return listed


def partition(value: object, name: str, members: Collection[int], count: int) -> dict[int, int]:
    """Return the class number of each member, from a list of disjoint non-empty lists that cover them."""
    number: dict[int, int] = {}
    for index, entry in enumerate(items(value, name)):
        states = indices(entry, f"a class of {name}", count)
        if not states:
            raise Rejected(f"{name} has an empty class")
        for state in states:
            if state in number:
                raise Rejected(f"{name} lists state {state} twice")
            number[state] = index
    if set(number) != set(members):
        raise Rejected(f"{name} is not a partition of the states it must cover")
    return number
