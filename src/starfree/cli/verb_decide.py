"""`starfree decide`: a verdict per architecture family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .answer import Answer
from .automaton_view import symbol_ranges
from .evidence import describe
from .options import budget_options, json_option, language_options, task_option
from .screen import Screen, clip, count_of, printable

if TYPE_CHECKING:
    from ..algebra.subgroups import Subgroups
    from ..verdicts.verdict import Decision

_FACTS = {
    "aperiodic": "star-free (aperiodic)",
    "r_trivial": "R-trivial",
    "j_trivial": "J-trivial (piecewise testable)",
    "da": "in DA",
    "definite": "definite",
    "locally_testable": "locally testable",
    "quasi_aperiodic": "quasi-aperiodic",
    "c_rasp": "in C-RASP",
}


@click.command(name="decide", epilog="\b\nExample:\n  starfree decide '(aa)*'")
@click.argument("language", metavar="LANG")
@click.option("--family", metavar="F", help="Only this family: exit 1 when its verdict is no.")
@task_option
@language_options
@budget_options
@json_option
def command(
    language: str,
    family: str | None,
    task: str,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    max_elements: int | None,
    timeout: float | None,
) -> Answer:
    """Say which architectures can express LANG at every length, and why.

    Exit 0 when all is decided ("open" is an answer), 3 when a budget ran out before something was known.
    """
    from ..languages.load import load

    spoken = load(language, alphabet=alphabet, epsilon=epsilon, max_states=max_states, timeout=timeout)

    from ..verdicts.decide import decide

    decision = decide(
        spoken, task=task, family=family, max_states=max_states, max_elements=max_elements, timeout=timeout
    )
    answers = {verdict.expressible for verdict in decision}
    status = 3 if "unknown" in answers else int(family is not None and answers == {"no"})
    return Answer(decision.to_json, lambda screen: _text(screen, decision), status=status)


def _text(screen: Screen, decision: Decision) -> str:
    """Return the verdicts, then what is known of the algebra, then the witnesses."""
    language = decision.language
    size = "" if language.states is None else count_of(language.states, "state") + ", "
    symbols = clip(symbol_ranges(language.alphabet), 60) or "(no symbols)"
    head = f"{screen.heading(clip(printable(language.spec), 200))}  {language.kind}, {size}over {symbols}"
    first: dict[str, str] = {}
    rows = []
    for verdict in decision:
        told = first.setdefault(verdict.because, verdict.family)
        why = verdict.because if told == verdict.family else f"as for {told}"
        rows.append([verdict.family, verdict.expressible, verdict.arithmetic, why])
    table = screen.table(rows, head=["family", decision.task, "arithmetic", "why"], styled=1)
    return "\n\n".join(
        part for part in (head, table, _algebra(screen, decision), _witnesses(screen, decision)) if part
    )


def _algebra(screen: Screen, decision: Decision) -> str:
    """Return the algebra in a few lines: what the language is, what it is not, what is not known."""
    facts = decision.algebra
    if facts is None:
        return ""
    size = facts.monoid_size
    rows = [["monoid", "unknown size" if size is None else count_of(size, "element")]]
    rows.append(["subgroups", _groups(facts.subgroups)])
    for label, value in (("is", True), ("is not", False), ("unknown", None)):
        names = [name for key, name in _FACTS.items() if getattr(facts, key) is value]
        if names:
            rows.append([label, ", ".join(names)])
    return screen.table(rows)


def _groups(facts: Subgroups | None) -> str:
    """Return what is known of the subgroups of the monoid."""
    if facts is None:
        return "unknown"
    if facts.orders == (1,):
        return "trivial only"
    text = "orders unknown" if facts.orders is None else "orders " + ", ".join(map(format, facts.orders))
    known = [("2-groups", facts.two_groups), ("Abelian", facts.abelian), ("solvable", facts.solvable)]
    return "; ".join(
        [text, *(f"{'' if value else 'not '}{name}" for name, value in known if value is not None)]
    )


def _witnesses(screen: Screen, decision: Decision) -> str:
    """Return each witness of a "no" once, with the families that it refutes."""
    found: dict[str, list[str]] = {}
    for verdict in decision:
        if verdict.expressible == "no" and verdict.certificate is not None:
            text = describe(screen, verdict.certificate)
            if text:
                found.setdefault(text, []).append(verdict.family)
    return "\n\n".join(
        screen.wrap(f"witness against {', '.join(families)}:") + "\n" + text
        for text, families in found.items()
    )
