"""Certificates written by hand, at least one for each kind of evidence and each way to use it."""

from __future__ import annotations

import itertools
import json
from typing import Any

from oracle.supported import ROWS

from starfree.cascades import decompose
from starfree.languages import catalog, load, regex
from starfree.verdicts.decide import decide

Certificate = dict[str, Any]


def language_document(spec: str, alphabet: str | None = None) -> dict[str, Any]:
    """Return the `language` object of a spec."""
    language = load(spec).dfa if spec.startswith("@") else regex(spec, alphabet)
    dfa = language.dfa
    accepting = [i for i, flag in enumerate(dfa.accepting.tolist()) if flag]
    table = {"start": dfa.start, "accepting": accepting, "table": dfa.table.tolist()}
    return {"spec": dfa.definition, "alphabet": list(dfa.alphabet), "dfa": table}


def certificate(
    spec: str, task: str, family: str, claim: str, evidence: Any, alphabet: str | None = None
) -> Certificate:
    """Return a whole certificate."""
    conditional = family.endswith("log-precision") and claim == "no"
    return {
        "format": "starfree-certificate-1",
        "language": language_document(spec, alphabet),
        "task": task,
        "family": family,
        "arithmetic": ROWS[family][0],
        "claim": claim,
        "assuming": "TC0 != NC1" if conditional else None,
        "evidence": evidence,
    }


def cascade(spec: str, task: str) -> Any:
    """Return the evidence of a decomposition."""
    return decompose(regex(spec), task=task).to_evidence()


