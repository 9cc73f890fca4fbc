"""A program: conditions on a prefix that say what may come next. It is a language, and runs as one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BadInput
from ..languages import DFA, END, Language, LegalSet
from ..languages.machine import explored
from ..languages.words import brief, check_alphabet
from .expressions import (
    FALSE,
    AtLeast,
    Expression,
    Turned,
    all_of,
    any_of,
    condition,
    negation,
    walk,
)
from .meaning import Interpreter
from .operators import once, previously, read

Fragment = Literal["star-free", "counting", "modular", "counting and modular"]


@dataclass(frozen=True, eq=False, repr=False)
class Program(Language):
    """Conditions that say after each prefix of a word which symbols may come next, and whether it may end.

    Arguments:
        alphabet: the symbols.
        legal_when: for each symbol the condition under which it may come next; right after live prefixes.
        end_when: the condition under which a live prefix is a word.
        dead_when: true after exactly the prefixes of no word.
        spec, definition: as of every language.
        counts: whether it is known that no finite automaton has its words.

    What the conditions mean after a dead prefix does not matter: nothing is legal there.

    >>> from starfree.programs import count, program, read
    >>> depth = count(read("(")) - count(read(")"))
    >>> dyck = program("()", legal={"(": True, ")": depth > 0}, end=depth == 0)
    >>> "(()())" in dyck, "())(" in dyck, dyck.fragment
    (True, False, 'counting')
    """

    alphabet: tuple[str, ...]
    legal_when: tuple[Expression, ...]
    end_when: Expression
    dead_when: Expression
    spec: str = ""
    definition: str | None = None
    counts: bool = False

    def __repr__(self) -> str:
        return f"<Program {self.spec!r}: {' '.join(self.alphabet)}, {self.fragment}>"

    def __str__(self) -> str:
        lines = [
            f"{symbol} legal: {when}" for symbol, when in zip(self.alphabet, self.legal_when, strict=True)
        ]
        return "\n".join([*lines, f"END legal: {self.end_when}", f"dead: {self.dead_when}"])

    @cached_property
    def nodes(self) -> tuple[Expression, ...]:
        """Every different condition that occurs, after its parts."""
        return tuple(walk([*self.legal_when, self.end_when, self.dead_when]))

    @cached_property
    def fragment(self) -> Fragment:
        """What its operators need: latches only, counters, rotors, or both.

        A program of the star-free fragment is a star-free language, and every nonnegative diagonal model has
        it; one of the counting fragment is a language of those that can count.

        Source: Schuetzenberger; Kamp; Sarrof, Veitsman and Hahn, NeurIPS 2024.
        """
        counting = any(isinstance(node, AtLeast) for node in self.nodes)
        modular = any(isinstance(node, Turned) for node in self.nodes)
        if counting and modular:
            return "counting and modular"
        return "counting" if counting else "modular" if modular else "star-free"

    @cached_property
    def turns(self) -> bool:
        """Whether it has rotors, and all have orders that are powers of two, as gates of -1 have them."""
        orders = {node.order for node in self.nodes if isinstance(node, Turned)}
        return bool(orders) and not any(order & (order - 1) for order in orders)

    @property
    def kind(self) -> Literal["regular", "counter", "program"]:  # type: ignore[override]
        if self.counts:
            return "counter"
        return "program" if "counting" in self.fragment else "regular"

    @cached_property
    def dead_given(self) -> bool:
        """Whether `dead` is somebody's word, and not put together from `legal` or `accept`."""
        found = any_of(*self.legal_when, self.end_when)
        return self.dead_when not in (_dead(self.alphabet, self.legal_when), negation(found))

    def conditions(self, task: str) -> tuple[Expression, ...]:
        """Return for each symbol, then END, when it is legal; for recognise also after dead prefixes."""
        found = (*self.legal_when, self.end_when)
        if task == "predict":
            return found
        return tuple(all_of(when, negation(self.dead_when)) for when in found)

    # The language, by the reference interpreter. A state is None once a symbol was not legal.

    @cached_property
    def _interpreter(self) -> Interpreter:
        return Interpreter(self.alphabet, (*self.legal_when, self.end_when))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {symbol: i for i, symbol in enumerate(self.alphabet)}

    @cached_property
    def start(self) -> Any:
        return self._interpreter.begin()

    def step(self, state: Any, symbol: str) -> Any:
        if symbol not in self._places:
            do = f"Use symbols of {' '.join(self.alphabet)}."
            raise BadInput(repr(symbol), "is not in the alphabet of the program", do)
        if state is None or not state[1][self._places[symbol]]:
            return None
        return self._interpreter.step(state[0], symbol)

    def legal(self, state: Hashable) -> LegalSet:
        if state is None:
            return frozenset()
        assert isinstance(state, tuple)
        flags = state[1]
        symbols = [symbol for symbol, flag in zip(self.alphabet, flags, strict=False) if flag]
        return frozenset([*symbols, END] if flags[-1] else symbols)

    @cached_property
    def dfa(self) -> DFA:
        """The minimal complete DFA; raises `NotRegular`, or `BudgetExceeded` when it is too large."""
        return self.dfa_within(DEFAULT)

    def dfa_within(self, budget: Budget) -> DFA:
        return self.__dict__.get("dfa") or explored(self, budget=budget)

    def legal_along(self, words: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the legal sets along many words of one length.

        Arguments:
            words: shape `(n, T)`, indices into the alphabet.

        Returns:
            shape `(n, T + 1, symbols + 1)`: after each prefix, the empty one first; END last.

        Complexity: T vectorised steps over the different conditions.
        """
        found = self._interpreter.run(words)
        n, length = words.shape
        live = np.ones((n, length + 1), np.bool_)
        if length:
            read_was_legal = np.take_along_axis(found[:, :-1], words[:, :, None], axis=2)[:, :, 0]
            live[:, 1:] = np.logical_and.accumulate(read_was_legal, axis=1)
        found &= live[:, :, None]
        return found


def program(
    alphabet: str | Sequence[str],
    *,
    accept: object = None,
    legal: Mapping[str, object] | None = None,
    end: object = None,
    dead: object = None,
    spec: str = "",
    budget: Budget = DEFAULT,
) -> Program:
    """Return the program that accepts a word when a condition holds after it, or that says what is legal.

    Arguments:
        alphabet: symbols, or text of which each character is one.
        accept: true after exactly the words; needs no more when the program does not count.
        legal: for each symbol, when it may come next; symbols left out never may.
        end: when a live prefix is a word.
        dead: true after exactly the prefixes of no word; worked out from `legal` if not given, at the price
            of one more temporal operator for each symbol.
        spec: what to call it.
        budget: of the states that `accept` needs.

    Raises:
        BadInput: when neither `accept`, nor `legal` and `end` are given, or a program that counts gives
            `accept`; when a condition reads a symbol outside the alphabet.
        BudgetExceeded: when `accept` needs too many states.

    Complexity: with `accept`, that of listing all memories; else linear in the conditions.

    >>> from starfree.programs import once, read
    >>> "aba" in program("ab", accept=once(read("b")))
    True
    """
    listed = isinstance(alphabet, (str, list, tuple)) and all(isinstance(one, str) for one in alphabet)
    if not listed or not (legal is None or isinstance(legal, Mapping)):
        what = f"legal={legal!r}" if listed else f"the alphabet {alphabet!r}"
        why = "is not a mapping from symbols to conditions" if listed else "is not text or a list of symbols"
        do = "Write such as {'a': True}." if listed else "Write such as 'ab' or ['up', 'down']."
        raise BadInput(brief(what), why, do)
    symbols = check_alphabet(alphabet)
    if accept is not None:
        if legal is not None or end is not None or dead is not None:
            why = "says all by itself"
            raise BadInput("accept beside legal, end or dead", why, "Give accept, or legal and end.")
        from .acceptance import legal_from_acceptance

        accept = condition(accept)
        follow = legal_from_acceptance(symbols, accept, budget=budget)
        return Program(symbols, follow, accept, negation(any_of(accept, *follow)), spec)
    if legal is None or end is None:
        why = "does not say which words it has"
        raise BadInput("a program without accept, or legal and end", why, "Give one of the two.")
    foreign = [symbol for symbol in legal if symbol not in symbols]
    if foreign:
        why = f"{foreign[0]!r} is not in the alphabet"
        raise BadInput(brief(f"legal of {foreign[0]}"), why, f"Use symbols of {' '.join(symbols)}.")
    legal_when = tuple(condition(legal.get(symbol, FALSE)) for symbol in symbols)
    found = Program(
        symbols,
        legal_when,
        condition(end),
        _dead(symbols, legal_when) if dead is None else condition(dead),
        spec,
    )
    Interpreter(symbols, [found.dead_when])  # complains about foreign symbols
    found.start  # noqa: B018
    return found


def _dead(alphabet: tuple[str, ...], legal_when: tuple[Expression, ...]) -> Expression:
    """Return when some symbol so far was not legal where it stood."""
    at_first = Interpreter(alphabet, legal_when).begin()[1]
    later = previously(True)
    wrong = []
    for symbol, when, ok in zip(alphabet, legal_when, at_first, strict=True):
        bad = previously(negation(when))
        wrong.append(all_of(read(symbol), bad if ok else any_of(bad, negation(later))))
    return once(any_of(*wrong))
