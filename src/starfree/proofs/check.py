"""`check`: a certificate, judged by code that shares nothing with what made it."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from ..budgets import Budget
from ..checker.check import check as judge
from ..checker.outcome import BudgetError, Unavailable
from ..errors import BadInput, BudgetExceeded, Unchecked
from ..languages import Language, as_language, dfa_of
from ..languages.files import json_document
from ..languages.json_format import table_to_json

_LARGEST = 1 << 30


@dataclass(frozen=True)
class Checked:
    """How a check ended.

    Arguments:
        certificate: the file of the certificate; None when it was given as a document.
        accepted: whether the certificate is well formed and its evidence supports its claim.
        reason: why it was rejected, or what was checked.
        statement: the claim in one sentence; empty when the document is too malformed to state one.
        document: the certificate itself.
    """

    certificate: str | None
    accepted: bool
    reason: str
    statement: str
    document: Any = field(repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `starfree check --json` prints."""
        return {
            "certificate": self.certificate,
            "accepted": self.accepted,
            "reason": self.reason,
            "statement": self.statement,
        }


def check(
    certificate: dict[str, Any] | str | Path,
    language: Language | str | PathLike[str] | None = None,
    *,
    directory: str | Path | None = None,
    max_states: int | None = None,
    timeout: float | None = None,
) -> Checked:
    """Check a certificate by independent code.

    Arguments:
        certificate: the document, or the file that holds it.
        language: a regular language, or text for `starfree.load`: also decide that the certificate is about
            this language. When None, its text and its table are compared on all words up to a length.
        directory: where the model of a proof lies; when None, beside the file.
        max_states, timeout: budgets (seconds for the last).

    Returns:
        a `Checked`: accepted or rejected, with the reason and the claim in one sentence.

    Raises:
        BadInput: when the file or the language cannot be read.
        NotRegular: when the language is not regular.
        BudgetExceeded: when a budget runs out before the check ends.
        Unchecked: when the certificate is about a library, or a version of one, that is not installed.

    Complexity: see the file of each kind of evidence in `starfree.checker`.

    >>> import starfree
    >>> certificate = starfree.decide("(aa)*")["diagonal-nonnegative"].certificate
    >>> check(certificate, "(aa)*").accepted, check(certificate, "(aaaa)*").accepted
    (True, False)
    """
    budget = Budget.of(max_states=max_states, timeout=timeout)
    path = Path(certificate) if isinstance(certificate, str | Path) else None
    document = certificate if path is None else read_certificate(path)
    if language is not None:
        language = as_language(language, max_states=max_states, timeout=timeout)
    named = None
    if language is not None:
        named = {"alphabet": list(language.alphabet), "dfa": table_to_json(dfa_of(language, budget=budget))}
    if directory is None and path is not None:
        directory = path.parent
    what = "checking the certificate" if path is None else f"checking {certificate}"
    try:
        result = judge(
            document,
            language_dfa=named,
            directory=None if directory is None else Path(directory),
            max_states=budget.max_states,
            timeout=budget.left(),
        )
    except BudgetError as error:
        raise BudgetExceeded(what, str(error), "Raise --max-states or --timeout.") from None
    except Unavailable as error:
        raise Unchecked(what, f"unknown, because {error.why}", error.do) from None
    name = None if path is None else str(certificate)
    return Checked(name, result.accepted, result.reason, result.statement, document)


def read_certificate(path: Path) -> Any:
    """Return the JSON document in a file.

    Raises:
        BadInput: when there is no such file, it cannot be read, or it is not JSON.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device might never end
            raise BadInput(str(path), "is not a file", "Name a certificate file.")
        if path.stat().st_size > _LARGEST:
            raise BadInput(str(path), "is larger than 1 GiB", "Name a certificate file.")
        return json_document(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(str(path), f"cannot be read: {error.strerror}", "Name a certificate file.") from None
    except (ValueError, RecursionError):
        raise BadInput(str(path), "is not a JSON document", "Name a certificate file.") from None
