"""`decide`: from a language to one verdict per family of architectures."""

from __future__ import annotations

from os import PathLike

from ..algebra.properties import properties
from ..budgets import Budget
from ..errors import BudgetExceeded, NotRegular
from ..languages import Language, as_language, dfa_of
from ..programs import Program
from .counting import CountingSupport, rule_counting, rule_program
from .families import FAMILIES, Family, family_named
from .recommend import cheapest, counting_target
from .regular import RegularSupport
from .rules import Task, task_named
from .verdict import Decision, Summary, Verdict

_SMALL = 5_000  # states of a program that counts; with more its verdicts come from its operators


def decide(
    language: Language | str | PathLike[str],
    *,
    task: str = "recognise",
    family: str | None = None,
    max_states: int | None = None,
    max_elements: int | None = None,
    timeout: float | None = None,
) -> Decision:
    """Say for each family of architectures whether it can express a language at every length.

    Arguments:
        language: a language, or text for `starfree.load`.
        task: "recognise" (right after every word) or "predict" (right after every live prefix).
        family: one family's name; None asks for all.
        max_states: most states of any automaton, or image sets.
        max_elements: most elements of any monoid or group that is enumerated.
        timeout: seconds after which what is still unknown stays "unknown".

    Returns:
        a `Decision`; reasons and certificates are worked out when first asked for.

    Raises:
        BadInput: when the text cannot be read, or the task or family does not exist.
        BudgetExceeded: when the language has no DFA within the budget.

    Complexity: polynomial in states and image sets; see `starfree.algebra.properties` for the monoid.

    Source: the theorem of each verdict names its own.

    >>> decision = decide("(aa)*")
    >>> decision["diagonal-nonnegative"].expressible, decision["diagonal-signed"].expressible
    ('no', 'yes')
    """
    chosen = FAMILIES if family is None else (family_named(family),)
    asked = task_named(task)
    budget = Budget.of(max_states, max_elements, timeout)
    language = as_language(language, max_states=max_states, timeout=timeout)
    program = language if isinstance(language, Program) and language.kind == "program" else None
    try:
        # A program that counts may have no automaton at all, and then every budget is used up.
        small = Budget.of(_SMALL, max_elements, timeout)
        dfa = dfa_of(language, budget=small if program and max_states is None else budget)
    except NotRegular:
        return _decide_counting(language, asked, chosen)
    except BudgetExceeded:
        if program is None:
            raise
        return _decide_program(program, asked, chosen)
    known = properties(dfa, budget=budget)
    support = RegularSupport(dfa, language.definition, asked, chosen, known, budget=budget)
    verdicts = tuple(
        Verdict(each, asked, support.rulings[each.id], each.arithmetic, False, support) for each in chosen
    )
    summary = Summary(language.spec, "regular", dfa.alphabet, dfa.states)
    return Decision(summary, asked, known, verdicts, cheapest(known.aperiodic, lambda: known.subgroups))


def _decide_program(program: Program, task: Task, chosen: tuple[Family, ...]) -> Decision:
    verdicts = []
    for family in chosen:
        ruling, arithmetic = rule_program(family, program)
        verdicts.append(Verdict(family, task, ruling, arithmetic, True, CountingSupport(None)))
    summary = Summary(program.spec, "program", program.alphabet, None)
    return Decision(summary, task, None, tuple(verdicts), counting_target(program))


def _decide_counting(language: Language, task: Task, chosen: tuple[Family, ...]) -> Decision:
    verdicts = []
    for family in chosen:
        ruling, arithmetic = rule_counting(family, language.kind)
        verdicts.append(Verdict(family, task, ruling, arithmetic, True, CountingSupport()))
    summary = Summary(language.spec, language.kind, language.alphabet, None)
    return Decision(summary, task, None, tuple(verdicts), counting_target(language))
