"""Dropping what no output needs, and putting independent cells on one level."""

from __future__ import annotations

from dataclasses import replace

from .cascade import Cascade, Cell, Condition, Outcome, Rule


def simplify(cascade: Cascade) -> Cascade:
    """Return the same function with only the cells that the outcomes need, scheduled as early as they can be.

    Complexity: linear in the rules.
    """
    cells = cascade.cells
    needed = {cell for outcome in cascade.outcomes for cell, _ in outcome.when}
    for number in range(len(cells) - 1, -1, -1):
        if number in needed:
            needed |= cells[number].reads
    level: dict[int, int] = {}
    for number in sorted(needed):
        level[number] = 1 + max((level[other] for other in cells[number].reads), default=0)
    order = sorted(needed, key=lambda number: (level[number], number))
    place = {number: i for i, number in enumerate(order)}
    moved = tuple(
        Cell(
            f"level {level[number]}: {cells[number].name}",
            cells[number].size,
            tuple(replace(rule, when=_renumber(rule.when, place)) for rule in _sorted(cells[number].rules)),
            level[number],
        )
        for number in order
    )
    outcomes = tuple(
        Outcome(_renumber(outcome.when, place), outcome.symbols, outcome.end) for outcome in cascade.outcomes
    )
    return replace(cascade, cells=moved, outcomes=outcomes)


def _renumber(when: Condition, place: dict[int, int]) -> Condition:
    return tuple(sorted((place[cell], values) for cell, values in when))


def _sorted(rules: tuple[Rule, ...]) -> list[Rule]:
    return sorted(rules, key=lambda rule: (rule.adds, rule.value, rule.symbols, rule.when))
