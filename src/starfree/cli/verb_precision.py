"""`starfree precision`: in which arithmetic a construction is right, and up to which length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..languages.notation import enclosed, spaced, visible
from .answer import Answer
from .options import Clock, budget_options, json_option, language_options, task_option
from .progress import progress
from .screen import Screen, count_of
from .spoken import spoken

if TYPE_CHECKING:
    from ..proofs.horizon import Horizon
    from ..proofs.precision import Precision, Row

_WRITTEN_OUT = 4  # so many equal symbols in a row are written as a power
_LEGEND = (
    "p: fraction bits the weights are made for, where they depend on it; for FIX the least that is right. "
    "Other rows take the model as it is built, p = 16, then another p that is right, where one was found."
)


@click.command(name="precision", epilog="\b\nExample:\n  starfree precision @dyck_1 --only ssm")
@click.argument("language", metavar="LANG")
@click.option(
    "--only",
    metavar="C",
    multiple=True,
    help="A construction: ssm, 'ssm --shift', 'ssm --prefer layers', 'wrap counter', mamba, mamba2; "
    "may be given again.  [default: all]",
)
@task_option
@language_options
@budget_options
@json_option
def command(
    language: str,
    only: tuple[str, ...],
    task: str,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    max_elements: int | None,
    timeout: Clock,
) -> Answer:
    """Say in which arithmetic each construction of LANG is right: at every length, or up to which.

    In fixed point the least number of fraction bits is found by proofs: it is enough, one less is not.
    """
    chosen = spoken(language, alphabet, epsilon, max_states, timeout.left())

    from ..proofs.precision import precision

    with progress("rows") as report:
        found = precision(
            chosen,
            task=task,
            only=only or None,
            max_states=max_states,
            max_elements=max_elements,
            timeout=timeout.left(),
            progress=report,
        )
    return Answer(found.to_json, lambda screen: _text(screen, found))


def _text(screen: Screen, found: Precision) -> str:
    """Return a row for each construction and arithmetic."""
    rows, before = [], ""
    for row in found.rows:
        name = row.construction if row.construction != before else ""
        before = row.construction
        p = "" if row.fraction_bits is None else str(row.fraction_bits)
        rows.append([name, row.arithmetic, p, _right(row), _wrong(row)])
    head = ["construction", "arithmetic", "p", "right", "wrong"]
    table = screen.table(rows, head=head, right=[2])
    title = f"{screen.heading(found.language.spec)}  {found.task}"
    verdict = f"Diagonal models with nonnegative gates, in FIX: {found.verdict} (`starfree decide`)."
    wraps = any(
        (row.construction, row.arithmetic) == ("wrap counter", "int8wrap")
        and row.horizon is not None
        and row.horizon.every_length
        for row in found.rows
    )
    if found.verdict == "no" and wraps:
        verdict += " In integers that wrap around: yes, by the proof above."
    return f"{title}\n\n{table}\n{screen.dim(_LEGEND)}\n{screen.wrap(verdict)}"


def _right(row: Row) -> str:
    """Return how far a construction is right."""
    if row.horizon is None:
        return "unknown"
    if row.horizon.every_length:
        return "every length"
    if row.horizon.up_to < 0:
        return "never"
    return f"up to {count_of(int(row.horizon.up_to), 'symbol')}"


def _wrong(row: Row) -> str:
    """Return where it is wrong: a word, and for FIX the word of p - 1."""
    said = []
    if row.horizon is not None and row.horizon.wrong is not None:
        said.append(_word(row.horizon))
    elif row.horizon is not None and not row.horizon.every_length:
        said.append("not known beyond")
    if row.below is not None and row.below.wrong is not None:
        assert row.fraction_bits is not None
        said.append(f"p = {row.fraction_bits - 1}: {_word(row.below)}")
    if row.note is not None:
        said.append(row.note)
    return "; ".join(said)


def _word(horizon: Horizon) -> str:
    """Return the wrong word, with its length where it may not be the shortest."""
    assert horizon.wrong is not None
    symbols = [symbol for symbol, _ in horizon.wrong]
    plain = "^" in symbols
    parts = []
    for symbol, number in horizon.wrong:
        short = number < _WRITTEN_OUT or (plain and number < 100)
        parts.extend([visible(symbol)] * number if short else [f"{visible(symbol)}^{number}"])
    assert horizon.wrong_length is not None
    text = enclosed(parts, horizon.wrong_length, spaced(symbols), cut=False)
    return text if horizon.shortest else f"{text}, of length {horizon.wrong_length:,}"
