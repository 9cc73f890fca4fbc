"""Whether a claim is true, from the whole transition monoid, whatever the evidence."""

from __future__ import annotations

from typing import Any

import sympy

from .automata import Machine, Map, commutator, powers, then
from .supported import ROWS

LARGEST = 400


def period(t: Map) -> int:
    found, back = powers(t)
    return len(found) - back


def quasi_aperiodic(m: Machine) -> bool:
    """The maps of all words of a length with the maps of its double (the stable semigroup) are aperiodic."""
    length = 1
    while (stable := m.words_of_length(length)) != m.words_of_length(2 * length):
        length += 1
    return all(period(t) == 1 for t in stable)


def solvable(m: Machine) -> bool:
    for e in m.monoid:
        if then(e, e) != e:
            continue
        image = sorted(set(e))
        group = {
            tuple(image.index(t[q]) for q in image) for t in m.monoid if {t[q] for q in image} == set(image)
        }
        while len(group) > 1:
            smaller = {commutator(a, b) for a in group for b in group}
            while len(products := {then(a, b) for a in smaller for b in smaller} | smaller) > len(smaller):
                smaller = products
            if smaller == group:
                return False
            group = smaller
    return True


def c_rasp(m: Machine) -> bool:
    """Whether counting tells all states of every component apart."""
    return all(len(states) == 1 for states in uncounted(m))


def uncounted(m: Machine) -> list[set[int]]:
    """Return the classes that rounds of all potentials at once, by linear algebra, do not split."""
    found = []
    for states in {tuple(sorted(c)) for c in m.together}:
        color: dict[int, Any] = dict.fromkeys(states)
        while True:
            edges = [(u, a, t[u]) for a, t in m.letters.items() for u in states if t[u] in color]
            labels = sorted({(color[u], a) for u, a, _ in edges}, key=repr)
            rows = []
            for u, a, v in edges:
                row = [0] * (len(states) + len(labels))
                row[states.index(v)] += 1
                row[states.index(u)] -= 1
                row[len(states) + labels.index((color[u], a))] -= 1
                rows.append(row)
            basis = sympy.Matrix(rows).nullspace() if rows else []
            finer = {u: (color[u], *(str(b[i] - b[0]) for b in basis)) for i, u in enumerate(states)}
            if len(set(finer.values())) == len(set(color.values())):
                break
            color = {u: sorted(set(finer.values())).index(value) for u, value in finer.items()}
        found += [{u for u in states if color[u] == color[v]} for v in states]
    return found


def differ_after_one(m: Machine, classes: list[set[int]]) -> bool:
    """Whether two states of one class go to different states by some symbol."""
    return any(t[p] != t[q] for states in classes for p in states for q in states for t in m.letters.values())


def windowed(m: Machine, live_only: bool) -> bool:
    states = m.live if live_only else set(range(m.n))
    return all(len({t[q] for q in states} & states) <= 1 for t in m.words_of_length(m.n * m.n))


def claim_is_true(certificate: Any) -> bool | None:
    """Return whether the claim of a well-formed certificate is true; None if that is too much work."""
    m = Machine(certificate["language"]["alphabet"], certificate["language"]["dfa"])
    family, claim = certificate["family"], certificate["claim"] == "yes"
    predict = certificate["task"] == "predict"
    if len(m.monoid) > LARGEST:
        return None
    aperiodic = all(period(t) == 1 for t in m.monoid)
    r_trivial = all(len(c) == 1 for c in m.together)
    match ROWS[family][1]:
        case "aperiodic":
            return (
                claim == aperiodic
                if family != "ssm-log-precision"
                else aperiodic
                if claim
                else not solvable(m)
            )
        case "window":
            return claim == windowed(m, predict)
        case "unit":
            if claim:
                return windowed(m, False) or c_rasp(m)
            return not quasi_aperiodic(m) or certificate["evidence"]["kind"] == "named"
        case "quasi-aperiodic":
            return claim == quasi_aperiodic(m)
        case "two-groups":
            return claim == all(bin(period(t)).count("1") == 1 for t in m.monoid)
        case "solvable":
            return claim == solvable(m)
        case "anything":
            return claim
        case "softmax":
            if not predict:
                return claim == r_trivial
            refuted = not aperiodic or (len(m.live) == m.n and differ_after_one(m, m.together))
            return claim != refuted
        case _:
            if family == "transformer-log-precision":
                return c_rasp(m) if claim else not solvable(m)
            if not predict or claim:
                return claim == c_rasp(m)
            return not aperiodic or (len(m.live) == m.n and differ_after_one(m, uncounted(m)))
