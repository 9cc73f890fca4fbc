"""A report as one HTML page that needs no network: the template is filled, pictures are drawn into it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from ..errors import MissingDependency
from .colours import DASHES, faded, look, shade
from .markdown import READING
from .parts import MEASURE_NAMES, Part, View
from .pictures import MOST, accuracy_picture, curve_picture, error_picture, left_out
from .published import published_beside, published_curve

_SIGNS = {"can": "✓", "cannot": "✗"}
_MARKS = {  # as paths in a box from -5 to 5, like those of matplotlib in the pictures
    "o": "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "s": "M-3.6 -3.6h7.2v7.2h-7.2z",
    "D": "M0 -4.6L4.6 0L0 4.6L-4.6 0z",
    "P": "M-1.5 -4.2h3v2.7h2.7v3h-2.7v2.7h-3v-2.7h-2.7v-3h2.7z",
    "v": "M-4.2 -3.6h8.4L0 4.2z",
    "^": "M-4.2 3.6h8.4L0 -4.2z",
    "<": "M3.6 -4.2v8.4L-4.2 0z",
    ">": "M-3.6 -4.2v8.4L4.2 0z",
    "X": "M-4 -2L-2 -4L0 -2L2 -4L4 -2L2 0L4 2L2 4L0 2L-2 4L-4 2L-2 0z",
    "p": "M0 -4.4L4.2 -1.4L2.6 3.6H-2.6L-4.2 -1.4z",
    "h": "M0 -4.4L3.8 -2.2V2.2L0 4.4L-3.8 2.2V-2.2z",
    "*": "M0 -4.8L1.2 -1.6H4.6L1.9 0.5L2.9 3.9L0 1.9L-2.9 3.9L-1.9 0.5L-4.6 -1.6H-1.2z",
}
_STROKES = {"-": "", "--": "5 3", ":": "1.5 2.5", "-.": "5 2 1.5 2"}


def page(view: View) -> str:
    """Return the report as HTML.

    Raises:
        MissingDependency: without matplotlib or Jinja.

    Complexity: linear in what is shown.
    """
    try:
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup
    except ImportError as error:
        raise MissingDependency(
            "a report", f"{error.name} is not installed", "Run `pip install 'starfree[learn]'`."
        ) from None
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    environment.filters["signed"] = lambda answer: " / ".join(
        f"{_SIGNS.get(each, '?')} {each}" for each in answer.split(" / ")
    )
    template = environment.from_string((files(__package__) / "page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        view=view,
        reading=READING,
        measures=MEASURE_NAMES,
        most=MOST,
        scale=[(tenth * 10, *shade(tenth / 10)) for tenth in range(0, 11, 2)],
        parts=[
            (part, _legend(part), {name: Markup(svg) for name, svg in _pictures(part)}, _beside(part))
            for part in view.parts
        ],
    )


def _pictures(part: Part) -> list[tuple[str, str]]:
    section = part.section
    if not any(series.records for series in section.plain):
        return []
    return [
        ("accuracy", accuracy_picture(section)),
        ("errors", error_picture(section)),
        ("curves", curve_picture(section)),
    ]


def _beside(part: Part) -> dict[str, bool]:
    """Say what captions have to tell: published figures in the pictures, seeds that are left out."""
    section = part.section
    known = [each for series in section.plain for each in published_beside(section.language, series, "words")]
    return {
        "diamonds": any(section.bin_like(each.lo, each.hi, each.title) is not None for each in known),
        "curve": any(published_curve(section.language, series) for series in section.plain),
        "left_out": left_out(section),
    }


def _legend(part: Part) -> list[dict[str, Any]]:
    """Return how each series is drawn: its name, colour, the path of its mark, and its dashes."""
    entries = []
    for series in part.section.plain:
        style = look(series.model)
        dashes = _STROKES[DASHES[min(series.layers, len(DASHES)) - 1]]
        entries.append(
            {
                "name": series.name,
                "colour": style.colour,
                "fill": faded(style.colour, series.layers),
                "mark": _MARKS[style.mark],
                "dashes": dashes,
            }
        )
    return entries
