"""`precision`: in which arithmetic each construction of a language is right, and up to which length."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from os import PathLike
from typing import Any

from ..budgets import Budget
from ..errors import BadInput, BudgetExceeded, MissingDependency, NotExpressible
from ..languages import Language, as_language
from ..models.arithmetics import in_arithmetic
from ..models.arithmetics.floating import FORMATS
from ..models.arithmetics.named import MOST_BITS
from ..models.float_ssm import DTYPES as FLOATS
from ..models.float_ssm import FloatSSM
from ..models.mamba import Mamba
from ..models.stock import DTYPES
from ..targets.build import build
from ..verdicts.decide import decide
from ..verdicts.rules import task_named
from .constructions import BUILT, CONSTRUCTIONS, Asked, Made
from .horizon import Horizon, horizon, runs_of
from .prove import prove

STOCK = ("mamba", "mamba2")
ARITHMETICS = ("exact", *FORMATS, "int8wrap")
TARGETS = (*(one.name for one in CONSTRUCTIONS), *STOCK)
_STATES = 40_000  # product states: what is not closed by then is told by a length
_TRIED = 4  # numbers of fraction bits that are tried where the model as built is wrong
Watch = Callable[[int], None]


@dataclass(frozen=True)
class Row:
    """A construction in an arithmetic.

    Arguments:
        construction: its name.
        arithmetic: "FIX", for the least p that is right, or a name.
        fraction_bits: p, for which the weights were made; None where they are the same for every p.
        horizon: what is known; None where nothing is, and `note` says why.
        below: for FIX, what is known of p - 1; None when p is 0.
        note: what else to know.
    """

    construction: str
    arithmetic: str
    fraction_bits: int | None
    horizon: Horizon | None
    below: Horizon | None = None
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what `precision --json` prints of it."""
        return {
            "construction": self.construction,
            "arithmetic": self.arithmetic,
            "fraction_bits": self.fraction_bits,
            "horizon": None if self.horizon is None else self.horizon.to_json(),
            "below": None if self.below is None else self.below.to_json(),
            "note": self.note,
        }


