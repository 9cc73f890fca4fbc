"""How long a model in floating point is right when one symbol is read again and again: run, not bounded."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike

import numpy as np

from ..budgets import DEFAULT, Budget
from ..languages import Language, as_language, dfa_of
from ..models.steps import Runs
from .explore import widen


@dataclass(frozen=True)
class Drift:
    """What became of a symbol that was read again and again, from the empty prefix.

    Arguments:
        symbol: the symbol.
        right: the number of times up to which every legal set was right.
        wrong: whether the next one was wrong.
        returned: whether the state came back, so that the legal sets are right for ever.
    """

    symbol: str
    right: int
    wrong: bool
    returned: bool


def drift(
    model: Runs,
    language: Language | str | PathLike[str],
    *,
    most: int = 10_000,
    budget: Budget = DEFAULT,
) -> tuple[Drift, ...]:
    """Read each symbol up to `most` times and compare the legal sets with the language's.

    Arguments:
        model: any model that is stepped; most telling for one that has a horizon.
        language: a regular language over symbols of the model.

    Raises:
        BudgetExceeded: when time is up.

    Complexity: `most` steps of the model.

    >>> import starfree
    >>> model = starfree.build("@z_9", target="complex", rotors="float16")
    >>> model.horizon, drift(model, "@z_9")
    (17, (Drift(symbol='a', right=1240, wrong=True, returned=False),))
    """
    dfa = dfa_of(as_language(language), budget=budget)
    table, legal, _ = widen(dfa, model.alphabet)
    k = len(model.alphabet)
    symbols = np.arange(k)
    states, said = model.begin()
    right = -1 if not np.array_equal(said[0], legal[dfa.start]) else 0
    if right < 0:
        return tuple(Drift(symbol, 0, True, False) for symbol in model.alphabet)
    states, at = np.repeat(states, k, axis=0), np.full(k, dfa.start)
    seen: list[set[bytes]] = [{_key(states[i], at[i])} for i in symbols]
    found: dict[int, Drift] = {}
    for number in range(1, most + 1):
        budget.check_time("reading a symbol again and again")
        states, said = model.step(states, symbols)
        at = table[at, symbols]
        for i in symbols.tolist():
            key = _key(states[i], at[i])
            if i in found:
                continue
            if not np.array_equal(said[i], legal[at[i]]):
                found[i] = Drift(model.alphabet[i], number - 1, True, False)
            elif key in seen[i]:
                found[i] = Drift(model.alphabet[i], number, False, True)
            seen[i].add(key)
        if len(found) == k:
            break
    rest = {i: Drift(model.alphabet[i], most, False, False) for i in symbols.tolist() if i not in found}
    return tuple({**found, **rest}[i] for i in symbols.tolist())


def _key(state: np.ndarray[tuple[int, ...], np.dtype[np.floating]], at: np.int64) -> bytes:
    return (state + 0).tobytes() + int(at).to_bytes(8, "little")
