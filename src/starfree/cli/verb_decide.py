"""`starfree decide`: a verdict per architecture family."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import BadInput
from ..verdicts.families import FAMILIES, Family
from .answer import Answer
from .automaton_view import alphabet_text
from .evidence import describe, in_short
from .files import writing
from .options import Clock, budget_options, json_option, language_options, task_option
from .screen import Screen, clip, count_of, printable
from .spoken import spoken

if TYPE_CHECKING:
    from ..algebra.subgroups import Subgroups
    from ..verdicts.verdict import Decision, Verdict

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


_ARITHMETIC = {
    "FIX": "fixed point with an unbounded integer part",
    "WIDTH": "a constant number of bits",
    "MARGIN": "exact state, decisions with a margin",
    "LOGP": "logarithmically many bits",
    "C-RASP": "exact sums inside attention",
}
_HELP_WIDTH = 76  # a terminal of 80 columns, less the indent of the help
_COLUMN = 27


def model_list(family: Family) -> str:
    """Return the models of a family; some have a comma in their name."""
    return ("; " if any("," in model for model in family.models) else ", ").join(family.models)


def _listed(family: Family) -> str:
    """Return a family and all its models for the help."""
    models = textwrap.wrap(
        model_list(family), _HELP_WIDTH - _COLUMN, break_long_words=False, break_on_hyphens=False
    )
    names = [family.id, *[""] * (len(models) - 1)]
    return "\n".join(f"  {name:<{_COLUMN}}{line}" for name, line in zip(names, models, strict=True))


_LISTED = "\n".join(map(_listed, FAMILIES))


@click.command(
    name="decide",
    epilog=f"\b\nExample:\n  starfree decide '(aa)*'\n\n\b\nFamilies, and models that name them:\n{_LISTED}",
)
@click.argument("language", metavar="LANG")
@click.option("--family", metavar="F", help="Only this family, or the family of this model.")
@click.option("--certificate", metavar="FILE", help="With --family: where to write what `check` accepts.")
@task_option
@language_options
@budget_options
@json_option
def command(
    language: str,
    family: str | None,
    certificate: str | None,
    task: str,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    max_elements: int | None,
    timeout: Clock,
) -> Answer:
    """Say which architectures can express LANG at every length, and why.

    Exit 0 when all is decided ("open" is an answer), 1 when --family is given and its verdict is no, 3 when a
    budget ran out before a verdict was known.
    """
    if certificate is not None and family is None:
        raise BadInput(f"--certificate {certificate}", "holds one verdict", "Name its family with --family.")

    chosen = spoken(language, alphabet, epsilon, max_states, timeout.left())

    from ..verdicts.decide import decide

    decision = decide(
        chosen,
        task=task,
        family=family,
        max_states=max_states,
        max_elements=max_elements,
        timeout=timeout.left(),
    )
    answers = {verdict.expressible for verdict in decision}
    status = 3 if "unknown" in answers else int(family is not None and answers == {"no"})
    note = None
    if certificate is not None and not _write(decision.verdicts[0], certificate):
        note, status = f"starfree: a budget ran out before the certificate; {certificate} is not written", 3
    return Answer(decision.to_json, lambda screen: _text(screen, decision), status=status, note=note)


def _write(verdict: Verdict, file: str) -> bool:
    """Write the certificate of a verdict; False when a budget ran out before there was one."""
    if verdict.expressible == "open":
        raise BadInput(
            f"--certificate {file}", "the verdict is open: there is nothing to certify", "Leave it out."
        )
    if verdict.counting:
        why = "a certificate holds the automaton of a language, and none is known of one that counts"
        raise BadInput(f"--certificate {file}", why, "Leave it out.")
    if verdict.certificate is not None:
        with writing(Path(file)):
            Path(file).write_text(json.dumps(verdict.certificate) + "\n", encoding="utf-8")
    return verdict.certificate is not None


def _text(screen: Screen, decision: Decision) -> str:
    """Return the verdicts, the algebra, the witnesses, and for one family its theorem."""
    language = decision.language
    size = "" if language.states is None else count_of(language.states, "state") + ", "
    name = screen.heading(clip(printable(language.spec), 200))
    head = f"{name}  {language.kind}, {size}over {alphabet_text(language.alphabet)}"
    first: dict[str, str] = {}
    rows = []
    for verdict in decision:
        reason = _reason(verdict)
        told = first.setdefault(reason, verdict.family)
        why = reason if told == verdict.family else f"as for {told}"
        rows.append([verdict.family, _answer(verdict), verdict.arithmetic, why])
    table = screen.table(rows, head=["family", decision.task, "arithmetic", "why"], styled=1)
    used = {verdict.arithmetic for verdict in decision}
    legend = screen.dim("; ".join(f"{name}: {says}" for name, says in _ARITHMETIC.items() if name in used))
    parts = [
        screen.wrap(head),
        f"{table}\n{legend}",
        _algebra(screen, decision),
        screen.table([["build with", f"--target {decision.target}"]]) if decision.target else "",
        _witnesses(screen, decision),
    ]
    if len(decision.verdicts) == 1:
        parts.append(_theorem(screen, decision.verdicts[0]))
    else:
        parts.append(screen.dim("--family F shows the models, theorem, source and notes of one family."))
    return "\n\n".join(part for part in parts if part)


def _answer(verdict: Verdict) -> str:
    """Return the answer, with the conjecture that it needs."""
    if verdict.assuming is None:
        return verdict.expressible
    return f"{verdict.expressible}, if {verdict.assuming.replace('!=', '≠')}"


def _reason(verdict: Verdict) -> str:
    """Return why, in short where the witness below says the rest."""
    short = None
    if verdict.expressible == "no" and verdict.certificate is not None:
        short = in_short(verdict.certificate)
    return short or verdict.because


def _theorem(screen: Screen, verdict: Verdict) -> str:
    """Return what a family is, and the theorem behind its verdict."""
    rows = [["models", model_list(verdict.about)], ["theorem", verdict.theorem], ["source", verdict.citation]]
    names = ["notes", *[""] * len(verdict.notes)]
    rows.extend([name, f"- {note}"] for name, note in zip(names, verdict.notes, strict=False))
    return screen.table(rows)


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
