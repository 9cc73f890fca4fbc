"""A report as Markdown: the same figures as on the page, without pictures."""

from __future__ import annotations

from collections.abc import Sequence

from .parts import MEASURE_NAMES, Chapter, Figure, Part, Row, Table, View

READING = (
    "Each figure is the share of words, in percent, of which every legal set is exactly right: after every "
    "prefix, the empty one included, which symbols may come next and whether the word may end. It is that of "
    "the run in the middle of the seeds; in brackets its 95% Wilson interval over the words; then the range "
    "of all seeds."
)


def markdown(view: View) -> str:
    """Return the tables of a report as Markdown.

    Complexity: linear in what is shown.
    """
    parts = [f"# {_plain(view.title)}", " ".join(view.origin), READING]
    for chapter in view.before:
        parts += _chapter(chapter)
    if view.hypotheses:
        rows = [[each.outcome, each.text, each.evidence] for each in view.hypotheses]
        parts += ["## Hypotheses", _table(["outcome", "hypothesis", "evidence"], rows)]
    parts += ["## Summary", "At the longest lengths; after it, what theory says for some number of layers."]
    for group, group_rows in view.groups:
        rows = [[f"{row.name} ({row.remark})", *map(_summary, row.figures)] for row in group_rows]
        parts += [f"### {group.capitalize()}", _table(["language", *view.columns], rows)]
    for part in view.parts:
        parts += _part(part)
    for chapter in view.after:
        parts += _chapter(chapter)
    return "\n\n".join(parts) + "\n"


def _chapter(chapter: Chapter) -> list[str]:
    lines = [f"## {_plain(chapter.title)}", _plain(chapter.said)]
    if chapter.rows:
        lines.append(_table(chapter.columns, chapter.rows))
    return [*lines, f"```\n{chapter.listing}\n```"] if chapter.listing else lines


def _part(part: Part) -> list[str]:
    lines = [
        f"## {_plain(part.section.name)}",
        f"{part.theory.description} {'; '.join(part.theory.facts)}.".strip(),
    ]
    if part.predictions:
        said = [[model, each.family, each.answer, each.because] for model, each in part.predictions]
        lines.append(_table(["model", "family", "theory", "because"], said))
    for table in part.tables:
        lines += [
            f"{MEASURE_NAMES.get(table.measure, table.measure)} right, %:".capitalize(),
            _measure(table),
        ]
    notes = (*part.why, *part.lost)
    return lines + (["\n".join(f"- {_plain(note)}" for note in notes)] if notes else [])


def _measure(table: Table) -> str:
    rows = [*table.rows, *table.controls, *table.baselines]
    return _table(["", *table.columns], [_cells(row, len(table.columns)) for row in rows])


def _cells(row: Row, columns: int) -> list[str]:
    name = f"{row.name} ({row.remark})" if row.remark else row.name
    cells = [_text(figure) for figure in row.figures]
    return [name, *cells, *[""] * (columns - len(cells))]


def _text(figure: Figure | None) -> str:
    if figure is None:
        return ""
    around = f" [{figure.interval}]" if figure.interval else ""
    return figure.value + around + (f"; {figure.seeds}" if figure.seeds else "")


def _summary(figure: Figure | None) -> str:
    return "" if figure is None else figure.value + (f" ({figure.theory})" if figure.theory else "")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_plain, line)) + " |" for line in lines)


def _plain(text: str) -> str:
    """Return a text that neither ends a cell nor starts markup."""
    one_line = " ".join(text.split())
    return one_line.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