def five_cycles() -> Any:
    """Return evidence that the group of even permutations of five points is perfect."""
    generators = [(1, 2, 0, 3, 4), (1, 2, 3, 4, 0)]
    steps: list[Any] = [["gen", 0], ["gen", 1]]
    elements = list(generators)
    for i, j in itertools.product(range(40), range(2)):
        product = tuple(elements[j][x] for x in elements[i])
        if product not in elements:
            steps.append(["mul", i, j])
            elements.append(product)

    def inverse(p: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(p.index(x) for x in range(5))

    products = []
    for generator in generators:
        for a, b in itertools.product(range(len(elements)), repeat=2):
            x = range(5)
            for q in (inverse(elements[a]), inverse(elements[b]), elements[a], elements[b]):
                x = [q[y] for y in x]
            if tuple(x) == generator:
                products.append([[a, b]])
                break
    return {
        "kind": "perfect-subgroup",
        "points": [0, 1, 2, 3, 4],
        "generators": [["a"], ["b"]],
        "steps": steps,
        "products": products,
    }


def even_permutations() -> dict[str, Any]:
    """Return the language of words that bring point 0 back, by a = (0 1 2) and b = (0 1 2 3 4)."""
    table = [[1, 1], [2, 2], [0, 3], [3, 4], [4, 0]]
    return {"spec": None, "alphabet": ["a", "b"], "dfa": {"start": 0, "accepting": [0], "table": table}}


PUMP = {"kind": "pumping", "u": [], "v": ["a"], "w": [], "period": 2}
SWAP = {
    "kind": "flows",
    "states": [0, 1],
    "classes": [[0, 1]],
    "flows": [{"from": 0, "to": 1, "edges": [[0, "a", "1/2"], [1, "a", "-1/2"]]}],
}
ROTATION = {"kind": "rotations", "groups": [{"root": [0, 1], "d": 1, "g": [1, 0]}]}
TURN = {"kind": "subgroups", "class": "two-groups", "groups": [{"root": [0, 1], "series": [[[1, 0]], []]}]}
TURN3 = {
    "kind": "subgroups",
    "class": "solvable",
    "groups": [{"root": [0, 1, 2], "series": [[[1, 2, 0]], []]}],
}
ORDERED = {"kind": "ordered-images", "images": [[0, 1, 2], [0, 2], [1, 2], [2]]}
HEIGHT = {"kind": "potentials", "components": [{"states": [0, 1], "rounds": [[["0", "1"]]]}]}


def samples() -> list[Certificate]:
    """Return all samples; `(ab)*` has the states 0, 1 and the dead state 2."""
    both, r, p = ("recognise", "predict"), "recognise", "predict"
    listed = [
        ("(aa)*", task, family, "no", PUMP)
        for task in both
        for family in ("diagonal-nonnegative", "deltanet", "transformer-hard")
    ]
    listed += [("(aa)*", task, "rnn", "yes", {"kind": "regular"}) for task in both]
    listed += [("(aa)*", task, "diagonal-signed", "yes", TURN) for task in both]
    listed += [("(aa)*", r, "diagonal-complex", "yes", TURN), ("(aaa)*", r, "diagonal-complex", "yes", TURN3)]
    listed += [
        ("(aa)*", r, family, "yes", ROTATION) for family in ("time-invariant-mixed", "transformer-hard-pe")
    ]
    listed += [("(aa)*", task, "transformer-c-rasp", "no", SWAP) for task in both]
    listed += [
        ("(aa)*", p, "transformer-c-rasp", "no", PUMP),
        ("(aa)*", p, "transformer-softmax-fixed", "no", PUMP),
    ]
    listed += [
        ("(ab)*", r, family, "yes", ORDERED)
        for family in ("deltanet", "diagonal-signed", "ssm-log-precision")
    ]
    listed += [("(ab)*", task, "diagonal-nonnegative", "yes", cascade("(ab)*", task)) for task in both]
    listed += [("(a(ab)*b)*", task, "transformer-hard", "yes", cascade("(a(ab)*b)*", task)) for task in both]
    listed += [
        ("(ab)*", r, family, "yes", HEIGHT) for family in ("transformer-c-rasp", "time-invariant-unit")
    ]
    listed += [
        ("(aaa)*", r, "diagonal-signed", "no", {**PUMP, "period": 3}),
        ("b*ab*", r, "transformer-softmax-fixed", "yes", {"kind": "topological-order", "order": [0, 1, 2]}),
        ("b*ab*", r, "transformer-log-precision", "yes", {"kind": "topological-order", "order": [0, 1, 2]}),
        (
            "(ab)*",
            r,
            "transformer-softmax-fixed",
            "no",
            {"kind": "mutually-reachable", "u": [], "x": ["a"], "y": ["b"]},
        ),
        (
            "(ab)*",
            p,
            "transformer-softmax-fixed",
            "yes",
            {"kind": "last-symbol-quotient", "classes": [[0, 1]]},
        ),
        (
            "(a|b)*a",
            p,
            "transformer-softmax-fixed",
            "yes",
            {"kind": "last-symbol-quotient", "classes": [[0, 1]]},
        ),
        ("(a|b)*ab", r, "time-invariant-decaying", "yes", {"kind": "definite", "k": 2}),
        ("(a|b)*ab", r, "time-invariant-unit", "yes", {"kind": "definite", "k": 3}),
        ("(ab)*", p, "time-invariant-decaying", "yes", {"kind": "live-definite", "k": 1}),
        (
            "b*ab*",
            r,
            "time-invariant-decaying",
            "no",
            {"kind": "pair-cycle", "u1": [], "u2": ["a"], "x": ["b"]},
        ),
        (
            "b*ab*",
            p,
            "time-invariant-decaying",
            "no",
            {"kind": "pair-cycle", "u1": [], "u2": ["a"], "x": ["b"]},
        ),
        (
            "(0|10*1)*",
            r,
            "time-invariant-unit",
            "no",
            {"kind": "named", "name": "parity", "symbols": ["0", "1"]},
        ),
        (
            "(b|ab*a)*",
            p,
            "time-invariant-unit",
            "no",
            {"kind": "named", "name": "parity", "symbols": ["b", "a"]},
        ),
        (
            "(w0(i(0|1)|r0)*|w1(i(0|1)|r1)*)*",
            r,
            "time-invariant-unit",
            "no",
            {"kind": "named", "name": "flip_flop", "symbols": ["w", "r", "i", "0", "1"]},
        ),
        (
            "(0|10*1)*",
            r,
            "time-invariant-mixed",
            "no",
            {"kind": "equal-length", "u": [], "v_e": ["0"], "v_g": ["1"], "period": 2},
        ),
        (
            "(0|10*1)*",
            r,
            "transformer-hard-pe",
            "no",
            {
                "kind": "equal-length",
                "u": ["1"],
                "v_e": {"steps": [["sym", "0"], ["pow", 0, 10**9 + 1]]},
                "v_g": {"steps": [["sym", "1"], ["sym", "0"], ["pow", 1, 10**9], ["mul", 0, 2]]},
                "period": 2,
            },
        ),
        (
            "(a(ab)*b)*",
            r,
            "transformer-c-rasp",
            "yes",
            {"kind": "potentials", "components": [{"states": [0, 1, 3], "rounds": [[[0, 1, 2]]]}]},
        ),
        (
            "@group[(1 2),(1 2 3)]",
            r,
            "diagonal-complex",
            "yes",
            {
                "kind": "subgroups",
                "class": "solvable",
                "groups": [{"root": list(range(6)), "series": symmetric_series()}],
            },
        ),
    ]
    found = [certificate(*entry) for entry in listed]
    for family in ("diagonal-complex", "transformer-log-precision", "ssm-log-precision"):
        extra = certificate("a", "recognise", family, "no", five_cycles())
        found.append({**extra, "language": even_permutations()})
    return found


def symmetric_series() -> list[Any]:
    """Return the series S_3 > A_3 > 1 of the regular representation that the word problem's table is."""
    table = language_document("@group[(1 2),(1 2 3)]")["dfa"]["table"]
    swap, turn = ([row[i] for row in table] for i in range(2))
    return [[swap, turn], [turn], []]


def decided(states: int) -> list[Certificate]:
    """Return the certificates of every verdict about every catalogue language with at most so many states."""
    small = [catalog[name].dfa for name in catalog.regular if catalog[name].dfa.states <= states]
    found = []
    for language, task in itertools.product(small, ("recognise", "predict")):
        verdicts = decide(language, task=task).verdicts
        found += [v.certificate for v in verdicts if v.certificate is not None]
    return json.loads(json.dumps(found))
