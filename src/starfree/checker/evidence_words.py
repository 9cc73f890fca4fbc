"""Evidence made of words: what happens when the DFA reads them."""

from __future__ import annotations

from typing import Any

from .automaton import Automaton
from .outcome import Meter, require
from .reading import integer, record
from .words import Word, WordReader

Fields = dict[str, Any]


def read_words(evidence: Fields, names: tuple[str, ...], automaton: Automaton, meter: Meter) -> list[Word]:
    """Return the named words of the evidence."""
    reader = WordReader(automaton, meter)
    return [reader.read(evidence[name], f"the word {name}") for name in names]


def mutually_reachable(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Two different states, each reachable from the other: the language is not R-trivial.

    A predictor may see the last symbol, so for prediction the states must differ after one more.
    """
    record(evidence, "the evidence", ("kind", "u", "x", "y"))
    u, x, y = read_words(evidence, ("u", "x", "y"), automaton, meter)
    p = u.map[automaton.start]
    q = x.map[p]
    require(bool(q != p), "x does not leave the state that u leads to")
    require(bool(y.map[q] == p), "y does not lead back")
    if task == "predict":
        require(automaton.table[p] != automaton.table[q], "the two states agree after every further symbol")


def pair_cycle(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Two states, each fixed by the same non-empty word: no window of last symbols is enough."""
    record(evidence, "the evidence", ("kind", "u1", "u2", "x"))
    u1, u2, x = read_words(evidence, ("u1", "u2", "x"), automaton, meter)
    p, q = u1.map[automaton.start], u2.map[automaton.start]
    require(bool(p != q), "u1 and u2 lead to the same state")
    require(x.length > 0, "x is the empty word")
    require(bool(x.map[p] == p and x.map[q] == q), "x does not fix both states")
    if task == "predict":
        require(automaton.live[p] and automaton.live[q], "one of the two states is dead")


def cycle(u: Word, v: Word, period: int, automaton: Automaton, meter: Meter) -> list[int]:
    """Return the states `q0 u v^i`, `0 <= i < period`, which must be distinct and return after `period`."""
    require(period <= automaton.states, "the period is larger than the number of states")
    states = [int(u.map[automaton.start])]
    for _ in range(period):
        meter.spend(1)
        states.append(int(v.map[states[-1]]))
    require(states[-1] == states[0], "the states do not return after the period")
    require(len(set(states)) == period, "the states repeat before the period")
    return states[:-1]


def pumping(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Membership of `u v^i w` changes for ever with period > 1: the language is not aperiodic."""
    record(evidence, "the evidence", ("kind", "u", "v", "w", "period"))
    period = integer(evidence["period"], "period", 2)
    u, v, w = read_words(evidence, ("u", "v", "w"), automaton, meter)
    ends = {automaton.accepting[w.map[state]] for state in cycle(u, v, period, automaton, meter)}
    require(len(ends) == 2, "membership of u v^i w is the same for all i")


def equal_length(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Words of one length, one rotates states that the other fixes: the language is not quasi-aperiodic."""
    record(evidence, "the evidence", ("kind", "u", "v_e", "v_g", "period"))
    period = integer(evidence["period"], "period", 2)
    u, v_e, v_g = read_words(evidence, ("u", "v_e", "v_g"), automaton, meter)
    require(v_e.length == v_g.length, "v_e and v_g differ in length")
    for state in cycle(u, v_g, period, automaton, meter):
        require(bool(v_e.map[state] == state), "v_e does not fix every state of the cycle")
