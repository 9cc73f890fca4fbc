"""A minimal automaton as a table that a person can read."""

from __future__ import annotations

from collections.abc import Sequence

from ..languages.dfa import DFA
from ..languages.language import END, LegalSet
from .screen import Screen, clip, count_of, visible

_STATES = 40
_CLASS = 24


def symbol_ranges(symbols: Sequence[str]) -> str:
    """Return symbols as text, with runs of consecutive characters written as ranges.

    >>> symbol_ranges(["a", "b", "c", "d", "x", "0"]), symbol_ranges(["SYN", "ACK"])
    ('a-d x 0', 'SYN ACK')
    """
    parts: list[list[str]] = []
    for symbol in symbols:
        follows = parts and len(symbol) == len(parts[-1][-1]) == 1 and ord(symbol) == ord(parts[-1][-1]) + 1
        if follows:
            parts[-1].append(symbol)
        else:
            parts.append([symbol])
    shown = [
        f"{visible(part[0])}-{visible(part[-1])}" if len(part) > 3 else " ".join(map(visible, part))
        for part in parts
    ]
    return " ".join(shown)


def legal_text(allowed: LegalSet, alphabet: Sequence[str]) -> str:
    """Return a legal set for people: ranges of symbols, then END."""
    parts = [symbol_ranges([a for a in alphabet if a in allowed]), "END" * (END in allowed)]
    return clip(" ".join(part for part in parts if part), 400) or "(nothing)"


def symbol_classes(dfa: DFA) -> list[list[int]]:
    """Return the symbols that act alike on every state, together: their numbers, in order."""
    classes: dict[bytes, list[int]] = {}
    for number in range(len(dfa.alphabet)):
        classes.setdefault(dfa.table[:, number].tobytes(), []).append(number)
    return list(classes.values())


def automaton_text(screen: Screen, dfa: DFA) -> str:
    """Return the transition table: a line per state, a column per class of symbols that act alike."""
    classes = symbol_classes(dfa)
    names = [clip(symbol_ranges([dfa.alphabet[i] for i in members]), _CLASS) for members in classes]
    shown = min(dfa.states, _STATES)
    head = ["state", "", *names]
    width = sum(max(len(name), len(str(dfa.states))) + 2 for name in head) + len("accepts")
    if width > screen.width:
        return _by_state(screen, dfa, shown)
    rows = []
    for state in range(shown):
        row = dfa.table[state].tolist()
        rows.append([str(state), _mark(dfa, state), *(str(row[members[0]]) for members in classes)])
    table = screen.table(rows, head=head, right=[0, *range(2, len(head))])
    return table + _rest(dfa, shown)


def _by_state(screen: Screen, dfa: DFA, shown: int) -> str:
    """Return a line per state that says by which symbols it goes where: for automata with many classes."""
    dead = dfa.dead_state
    rows = []
    for state in range(shown):
        targets: dict[int, list[str]] = {}
        for number, target in enumerate(dfa.table[state].tolist()):
            targets.setdefault(target, []).append(dfa.alphabet[number])
        if dead is not None:
            targets.pop(dead, None)
        moves = [
            f"{target} on {clip(symbol_ranges(symbols), 2 * _CLASS)}" for target, symbols in targets.items()
        ]
        rows.append([str(state), _mark(dfa, state), ", ".join(moves)])
    return screen.table(
        rows, head=["state", "", "goes to" if dead is None else f"goes to, else to {dead}"], right=[0]
    ) + _rest(dfa, shown)


def _mark(dfa: DFA, state: int) -> str:
    if state == dfa.dead_state:
        return "dead"
    return "accepts" if dfa.accepting[state] else ""


def _rest(dfa: DFA, shown: int) -> str:
    return f"\n... and {count_of(dfa.states - shown, 'more state')}" if shown < dfa.states else ""
