"""Whether a whole verdict certificate is supported."""

from __future__ import annotations

from typing import Any

from .automata import Machine
from .evidence import KINDS
from .forms import Malformed, Unsupported, either, exactly, fits, is_text, need
from .regexes import require_spec

SHOWS = {
    "aperiodic": {"cascade", "ordered-images", "topological-order"},
    "not aperiodic": {"pumping"},
    "quasi-aperiodic": {"cascade", "ordered-images", "topological-order", "rotations"},
    "two-groups": {"cascade", "ordered-images", "topological-order", "subgroups"},
    "solvable": {"cascade", "ordered-images", "topological-order", "subgroups"},
    "c-rasp": {"potentials", "topological-order"},
    "anything": {"regular"},
    "never": set(),
}
# family: arithmetic, what shows yes, what shows no
FAMILIES = """
diagonal-nonnegative      FIX     aperiodic          not aperiodic
deltanet                  MARGIN  aperiodic          not aperiodic
transformer-hard          WIDTH   aperiodic          not aperiodic
time-invariant-decaying   MARGIN  window             pair-cycle
time-invariant-unit       FIX     unit               not unit
time-invariant-mixed      WIDTH   quasi-aperiodic    equal-length
transformer-hard-pe       WIDTH   quasi-aperiodic    equal-length
diagonal-signed           FIX     two-groups         odd pumping
diagonal-complex          MARGIN  solvable           perfect-subgroup
deltanet-negative         MARGIN  anything           never
deltaproduct              MARGIN  anything           never
permutation-diagonal      FIX     anything           never
rnn                       WIDTH   anything           never
transformer-softmax-fixed WIDTH   softmax            not softmax
transformer-c-rasp        C-RASP  c-rasp             not c-rasp
transformer-log-precision LOGP    c-rasp             perfect-subgroup
ssm-log-precision         LOGP    aperiodic          perfect-subgroup
"""
ROWS = {
    line.split()[0]: [cell.strip() for cell in (line[26:34], line[34:53], line[53:])]
    for line in FAMILIES.split("\n")
    if line
}


def showing(what: str, task: str, dead: bool, evidence: Any) -> set[str]:
    """Return the kinds of evidence that show something."""
    predict = task == "predict"
    if what == "window":
        return {"definite", "live-definite"} if predict else {"definite"}
    if what == "unit":
        return {"definite"} | SHOWS["c-rasp"]
    if what == "not unit":
        return {"equal-length", "named"}
    if what == "softmax":
        return {"topological-order", "last-symbol-quotient"} if predict else {"topological-order"}
    if what in ("not softmax", "not c-rasp"):
        direct = {"mutually-reachable" if what == "not softmax" else "flows"}
        return ({"pumping"} if predict else set()) | (set() if predict and dead else direct)
    if what == "odd pumping":
        return (
            {"pumping"} if isinstance(p := evidence.get("period"), int) and bin(p).count("1") != 1 else set()
        )
    return SHOWS.get(what, {what})


def check_whole(certificate: Any) -> None:
    form = {
        "format": exactly("starfree-certificate-1"),
        "language": {
            "spec": either(exactly(None), is_text),
            "alphabet": lambda _: True,
            "dfa": lambda _: True,
        },
        "task": exactly("recognise", "predict"),
        "family": exactly(*ROWS),
        "arithmetic": is_text,
        "claim": exactly("yes", "no"),
        "assuming": either(exactly(None), is_text),
        "evidence": lambda v: isinstance(v, dict) and isinstance(v.get("kind"), str) and v["kind"] in KINDS,
    }
    need(fits(certificate, form), "the form of the certificate", Malformed)
    evidence, family, task = certificate["evidence"], certificate["family"], certificate["task"]
    arithmetic, yes, no = ROWS[family]
    need(certificate["arithmetic"] == arithmetic, "the arithmetic")
    conditional = family.endswith("log-precision") and certificate["claim"] == "no"
    need(certificate["assuming"] == ("TC0 != NC1" if conditional else None), "the assumption")
    language = certificate["language"]
    machine = Machine(language["alphabet"], language["dfa"])
    wanted = yes if certificate["claim"] == "yes" else no
    dead = len(machine.live) < machine.n
    need(evidence["kind"] in showing(wanted, task, dead, evidence), "the kind of evidence")
    if wanted == "two-groups" and evidence["kind"] == "subgroups":
        need(evidence.get("class") == "two-groups", "the class of groups")
    if language["spec"] is not None:
        require_spec(machine, language["spec"])
    KINDS[evidence["kind"]](evidence, machine, task)


def why_not(certificate: Any) -> Unsupported | None:
    """Return why a certificate is not supported, or None when it is."""
    try:
        check_whole(certificate)
    except Unsupported as reason:
        return reason
    return None


def supported(certificate: Any) -> bool:
    return why_not(certificate) is None
