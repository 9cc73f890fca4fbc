"""What a language is to the rest of starfree: an alphabet, a start, a step, and legal sets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
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

    A word is a sequence of symbols; a plain string stands for the sequence of its characters.

    Arguments:
        alphabet: the symbols, in order.
        spec: how the user wrote it, to be shown again.
        definition: a self-contained text that says the same (a regular expression, or `@group[...]`),
            or None when only the machine itself does.
    """

    alphabet: tuple[str, ...]
    spec: str
    definition: str | None
    kind: Literal["regular", "counter", "program"]

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
    @abstractmethod
    def dfa(self) -> DFA:
        """The minimal complete DFA; raises `NotRegular`, or `BudgetExceeded` when it is too large."""

    def state_after(self, prefix: Word) -> Any:
        """Return the state after a prefix; raises `BadInput` for a symbol outside the alphabet."""
        state = self.start
        for symbol in prefix:
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
