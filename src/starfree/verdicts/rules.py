"""From facts about a language to one verdict per family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from ..errors import BadInput
from .families import Bound, Family

Task = Literal["recognise", "predict"]
Answer = Literal["yes", "no", "open", "unknown"]
Fact = bool | None
"""True, False, or None when a budget ran out."""


FactName = Literal[
    "aperiodic",
    "definite",
    "r_trivial",
    "c_rasp",
    "quasi_aperiodic",
    "two_groups",
    "solvable",
    "live_definite",
    "last_symbol",
    "unnamed",
    "r_settled",
    "c_settled",
    "regular",
]
"""What verdicts depend on, besides properties of the language (`regular` is always true here):

- live_definite: the last k symbols of a live prefix tell its state.
- last_symbol: on live prefixes the state is a function of the last symbol and of an R-trivial automaton.
- unnamed: the language is neither parity nor flip-flop, in any spelling.
- r_settled: not (every prefix is live, and two states that reach each other differ after one more symbol).
- c_settled: not (every prefix is live, and two states that counting cannot separate differ after one more
  symbol).
"""

Facts = Callable[[FactName], Fact]
"""Looks up a fact; only those that a rule needs are asked for."""


@dataclass(frozen=True)
class Rule:
    """Yes when one of the `enough` facts is true, no when one of the `needed` facts is false.

    Arguments:
        enough: facts that make the language expressible, the most telling first.
        needed: facts without which it is not.
    """

    enough: tuple[FactName, ...]
    needed: tuple[FactName, ...]


def _exactly(fact: FactName) -> Rule:
    return Rule((fact,), (fact,))


RECOGNISE: Mapping[str, Rule] = {
    "diagonal-nonnegative": _exactly("aperiodic"),
    "time-invariant-decaying": _exactly("definite"),
    "time-invariant-unit": Rule(("definite", "r_trivial", "c_rasp"), ("unnamed", "quasi_aperiodic")),
    "time-invariant-mixed": _exactly("quasi_aperiodic"),
    "diagonal-signed": _exactly("two_groups"),
    "diagonal-complex": _exactly("solvable"),
    "deltanet": _exactly("aperiodic"),
    "deltanet-negative": Rule(("regular",), ()),
    "deltaproduct": Rule(("regular",), ()),
    "permutation-diagonal": Rule(("regular",), ()),
    "rnn": Rule(("regular",), ()),
    "transformer-hard": _exactly("aperiodic"),
    "transformer-hard-pe": _exactly("quasi_aperiodic"),
    "transformer-softmax-fixed": _exactly("r_trivial"),
    "transformer-c-rasp": _exactly("c_rasp"),
    "transformer-log-precision": Rule(("c_rasp",), ("solvable",)),
    "ssm-log-precision": Rule(("aperiodic",), ("solvable",)),
}

PREDICT: Mapping[str, Rule] = {
    **RECOGNISE,
    "time-invariant-decaying": _exactly("live_definite"),
    "transformer-softmax-fixed": Rule(("r_trivial", "last_symbol"), ("aperiodic", "r_settled")),
    "transformer-c-rasp": Rule(("c_rasp",), ("aperiodic", "c_settled")),
}
"""Why a rule may differ from, or agree with, the one for recognising.

A recogniser also predicts, so every "yes" carries over. For a "no":

- Pumped prefixes lie on a cycle of distinct states. At most one of them is dead, and the dead state lies on
  no such cycle, so all pumped prefixes are live until their legal sets differ. What refutes recognising by
  pumping (the rows about groups, and equal lengths) therefore refutes predicting.
- Decaying recurrences see a window: they predict exactly when no two distinct live states can stay live and
  distinct for ever (`live_definite`).
- A time-invariant predictor gives a recogniser one layer up: being dead is a once-latch (an integrator) on
  "this symbol was not legal one step ago" (a delay). So both tasks have one rule.
- Softmax attention reads the symbol of its own position beside what came strictly before. So a state that is
  a function of the last symbol and of an R-trivial automaton is enough. On a language that is not aperiodic
  every function it computes is in the end constant along u v^n w, which is not enough.
- When every prefix is live, fix the next symbol c: a predictor gives the function "legal set after w c" of w,
  which must be R-trivial (in C-RASP) as it would be at an end mark. So two states that reach each other (that
  counting cannot separate) and differ after c refute it; two that agree after every c do not.
"""


def task_named(name: str) -> Task:
    """Return a task by its name; raises `BadInput` when there is none."""
    for task in get_args(Task):
        if name == task:
            return cast(Task, task)
    raise BadInput(f"task {name!r}", "is not a task", "Use recognise or predict.")


def rule_of(family: Family, task: Task) -> Rule:
    """Return the rule of a family for a task."""
    return (RECOGNISE if task == "recognise" else PREDICT)[family.id]


@dataclass(frozen=True)
class Ruling:
    """The answer, the fact that gave it (None when open or unknown), and what the answer rests on."""

    answer: Answer
    by: FactName | None
    bound: Bound


def rule(family: Family, task: Task, facts: Facts) -> Ruling:
    """Return what is known about a family for a language.

    Arguments:
        family: one of `FAMILIES`.
        task: "recognise" or "predict".
        facts: looks up what is known about the language.

    Returns:
        "unknown" only when a fact that could decide is None.

    Complexity: constant.
    """
    found = rule_of(family, task)
    exact = family.bound == "characterisation" and (not found.needed or found.enough == found.needed)
    for name in found.enough:
        if facts(name):
            return Ruling("yes", name, "characterisation" if exact else "lower")
    for name in found.needed:
        if facts(name) is False:
            return Ruling("no", name, "characterisation" if exact else "upper")
    missing = any(facts(name) is None for name in (*found.enough, *found.needed))
    known: Bound = "lower" if family.bound == "characterisation" and not exact else family.bound
    return Ruling("unknown" if missing else "open", None, known)
