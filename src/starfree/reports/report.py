"""`report`: from a store of results to one page that needs nothing else, and a Markdown table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import BadInput, StarfreeError
from ..languages.load import load
from ..languages.notation import printable
from ..learning.results import Hypothesis, Record, Run
from ..learning.store import Store
from ..models.open_model import open_model
from .markdown import markdown
from .page import page
from .parts import Chapter, View
from .refuted import refuted_chapter
from .view import view

LIBRARIES = ("jinja2", "matplotlib")
TITLE = "Learning formal languages"


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Arguments:
        page: the HTML file.
        table: the Markdown file.
        runs: how many runs it shows.
        languages: how many languages.
        hypotheses: with their outcomes.
    """

    page: Path
    table: Path
    runs: int
    languages: int
    hypotheses: tuple[Hypothesis, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree report --json` prints."""
        return {
            "page": str(self.page),
            "table": str(self.table),
            "runs": self.runs,
            "languages": self.languages,
            "hypotheses": [
                {"text": each.text, "outcome": each.outcome, "evidence": each.evidence}
                for each in self.hypotheses
            ],
        }


def report(
    runs: str | PathLike[str],
    out: str | PathLike[str] | None = None,
    *,
    hypotheses: Sequence[Hypothesis] = (),
    title: str = TITLE,
) -> Report:
    """Write a page and a table about the results in a store.

    Arguments:
        runs: the directory of the store.
        out: the page to write, or a directory for `report.html`; None for the directory of the store. The
            table stands beside the page, with the ending `.md`.
        hypotheses: claims to print beside the results.
        title: of the page.

    Raises:
        BadInput: when there are no results or the files cannot be written.
        MissingDependency: without matplotlib or Jinja.

    Complexity: that of the verdicts on the languages, and linear in the results.
    """
    store = Store.open(runs, create=False)
    records = store.runs()
    if not records:
        raise BadInput(str(runs), "holds no runs yet", "Run `starfree learn` first.")
    place = store.file.parent if out is None else Path(out)
    if place.suffix.lower() not in (".html", ".htm"):
        place = place / "report.html"
    _check_place(place)
    shown = view(records, hypotheses, title)
    chapters = _refuted(store.file.parent / "models", records)
    return written(replace(shown, after=(*shown.after, *chapters)), place, len(records))


def _refuted(models: Path, records: Sequence[Record]) -> Iterator[Chapter]:
    """Yield for each language two words of which a network says the same, one network of each kind."""
    chosen: dict[str, dict[tuple[str, int], Run]] = {}
    for record in records:
        run = record.run
        if run.status == "finished" and (models / run.id).is_dir():
            chosen.setdefault(run.language, {}).setdefault((run.model, run.layers), run)
    for language, found in chosen.items():
        try:
            loaded = load(language)
            named = [
                (
                    f"{run.model} {run.layers} layer{'s' if run.layers > 1 else ''}, seed {run.seed}",
                    open_model(models / run.id),
                )
                for run in found.values()
            ]
        except StarfreeError:  # a language or a model that is no longer there
            continue
        yield from refuted_chapter(
            loaded, named, f"{printable(language)}: two words of which it says the same"
        )


def written(shown: View, place: Path, runs: int) -> Report:
    """Write what a report shows as a page and as a table beside it; raises `BadInput` when it cannot."""
    table = place.with_suffix(".md")
    _write(place, page(shown))
    _write(table, markdown(shown))
    languages = len({part.section.language for part in shown.parts})
    return Report(place, table, runs, languages, shown.hypotheses)


def _check_place(path: Path) -> None:
    """Raise `BadInput` when more than the directory of a file would have to be made."""
    above = path.parent.parent
    if not path.parent.exists() and not above.exists():
        raise BadInput(str(path), f"there is no directory {above}", "Make it first, or name another place.")


def _write(path: Path, text: str) -> None:
    """Write a file all at once: one that is read meanwhile, or a full disk, leaves the old one as it was."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        try:
            beside.write_text(text, encoding="utf-8", newline="\n")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(str(path), f"cannot be written ({error.strerror})", "Name another place.") from None
