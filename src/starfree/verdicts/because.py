"""Saying in plain words why a verdict holds for this language, from the evidence itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..algebra.words import action
from ..languages import DFA
from .rules import FactName, Facts, Rule, Ruling
from .spelling import read_word, word_text

_WORD = 40  # characters of a word; longer ones are cut
_LIST = 8  # longer lists are shortened

_SAID: Mapping[FactName, tuple[str, str]] = {
    "aperiodic": ("star-free", "not star-free"),
    "definite": ("definite", "not definite"),
    "r_trivial": ("R-trivial", "not R-trivial"),
    "c_rasp": ("in C-RASP", "not in C-RASP"),
    "quasi_aperiodic": ("quasi-aperiodic", "not quasi-aperiodic"),
    "two_groups": ("without groups other than 2-groups", "with a group that is not a 2-group"),
    "solvable": ("without unsolvable groups", "with an unsolvable group"),
    "live_definite": ("told by a window of live symbols", "not told by any window of live symbols"),
    "last_symbol": (
        "R-trivial up to the last symbol of live prefixes",
        "not R-trivial up to the last symbol of live prefixes",
    ),
    "unnamed": ("neither parity nor flip-flop", "parity or flip-flop"),
    "r_settled": (
        "not refuted by two states that reach each other",
        "refuted by two states that reach each other",
    ),
    "c_settled": ("not refuted by states that counting confuses", "refuted by states that counting confuses"),
    "regular": ("regular", "not regular"),
}


def explain_no_answer(rule: Rule, facts: Facts) -> str:
    """Say what is known and what is missing when a verdict is "open" or "unknown"."""
    names = tuple(dict.fromkeys((*rule.enough, *rule.needed)))
    values = {name: facts(name) for name in names}
    missing = [_SAID[name][0] for name in names if values[name] is None]
    if missing:
        return f"A budget ran out before it was known whether the language is {_join(missing, 'and')}."
    lacking = _join([_SAID[name][1] for name in rule.enough], "and")
    keeping = _join([_SAID[name][0] for name in rule.needed], "and")
    return (
        f"The language is {lacking}, so no construction is known; it is {keeping}, so no obstacle is known."
    )


def explain(evidence: Mapping[str, Any], dfa: DFA) -> str:
    """Say in one or two sentences why the evidence supports its claim.

    Arguments:
        evidence: of a kind of docs/certificates.md.
        dfa: the language's.
    """
    return _SENTENCES[evidence["kind"]](evidence, dfa)


def explain_without_evidence(ruling: Ruling) -> str:
    """Say what decided when a budget ran out before the evidence was written."""
    assert ruling.by is not None
    said = _SAID[ruling.by][ruling.answer == "no"]
    return f"The language is {said}; a budget ran out before the evidence for this was written."


def say_word(word: Any) -> str:
    """Write a word of a certificate for people, cut when it is long."""
    return word_text(word, _WORD)


def _join(parts: Sequence[str], last: str) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _few(numbers: Sequence[int]) -> str:
    shown = [str(number) for number in numbers]
    more = f" and {len(shown) - _LIST} more" if len(shown) > _LIST else ""
    return ", ".join(shown[:_LIST]) + more


def _regular(evidence: Mapping[str, Any], dfa: DFA) -> str:
    return f"The language is regular: its minimal DFA has {_many(dfa.states, 'state')}."


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _cascade(evidence: Mapping[str, Any], dfa: DFA) -> str:
    cells = evidence["cells"]
    if not cells:
        return "The legal set never changes, so no memory is needed."
    bits = sum((cell["size"] - 1).bit_length() for cell in cells)
    size = f"{_many(len(cells), 'cell')} ({_many(bits, 'bit')})"
    return f"The language is star-free: a cascade of {size}, only ever held or set, is enough."


def _ordered_images(evidence: Mapping[str, Any], dfa: DFA) -> str:
    count = _many(len(evidence["images"]), "image set")
    return f"The language is star-free: in none of its {count} does a word move states in a cycle."


def _topological_order(evidence: Mapping[str, Any], dfa: DFA) -> str:
    return (
        "The language is R-trivial: its states stand in an order, and no symbol leads back to an earlier one."
    )


def _mutually_reachable(evidence: Mapping[str, Any], dfa: DFA) -> str:
    u, x, y = (say_word(evidence[name]) for name in ("u", "x", "y"))
    return (
        f"After u = {u}, x = {x} leads to another state and y = {y} leads back: the automaton never settles."
    )


def _definite(evidence: Mapping[str, Any], dfa: DFA) -> str:
    return _window(evidence["k"], "prefix") if evidence["k"] else "The state never changes."


def _live_definite(evidence: Mapping[str, Any], dfa: DFA) -> str:
    return _window(evidence["k"], "live prefix") if evidence["k"] else "At most one state is live."


def _window(k: int, prefix: str) -> str:
    told = "last symbol of any {} tells" if k == 1 else f"last {k} symbols of any {{}} tell"
    return f"The {told.format(prefix)} its state."


def _pair_cycle(evidence: Mapping[str, Any], dfa: DFA) -> str:
    first, second, x = (say_word(evidence[name]) for name in ("u1", "u2", "x"))
    return (
        f"After u1 = {first} and after u2 = {second} the states differ, and reading x = {x} again and again"
        " changes neither: no window of last symbols is long enough."
    )


def _pumping(evidence: Mapping[str, Any], dfa: DFA) -> str:
    u, v, w = (say_word(evidence[name]) for name in ("u", "v", "w"))
    period = evidence["period"]
    after = dfa.accepting[action(read_word(evidence["w"], dfa), dfa.table)]
    inside = [i for i, state in enumerate(_cycle(evidence, dfa)) if after[state]]
    outside = [i for i in range(period) if i not in inside]
    some, verb = (inside, "is") if len(inside) <= len(outside) else (outside, "is not")
    return (
        f"With u = {u}, v = {v}, w = {w}: u v^n w {verb} in the language exactly when n mod {period} is "
        f"{_join_few(some)}, for reading v goes round a cycle of {period} states."
    )


def _join_few(numbers: Sequence[int]) -> str:
    return _few(numbers) if len(numbers) > _LIST else _join([str(number) for number in numbers], "or")


def _cycle(evidence: Mapping[str, Any], dfa: DFA) -> list[int]:
    states = [int(action(read_word(evidence["u"], dfa), dfa.table)[0])]
    v = action(read_word(evidence["v"], dfa), dfa.table)
    while len(states) < evidence["period"]:
        states.append(int(v[states[-1]]))
    return states


def _equal_length(evidence: Mapping[str, Any], dfa: DFA) -> str:
    u, v_e, v_g = (say_word(evidence[name]) for name in ("u", "v_e", "v_g"))
    return (
        f"After u = {u}, reading {v_g} again and again goes round a cycle of {evidence['period']} states "
        f"and {v_e} changes none of them; both have the same length, so counting positions does not help."
    )


def _rotations(evidence: Mapping[str, Any], dfa: DFA) -> str:
    return "The language is quasi-aperiodic: how a word permutes states depends on its length alone."


def _subgroups(evidence: Mapping[str, Any], dfa: DFA) -> str:
    kind = "is a 2-group" if evidence["class"] == "two-groups" else "is solvable"
    longest = max((len(group["series"]) - 1 for group in evidence["groups"]), default=0)
    count = len(evidence["groups"])
    return (
        f"Every group of words that permute states {kind}: {_many(count, 'group')}, with a series of at most "
        f"{_many(longest, 'step')}."
    )


def _perfect_subgroup(evidence: Mapping[str, Any], dfa: DFA) -> str:
    words = [say_word(word) for word in evidence["generators"]]
    return (
        f"The words {_join(words, 'and')} permute {len(evidence['points'])} states, and each is a product of "
        "commutators of the group that they make: that group is not solvable."
    )


def _potentials(evidence: Mapping[str, Any], dfa: DFA) -> str:
    if not evidence["components"]:
        return "No two states reach each other, so there is nothing to count."
    rounds = max(len(component["rounds"]) for component in evidence["components"])
    return (
        "Counting tells apart the states that reach each other: sums over the symbols read so far separate"
        f" them in {_many(rounds, 'round')}."
    )


def _flows(evidence: Mapping[str, Any], dfa: DFA) -> str:
    flow = evidence["flows"][0]
    return (
        f"States q{flow['from']} and q{flow['to']} reach each other and no sum over the symbols read so far "
        "tells them apart: weighted walks between them cancel on every label."
    )


def _last_symbol_quotient(evidence: Mapping[str, Any], dfa: DFA) -> str:
    return (
        "On live prefixes the state is a function of the last symbol and of an R-trivial automaton with "
        f"{_many(len(evidence['classes']), 'state')}."
    )


def _named(evidence: Mapping[str, Any], dfa: DFA) -> str:
    symbols = evidence["symbols"]
    if evidence["name"] == "parity":
        return (
            f"This is parity, an even number of `{symbols[1]}`: it takes eigenvalue -1 for this symbol alone."
        )
    return (
        f"This is flip-flop (write `{symbols[0]}`, read `{symbols[1]}`, ignore `{symbols[2]}`): what was "
        "written last must be kept and must be forgotten, which takes a gate that depends on the input."
    )


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any], DFA], str]] = {
    "regular": _regular,
    "cascade": _cascade,
    "ordered-images": _ordered_images,
    "topological-order": _topological_order,
    "mutually-reachable": _mutually_reachable,
    "definite": _definite,
    "live-definite": _live_definite,
    "pair-cycle": _pair_cycle,
    "pumping": _pumping,
    "equal-length": _equal_length,
    "rotations": _rotations,
    "subgroups": _subgroups,
    "perfect-subgroup": _perfect_subgroup,
    "potentials": _potentials,
    "flows": _flows,
    "last-symbol-quotient": _last_symbol_quotient,
    "named": _named,
}
