"""The checker's one verb: read a certificate, check everything it says, and say how that ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .automaton import Automaton, read_automaton, require_same_language
from .families import ASSUMING, ASSUMPTION, KINDS, TABLE, unsupported
from .outcome import Meter, Rejected, Result, require
from .proof import check_proof
from .reading import choice, record, shown, text
from .spec import require_spec
from .stock import check_stock

VERDICT = "starfree-certificate-1"
PROOF = "starfree-proof-1"
VERDICT_FIELDS = ("format", "language", "task", "family", "arithmetic", "claim", "assuming", "evidence")
PROOF_FIELDS = ("format", "language", "task", "arithmetic", "claim", "model", "evidence")
TASKS = ("recognise", "predict")
MAX_STATES = 10**6


def check(
    certificate: object,
    *,
    language_dfa: dict[str, Any] | None = None,
    directory: Path | None = None,
    max_states: int = MAX_STATES,
    timeout: float | None = None,
) -> Result:
    """Decide whether a certificate is well formed and its evidence supports its claim.

    Arguments:
        certificate: the JSON document, as `json.loads` returns it.
        language_dfa: the `{"alphabet", "dfa"}` of the language that the certificate must be about, or None.
        directory: where the model of a proof lies.
        max_states: most states of any exploration; steps and memory are limited in proportion.
        timeout: seconds, or None.

    Returns:
        accepted or rejected, with the reason and the claim in one sentence.

    Raises:
        BudgetError: when a budget ran out before the check could end.
        Unavailable: when a proof is about libraries that are not installed.

    >>> dfa = {"start": 0, "accepting": [0], "table": [[1], [0]]}
    >>> language = {"spec": "(aa)*", "alphabet": ["a"], "dfa": dfa}
    >>> witness = {"kind": "pumping", "u": [], "v": ["a"], "w": [], "period": 2}
    >>> check({"format": "starfree-certificate-1", "language": language, "task": "recognise",
    ...        "family": "diagonal-nonnegative", "arithmetic": "FIX", "claim": "no", "assuming": None,
    ...        "evidence": witness}).accepted
    True
    """
    statement = ""
    meter = Meter(max_states, timeout)
    try:
        statement = state_claim(certificate)
        reason = check_document(certificate, language_dfa, directory, meter)
    except Rejected as rejection:
        return Result(False, str(rejection), statement)
    return Result(True, reason, statement)


def state_claim(certificate: object) -> str:
    """Return the claim of a document in one sentence, or reject a document that has no claim."""
    if not isinstance(certificate, dict) or certificate.get("format") not in (VERDICT, PROOF):
        raise Rejected(f"the document is not a certificate of the format {VERDICT} or {PROOF}")
    proof = certificate["format"] == PROOF
    record(certificate, "the certificate", PROOF_FIELDS if proof else VERDICT_FIELDS)
    language = record(certificate["language"], "language", ("spec", "alphabet", "dfa"))
    spec = language["spec"]
    subject = "the language of the table" if spec is None else shown(text(spec, "spec"))
    task = choice(certificate["task"], "task", TASKS)
    arithmetic = shown(text(certificate["arithmetic"], "arithmetic"))[1:-1]
    if proof:
        choice(certificate["claim"], "claim", ("equal",))
        return f"In {arithmetic}, the model has the legal sets of {subject} at every length ({task})."
    claim = choice(certificate["claim"], "claim", ("yes", "no"))
    family = choice(certificate["family"], "family", TABLE)
    given = "" if certificate["assuming"] is None else f" assuming {shown(certificate['assuming'])[1:-1]}"
    return f"In {arithmetic}, {family} can{'' if claim == 'yes' else 'not'} {task} {subject}{given}."


def check_document(
    certificate: Any, language_dfa: dict[str, Any] | None, directory: Path | None, meter: Meter
) -> str:
    """Check a document whose claim can be stated; return what was checked."""
    language = certificate["language"]
    automaton = read_automaton(language["alphabet"], language["dfa"], meter)
    proof = certificate["format"] == PROOF
    if not proof:
        check_claim(certificate, automaton)
    checked = "the language is that of the table"
    if language["spec"] is not None:
        checked = require_spec(language["spec"], automaton, meter)
    if language_dfa is not None:
        try:
            other = read_automaton(language_dfa.get("alphabet"), language_dfa.get("dfa"), meter)
        except Rejected as rejection:
            raise Rejected(f"the language to compare with: {rejection}") from None
        require_same_language(automaton, other, meter)
        checked += ", and the language given"
    if proof:
        evidence = certificate["evidence"]
        stock = isinstance(evidence, dict) and evidence.get("kind") == "stock"
        verify = check_stock if stock else check_proof
        return f"{verify(certificate, automaton, directory, meter)}; {checked}"
    kind = certificate["evidence"]["kind"]
    KINDS[kind](certificate["evidence"], automaton, certificate["task"], meter)
    return f"the evidence ({kind}) holds; {checked}"


def check_claim(certificate: dict[str, Any], automaton: Automaton) -> None:
    """Reject unless evidence of this kind, if it holds, supports the claim of the family."""
    family, claim = certificate["family"], certificate["claim"]
    arithmetic = TABLE[family][0]
    require(certificate["arithmetic"] == arithmetic, f"the arithmetic of {family} is {arithmetic}")
    evidence = certificate["evidence"]
    if not isinstance(evidence, dict) or "kind" not in evidence:
        raise Rejected("the evidence has no kind")
    choice(evidence["kind"], "the kind of evidence", KINDS)
    assumption = ASSUMPTION if claim == "no" and family in ASSUMING else None
    given = certificate["assuming"]
    require(given is None or isinstance(given, str), "assuming must be null or a string")
    require(given == assumption, f"the claim rests on {shown(assumption)}, not on {shown(given)}")
    failure = unsupported(family, claim, certificate["task"], evidence, automaton)
    require(failure is None, failure or "")
