"""Which target of `build` to take: the cheapest one that has the language, by the algebra."""

from __future__ import annotations

from collections.abc import Callable

from ..algebra.subgroups import Subgroups
from ..languages import Language
from ..programs import Program

FAMILY = {
    "ssm": "diagonal-nonnegative",
    "mamba": "diagonal-nonnegative",
    "mamba2": "diagonal-nonnegative",
    "signed": "diagonal-signed",
    "complex": "diagonal-complex",
    "permutation": "permutation-diagonal",
}
"""The family of architectures that each target belongs to."""


def cheapest(aperiodic: bool | None, groups: Callable[[], Subgroups | None]) -> str | None:
    """Return the cheapest target for a regular language, for either task.

    Nonnegative gates have the star-free languages; signed ones those whose groups are 2-groups; complex ones
    those whose groups are solvable; matrices that permute have all.

    Arguments:
        aperiodic: whether the language is star-free; None when that is not known.
        groups: gives what is known of its groups; asked only where it matters.

    Returns:
        None when what is known does not say.

    >>> from starfree.algebra.subgroups import subgroups
    >>> from starfree.languages import regex
    >>> [cheapest(False, lambda: subgroups(regex(each))) for each in ("(aa)*", "(aaa)*")]
    ['signed', 'complex']
    """
    if aperiodic is None:
        return None
    if aperiodic:
        return "ssm"
    found = groups()
    if found is None:
        return None
    return "signed" if found.two_groups else "complex" if found.solvable else "permutation"


def counting_target(language: Language) -> str | None:
    """Return the target for a language that has no small automaton, but a program; None without."""
    if not isinstance(language, Program):
        return None
    if "modular" not in language.fragment:
        return "ssm"
    return "signed" if language.turns else None
