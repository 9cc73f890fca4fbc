"""AT&T text format of finite-state machines, as OpenFst, foma and MLRegTest write it."""

from __future__ import annotations

from pathlib import Path

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .dfa import DFA
from .files import read_text
from .partial import from_edges
from .words import brief, check_alphabet

EPSILON = frozenset({"<eps>", "<epsilon>", "@0@"})


def read_att(path: str | Path, *, epsilon: str | None = None, budget: Budget = DEFAULT) -> DFA:
    """Read a language from an AT&T file; see `parse_att`."""
    return parse_att(read_text(path), name=str(path), epsilon=epsilon, budget=budget)


def parse_att(
    text: str, *, name: str = "AT&T text", epsilon: str | None = None, budget: Budget = DEFAULT
) -> DFA:
    """Return the language of an acceptor in AT&T text.

    Arguments:
        text: a transition a line, `source target symbol [same symbol]`, or a final state a line; fields are
            separated by tabs, or by blanks in lines without tabs. The start is the source of the first line.
        name: what to call the text in messages, and the language's spec.
        epsilon: one more name of the empty word, besides `<eps>`, `<epsilon>` and `@0@`.

    Returns:
        the language; its alphabet is ordered by code point.

    Raises:
        BadInput: for a malformed line, a weight, or an output that differs from the input; names the line.
        BudgetExceeded: when it has more states than allowed, once deterministic.

    Complexity: linear in the text when deterministic, else up to exponential in the number of states.

    >>> "aa" in parse_att("0 1 a\\n1 0 a\\n0")
    True
    """
    silent = EPSILON | ({epsilon} if epsilon is not None else set())
    states: dict[str, int] = {}
    arcs: list[tuple[int, str, int]] = []
    accepting: set[int] = set()
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r")
        fields = line.split("\t") if "\t" in line else line.split()
        while fields and not fields[-1]:
            fields.pop()  # foma ends lines with a tab
        if not fields:
            continue
        what = f"{name}, line {number}: {brief(line).expandtabs(1)}"
        _check(fields, what)
        source = states.setdefault(fields[0], len(states))
        if len(fields) == 1:
            accepting.add(source)
        else:
            arcs.append((source, fields[2], states.setdefault(fields[1], len(states))))
    if not states:
        raise BadInput(name, "has no states", "Write at least one line, such as `0`.")
    alphabet = check_alphabet(sorted({symbol for _, symbol, _ in arcs} - silent))
    column = {symbol: i for i, symbol in enumerate(alphabet)}
    edges = [(source, column.get(symbol, -1), target) for source, symbol, target in arcs]
    return from_edges(alphabet, edges, len(states), 0, accepting, spec=name, budget=budget)


def _check(fields: list[str], what: str) -> None:
    if len(fields) == 2:
        raise BadInput(
            what, "a final state with a weight", "Remove the weight: only unweighted automata are read."
        )
    if len(fields) > 5 or not all(fields):
        raise BadInput(
            what, "not a transition", "Write `source target symbol`, or `state` for a final state."
        )
    if len(fields) >= 4 and fields[2] != fields[3]:
        why = f"{fields[3]!r} is a weight, or an output that differs from the input {fields[2]!r}"
        raise BadInput(what, why, "Give an acceptor: no weights, outputs equal to inputs.")
    if len(fields) == 5:
        why = f"the transition has a weight, {fields[4]!r}"
        raise BadInput(what, why, "Remove the weight: only unweighted automata are read.")


def write_att(dfa: DFA) -> str:
    """Return AT&T text with all transitions of a DFA, dead ones too, so that no symbol is lost.

    Raises:
        BadInput: when a symbol has no place in the format: a tab, a line break, a name of the empty word.

    >>> from starfree.languages import regex
    >>> write_att(regex("a*"))
    '0\\t0\\ta\\ta\\n0\\n'
    """
    for symbol in dfa.alphabet:
        if symbol in EPSILON or any(c in "\t\r\n" for c in symbol):
            why = "cannot be written in AT&T text"
            raise BadInput(f"symbol {symbol!r}", why, "Rename it, or write JSON.")
    lines = [
        f"{state}\t{target}\t{symbol}\t{symbol}"
        for state, row in enumerate(dfa.table.tolist())
        for symbol, target in zip(dfa.alphabet, row, strict=True)
    ]
    lines += [str(state) for state, final in enumerate(dfa.accepting.tolist()) if final]
    if not lines:
        raise BadInput(repr(dfa), "has neither symbols nor words", "Write JSON.")
    return "\n".join(lines) + "\n"
