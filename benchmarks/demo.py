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
from starfree.cli.screen import Screen
from starfree.errors import BudgetExceeded
from starfree.languages import catalog
from starfree.verdicts.spelling import word_text

FAMILY = "diagonal-nonnegative"
TIMEOUT = 30.0  # seconds for one language
HEAD = ["language", "states", "monoid", "star-free", "levels", "cells", "layers", "size", "pairs", "secs"]
RIGHT = [1, 2, 4, 5, 6, 7, 8, 9]
MODEL = slice(4, 9)  # the columns about a model; the witness stands there when there is none
WORD = 12  # characters of a word of a witness
COUNTS = "counts"  # instead of whether a language is star-free

Size = tuple[int | None, int | None, int | None, int | None, int | None]
_NOTHING: Size = (None, None, None, None, None)


@dataclass(frozen=True)
class Line:
    """What was found of one language; None where there is nothing, or a budget ran out."""

    name: str
    section: str
    states: int | None
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


def study_program(name: str, section: str) -> Line:
    """Build one language that counts, and prove its model at every length."""
    begun = time.perf_counter()
    language = starfree.load(f"@{name}")
    model = starfree.build(language, timeout=TIMEOUT)
    proof = starfree.prove(model, language, words=1, length=100, timeout=TIMEOUT)
    if not (proof.proved and proof.every_length):
        raise SystemExit(f"{language.spec}: the model is not proved")
    size = None, model.cell_count, len(model.layers), model.state_size, None
    return Line(name, section, None, None, COUNTS, None, *size, time.perf_counter() - begun)


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
    return [line.name, states, monoid, line.expressible, *built, f"{line.seconds:.2f}"]


def witness_text(line: Line) -> str:
    """Return the witness of a "no": u v^n w, without those that are empty, and modulo what n decides."""
    if line.witness is None:
        return ""
    words = {name: word_text(line.witness[name], WORD) for name in "uvw" if line.witness[name]}
    power = "".join(f"{word}^n" if name == "v" else word for name, word in words.items())
    return f"{power}, n mod {line.witness['period']}"


def headline(lines: Sequence[Line]) -> str:
    """Return what the table shows, in a few sentences."""
    counting = [line for line in lines if line.expressible == COUNTS]
    lines = [line for line in lines if line.expressible != COUNTS]
    yes = [line for line in lines if line.expressible == "yes"]
    proved = [line for line in yes if line.product is not None]
    daily = [line for line in lines if line.section == "daily life"]
    failing = [line.name for line in daily if line.expressible == "no"]
    share = f"All {len(yes)}" if len(proved) == len(yes) else f"{len(proved)} of {len(yes)}"
    also = f"; so are {len(counting)} that count, or nest brackets too deep to list" if counting else ""
    return (
        f"{share} star-free languages (of {len(lines)} regular ones) are built and proved, as SSMs with "
        f"nonnegative gates, at every length{also}. {len(failing)} of {len(daily)} "
        f"languages of daily life are beyond every such SSM, Mamba among them: "
        f"{', '.join(failing)}. The table gives the words whose membership changes with n for ever."
    )


@dataclass(frozen=True)
class Beyond:
    """A language outside star-free, and the model of the cheapest target that has it."""

    name: str
    orders: tuple[int, ...] | None
    target: str
    layers: int
    state: int
    product: int
    seconds: float


def beyond(name: str) -> Beyond:
    """Build one language outside star-free by the target that `decide` names, and prove its model."""
    begun = time.perf_counter()
    language = starfree.load(f"@{name}")
    decision = starfree.decide(language, timeout=TIMEOUT)
    target = decision.target
    if target is None:
        raise SystemExit(f"{name}: decide names no target")
    model = starfree.build(language, target=target, timeout=TIMEOUT)
    proof = starfree.prove(model, language, timeout=TIMEOUT)
    if not proof.proved:
        raise SystemExit(f"{name}: the model differs from the language after {proof.word}")
    groups = decision.algebra.subgroups
    orders = None if groups is None else groups.orders
    layers, size = len(model.layers), model.state_size
    return Beyond(name, orders, target, layers, size, proof.size, time.perf_counter() - begun)


def beyond_table(screen: Screen, found: Sequence[Beyond]) -> str:
    """Return the languages outside star-free with their models, all proved at every length."""
    rows = [
        [
            each.name,
            "-" if each.orders is None else ", ".join(map(str, each.orders[-3:])),
            each.target,
            f"{each.layers:,}",
            f"{each.state:,}",
            f"{each.product:,}",
            f"{each.seconds:.2f}",
        ]
        for each in found
    ]
    head = ["language", "largest groups", "target", "layers", "size", "pairs", "secs"]
    title = screen.heading("Beyond star-free: the cheapest target, proved at every length")
    return f"{title}\n{screen.table(rows, head=head, right=[3, 4, 5, 6])}"


LEGEND = (
    "levels and cells: of the cascade; size: numbers in the SSM's recurrent state; "
    "pairs: a state of the model and one of the automaton, all of which the proof visits; counts: a program, "
    "proved without visiting states"
)


def studied() -> Iterator[Line]:
    """Study every entry, saying on a terminal which one it is."""
    for entry in catalog.entries():
        if sys.stderr.isatty():
            print(f"\r\x1b[K{entry.name}", end="", file=sys.stderr, flush=True)
        one = study if entry.name in catalog.regular else study_program
        yield one(entry.name, entry.section)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def table(screen: Screen, lines: Sequence[Line]) -> str:
    """Return the lines under the headings of their sections, all in the same columns."""
    rows = [cells(line) for line in lines]
    widths = [max(len(row[column]) for row in [HEAD, *rows]) for column in range(len(HEAD))]
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= screen.width else 1
    parts = [layout(HEAD, widths, gap)]
    numbered = enumerate(lines)
    for section, members in groupby(numbered, key=lambda pair: pair[1].section):
        parts.append("\n" + screen.heading(section))
        parts.extend(layout(rows[number], widths, gap, witness_text(line)) for number, line in members)
    return "\n".join(parts)


def layout(row: Sequence[str], widths: Sequence[int], gap: int, witness: str = "") -> str:
    """Return one row in columns of the given widths; a witness takes the place of the model."""
    padded = [
        cell.rjust(width) if column in RIGHT else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    between = " " * gap
    if witness:
        padded[MODEL] = [witness.ljust(len(between.join(padded[MODEL])))]
    return between.join(padded).rstrip()


def main() -> None:
    screen = Screen.of(sys.stdout)
    begun = time.perf_counter()
    lines = list(studied())
    print(screen.wrap(headline(lines)), end="\n\n")
    print(table(screen, lines), end="\n\n")
    print(beyond_table(screen, [beyond(line.name) for line in lines if line.expressible == "no"]), end="\n\n")
    print(screen.dim(LEGEND))
    print(f"{len(lines)} languages in {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