@dataclass(frozen=True)
class Precision:
    """A language, its constructions, and the arithmetics in which they are right.

    Arguments:
        language: the language.
        task: "recognise" or "predict".
        verdict: what `decide` says of diagonal models with nonnegative gates in FIX.
        rows: in the order of constructions, then arithmetics.
    """

    language: Language
    task: str
    verdict: str
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document that `precision --json` prints."""
        return {
            "language": self.language.spec,
            "task": self.task,
            "diagonal_nonnegative_in_fix": self.verdict,
            "rows": [row.to_json() for row in self.rows],
        }

    def row(self, construction: str, arithmetic: str) -> Row:
        """Return the last row of a construction in an arithmetic: the best number of fraction bits.

        Raises:
            BadInput: when there is none.
        """
        for row in reversed(self.rows):
            if (row.construction, row.arithmetic) == (construction, arithmetic):
                return row
        what = f"{construction!r} in {arithmetic!r}"
        raise BadInput(what, "is not among the rows", "See the rows for what there is.")


def precision(
    language: Language | str | PathLike[str],
    *,
    task: str = "recognise",
    only: Sequence[str] | None = None,
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
    progress: Watch | None = None,
) -> Precision:
    """Say for each construction of a language in which arithmetic it is right, and up to which length.

    In FIX(p), weights are made for p = 0, 1, 2, ... until a proof succeeds, so that the least p is known from
    both sides. In the other arithmetics the model is taken as `build` writes it, for p = 16; where a format
    of floating point is too short for that, also for the first of four p for which it is right.

    Arguments:
        language: a language or its text.
        task: "recognise" or "predict".
        only: names of constructions, of `TARGETS`; all by default, stock models if they can be run.
        max_states: most product states of each proof (default 40,000).
        max_elements, timeout: as for `decide`.
        progress: called with the number of rows so far.

    Raises:
        BadInput: when none of the constructions has the language.
        BudgetExceeded: when the automaton, the cascade or the time needs more than allowed.

    Complexity: that of a proof for each row.

    Source: Sarrof, Veitsman and Hahn, NeurIPS 2024 (FIX); Nowak, Cotterell and Boumasmoud 2026,
        arXiv:2606.01765 (floating point and wrap-around differ).

    >>> found = precision("@tomita_4", only=["ssm"])
    >>> least = found.row("ssm", "FIX")
    >>> least.fraction_bits, least.horizon.every_length, least.below.wrong
    (3, True, (('0', 2), ('1', 1)))
    >>> [(row.fraction_bits, row.horizon.up_to) for row in found.rows if row.arithmetic == "bfloat16"]
    [(16, 1), (5, inf)]
    """
    unknown = [name for name in only or () if name not in TARGETS]
    if unknown:
        raise BadInput(f"construction {unknown[0]!r}", "is not one", f"Use some of {', '.join(TARGETS)}.")
    budget = Budget.of(_STATES if max_states is None else max_states, max_elements, timeout)
    language = as_language(language, max_states=max_states, timeout=timeout)
    task = task_named(task)
    asked = Asked(language, task, budget)
    rows = []
    for row in _rows(asked, TARGETS if only is None else only):
        rows.append(row)
        if progress is not None:
            progress(len(rows))
    if not rows:
        why = "has none of the constructions asked for"
        raise BadInput(language.spec or "this language", why, "See `starfree decide` for what has it.")
    decided = decide(
        language, task=task, family="diagonal-nonnegative", max_elements=max_elements, timeout=budget.left()
    )
    return Precision(language, task, decided.verdicts[0].expressible, tuple(rows))


def _rows(asked: Asked, only: Sequence[str]) -> Iterator[Row]:
    for construction in CONSTRUCTIONS:
        made = construction.make(asked) if construction.name in only else None
        if made is not None:
            yield from _Of(construction.name, made, asked).rows()
            if made.fixed_only:
                yield from _in_floats(construction.name, asked)
    for target in STOCK:
        if target in only:
            yield from _stock(target, asked)


def _in_floats(name: str, asked: Asked) -> Iterator[Row]:
    """Yield the horizons of roots of unity in floating point, which `build` bounds."""
    for dtype in FLOATS:
        try:
            model = build(
                asked.language,
                target="complex",
                task=asked.task,
                shift=True,
                rotors=dtype,
                timeout=asked.budget.left(),
            )
        except (BadInput, BudgetExceeded) as stopped:
            asked.budget.check_time(f"precision of {name}")
            yield Row(name, dtype, None, None, note=stopped.why)
            continue
        assert isinstance(model, FloatSSM)
        until = math.inf if model.horizon is None else model.horizon
        yield Row(name, dtype, None, Horizon(until, None, "bounded error"))


@dataclass(frozen=True)
class _Of:
    """A construction of the language."""

    name: str
    made: Made
    asked: Asked

    def rows(self) -> Iterator[Row]:
        weights = self.made.weights
        anyhow = replace(weights(5), fraction_bits=BUILT) == weights(BUILT)
        yield self._fixed(1 if anyhow else MOST_BITS + 1)
        for name in () if self.made.fixed_only else ARITHMETICS:
            built = self._row(name, BUILT)
            yield replace(built, fraction_bits=None) if anyhow else built
            if name in FORMATS and not anyhow and not _right(built):
                least = (FORMATS[name].bits + 1) // 2  # what is two steps old is then below half a unit
                yield from islice(filter(_right, (self._row(name, least + i) for i in range(_TRIED))), 1)

    def _row(self, name: str, p: int) -> Row:
        asked, model = self.asked, in_arithmetic(self.made.weights(p), name)
        try:
            found = horizon(model, asked.dfa, self.made.program, task=asked.task, budget=asked.budget)
        except BudgetExceeded as stopped:
            asked.budget.check_time(f"precision of {self.name}")
            return Row(self.name, name, p, None, note=stopped.why)
        return Row(self.name, name, p, found)

    def _fixed(self, tried: int) -> Row:
        """Return the least p of FIX(p) with a proof; what is known of the greatest p, if none has one."""
        below, note = None, None
        for p in range(tried):
            row = self._row(f"fixed:{p}", p)
            row = replace(row, arithmetic="FIX", below=below, note=row.note or note)
            if _right(row):
                return row
            below = row.horizon
            if below is None or below.wrong is None:
                note = f"p = {p} is not decided"
        return replace(row, fraction_bits=None if tried == 1 else row.fraction_bits, below=None)


def _right(row: Row) -> bool:
    return row.horizon is not None and row.horizon.every_length


def _stock(target: str, asked: Asked) -> Iterator[Row]:
    try:
        model = build(asked.language, target=target, task=asked.task, timeout=asked.budget.left())
    except (NotExpressible, BadInput):
        return
    assert isinstance(model, Mamba)
    for dtype in DTYPES:
        try:
            proof = prove(
                model,
                asked.language,
                task=asked.task,
                dtype=dtype,
                words=1,
                length=100,
                max_states=asked.budget.max_states,
                timeout=asked.budget.left(),
            )
        except MissingDependency:
            return
        except (BadInput, BudgetExceeded) as stopped:
            asked.budget.check_time(f"precision of {target}")
            yield Row(target, dtype, None, None, note=stopped.why)
            continue
        if proof.proved:
            found = Horizon(math.inf, None, "product")
            if model.horizon is not None:
                found = Horizon(model.horizon, None, "no rounding")
            yield Row(target, dtype, None, found)
        else:
            yield Row(target, dtype, None, Horizon(len(proof.word) - 1, runs_of(proof.word), "product"))
