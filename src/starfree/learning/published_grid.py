"""The 27 published experiments as data.

Source: Sarrof, Veitsman and Hahn 2024, arXiv:2405.17394, and its code. Windows are lengths, for a^n b^n and
its like values of n, and bins are as the code makes them, even where they overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..errors import BadInput
from ..languages import Language, catalog
from .published_targets import Encoding, Legal, MayEnd, Next

Window = tuple[int, int]


@dataclass(frozen=True)
class Published:
    """One language of the published experiments.

    Arguments:
        name: in the catalogue, without `@`.
        train: the training window.
        bins: the windows of the test words as the code makes them; the first is the training window.
        train_size, test_size: how many words were asked for.
        loss: "mse" or "ce", of one joint class for each position.
        encoding: what is asked at each position.
        layers, widths, rates, epochs: the grid of runs.
        batch: words in each step.
    """

    name: str
    train: Window
    bins: tuple[Window, ...]
    train_size: int
    test_size: int
    loss: Literal["mse", "ce"]
    encoding: Encoding
    layers: tuple[int, ...] = (1, 2, 3)
    widths: tuple[int, ...] = (16, 64, 128)
    rates: tuple[float, ...] = (1e-4, 1e-3)
    epochs: tuple[int, ...] = (100,)
    batch: int = 32

    @property
    def language(self) -> Language:
        """The language."""
        return catalog[self.name]

    @property
    def repeats(self) -> bool:
        """Whether windows are numbers of repetitions, not lengths."""
        return self.name in ("anbn", "anbncn", "anbncndn")

    @property
    def lengths(self) -> tuple[Window, ...]:
        """The bins in lengths, made disjoint: each begins behind the one before.

        >>> published("ab_d_bc").bins, published("ab_d_bc").lengths
        (((2, 50), (2, 100)), ((2, 50), (51, 100)))
        """
        times = len(self.language.alphabet) if self.repeats else 1
        found: list[Window] = []
        for lo, hi in self.bins:
            if found:
                last = found[-1][1] // times
                lo, hi = max(lo, last + 1), max(hi, last + 1 + hi - lo if hi <= last else hi)
            found.append((lo * times, hi * times))
        return tuple(found)


_WIDE = (64, 128)
_SLOW = (1e-4, 3e-5)
_THREE = (3e-4, 1e-4, 1e-3)
_ZERO_ONE, _AB = Legal("01"), Legal("ab")
_ENDS = MayEnd("0", "1")
_BLOCKS = {"ab": "b", "bc": "c", "cd": "d", "de": "e", "e$": "T"}
_COUNTS = {"ab": "a", "b": "b", "c": "c", "d": "d", "$": "T"}
_COUNTING: dict[str, Any] = {
    "widths": (64, 128, 256),
    "rates": (1e-5, 3e-5),
    "epochs": (1000,),
    "batch": 10,
}
_TOMITA = (1, 100), (101, 150)

PUBLISHED = (
    Published(
        "tomita_1", (1, 100), _TOMITA, 1000, 50, "mse", _ZERO_ONE, widths=(64,), rates=(1e-4,), epochs=(50,)
    ),
    Published("tomita_2", (1, 100), _TOMITA, 1000, 25, "mse", _ZERO_ONE),
    Published("tomita_3", (1, 100), _TOMITA, 10_000, 2000, "mse", _ZERO_ONE),
    Published("tomita_4", (1, 100), _TOMITA, 10_000, 2000, "mse", _ZERO_ONE),
    Published("tomita_5", (1, 100), (*_TOMITA, *_TOMITA[1:] * 2), 10_000, 2000, "mse", _ENDS),
    Published("tomita_6", (1, 100), (*_TOMITA, *_TOMITA[1:] * 2), 10_000, 10_000, "mse", _ENDS),
    Published("tomita_7", (1, 100), _TOMITA, 10_000, 2000, "mse", _ZERO_ONE),
    Published(
        "parity", (2, 50), ((2, 50), (51, 100)), 10_000, 2000, "mse", _ENDS, widths=(16, 64), epochs=(50,)
    ),
    Published("aa_star", (2, 500), ((2, 500), (501, 600)), 250, 50, "mse", _ENDS, epochs=(50,)),
    Published("aaaa_star", (4, 500), ((4, 500), (501, 600)), 125, 25, "mse", _ENDS, layers=(1, 2, 3, 6, 12)),
    Published("abab_star", (4, 500), ((4, 500), (501, 600)), 125, 25, "mse", _ENDS),
    Published(
        "aa_bb_cc_dd_ee",
        (5, 200),
        ((5, 200), (5, 300)),
        10_000,
        2000,
        "mse",
        Next.of(_BLOCKS),
        epochs=(50, 100),
    ),
    Published(
        "ab_d_bc",
        (2, 50),
        ((2, 50), (2, 100)),
        10_000,
        2000,
        "mse",
        Legal("abcd"),
        widths=_WIDE,
        epochs=(50,),
    ),
    Published(
        "zot_02",
        (2, 50),
        ((2, 50), (2, 100)),
        10_000,
        2000,
        "ce",
        MayEnd("c", "e"),
        widths=(16,),
        rates=(1e-5,),
    ),
    # As its files are: its configuration says (2, 200), and 10,000 and 2,000 words.
    Published("d_2", (2, 100), ((2, 100), (102, 200)), 5000, 1000, "mse", _AB, rates=_THREE),
    Published("d_3", (2, 100), ((2, 100), (2, 200)), 10_000, 2000, "mse", _AB),
    Published("d_4", (2, 100), ((2, 100), (2, 200)), 10_000, 2000, "mse", _AB, rates=_THREE),
    Published("d_12", (2, 100), ((2, 100), (2, 200)), 10_000, 2000, "mse", _AB, rates=_THREE),
    Published(
        "dyck_1",
        (2, 50),
        ((2, 50), (52, 100), (102, 150)),
        10_000,
        2000,
        "ce",
        Legal(")"),
        widths=_WIDE,
        rates=_SLOW,
    ),
    Published(
        "shuffle_2",
        (2, 50),
        ((2, 50), (52, 100), (100, 150)),
        10_000,
        2000,
        "ce",
        Legal(")]"),
        widths=_WIDE,
        rates=_SLOW,
    ),
    Published(
        "shuffle_4",
        (2, 100),
        ((2, 100), (102, 150), (150, 200)),
        10_000,
        2000,
        "ce",
        Legal(")]}>"),
        widths=_WIDE,
        rates=_SLOW,
    ),
    Published(
        "shuffle_6",
        (2, 100),
        ((2, 100), (102, 150), (150, 200)),
        10_000,
        2000,
        "ce",
        Legal(")]}>-b"),
        widths=(64, 128, 256),
        rates=_SLOW,
    ),
    Published(
        "boolean_3", (2, 50), ((2, 50), (51, 100), (100, 150)), 10_000, 2000, "mse", _ENDS, epochs=(50,)
    ),
    Published(
        "boolean_5", (2, 50), ((2, 50), (51, 100), (100, 150)), 10_000, 2000, "mse", _ENDS, epochs=(50,)
    ),
    Published(
        "anbn", (2, 100), ((2, 100), (101, 200), (200, 300)), 1000, 50, "ce", Next.of(_COUNTS), **_COUNTING
    ),
    Published(
        "anbncn", (3, 150), ((3, 150), (151, 300), (300, 450)), 1000, 50, "ce", Next.of(_COUNTS), **_COUNTING
    ),
    Published(
        "anbncndn",
        (4, 200),
        ((4, 200), (201, 400), (400, 600)),
        1000,
        50,
        "ce",
        Next.of(_COUNTS),
        **_COUNTING,
    ),
)


def published(name: str) -> Published:
    """Return the published experiment of a language; `BadInput` when there is none."""
    for one in PUBLISHED:
        if one.name == name.removeprefix("@"):
            return one
    do = f"Choose one of {', '.join(one.name for one in PUBLISHED)}."
    raise BadInput(name, "is not among the published languages", do)
