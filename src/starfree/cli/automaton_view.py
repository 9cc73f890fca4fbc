"""A minimal automaton as a table that a person can read."""

from __future__ import annotations

from collections.abc import Sequence

from ..languages.dfa import DFA
from ..languages.language import END, LegalSet
from ..languages.notation import symbol_ranges
from .screen import Screen, count_of

_STATES = 40
_CLASS = 400  # characters of a set of symbols; what does not fit is counted
_HEADER = 200


def legal_text(allowed: LegalSet, alphabet: Sequence[str]) -> str:
    """Return a legal set for people: ranges of symbols, then END."""
    parts = [symbol_ranges([a for a in alphabet if a in allowed], _CLASS), "END" * (END in allowed)]
    return " ".join(part for part in parts if part) or "(nothing)"


def alphabet_text(alphabet: Sequence[str]) -> str:
    """Return an alphabet for people."""
    return symbol_ranges(alphabet, _HEADER) or "(no symbols)"


def symbol_classes(dfa: DFA) -> list[list[int]]:
    """Return the symbols that act alike on every state, together: their numbers, in order."""
    classes: dict[bytes, list[int]] = {}
    for number in range(len(dfa.alphabet)):
        classes.setdefault(dfa.table[:, number].tobytes(), []).append(number)
    return list(classes.values())


def automaton_text(screen: Screen, dfa: DFA) -> str:
    """Return the transition table: a line per state, a column per class of symbols that act alike."""
    classes = symbol_classes(dfa)
    names = [symbol_ranges([dfa.alphabet[i] for i in members]) for members in classes]
    shown = min(dfa.states, _STATES)
    head = ["state", "", *names]
    width = sum(max(len(name), len(f"q{dfa.states}")) + 2 for name in head) + len("accepts")
    if width > screen.width:
        return _by_state(screen, dfa, shown)
    rows = []
    for state in range(shown):
        row = dfa.table[state].tolist()
        rows.append([f"q{state}", _mark(dfa, state), *(f"q{row[members[0]]}" for members in classes)])
    table = screen.table(rows, head=head, right=[0, *range(2, len(head))])
    return table + _rest(dfa, shown)


def _by_state(screen: Screen, dfa: DFA, shown: int) -> str:
    """Return a line per state and successor that says by which symbols: for automata with many classes."""
    dead = dfa.dead_state
    rows = []
    for state in range(shown):
        targets: dict[int, list[str]] = {}
        for number, target in enumerate(dfa.table[state].tolist()):
            targets.setdefault(target, []).append(dfa.alphabet[number])
        if dead is not None:
            targets.pop(dead, None)
        moves = [[f"q{to}", symbol_ranges(symbols, _CLASS)] for to, symbols in targets.items()] or [["", ""]]
        rows.append([f"q{state}", _mark(dfa, state), *moves[0]])
        rows.extend(["", "", *move] for move in moves[1:])
    table = screen.table(rows, head=["state", "", "to", "on"], right=[0, 2]) + _rest(dfa, shown)
    return table if dead is None else f"{table}\n" + screen.dim(f"all else leads to q{dead}")


def _mark(dfa: DFA, state: int) -> str:
    if state == dfa.dead_state:
        return "dead"
    return "accepts" if dfa.accepting[state] else ""


def _rest(dfa: DFA, shown: int) -> str:
    return f"\n... and {count_of(dfa.states - shown, 'more state')}" if shown < dfa.states else ""
