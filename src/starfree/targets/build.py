"""`build`: from a language to exact weights, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from os import PathLike

from ..algebra.aperiodic import Pumping, aperiodicity
from ..budgets import Budget
from ..cascades import decompose
from ..cascades.counted import counted
from ..errors import BadInput, BudgetExceeded, NotExpressible
from ..languages import DFA, Language, as_language, dfa_of
from ..models.mamba import Mamba
from ..models.ssm import SSM
from ..programs import Program
from ..verdicts.certificates import certificate
from .mamba import lower_mamba, lower_program_to_mamba
from .mamba2 import lower_mamba2
from .program_ssm import lower_program
from .ssm import lower

TARGETS = ("ssm", "mamba", "mamba2")
TASKS = ("recognise", "predict")
PREFER = ("bits", "layers")
_PLAIN = "Use --target ssm or mamba without options."
_FEW = 32  # states of an automaton that is built with latches too, to see which has fewer layers
_COUNTING = 20_000  # states that are followed of a program that counts, which seldom has an automaton

_PROGRAM_TARGETS: dict[str, Callable[..., SSM | Mamba]] = {
    "ssm": lower_program,
    "mamba": lower_program_to_mamba,
}


def build(
    language: Language | str | PathLike[str],
    *,
    target: str = "ssm",
    task: str = "recognise",
    shift: bool = False,
    robust: bool = False,
    prefer: str = "bits",
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
) -> SSM | Mamba:
    """Return a model that is the language at every length, by construction.

    A program keeps its own cells, one for each temporal operator; any other language is built from the
    cascade of its automaton. A stock Mamba that counts is exact up to a horizon, which its card states.

    Arguments:
        language: a language or its text.
        target: "ssm", the paper's diagonal state space model with nonnegative gates; "mamba" or "mamba2", a
            checkpoint of the stock architecture of Hugging Face `transformers`.
        task: "recognise" or "predict".
        shift: for ssm: let each block also see its input one step before: fewer layers.
        robust: for mamba: bear errors in the weights, such as rounding to 8 bits, at the price of channels.
        prefer: "bits", a cascade of latches and so finitely many states; "layers", one counter in their place
            where the automaton allows it (D_n for every n), else the cascade.
        max_states, max_elements, timeout: budgets (seconds for the last).

    Raises:
        BadInput: the target has no such option.
        NotExpressible: the language is regular and not star-free; the error carries the witness.
        BudgetExceeded: a budget ran out.

    Complexity: that of the cascade, see `decompose`.

    Source: Sarrof, Veitsman and Hahn, NeurIPS 2024: diagonal, nonnegative, finite precision = star-free.

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
    for option, given, owner in (("shift", shift, "ssm"), ("robust", robust, "mamba")):
        if given and target != owner:
            raise BadInput(f"{option} for target {target!r}", "no such choice", f"It belongs to {owner!r}.")
    budget = Budget.of(max_states, max_elements, timeout)
    language = as_language(language, max_states=max_states, timeout=timeout)
    lowered = {} if shift or robust else _PROGRAM_TARGETS
    if isinstance(language, Program) and language.fragment != "modular" and target in lowered:
        return lowered[target](language, task=task, origin=_origin(language, "program"), budget=budget)
    if language.kind == "counter":
        raise BadInput(_asked(target, shift, robust), "is not built for languages that count", _PLAIN)
    if prefer == "layers" and target not in lowered:
        raise BadInput(f"prefer layers for {_asked(target, shift, robust)}", "has no counters", _PLAIN)
    dfa = _automaton(language, _asked(target, shift, robust), max_states, budget)
    found = aperiodicity(dfa, budget=budget)
    if isinstance(found, Pumping):
        raise NotExpressible(
            language.spec or "this language",
            "not star-free, so no diagonal model with nonnegative gates expresses it at every length",
            "See `starfree decide` for families that do.",
            certificate(language, task, "diagonal-nonnegative", budget=budget),
        )
    program = counted(dfa, budget=budget) if prefer == "layers" else None
    counting = None
    if program is not None:
        counting = lowered[target](program, task=task, origin=_origin(language, "counter"), budget=budget)
        if dfa.states > _FEW:
            return counting
    cascade = decompose(dfa, task=task, budget=budget)
    origin = _origin(language, cascade.origin, levels=cascade.levels, bits=cascade.bits)
    latches: SSM | Mamba
    if target == "mamba":
        latches = lower_mamba(cascade, robust=robust, origin=origin)
    elif target == "mamba2":
        latches = lower_mamba2(cascade, origin=origin)
    else:
        latches = lower(cascade, shift=shift, origin=origin)
    return latches if counting is None or depth(latches) <= depth(counting) else counting


def depth(model: SSM | Mamba) -> int:
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
        raise BadInput(asked, why, _PLAIN) from None


def _origin(language: Language, cascade: str, **more: object) -> dict[str, object]:
    """Return what a model says of itself."""
    known = {"language": language.spec, "definition": language.definition, "cascade": cascade}
    return {**known, **more}


def _asked(target: str, shift: bool, robust: bool) -> str:
    options = [name for name, given in (("shift", shift), ("robust", robust)) if given]
    return f"target {target!r}" + "".join(f" with {option}" for option in options)
