"""The constructions of ssm weights, each as a function of the number p of fraction bits it is made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from ..algebra.aperiodic import Pumping, aperiodicity
from ..algebra.subgroups import subgroups
from ..budgets import Budget
from ..cascades import Cascade, decompose
from ..cascades.counted import counted
from ..cascades.rotors import Rotors
from ..errors import BadInput
from ..languages import DFA, Language, dfa_of
from ..models.ssm import SSM
from ..programs import Program
from ..targets.program_ssm import lower_program
from ..targets.ssm import lower
from ..targets.wrap import wrap_counter

BUILT = 16  # fraction bits of what `build` writes


@dataclass(frozen=True)
class Asked:
    """A language and a task, with what several constructions need, worked out once.

    Arguments:
        language: a program, or a regular language.
        task: "recognise" or "predict".
        budget: of the automaton and the cascade.
    """

    language: Language
    task: str
    budget: Budget

    @cached_property
    def program(self) -> Program | None:
        """The language, when it is a program."""
        return self.language if isinstance(self.language, Program) else None

    @cached_property
    def dfa(self) -> DFA | None:
        """The automaton of a language that does not count."""
        return None if self.language.kind != "regular" else dfa_of(self.language, budget=self.budget)

    def turning(self, rotors: Rotors) -> Cascade | None:
        """The cascade with rotors of a language that has groups, if they are made of such rotors."""
        if self.dfa is None or self.cascade is not None:
            return None
        groups = subgroups(self.dfa, budget=self.budget)
        if not groups.solvable or groups.two_groups != (rotors == "signed"):  # the cheaper of the two
            return None
        return decompose(self.dfa, task=self.task, rotors=rotors, budget=self.budget)

    @cached_property
    def cascade(self) -> Cascade | None:
        """The cascade of a star-free language."""
        if self.dfa is None or isinstance(aperiodicity(self.dfa, budget=self.budget), Pumping):
            return None
        return decompose(self.dfa, task=self.task, budget=self.budget)


@dataclass(frozen=True)
class Made:
    """The weights of a language.

    Arguments:
        weights: the model for each p.
        program: that it is lowered from; None for a cascade.
        fixed_only: whether it makes no sense but in fixed point.
    """

    weights: Callable[[int], SSM]
    program: Program | None = None
    fixed_only: bool = False


@dataclass(frozen=True)
class Construction:
    """A way to make weights of a language.

    Arguments:
        name: as the options of `build` that ask for it.
        make: gives the weights, or None where the construction does not have the language.
    """

    name: str
    make: Callable[[Asked], Made | None]


def _latches(asked: Asked, shift: bool) -> Made | None:
    cascade = asked.cascade
    if cascade is None:
        return None
    origin: dict[str, object] = {"language": asked.language.spec, "cascade": cascade.origin}
    return Made(lambda p: lower(cascade, shift=shift, fraction_bits=p, origin=origin))


def _ssm(asked: Asked) -> Made | None:
    program = asked.program
    if program is None or program.fragment == "modular":
        return _latches(asked, False)
    return None if "modular" in program.fragment else _cells(program, asked, "program")


def _signed(asked: Asked) -> Made | None:
    program = asked.program
    if program is None or not program.turns or "counting" not in program.fragment:
        return None
    return _cells(program, asked, "program", signed=True)


def _one_counter(asked: Asked) -> Made | None:
    program = None if asked.dfa is None else counted(asked.dfa, budget=asked.budget)
    return None if program is None else _cells(program, asked, "counter")


def _cells(program: Program, asked: Asked, kind: str, *, signed: bool = False) -> Made:
    made = partial(
        lower_program,
        program,
        task=asked.task,
        signed=signed,
        origin={"language": asked.language.spec, "cascade": kind},
        budget=asked.budget,
    )
    return Made(lambda p: made(fraction_bits=p), program)


def _rotors(asked: Asked, rotors: Rotors, *, matrix: bool = False) -> Made | None:
    cascade = asked.turning(rotors)
    if cascade is None:
        return None
    origin: dict[str, object] = {"language": asked.language.spec, "cascade": cascade.origin}
    kind = "matrix" if matrix else rotors
    # Roots of unity on the grid of FIX(p) turn just because it rounds.
    only = kind == "complex"
    return Made(
        lambda p: lower(cascade, shift=True, rotors=kind, fraction_bits=p, origin=origin), fixed_only=only
    )


def _wrap(asked: Asked) -> Made | None:
    if asked.dfa is None:
        return None
    try:
        model = wrap_counter(asked.dfa, task=asked.task, origin={"language": asked.language.spec})
    except BadInput:
        return None
    return Made(lambda p: replace(model, fraction_bits=p))


# A construction is a line here: a name, and the weights for each p.
CONSTRUCTIONS = (
    Construction("ssm", _ssm),
    Construction("ssm --shift", lambda asked: _latches(asked, True)),
    Construction("ssm --prefer layers", _one_counter),
    Construction("signed", _signed),
    Construction("signed --shift", lambda asked: _rotors(asked, "signed")),
    Construction("complex --shift", lambda asked: _rotors(asked, "complex")),
    Construction("complex --shift --rotors matrix", lambda asked: _rotors(asked, "complex", matrix=True)),
    Construction("wrap counter", _wrap),
)
