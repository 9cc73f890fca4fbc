"""The one family of errors that starfree raises on purpose.

Each says three things in one breath: what was written, what is wrong with it, what to do.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any


class StarfreeError(Exception):
    """Root of all errors raised on purpose.

    Arguments:
        what: what was written or asked, as the user would recognise it.
        why: what is wrong with it.
        do: what to do instead.
    """

    kind = "error"
    exit_status = 2

    def __init__(self, what: str, why: str, do: str) -> None:
        self.what, self.why, self.do = what, why, do
        super().__init__(f"{what}: {why}. {do}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it be sent to another process: it is made again of its three texts, not of their sum."""
        return type(self), (self.what, self.why, self.do)

    def to_json(self) -> dict[str, Any]:
        """Return the document that `--json` prints for this error."""
        return {"error": {"kind": self.kind, "what": self.what, "why": self.why, "do": self.do}}


class BadInput(StarfreeError):
    """What was given cannot be read or used."""

    kind = "bad-input"


class NotRegular(StarfreeError):
    """A finite automaton was asked of a language that has none."""

    kind = "not-regular"


class MissingDependency(StarfreeError):
    """An optional library is needed and not installed."""

    kind = "missing-dependency"


def check_installed(what: str, extra: str, *libraries: str) -> None:
    """Raise `MissingDependency` for the first library that is not installed, before any work is lost.

    Arguments:
        what: that needs them.
        extra: of starfree, that installs them.
        libraries: by the names that are imported.
    """
    for library in libraries:
        if find_spec(library) is None:
            why = f"{library} is not installed"
            raise MissingDependency(what, why, f"Run `pip install 'starfree[{extra}]'`.")


class BudgetExceeded(StarfreeError):
    """A stated budget (states, elements, time) ran out; the answer is unknown."""

    kind = "budget"
    exit_status = 3


class Unchecked(StarfreeError):
    """What a check needs to run is not installed; the answer is unknown."""

    kind = "unknown"
    exit_status = 3


class NotExpressible(StarfreeError):
    """The target cannot express the language.

    Arguments:
        what, why, do: as for every error.
        witness: the certificate of the "no", ready for JSON.
    """

    kind = "not-expressible"
    exit_status = 1

    def __init__(self, what: str, why: str, do: str, witness: dict[str, Any]) -> None:
        super().__init__(what, why, do)
        self.witness = witness

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what, self.why, self.do, self.witness)

    def to_json(self) -> dict[str, Any]:
        """Return the error document with the witness beside it."""
        return {**super().to_json(), "witness": self.witness}
