"""The JSON form of automata: alphabet, start, accepting states, table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from .dfa import DFA
from .files import RepeatedKey, json_document, read_text
from .partial import Edge, from_edges
from .words import brief, check_alphabet

FORMAT = "starfree-dfa"
_FIELDS = {"format", "alphabet", "start", "accepting", "table"}


def read_json(path: str | Path, *, budget: Budget = DEFAULT) -> DFA:
    """Read a language from a JSON file; see `parse_json`."""
    return parse_json(read_text(path), name=str(path), budget=budget)


def parse_json(text: str, *, name: str = "JSON", budget: Budget = DEFAULT) -> DFA:
    """Return the language of an automaton in JSON.

    Arguments:
        text: `{"format": "starfree-dfa", "alphabet": [...], "start": 0, "accepting": [...], "table": [...]}`;
            the table has a row per state with an entry per symbol: a state, null when there is no next state,
            or a list of states.
        name: what to call the text in messages, and the language's spec.

    Raises:
        BadInput: when it is not JSON, or a field is missing, unknown, repeated or wrong.
        BudgetExceeded: when it has more states than allowed, once deterministic.

    Complexity: linear in the text when deterministic, else up to exponential in the number of states.
    """
    try:
        document = json_document(text)
    except RepeatedKey as error:
        raise BadInput(name, f"{error} in an object", "Write each key once.") from None
    except ValueError as error:
        raise BadInput(name, f"is not JSON: {error}", "Correct it.") from None
    except RecursionError:
        raise BadInput(name, "nests too deep", "Write a table.") from None
    example = f"Write the fields {', '.join(sorted(_FIELDS))}."
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadInput(name, f"is not an object whose format is {FORMAT!r}", example)
    if set(document) != _FIELDS:
        wrong = sorted(_FIELDS.symmetric_difference(document))[0]
        raise BadInput(name, f"field {wrong!r} is {'missing' if wrong in _FIELDS else 'unknown'}", example)
    alphabet, table = document["alphabet"], document["table"]
    if not isinstance(alphabet, list) or not all(isinstance(symbol, str) for symbol in alphabet):
        raise BadInput(name, "alphabet is not a list of strings", 'Write such as ["a", "b"].')
    symbols = check_alphabet(alphabet)
    if not isinstance(table, list) or not table or not all(isinstance(row, list) for row in table):
        raise BadInput(name, "table is not a list of rows", "Write a row per state, an entry per symbol.")
    edges: list[Edge] = []
    for state, row in enumerate(table):
        if len(row) != len(symbols):
            why = f"row {state} of the table has {len(row)} entries, not {len(symbols)}"
            raise BadInput(name, why, "Write an entry per symbol, null where there is no next state.")
        for column, entry in enumerate(row):
            targets = [] if entry is None else entry if isinstance(entry, list) else [entry]
            where = f"row {state} of the table"
            edges.extend((state, column, _state(target, len(table), name, where)) for target in targets)
    if not isinstance(document["accepting"], list):
        raise BadInput(name, "accepting is not a list of states", "Write such as [0, 2].")
    accepting = {_state(state, len(table), name, "accepting") for state in document["accepting"]}
    start = _state(document["start"], len(table), name, "start")
    return from_edges(symbols, edges, len(table), start, accepting, spec=name, budget=budget)


def _state(value: Any, states: int, name: str, where: str) -> int:
    if type(value) is not int or not 0 <= value < states:
        why = f"{where} has {brief(repr(value))}, which is not a state"
        raise BadInput(name, why, f"Use the numbers 0..{states - 1}.")
    return value


def write_json(dfa: DFA) -> str:
    """Return a DFA as JSON that `parse_json` reads back.

    >>> from starfree.languages import regex
    >>> parse_json(write_json(regex("(ab)*"))) == regex("(ab)*")
    True
    """
    document = {"format": FORMAT, "alphabet": list(dfa.alphabet), **table_to_json(dfa)}
    return json.dumps(document, ensure_ascii=False)


def table_to_json(dfa: DFA) -> dict[str, Any]:
    """Return the states of a DFA as every document writes them, certificates too.

    >>> from starfree.languages import regex
    >>> table_to_json(regex("(aa)*"))
    {'start': 0, 'accepting': [0], 'table': [[1], [0]]}
    """
    return {
        "start": dfa.start,
        "accepting": [state for state, final in enumerate(dfa.accepting.tolist()) if final],
        "table": dfa.table.tolist(),
    }
