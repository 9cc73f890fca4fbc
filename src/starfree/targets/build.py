"""`build`: from a language to exact weights, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from os import PathLike

from ..algebra.aperiodic import is_aperiodic
from ..algebra.subgroups import subgroups
from ..budgets import Budget
from ..cascades import decompose
from ..cascades.counted import counted
from ..cascades.rotors import Rotors
from ..errors import BadInput, BudgetExceeded, NotExpressible
from ..languages import DFA, Language, as_language, dfa_of
from ..models.float_ssm import DTYPES, FloatSSM
from ..models.mamba import Mamba
from ..models.permutation import PermutationSSM
from ..models.ssm import SSM
from ..programs import Program
from ..verdicts.certificates import certificate
from ..verdicts.recommend import FAMILY, cheapest
from .float_ssm import lower_float
from .mamba import lower_mamba, lower_program_to_mamba
from .mamba2 import lower_mamba2
from .permutation import lower_permutation
from .program_ssm import lower_program
from .ssm import lower

TARGETS = ("ssm", "signed", "complex", "permutation", "mamba", "mamba2", "auto")
ROTORS = ("complex", "matrix", "float32", "float16")
TASKS = ("recognise", "predict")
PREFER = ("bits", "layers")
_PLAIN = "Use --target ssm or mamba without options."
_FEW = 32  # states of an automaton that is built with latches too, to see which has fewer layers
_COUNTING = 20_000  # states that are followed of a program that counts, which seldom has an automaton

_PROGRAM_TARGETS: dict[str, Callable[..., SSM | Mamba]] = {
    "ssm": lower_program,
    "signed": partial(lower_program, signed=True),
    "mamba": lower_program_to_mamba,
}
_OWNERS = {
    "shift": ("ssm", "signed", "complex", "auto"),
    "robust": ("mamba",),
    "rotors": ("complex", "auto"),
}
_REFUSED = {
    "diagonal-nonnegative": "not star-free, so no diagonal model with nonnegative gates expresses it",
    "diagonal-signed": "a group of it is no 2-group, so no diagonal model with gates in [-1,1] expresses it",
    "diagonal-complex": "a group of it is not solvable, so no diagonal model with exact states expresses it",
}


def build(
    language: Language | str | PathLike[str],
    *,
    target: str = "ssm",
    task: str = "recognise",
    shift: bool = False,
    robust: bool = False,
    rotors: str = "complex",
    prefer: str = "bits",
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
) -> SSM | FloatSSM | PermutationSSM | Mamba:
    """Return a model that is the language at every length, by construction.

    A program keeps its own cells, one for each temporal operator; any other language is built from the
    cascade of its automaton. A stock Mamba that counts is exact up to a horizon, which its card states.

    Arguments:
        language: a language or its text.
        target: "ssm", the paper's diagonal state space model with nonnegative gates; "signed", with gates in
            [-1,1]; "complex", with complex gates; "permutation", one layer of 0/1 matrices; "mamba" or
            "mamba2", a checkpoint of the stock architecture of Hugging Face `transformers`; "auto", the first
            of ssm, signed, complex and permutation that has the language.
        task: "recognise" or "predict".
        shift: for ssm, signed and complex: let each block also see its input one step before: fewer layers.
        robust: for mamba: bear errors in the weights, such as rounding to 8 bits, at the price of channels.
        rotors: for complex: "complex", gates that are roots of unity as FIX(16) has them, whose rounding
            undoes their error at each step; "matrix", blocks of 0 and 1 that turn cyclically; "float32" or
            "float16", roots of unity in floating point, exact up to a horizon that the model states.
        prefer: "bits", a cascade of latches and so finitely many states; "layers", one counter in their place
            where the automaton allows it (D_n for every n), else the cascade.
        max_states, max_elements, timeout: budgets (seconds for the last).

    Raises:
        BadInput: the target has no such option.
        NotExpressible: the language is regular and not in the target's class; the error carries the witness.
        BudgetExceeded: a budget ran out.

    Complexity: that of the cascade, see `decompose`.

    Source: Sarrof, Veitsman and Hahn, NeurIPS 2024: diagonal, nonnegative, finite precision = star-free. For
        other targets see their families in `decide`.

    >>> model = build("(a|b)*d(b|c)*")
    >>> model.accepts("abdcb"), model.accepts("abdca")
    (True, False)
    """
    if target not in TARGETS:
        raise BadInput(f"target {target!r}", "not a target", f"Use one of {', '.join(TARGETS)}.")
    if task not in TASKS:
        raise BadInput(f"task {task!r}", "not a task", f"Use {' or '.join(TASKS)}.")
    if prefer not in PREFER:
        raise BadInput(f"prefer {prefer!r}", "not a choice", f"Use {' or '.join(PREFER)}.")
    if rotors not in ROTORS:
        raise BadInput(f"rotors {rotors!r}", "not a choice", f"Use {' or '.join(ROTORS)}.")
    for option, given in (("shift", shift), ("robust", robust), ("rotors", rotors != "complex")):
        if given and target not in _OWNERS[option]:
            owners = ", ".join(map(repr, _OWNERS[option][:3]))
            raise BadInput(f"{option} for target {target!r}", "no such choice", f"It belongs to {owners}.")
    budget = Budget.of(max_states, max_elements, timeout)
    language = as_language(language, max_states=max_states, timeout=timeout)
    asked = _asked(target, shift, robust)
    lowered = {} if shift or robust else _PROGRAM_TARGETS
    own = _own_cells(language, target) if lowered and isinstance(language, Program) else None
    if own is not None:
        return lowered[own](language, task=task, origin=_origin(language, "program"), budget=budget)
    if language.kind == "counter":
        raise BadInput(asked, "is not built for languages that count", _PLAIN)
    if prefer == "layers" and target not in (*lowered, "auto"):
        raise BadInput(f"prefer layers for {asked}", "has no counters", _PLAIN)
    dfa = _automaton(language, asked, max_states, budget)
    if target == "auto":
        found = cheapest(is_aperiodic(dfa, budget=budget), lambda: subgroups(dfa, budget=budget))
        assert found is not None
        target = found
    if target == "permutation":
        return lower_permutation(dfa, task=task, origin=_origin(language, "automaton"), budget=budget)
    if not _expressible(dfa, target, budget):
        raise NotExpressible(
            language.spec or "this language",
            f"{_REFUSED[FAMILY[target]]} at every length",
            "Use --target auto, or see `starfree decide` for families that do.",
            certificate(language, task, FAMILY[target], budget=budget),
        )
    program = counted(dfa, budget=budget) if prefer == "layers" and target in lowered else None
    counting = None
    if program is not None:
        counting = lowered[target](program, task=task, origin=_origin(language, "counter"), budget=budget)
        if dfa.states > _FEW:
            return counting
    kind = _rotors_of(target)
    cascade = decompose(dfa, task=task, rotors=kind, budget=budget)
    origin = _origin(language, cascade.origin, levels=cascade.levels, bits=cascade.bits)
    if kind == "complex" and rotors in DTYPES:
        return lower_float(cascade, shift=shift, dtype=rotors, origin=origin)
    latches: SSM | Mamba
    if target == "mamba":
        latches = lower_mamba(cascade, robust=robust, origin=origin)
    elif target == "mamba2":
        latches = lower_mamba2(cascade, origin=origin)
    else:
        latches = lower(cascade, shift=shift, rotors=rotors if kind == "complex" else kind, origin=origin)
    return latches if counting is None or depth(latches) <= depth(counting) else counting


def _own_cells(program: Program, target: str) -> str | None:
    """Return the target for which a program keeps its own cells; None where its automaton is built."""
    counting, rotors = "counting" in program.fragment, "modular" in program.fragment
    if target == "auto":
        if rotors:
            return "signed" if counting and program.turns else None
        return "ssm"
    if target == "signed":
        return target if counting else None
    return target if target in _PROGRAM_TARGETS and (counting or not rotors) else None


def _rotors_of(target: str) -> Rotors | None:
    return "signed" if target == "signed" else "complex" if target == "complex" else None


def _expressible(dfa: DFA, target: str, budget: Budget) -> bool:
    """Say whether a diagonal target has the language."""
    if is_aperiodic(dfa, budget=budget):
        return True
    if target not in ("signed", "complex"):
        return False
    groups = subgroups(dfa, budget=budget)
    return groups.two_groups if target == "signed" else groups.solvable


def depth(model: SSM | FloatSSM | PermutationSSM | Mamba) -> int:
    """Return the number of layers."""
    return model.layers if isinstance(model, Mamba) else len(model.layers)


def _automaton(language: Language, asked: str, max_states: int | None, budget: Budget) -> DFA:
    """Return the minimal automaton; a program that counts seldom has one, and is not followed for long."""
    if not isinstance(language, Program) or max_states is not None or "counting" not in language.fragment:
        return dfa_of(language, budget=budget)
    try:
        return dfa_of(language, budget=replace(budget, max_states=_COUNTING))
    except BudgetExceeded:
        budget.check_time("looking for an automaton")
        why = f"needs an automaton, and this program counts: none of up to {_COUNTING:,} states was found"
        if "modular" not in language.fragment:
            raise BadInput(asked, why, _PLAIN) from None
        none = "No target has rotors whose orders are no powers of two beside counts."
        raise BadInput(
            asked, why, "Use --target signed without options." if language.turns else none
        ) from None


def _origin(language: Language, cascade: str, **more: object) -> dict[str, object]:
    """Return what a model says of itself."""
    known = {"language": language.spec, "definition": language.definition, "cascade": cascade}
    return {**known, **more}


def _asked(target: str, shift: bool, robust: bool) -> str:
    options = [name for name, given in (("shift", shift), ("robust", robust)) if given]
    return f"target {target!r}" + "".join(f" with {option}" for option in options)
