"""The kinds of evidence, by their definitions."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .automata import Machine, Map, backwards, closure, commutator, powers, raised, then
from .forms import Malformed, between, distinct, either, exactly, fits, is_flag, is_rational, is_text, need
from .regexes import same_language, spec_machine


def form(evidence: Any, **fields: Any) -> None:
    need(fits(evidence, {"kind": is_text, **fields}), "the form of the evidence", Malformed)


def word(machine: Machine, value: Any) -> tuple[Map, int]:
    """Return the map of a word and its length."""
    symbol = exactly(*machine.alphabet)
    current = tuple(range(machine.n))
    if isinstance(value, list):
        need(fits(value, [symbol]), "a word", Malformed)
        for a in value:
            current = then(current, machine.letters[a])
        return current, len(value)
    step = either(
        (exactly("sym"), symbol),
        (exactly("mul"), between(0), between(0)),
        (exactly("pow"), between(0), between(0)),
    )
    need(fits(value, {"steps": [step]}) and value["steps"] != [], "a program", Malformed)
    done: list[tuple[Map, int]] = []
    for name, *operands in value["steps"]:
        if name == "sym":
            done.append((machine.letters[operands[0]], 1))
            continue
        need(operands[0] < len(done), "an earlier step")
        base, length = done[operands[0]]
        if name == "pow":
            done.append((raised(base, operands[1]), length * operands[1]))
        else:
            need(operands[1] < len(done), "an earlier step")
            other, more = done[operands[1]]
            done.append((then(base, other), length + more))
    return done[-1]


def anything(_: Any) -> bool:
    return True


def regular(e: Any, m: Machine, task: str) -> None:
    form(e)


def topological_order(e: Any, m: Machine, task: str) -> None:
    form(e, order=distinct(between(0, m.n)))
    need(len(e["order"]) == m.n, "all states")
    for q in range(m.n):
        need(all(e["order"].index(r) >= e["order"].index(q) for r in m.reachable[q]), "forward only")


def mutually_reachable(e: Any, m: Machine, task: str) -> None:
    form(e, u=anything, x=anything, y=anything)
    (u, _), (x, _), (y, _) = (word(m, e[name]) for name in "uxy")
    p = u[m.start]
    need(x[p] != p and y[x[p]] == p, "there and back")
    need(
        task == "recognise" or any(t[p] != t[x[p]] for t in m.letters.values()),
        "different after one more symbol",
    )


def pair_cycle(e: Any, m: Machine, task: str) -> None:
    form(e, u1=anything, u2=anything, x=anything)
    (u1, _), (u2, _), (x, length) = (word(m, e[name]) for name in ("u1", "u2", "x"))
    p, q = u1[m.start], u2[m.start]
    need(p != q and length != 0 and x[p] == p and x[q] == q, "two fixed states")
    need(task == "recognise" or {p, q} <= m.live, "both live")


def turning(m: Machine, u: Map, v: Map, period: int) -> list[int]:
    need(period <= m.n, "more states than there are")
    states = [raised(v, i)[u[m.start]] for i in range(period + 1)]
    need(states[0] == states[-1] and len(set(states)) == period, "a cycle of the period")
    return states[:-1]


def pumping(e: Any, m: Machine, task: str) -> None:
    form(e, u=anything, v=anything, w=anything, period=between(2))
    (u, _), (v, _), (w, _) = (word(m, e[name]) for name in "uvw")
    need(len({w[q] in m.accepting for q in turning(m, u, v, e["period"])}) > 1, "membership changes")


def equal_length(e: Any, m: Machine, task: str) -> None:
    form(e, u=anything, v_e=anything, v_g=anything, period=between(2))
    (u, _), (v_e, one), (v_g, other) = (word(m, e[name]) for name in ("u", "v_e", "v_g"))
    need(one == other, "equal length")
    need(all(v_e[q] == q for q in turning(m, u, v_g, e["period"])), "v_e fixes the cycle")


def definite(e: Any, m: Machine, task: str) -> None:
    form(e, k=between(0))
    need(all(len(set(t)) == 1 for t in m.words_of_length(e["k"])), "every long word is constant")


def live_definite(e: Any, m: Machine, task: str) -> None:
    form(e, k=between(0))
    for t in m.words_of_length(e["k"]):
        need(len({t[q] for q in m.live} & m.live) <= 1, "one live state")


def last_symbol_quotient(e: Any, m: Machine, task: str) -> None:
    form(e, classes=[distinct(between(0, m.n))])
    classes = [frozenset(c) for c in e["classes"]]
    need(
        sorted(q for c in classes for q in c) == sorted(m.live) and frozenset() not in classes, "a partition"
    )
    of = {q: i for i, c in enumerate(classes) for q in c}
    for letter in m.letters.values():
        for c in classes:
            need(len({of[letter[q]] for q in c if letter[q] in m.live}) <= 1, "a quotient")
        entered = {letter[q] for q in m.live} & m.live
        need(len({of[q] for q in entered}) == len(entered), "the last symbol decides")
    after = [
        {of[letter[q]] for q in c for letter in m.letters.values() if letter[q] in m.live} for c in classes
    ]
    for i in range(len(classes)):
        met = list(after[i] - {i})
        for j in met:
            met += [x for x in after[j] if x not in met]
        need(i not in met, "no cycle but loops")


def ordered_images(e: Any, m: Machine, task: str) -> None:
    form(e, images=[distinct(between(0, m.n))])
    images = [tuple(image) for image in e["images"]]
    named = {frozenset(image): image for image in images}
    need(
        len(named) == len(images) and frozenset() not in named and frozenset(range(m.n)) in named,
        "distinct sets",
    )
    edges = {}
    for s, image in named.items():
        for letter in m.letters.values():
            edges[s, letter] = frozenset(letter[q] for q in image)
            need(edges[s, letter] in named, "closed")
    ahead = {s: {s} for s in named}
    for _ in named:
        for (s, _), t in edges.items():
            ahead[s] |= ahead[t]
    for (s, letter), t in edges.items():
        if s in ahead[t]:
            need(tuple(letter[q] for q in named[s]) == named[t], "order is kept")


def cascade(e: Any, m: Machine, task: str) -> None:
    symbols = distinct(exactly(*m.alphabet))
    when = [(between(0), distinct(between(0)))]
    form(
        e,
        cells=[{"size": between(1), "rules": [{"symbols": symbols, "when": when, "set": between(0)}]}],
        legal=[{"when": when, "symbols": symbols, "end": is_flag}],
    )
    sizes = [cell["size"] for cell in e["cells"]]

    def conditions(listed: list[Any], below: int) -> None:
        need(len({cell for cell, _ in listed}) == len(listed), "each cell once")
        need(
            all(cell < below and all(v < sizes[cell] for v in values) for cell, values in listed),
            "cells and values",
        )

    for number, cell in enumerate(e["cells"]):
        for rule in cell["rules"]:
            conditions(rule["when"], number)
            need(rule["set"] < cell["size"], "a value of the cell")
    for entry in e["legal"]:
        conditions(entry["when"], len(sizes))

    def met(listed: list[Any], values: Map) -> bool:
        return all(values[cell] in allowed for cell, allowed in listed)

    compared = m.live if task == "predict" else set(range(m.n))
    pairs = [((0,) * len(sizes), m.start)] if m.start in compared else []
    seen = set(pairs)
    for values, q in pairs:
        entries = [entry for entry in e["legal"] if met(entry["when"], values)]
        need(len(entries) < 2, "one legal set")
        legal = (set(entries[0]["symbols"]), entries[0]["end"]) if entries else (set(), False)
        need(legal == m.legal(q), "the legal set of the DFA")
        for a in (a for a, letter in m.letters.items() if letter[q] in compared):
            after = []
            for cell, value in zip(e["cells"], values, strict=True):
                fired = {r["set"] for r in cell["rules"] if a in r["symbols"] and met(r["when"], values)}
                need(len(fired) < 2, "one value")
                after.append(next(iter(fired), value))
            if (pair := (tuple(after), m.letters[a][q])) not in seen:
                seen.add(pair)
                pairs.append(pair)


def walks(
    m: Machine, root: tuple[int, ...], modulus: int
) -> tuple[frozenset[frozenset[int]], set[tuple[Map, int]]]:
    """Return the component of a root, and all (permutation, length modulo a number) of closed walks at it."""

    def moved(s: frozenset[int], t: Map) -> frozenset[int]:
        return frozenset(t[q] for q in s)

    home = frozenset(root)
    component = frozenset(
        s for t in m.monoid if any(moved(s := moved(home, t), back) == home for back in m.monoid)
    )
    first = (root, 0)
    found, seen = [first], {first}
    for states, length in found:
        here = frozenset(states)
        steps = []
        for letter in m.letters.values():
            if moved(here, letter) in component:
                steps.append((tuple(letter[q] for q in states), (length + 1) % modulus))
            for before in component:
                if moved(before, letter) == here:
                    source = {letter[q]: q for q in before}
                    steps.append((tuple(source[q] for q in states), (length - 1) % modulus))
        for step in steps:
            if step not in seen:
                seen.add(step)
                found.append(step)
    closed = {
        (tuple(root.index(q) for q in states), length)
        for states, length in found
        if frozenset(states) == home
    }
    return component, closed


def components_with_roots(m: Machine, groups: list[Any]) -> None:
    """Roots are images, in different components, and every other component acts trivially."""
    images = {frozenset(t) for t in m.monoid}
    covered: set[frozenset[int]] = set()
    for group in groups:
        need(frozenset(group["root"]) in images, "a root is an image")
        component, _ = walks(m, tuple(group["root"]), 1)
        need(not component & covered, "one root each")
        covered |= component
    for image in sorted(images - covered, key=sorted):
        if image not in covered:
            component, closed = walks(m, tuple(image), 1)
            covered |= component
            need(len(closed) == 1, "a component without a root is trivial")


def rotations(e: Any, m: Machine, task: str) -> None:
    states = distinct(between(0, m.n))
    form(e, groups=[{"root": states, "d": between(1), "g": states}])
    for group in e["groups"]:
        need(set(group["g"]) == set(group["root"]), "g permutes the root")
    components_with_roots(m, e["groups"])
    for group in e["groups"]:
        root, d = tuple(group["root"]), group["d"]
        turns, _ = powers(tuple(root.index(q) for q in group["g"]))
        component, closed = walks(m, root, 1)
        inside = any(frozenset(t[q] for q in s) in component for s in component for t in m.letters.values())
        # Some simple cycle has at most as many steps as the component has sets, so d cannot be longer.
        need(not inside or d <= len(component), "d divides the length of a short cycle")
        if inside:
            _, closed = walks(m, root, d * len(turns))
            need(all(length % d == 0 and p == turns[length // d] for p, length in closed), "powers of g")


def subgroups(e: Any, m: Machine, task: str) -> None:
    states = distinct(between(0, m.n))
    form(e, groups=[{"root": states, "series": [[states]]}], **{"class": exactly("two-groups", "solvable")})
    for group in e["groups"]:
        need(
            all(set(p) == set(group["root"]) for term in group["series"] for p in term),
            "permutations of the root",
        )
        need(bool(group["series"]) and group["series"][-1] == [], "ends in the trivial group")
    components_with_roots(m, e["groups"])
    for group in e["groups"]:
        root = tuple(group["root"])
        degree = len(root)
        terms = [closure([tuple(map(root.index, p)) for p in term], degree) for term in group["series"]]
        _, closed = walks(m, root, 1)
        need({p for p, _ in closed} <= terms[0], "all closed walks")
        for upper, lower in pairwise(terms):
            need(lower <= upper, "inside")
            need(all(then(then(backwards(g), n), g) in lower for g in upper for n in lower), "normal")
            need(all(commutator(a, b) in lower for a in upper for b in upper), "Abelian quotient")
            need(e["class"] != "two-groups" or all(then(a, a) in lower for a in upper), "squares")


def perfect_subgroup(e: Any, m: Machine, task: str) -> None:
    step = either(
        (exactly("gen"), between(0)), (exactly("mul"), between(0), between(0)), (exactly("inv"), between(0))
    )
    form(
        e,
        points=distinct(between(0, m.n)),
        generators=[anything],
        steps=[step],
        products=[[(between(0), between(0))]],
    )
    points = e["points"]
    maps = [word(m, value)[0] for value in e["generators"]]
    need(all({t[q] for q in points} == set(points) for t in maps), "permutations of the points")
    generators = [tuple(points.index(t[q]) for q in points) for t in maps]
    identity = tuple(range(len(points)))
    need(set(generators) - {identity} != set(), "something moves")
    elements: list[Map] = []
    for name, *operands in e["steps"]:
        source = generators if name == "gen" else elements
        need(all(i < len(source) for i in operands), "earlier elements")
        found = [source[i] for i in operands]
        elements.append(found[0] if name == "gen" else backwards(found[0]) if name == "inv" else then(*found))
    need(len(e["products"]) == len(generators), "a product each")
    for generator, pairs in zip(generators, e["products"], strict=True):
        total = identity
        for a, b in pairs:
            need(a < len(elements) and b < len(elements), "known elements")
            total = then(total, commutator(elements[a], elements[b]))
        need(total == generator, "a product of commutators")


def potentials(e: Any, m: Machine, task: str) -> None:
    form(e, components=[{"states": distinct(between(0, m.n)), "rounds": [[[is_rational]]]}])
    wanted = sorted({tuple(sorted(c)) for c in m.together if len(c) > 1})
    need(sorted(tuple(sorted(c["states"])) for c in e["components"]) == wanted, "the components")
    for component in e["components"]:
        states = component["states"]
        color: dict[int, Any] = dict.fromkeys(states)
        for listed in component["rounds"]:
            need(all(len(values) == len(states) for values in listed), "a value per state")
            rows = [dict(zip(states, map(Fraction, values), strict=True)) for values in listed]
            edges = [(u, a, t[u]) for a, t in m.letters.items() for u in states if t[u] in color]
            for row in rows:
                for u, a, v in edges:
                    for p, b, q in edges:
                        if (color[u], a) == (color[p], b):
                            need(row[v] - row[u] == row[q] - row[p], "a function of the label")
            color = {u: (color[u], *(row[u] for row in rows)) for u in states}
        need(len(set(color.values())) == len(states), "single states")


def flows(e: Any, m: Machine, task: str) -> None:
    state = between(0, m.n)
    edge = (state, exactly(*m.alphabet), is_rational)
    flow = {"from": state, "to": state, "edges": [edge]}
    form(e, states=distinct(state), classes=[distinct(state)], flows=[flow])
    states, classes = set(e["states"]), [set(c) for c in e["classes"]]
    need(len(states) > 1 and all(m.together[q] == states for q in states), "a component")
    need(sorted(q for c in classes for q in c) == sorted(states) and set() not in classes, "a partition")
    need(any(len(c) > 1 for c in classes), "not all single")
    after = any(t[p] != t[q] for c in classes for p in c for q in c for t in m.letters.values())
    need(task == "recognise" or after, "different after one more symbol")
    links = set()
    for f in e["flows"]:
        home = [c for c in classes if f["from"] in c]
        need(bool(home) and f["to"] in home[0] and f["from"] != f["to"], "one class")
        balance: Counter[int] = Counter({f["to"]: 1})
        balance[f["from"]] -= 1
        totals: Counter[tuple[int, str]] = Counter()
        for u, a, value in f["edges"]:
            v = m.letters[a][u]
            need(u in states and v in states, "inside")
            balance[u] += Fraction(value)
            balance[v] -= Fraction(value)
            totals[next(i for i, c in enumerate(classes) if u in c), a] += Fraction(value)
        need(not any(balance.values()) and not any(totals.values()), "a flow that cancels")
        links |= {(f["from"], f["to"]), (f["to"], f["from"])}
    for c in classes:
        met = [min(c)]
        for q in met:
            met += [r for r in sorted(c) if (q, r) in links and r not in met]
        need(set(met) == c, "connected")


def named(e: Any, m: Machine, task: str) -> None:
    form(e, name=exactly("parity", "flip_flop"), symbols=distinct(exactly(*m.alphabet)))
    parity = e["name"] == "parity"
    letters = list("01" if parity else "wri01")
    need(len(letters) == len(e["symbols"]) == len(m.alphabet), "a bijection")
    text = "(0|10*1)*" if parity else "(w0(i(0|1)|r0)*|w1(i(0|1)|r1)*)*"
    need(same_language(m, *spec_machine(text, letters), e["symbols"]), "the named language")


KINDS = {
    name.replace("_", "-"): function
    for name, function in list(globals().items())
    if callable(function) and getattr(function, "__annotations__", {}).keys() == {"e", "m", "task", "return"}
}
