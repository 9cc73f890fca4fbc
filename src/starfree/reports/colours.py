"""Colours that everybody can tell apart, and marks for those who print in grey.

The colours of series are those of Okabe and Ito without the yellow, which is lost on white, and some darker
ones.
"""

from __future__ import annotations

from dataclasses import dataclass

_PALE, _DEEP = (0xF4, 0xF1, 0xEA), (0x1F, 0x5A, 0x8A)
_INK, _PAPER = "#000000", "#ffffff"  # one of the two has a ratio of 4.5 or more on anything


@dataclass(frozen=True)
class Look:
    """How the series of a model are drawn; matplotlib names the mark."""

    colour: str
    mark: str


LOOKS: dict[str, Look] = {
    "mamba": Look("#0072b2", "o"),
    "mamba-signed": Look("#d55e00", "s"),
    "mamba2": Look("#4aa8df", "D"),
    "mamba2-signed": Look("#d99600", "P"),
    "s4d": Look("#5b2a86", "v"),
    "gru": Look("#5a4210", "<"),
    "lstm": Look("#009e73", "^"),
    "transformer": Look("#cc79a7", "X"),
    "transformer-sin": Look("#882255", "p"),
    "deltanet": Look("#6a6f3a", "h"),
    "deltanet-negative": Look("#000000", "*"),
}
OTHER = Look("#666666", ">")
DASHES = ("-", "--", ":", "-.")


def look(model: str) -> Look:
    """Return how a model is drawn; a model of the user's is grey."""
    return LOOKS.get(model, OTHER)


def faded(colour: str, layers: int) -> str:
    """Return what a mark is filled with: its colour for one layer, white for two, pale for more.

    >>> faded("#0072b2", 1), faded("#0072b2", 2), faded("#0072b2", 3)
    ('#0072b2', '#ffffff', '#99c7e0')
    """
    if layers == 1:
        return colour
    if layers == 2:
        return _PAPER
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - 0.4 * (255 - part)):02x}" for part in parts)


def shade(share: float) -> tuple[str, str]:
    """Return the background and the ink of a cell for a share in [0, 1]: one hue, paler for less.

    >>> shade(0.0), shade(1.0)
    (('#f4f1ea', '#000000'), ('#1f5a8a', '#ffffff'))
    """
    mixed = [round(pale + (deep - pale) * share) for pale, deep in zip(_PALE, _DEEP, strict=True)]
    colour = "#" + "".join(f"{part:02x}" for part in mixed)
    return colour, max((_INK, _PAPER), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return the ratio of contrast of two colours, from 1 to 21, as WCAG 2 defines it.

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
