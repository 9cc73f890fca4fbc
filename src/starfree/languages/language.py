"""What a language is to the rest of starfree: an alphabet, a start, a step, and legal sets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from .words import parse_word

if TYPE_CHECKING:
    from ..budgets import Budget
    from .dfa import DFA


class End(Enum):
    """The type of `END`, the mark in a legal set that says: the word may stop here."""

    END = "END"

    def __repr__(self) -> str:
        return "END"


END = End.END

LegalSet = frozenset[str | End]
Word = str | Sequence[str]


def legal_to_json(legal: LegalSet, alphabet: Sequence[str]) -> dict[str, Any]:
    """Return a legal set as documents write it: symbols in the order of the alphabet, and whether END is in.

    >>> legal_to_json(frozenset(["b", END]), "ab")
    {'symbols': ['b'], 'end': True}
    """
    return {"symbols": [symbol for symbol in alphabet if symbol in legal], "end": END in legal}


class Language(ABC):
    """A formal language over a finite alphabet, as a deterministic machine that says what may come next.

    A word is a sequence of symbols, or text as `parse_word` reads it: characters run together, or symbols
    separated by single spaces when any is longer than one character.

    A class of one's own needs `alphabet`, `start`, `step` and `legal`; states must be hashable. The rest is
    made from these, for a language with finitely many states.

    Arguments:
        alphabet: the symbols, in order.
        spec: how the user wrote it, to be shown again.
        definition: a self-contained text that says the same (a regular expression, or `@group[...]`),
            or None when only the machine itself does.
        kind: "regular", "counter" (its states are counters without bound), or "program" for any other.

    >>> class Even(Language):
    ...     alphabet, start = ("a",), 0
    ...     def step(self, state, symbol):
    ...         return 1 - state
    ...     def legal(self, state):
    ...         return frozenset(["a"] if state else ["a", END])
    >>> "aa" in Even(), Even().dfa.states, Even().difference("(aaaa)*")
    (True, 2, ('a', 'a'))
    """

    alphabet: tuple[str, ...]
    spec: str = ""
    definition: str | None = None
    kind: Literal["regular", "counter", "program"] = "program"

    @property
    @abstractmethod
    def start(self) -> Any:
        """The state before any symbol."""

    @abstractmethod
    def step(self, state: Any, symbol: str) -> Any:
        """Return the state after one more symbol; raises `BadInput` for a symbol outside the alphabet."""

    @abstractmethod
    def legal(self, state: Hashable) -> LegalSet:
        """Return the legal set of a state: the symbols that can come next, and END; empty when dead."""

    @property
    def dfa(self) -> DFA:
        """The minimal complete DFA; raises `NotRegular`, or `BudgetExceeded` when it is too large."""
        from .machine import explored

        return explored(self)

    def dfa_within(self, budget: Budget) -> DFA:
        """Return the minimal complete DFA as far as a budget allows; see `dfa`."""
        from .machine import explored

        return explored(self, budget=budget) if type(self).dfa is Language.dfa else self.dfa

    def symbols_of(self, word: Word) -> tuple[str, ...]:
        """Return the symbols of a word; raises `BadInput` for text with a symbol outside the alphabet."""
        return parse_word(word, self.alphabet) if isinstance(word, str) else tuple(word)

    def state_after(self, prefix: Word) -> Any:
        """Return the state after a prefix; raises `BadInput` for a symbol outside the alphabet."""
        state = self.start
        for symbol in self.symbols_of(prefix):
            state = self.step(state, symbol)
        return state

    def legal_after(self, prefix: Word) -> LegalSet:
        """Return the legal set of a prefix: what can come next, and END when the prefix is a word.

        Raises:
            BadInput: for a symbol outside the alphabet.

        >>> from starfree.languages import regex
        >>> sorted(map(str, regex("(ab)*").legal_after("ab")))
        ['End.END', 'a']
        """
        return self.legal(self.state_after(prefix))

    def __contains__(self, word: Word) -> bool:
        return END in self.legal_after(word)

    def difference(self, other: Language | str) -> tuple[str, ...] | None:
        """Return a shortest word that is in exactly one of two languages, or None when they have the same.

        A symbol that one of them lacks counts as one that it never allows; so do `same_words`, not `==`,
        for which the alphabets must be equal. Of several words it is the first in the order of this
        language's symbols, then the other's.

        Arguments:
            other: a language, or text for `starfree.load`.

        Raises:
            BadInput: when the text cannot be read.
            NotRegular: when one of them is not regular.
            BudgetExceeded: when an automaton has more states than the default budget.

        Complexity: `O(n m k)` for n and m states.

        >>> from starfree.languages import regex
        >>> regex("(ab)*").difference("(ab)*|abb"), regex("aa*").difference("a+")
        (('a', 'b', 'b'), None)
        """
        from .load import as_language
        from .machine import dfa_of
        from .operations import difference

        return difference(dfa_of(self), dfa_of(as_language(other)))

    def same_words(self, other: Language | str) -> bool:
        """Tell whether two languages have the same words, whatever unused symbols they carry."""
        return self.difference(other) is None

    def __or__(self, other: Language) -> DFA:
        return self._with(other, "union")

    def __and__(self, other: Language) -> DFA:
        return self._with(other, "intersection")

    def __sub__(self, other: Language) -> DFA:
        return self._with(other, "minus")

    def _with(self, other: Language, operation: Literal["union", "intersection", "minus"]) -> DFA:
        """Return the result of an operation; for what is no language Python then raises its `TypeError`."""
        if not isinstance(other, Language):
            return NotImplemented
        from . import operations
        from .machine import dfa_of

        result: DFA = getattr(operations, operation)(dfa_of(self), dfa_of(other))
        return result

    def __invert__(self) -> DFA:
        from .machine import dfa_of
        from .operations import complement

        return complement(dfa_of(self))

    def count(self, length: int) -> int:
        """Return the exact number of words of a length; see `counting.count`."""
        from .counting import count

        return count(self, length)

    def sample(self, length: int, number: int = 1, *, seed: int) -> list[tuple[str, ...]]:
        """Return words of a length, each uniform and independent; see `sampling.sample`."""
        from .sampling import sample

        return sample(self, length, number, seed=seed)

    def near_misses(
        self, word: Word, distance: int = 1, number: int = 1, *, seed: int
    ) -> list[tuple[str, ...]]:
        """Return words outside the language close to a word; see `near.near_misses`."""
        from .near import near_misses

        return near_misses(self, word, distance, number, seed=seed)
