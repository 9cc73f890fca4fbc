"""A cascade as rules, and a model as layers, that a person can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..languages.notation import symbol_ranges
from .screen import Screen, count_of, printable

if TYPE_CHECKING:
    from ..cascades import Cascade, Cell, Condition
    from ..models.ssm import SSM

_RULES = 12
_TIE = "\xa0"  # a space at which no line is broken
_LEGEND = (
    "Every cell starts at 0. No rule fires: it holds. No row fits: nothing is legal.",
    "In braces: the states that a value leaves of the largest set that is divided.",
)


def cascade_text(screen: Screen, cascade: Cascade) -> str:
    """Return every cell with its rules, then what is legal when."""
    size = [count_of(cascade.levels, "level"), count_of(len(cascade.cells), "cell")]
    size += [count_of(cascade.rule_count, "rule"), count_of(cascade.bits, "bit")]
    head = screen.wrap(f"{cascade.origin}: {', '.join(size)}")
    parts = ["\n".join([head, *map(screen.dim, _LEGEND)])]
    for number, cell in enumerate(cascade.cells):
        parts.append(_cell_text(screen, cascade, number, cell))
    rows = []
    for outcome in cascade.outcomes[:_RULES]:
        legal = " ".join(part for part in (symbol_ranges(outcome.symbols), "END" * outcome.end) if part)
        rows.append([_condition(outcome.when) or "always", legal])
    parts.append(screen.table(rows, head=["when (new values)", "legal next"]) + _more(len(cascade.outcomes)))
    return "\n\n".join(parts)


def _cell_text(screen: Screen, cascade: Cascade, number: int, cell: Cell) -> str:
    """Return a cell's name and its rules: on these symbols, when this held before, set or add the value."""
    head = f"level {cell.level}, {count_of(cell.size, 'value')}: {_meaning(cell)}"
    rows = [
        [f"{'add' if rule.adds else 'set'} {rule.value}", symbol_ranges(rule.symbols), _condition(rule.when)]
        for rule in cell.rules[:_RULES]
    ]
    table = screen.table(rows, head=["", "on", "when (old values)"], indent=4) + _more(len(cell.rules))
    return "\n".join(part for part in (_hanging(screen, f"c{number}", head), table) if part)


def _meaning(cell: Cell) -> str:
    """Return what each value of a cell means, as far as its name says it."""
    name = printable(cell.name.removeprefix(f"level {cell.level}: "))
    meanings = ["live", "dead"] if name == "dead" else [] if cell.turns else name.split("|")
    if len(meanings) != cell.size:
        return name
    return "  ".join(f"{value}:{_TIE}{meaning}" for value, meaning in enumerate(meanings))


def _hanging(screen: Screen, name: str, text: str) -> str:
    """Return a text beside a name, its lines under each other."""
    return screen.table([[name, text]]).replace(_TIE, " ")


def _condition(when: Condition) -> str:
    return " and ".join(
        f"c{cell} = {values[0]}" if len(values) == 1 else f"c{cell} in {{{', '.join(map(str, values))}}}"
        for cell, values in when
    )


def _more(total: int) -> str:
    return f"\n    ... and {total - _RULES} more" if total > _RULES else ""


def model_text(screen: Screen, model: SSM, cascade: Cascade) -> str:
    """Return the layers of a model, and which cells of the cascade each holds."""
    numbers = {cell.name: f"c{number}" for number, cell in enumerate(cascade.cells)}
    size = [count_of(len(model.layers), "layer"), f"state size {model.state_size}"]
    size += [f"width {model.width}", count_of(model.parameters, "parameter"), model.arithmetic]
    rows = []
    for number, layer in enumerate(model.layers):
        held = "; ".join(_held(name, numbers) for name in layer.cells[:_RULES]) or "no cells"
        more = f"; and {len(layer.cells) - _RULES} more" if len(layer.cells) > _RULES else ""
        rows.append([f"layer {number + 1}", held + more])
    return screen.wrap(", ".join(size)) + "\n" + screen.table(rows, indent=2)


def _held(name: str, numbers: dict[str, str]) -> str:
    """Return what a number of the state holds, by the numbers of the cells."""
    _, old, rest = name.rpartition("old and new: ")
    # A name goes on after the cell's: ", bit 0", ", values 1-64".
    known = [cell for cell in numbers if rest == cell or rest.startswith(f"{cell}, ")]
    if known:
        cell = max(known, key=len)
        rest = numbers[cell] + rest[len(cell) :]
    return printable(f"{rest}, old and new" if old else rest)
