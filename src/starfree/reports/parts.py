"""The values that a report is made of: the page and the Markdown table print the same ones."""

from __future__ import annotations

from dataclasses import dataclass

from ..learning.results import Hypothesis
from ..learning.theory import Prediction, Theory
from .summary import Section

MEASURE_NAMES = {"words": "words", "positions": "prefixes", "end": "ends"}


@dataclass(frozen=True)
class Figure:
    """A figure in a table: the value, what surrounds it, and the colours of its cell."""

    value: str
    interval: str = ""
    seeds: str = ""
    theory: str = ""
    background: str = ""
    ink: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a table: its name, a remark, and a figure for each column that has one."""

    name: str
    remark: str
    figures: tuple[Figure | None, ...]
    model: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Table:
    """A table of figures, each in percent.

    Arguments:
        measure: what is counted.
        columns: their names.
        rows: of the models.
        baselines: of what needs no memory.
        controls: of runs that check the harness.
    """

    measure: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    baselines: tuple[Row, ...] = ()
    controls: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Part:
    """The part of a report on one language."""

    section: Section
    theory: Theory
    anchor: str
    predictions: tuple[tuple[str, Prediction], ...]
    tables: tuple[Table, ...]
    why: tuple[str, ...]
    lost: tuple[str, ...]
    sizes: tuple[str, ...]
    others: tuple[Row, ...]


@dataclass(frozen=True)
class Chapter:
    """A part of a report that is not about training.

    Arguments:
        title: its heading.
        said: a few sentences.
        columns, rows: of a table of text; none without rows.
        listing: lines that keep their spaces.
    """

    title: str
    said: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    listing: str = ""


@dataclass(frozen=True)
class View:
    """A report, ready to be printed.

    Arguments:
        title: its title.
        origin: where the results come from, a sentence each.
        hypotheses: given by the caller.
        columns: the models of the summary.
        groups: of languages, each a name and the rows of its languages.
        parts: one for each language and choice of bins.
        before, after: chapters around the results.
    """

    title: str
    origin: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    columns: tuple[str, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    parts: tuple[Part, ...]
    before: tuple[Chapter, ...] = ()
    after: tuple[Chapter, ...] = ()
