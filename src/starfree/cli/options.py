"""Arguments and options that several verbs share, and how their values are read."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from ..budgets import MAX_ELEMENTS, MAX_STATES
from ..errors import BadInput
from ..languages.words import brief

Command = TypeVar("Command", bound=Callable[..., Any])
AS_JSON = "starfree.json"  # where click's context keeps whether --json was given
_DIGITS = 18
_TIMEOUT = "Stop after so long.  [default: none]"


Callback = Callable[[click.Context, click.Parameter, Any], Any]


def at_least(least: int) -> Callback:
    """Return a reader of whole numbers that are at least `least`."""

    def read(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
        if value is None:
            return None
        what = f"{max(param.opts, key=len)} {brief(value)}"
        # str.isdecimal keeps out what int() would take: spaces, underscores, signs.
        digits = value.isascii() and value.isdecimal()
        if digits and len(value.lstrip("0")) > _DIGITS:
            raise BadInput(what, "is too large", f"Write at most {_DIGITS} digits.")
        if not digits or int(value) < least:
            why = f"is not a whole number of at least {least}"
            raise BadInput(what, why, "Write digits only.")
        return int(value)

    return read


@dataclass(frozen=True)
class Clock:
    """The time that a command has, from when its arguments were read: one deadline for all that it does.

    Arguments:
        deadline: value of `time.monotonic()`, or None for ever.
    """

    deadline: float | None = None

    def left(self) -> float | None:
        """Return the seconds that are left, to be given to each step as its `timeout`; negative after."""
        return None if self.deadline is None else self.deadline - time.monotonic()


def seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> Clock:
    """Read a positive, finite number of seconds, which begin to run now."""
    if value is None:
        return Clock()
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        why = "is not a positive number of seconds"
        raise BadInput(f"{max(param.opts, key=len)} {value}", why, "Write a number such as 30 or 0.5.")
    return Clock(time.monotonic() + number)


def number_option(
    name: str, least: int, text: str, *, short: str | None = None, **more: Any
) -> Callable[[Command], Command]:
    """Return what adds an option that takes a whole number."""
    return click.option(
        *filter(None, (short, name)), metavar="N", callback=at_least(least), help=text, **more
    )


def json_option(command: Command) -> Command:
    """Add `--json`."""

    def keep(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        ctx.meta[AS_JSON] = value

    text = "Print one JSON document on standard output, whatever the exit status."
    return click.option("--json", is_flag=True, expose_value=False, callback=keep, help=text)(command)


def language_options(command: Command) -> Command:
    """Add what says how LANG is read: `--alphabet` and `--epsilon`."""
    epsilon = "The name that stands for the empty word in an AT&T file, beside <eps>, <epsilon>, @0@."
    command = click.option("--epsilon", metavar="NAME", help=epsilon)(command)
    alphabet = "Symbols to allow beside those written: run together, or separated by spaces when longer."
    return click.option("--alphabet", metavar="SYMBOLS", help=alphabet)(command)


def state_budget(command: Command) -> Command:
    """Add `--max-states` and `--timeout`."""
    command = click.option("--timeout", metavar="SECONDS", callback=seconds, help=_TIMEOUT)(command)
    states = f"Most states of any automaton.  [default: {MAX_STATES}]"
    return number_option("--max-states", 1, states)(command)


def budget_options(command: Command) -> Command:
    """Add all three budgets."""
    elements = f"Most elements of any monoid.  [default: {MAX_ELEMENTS}]"
    return state_budget(number_option("--max-elements", 1, elements)(command))


def task_option(command: Command) -> Command:
    """Add `--task`."""
    text = "Be right after every word, or only after prefixes of words."
    kind = click.Choice(["recognise", "predict"])
    return click.option("--task", type=kind, default="recognise", show_default=True, help=text)(command)


def device_option(command: Command) -> Command:
    """Add `--device`."""
    text = "Where to train.  [default: a GPU where there is one]"
    return click.option("--device", type=click.Choice(["cpu", "cuda"]), help=text)(command)


def arithmetic_option(command: Command) -> Command:
    """Add `--arithmetic`."""
    text = "Of an ssm, instead of its own: exact, fixed:P, float32, bfloat16, float16, int8wrap."
    return click.option("--arithmetic", metavar="A", help=text)(command)
