"""`make demo`: every language of the catalogue decided, built and proved, as one table."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import starfree
from starfree.budgets import Budget
from starfree.cascades import decompose
from starfree.cli.evidence import word_text
from starfree.cli.screen import Screen, clip
from starfree.errors import BudgetExceeded
from starfree.languages import catalog

FAMILY = "diagonal-nonnegative"
TIMEOUT = 30.0  # seconds for one language
HEAD = [
    "language",
    "states",
    "monoid",
    "star-free",
    "levels",
    "latches",
    "layers",
    "state",
    "product",
    "seconds",
]
RIGHT = [1, 2, 4, 5, 6, 7, 8, 9]

Size = tuple[int | None, int | None, int | None, int | None, int | None]
_NOTHING: Size = (None, None, None, None, None)


@dataclass(frozen=True)
class Line:
    """What was found of one language; None where there is nothing, or a budget ran out."""

    name: str
    section: str
    states: int
    monoid: int | None
    expressible: str
    witness: dict[str, Any] | None
    levels: int | None
    latches: int | None
    layers: int | None
    state: int | None
    product: int | None
    seconds: float


def study(name: str, section: str) -> Line:
    """Decide one language of the catalogue, and build and prove its model if it has one."""
    begun = time.perf_counter()
    language = starfree.load(f"@{name}")
    decision = starfree.decide(language, family=FAMILY, timeout=TIMEOUT)
    verdict = decision[FAMILY]
    witness = verdict.certificate["evidence"] if verdict.expressible == "no" else None
    built = model_of(language) if verdict.expressible == "yes" else _NOTHING
    states, monoid = decision.language.states, decision.algebra.monoid_size
    return Line(
        name, section, states, monoid, verdict.expressible, witness, *built, time.perf_counter() - begun
    )


def model_of(language: starfree.Language) -> Size:
    """Return levels, latches, layers, state size and product states of the model, which must be proved."""
    try:
        cascade = decompose(language.dfa, budget=Budget.of(timeout=TIMEOUT))
        model = starfree.build(language, timeout=TIMEOUT)
    except BudgetExceeded:
        return _NOTHING
    size = (cascade.levels, len(cascade.cells), len(model.layers), model.state_size)
    try:
        proof = starfree.prove(model, language, timeout=TIMEOUT)
    except BudgetExceeded:
        return *size, None
    if not proof.proved:
        raise SystemExit(f"{language.spec}: the model differs from the language after {proof.word}")
    return *size, proof.size


def cells(line: Line) -> list[str]:
    """Return a line of the table."""
    numbers = [line.states, line.monoid, line.levels, line.latches, line.layers, line.state, line.product]
    states, monoid, *built = ["-" if number is None else f"{number:,}" for number in numbers]
    return [line.name, states, monoid, verdict_text(line), *built, f"{line.seconds:.2f}"]


def verdict_text(line: Line) -> str:
    """Return "yes", or the witness of a "no": u v^n w changes membership with n."""
    if line.witness is None:
        return line.expressible
    words = "  ".join(f"{name}={clip(word_text(line.witness[name]), 14)}" for name in "uvw")
    return f"no: {words}  mod {line.witness['period']}"


def headline(lines: Sequence[Line]) -> str:
    """Return what the table shows, in three sentences."""
    yes = [line for line in lines if line.expressible == "yes"]
    proved = [line for line in yes if line.product is not None]
    daily = [line for line in lines if line.section == "daily life"]
    failing = [line.name for line in daily if line.expressible == "no"]
    if len(proved) == len(yes):
        built = f"All {len(yes)} star-free languages (of {len(lines)}) are built and proved"
    else:
        built = f"{len(proved)} of {len(yes)} star-free languages (of {len(lines)}) are built and proved"
    return (
        f"{built}, as SSMs with nonnegative gates, at every length. {len(failing)} of {len(daily)} "
        f"languages of daily life are beyond every such SSM, Mamba among them: "
        f"{', '.join(failing)}. Their witness is u, v, w: whether u v^n w is a word changes with n for ever."
    )


LEGEND = (
    "levels and latches: of the cascade; state: numbers in the SSM's recurrent state; "
    "product: pairs of a state of the model and one of the automaton, all of which the proof visits"
)


def studied() -> Iterator[Line]:
    """Study every entry, saying on a terminal which one it is."""
    for entry in catalog.entries():
        if sys.stderr.isatty():
            print(f"\r\x1b[K{entry.name}", end="", file=sys.stderr, flush=True)
        yield study(entry.name, entry.section)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def table(screen: Screen, lines: Sequence[Line]) -> str:
    """Return the lines under the headings of their sections, all in the same columns."""
    rows = [cells(line) for line in lines]
    widths = [max(len(row[column]) for row in [HEAD, *rows]) for column in range(len(HEAD))]
    parts = [layout(HEAD, widths)]
    numbered = enumerate(lines)
    for section, members in groupby(numbered, key=lambda pair: pair[1].section):
        parts.append("\n" + screen.heading(section))
        parts.extend(layout(rows[number], widths) for number, _ in members)
    return "\n".join(parts)


def layout(row: Sequence[str], widths: Sequence[int]) -> str:
    """Return one row in columns of the given widths."""
    padded = [
        cell.rjust(width) if column in RIGHT else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def main() -> None:
    screen = Screen.of(sys.stdout)
    begun = time.perf_counter()
    lines = list(studied())
    print(screen.wrap(headline(lines)), end="\n\n")
    print(table(screen, lines), end="\n\n")
    print(screen.dim(LEGEND))
    print(f"{len(lines)} languages in {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
