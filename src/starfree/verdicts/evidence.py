"""The evidence behind each ruling, as docs/certificates.md writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from ..algebra.aperiodic import Pumping, aperiodicity, pumping_with_odd_period
from ..algebra.crasp import components, flows
from ..algebra.permutations import Permutation
from ..algebra.predict import last_symbol_quotient
from ..algebra.quasi_aperiodic import EqualLength, quasi_aperiodicity
from ..algebra.subgroups import group_series, perfect_subgroup
from ..budgets import Budget
from ..cascades import decompose, replay
from ..errors import BudgetExceeded
from ..languages import DFA
from .facts import confused
from .named import named
from .orders import mutually_reachable, topological_order
from .rules import Answer, FactName, Task
from .spelling import write_word
from .windows import PairCycle, window

Evidence = dict[str, Any]

_SETS = 1_000  # image sets up to which a cascade is sought
_PAIRS = 20_000  # reachable pairs up to which a cascade is evidence
_RULES = 2_000  # rules, and parts of rules on the way, up to which it is evidence that a person can read
_REPLAY = 3_000_000  # pairs times symbols times conditions that a checker has to look at


def evidence(dfa: DFA, task: Task, by: FactName, answer: Answer, *, budget: Budget) -> Evidence:
    """Return the evidence that a fact holds ("yes") or fails ("no").

    Arguments:
        dfa: the language's.
        task: "recognise" or "predict".
        by, answer: a fact, and the verdict that it gave.

    Raises:
        BudgetExceeded: when a budget runs out on the way.

    Complexity: polynomial in states and image sets, but for the product walks of `perfect_subgroup`.
    """
    return _PRODUCERS[by, answer](dfa, task, budget)


def _aperiodic(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = _small_cascade(dfa, task, budget)
    if found is not None:
        return found
    order = topological_order(dfa, budget=budget)
    if order is not None:
        return {"kind": "topological-order", "order": order}
    images = aperiodicity(dfa, budget=budget)
    if isinstance(images, Pumping) or images.images is None:
        raise BudgetExceeded("writing a certificate", "there are too many image sets", "Raise --max-states.")
    return {"kind": "ordered-images", "images": [list(image) for image in images.images]}


def _small_cascade(dfa: DFA, task: Task, budget: Budget) -> Evidence | None:
    """Return a cascade that is quick to replay, or None."""
    small = Budget(min(_SETS, budget.max_states), min(_RULES, budget.max_elements), budget.deadline)
    try:
        cascade = decompose(dfa, task=task, budget=small)
        size = replay(cascade, dfa, budget=Budget(max_states=_PAIRS, deadline=budget.deadline))
    except BudgetExceeded:
        budget.check_time("writing a certificate")
        return None
    assert size is not None
    conditions = sum(1 + len(rule.when) for cell in cascade.cells for rule in cell.rules)
    return cascade.to_evidence() if size * len(dfa.alphabet) * conditions <= _REPLAY else None


def _not_aperiodic(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = aperiodicity(dfa, budget=budget)
    assert isinstance(found, Pumping)
    return _pumping(found, dfa)


def _odd_group(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = pumping_with_odd_period(dfa, budget=budget)
    assert found is not None
    return _pumping(found, dfa)


def _pumping(found: Pumping, dfa: DFA) -> Evidence:
    words = {"u": found.u, "v": found.v, "w": found.w}
    spelled = {name: write_word(word, dfa) for name, word in words.items()}
    return {"kind": "pumping", **spelled, "period": found.period}


def _window(*, live: bool) -> Callable[[DFA, Task, Budget], Evidence]:
    def produce(dfa: DFA, task: Task, budget: Budget) -> Evidence:
        found = window(dfa, live=live, budget=budget)
        if isinstance(found, PairCycle):
            words = {"u1": found.u1, "u2": found.u2, "x": found.x}
            return {"kind": "pair-cycle", **{name: write_word(word, dfa) for name, word in words.items()}}
        return {"kind": "live-definite" if live else "definite", "k": found}

    return produce


def _topological_order(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    return {"kind": "topological-order", "order": topological_order(dfa, budget=budget)}


def _mutually_reachable(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = mutually_reachable(dfa, differing=task == "predict", budget=budget)
    assert found is not None
    words = {"u": found.u, "x": found.x, "y": found.y}
    return {"kind": "mutually-reachable", **{name: write_word(word, dfa) for name, word in words.items()}}


def _potentials(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    parts = [
        {"states": list(part.states), "rounds": [[list(row) for row in rows] for rows in part.rounds]}
        for part in components(dfa, budget=budget)
    ]
    return {"kind": "potentials", "components": parts}


def _flows(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    component = confused(dfa, differing=task == "predict", budget=budget)
    assert component is not None
    listed = [
        {
            "from": flow.source,
            "to": flow.target,
            "edges": [[u, dfa.alphabet[a], f"{x.numerator}/{x.denominator}"] for u, a, x in flow.edges],
        }
        for flow in flows(dfa, component, budget=budget).flows
    ]
    classes = [list(states) for states in component.classes]
    return {"kind": "flows", "states": list(component.states), "classes": classes, "flows": listed}


def _quasi_aperiodic(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = quasi_aperiodicity(dfa, budget=budget)
    if isinstance(found, EqualLength):
        words = {"u": found.u, "v_e": found.v_e, "v_g": found.v_g}
        spelled = {name: write_word(word, dfa) for name, word in words.items()}
        return {"kind": "equal-length", **spelled, "period": found.period}
    groups = [{"root": list(r.root), "d": r.d, "g": list(r.g)} for r in found.rotations]
    return {"kind": "rotations", "groups": groups}


def _series(kind: Literal["two-groups", "solvable"]) -> Callable[[DFA, Task, Budget], Evidence]:
    def produce(dfa: DFA, task: Task, budget: Budget) -> Evidence:
        found = group_series(dfa, kind, budget=budget)
        assert found is not None
        groups = [
            {"root": list(g.root), "series": [[_images(g.root, p) for p in term] for term in g.series]}
            for g in found
        ]
        return {"kind": "subgroups", "class": kind, "groups": groups}

    return produce


def _images(root: Sequence[int], permutation: Permutation) -> list[int]:
    return [root[i] for i in permutation]


def _perfect_subgroup(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = perfect_subgroup(dfa, budget=budget)
    assert found is not None
    return {
        "kind": "perfect-subgroup",
        "points": list(found.points),
        "generators": [write_word(word, dfa) for word in found.generators],
        "steps": [list(step) for step in found.steps],
        "products": [[list(pair) for pair in product] for product in found.products],
    }


def _last_symbol(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = last_symbol_quotient(dfa, budget=budget)
    assert found is not None
    return {"kind": "last-symbol-quotient", "classes": [list(states) for states in found]}


def _named(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    found = named(dfa)
    assert found is not None
    name, symbols = found
    return {"kind": "named", "name": name, "symbols": list(symbols)}


def _regular(dfa: DFA, task: Task, budget: Budget) -> Evidence:
    return {"kind": "regular"}


_PRODUCERS: Mapping[tuple[FactName, Answer], Callable[[DFA, Task, Budget], Evidence]] = {
    ("regular", "yes"): _regular,
    ("aperiodic", "yes"): _aperiodic,
    ("aperiodic", "no"): _not_aperiodic,
    ("definite", "yes"): _window(live=False),
    ("definite", "no"): _window(live=False),
    ("live_definite", "yes"): _window(live=True),
    ("live_definite", "no"): _window(live=True),
    ("r_trivial", "yes"): _topological_order,
    ("r_trivial", "no"): _mutually_reachable,
    ("r_settled", "no"): _mutually_reachable,
    ("last_symbol", "yes"): _last_symbol,
    ("c_rasp", "yes"): _potentials,
    ("c_rasp", "no"): _flows,
    ("c_settled", "no"): _flows,
    ("quasi_aperiodic", "yes"): _quasi_aperiodic,
    ("quasi_aperiodic", "no"): _quasi_aperiodic,
    ("two_groups", "yes"): _series("two-groups"),
    ("two_groups", "no"): _odd_group,
    ("solvable", "yes"): _series("solvable"),
    ("solvable", "no"): _perfect_subgroup,
    ("unnamed", "no"): _named,
}
