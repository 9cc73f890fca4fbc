"""One certificate, without deciding everything else."""

from __future__ import annotations

from typing import Any

from ..budgets import DEFAULT, Budget
from ..errors import BadInput, BudgetExceeded
from ..languages import Language, dfa_of
from .families import family_named
from .regular import RegularSupport
from .rules import task_named


def certificate(language: Language, task: str, family: str, *, budget: Budget = DEFAULT) -> dict[str, Any]:
    """Return the certificate of one family's verdict, looking only at what that verdict needs.

    Arguments:
        language: a regular language.
        task: "recognise" or "predict".
        family: a family's name.

    Returns:
        a document of docs/certificates.md.

    Raises:
        BadInput: when the verdict is open, so that nothing can be certified.
        NotRegular: when the language is not regular.
        BudgetExceeded: when a budget runs out.

    Complexity: see `decide`.

    >>> from starfree.languages import regex
    >>> found = certificate(regex("(aa)*"), "recognise", "diagonal-nonnegative")
    >>> found["claim"], found["evidence"]
    ('no', {'kind': 'pumping', 'u': [], 'v': ['a'], 'w': [], 'period': 2})
    """
    about = family_named(family)
    dfa = dfa_of(language, budget=budget)
    support = RegularSupport(dfa, language.definition, task_named(task), [about], budget=budget)
    ruling = support.rulings[about.id]
    found = support.certificate(about, ruling)
    if found is None:
        what = f"a certificate for {family}"
        if ruling.answer == "unknown":
            raise BudgetExceeded(what, "a budget ran out before the verdict was known", "Raise the budget.")
        raise BadInput(
            what, "the verdict is open, so there is nothing to certify", "Ask about another family."
        )
    return found
