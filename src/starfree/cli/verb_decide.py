"""`starfree decide`: a verdict per architecture family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .answer import Answer
from .automaton_view import symbol_ranges
from .evidence import describe
from .options import budget_options, json_option, language_options, task_option
from .screen import Screen, clip, count_of, printable

if TYPE_CHECKING:
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
_GROUP_FACTS = {"two_groups": "2-groups", "abelian": "Abelian", "solvable": "solvable"}


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
    rows = [[v.family, v.expressible, v.arithmetic, v.because] for v in decision]
    table = screen.table(rows, head=["family", decision.task, "arithmetic", "why"], styled=1)
    return "\n\n".join(
        part for part in (head, table, _algebra(screen, decision), _witnesses(screen, decision)) if part
    )


def _algebra(screen: Screen, decision: Decision) -> str:
    """Return the algebra in a few lines: what the language is, what it is not, what is not known."""
    from ..verdicts.verdict import algebra_to_json

    if decision.algebra is None:
        return ""
    facts = algebra_to_json(decision.algebra)
    size = facts["monoid_size"]
    rows = [["monoid", "unknown size" if size is None else count_of(size, "element")]]
    rows.append(["subgroups", _groups(facts["subgroups"])])
    for label, value in (("is", True), ("is not", False), ("unknown", None)):
        names = [name for key, name in _FACTS.items() if _truth(facts[key]) is value]
        if names:
            rows.append([label, ", ".join(names)])
    return screen.table(rows)


def _truth(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _groups(facts: Mapping[str, Any]) -> str:
    """Return what is known of the subgroups of the monoid."""
    orders = facts["orders"]
    if orders == [1]:
        return "trivial only"
    text = "orders unknown" if orders is None else "of order " + ", ".join(f"{order:,}" for order in orders)
    known = [
        f"{'' if facts[key] else 'not '}{name}"
        for key, name in _GROUP_FACTS.items()
        if facts[key] is not None
    ]
    return ", ".join([text, *known])


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
