"""Reading formulas of temporal logic over symbols.

Symbols are runs of lower-case letters, digits and underscores, or anything in quotes. Unary operators bind
tightest, then U, R, S and T (to the right), then &, |, -> (to the right) and <->.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import BadInput
from ..languages.words import brief

UNARY_FUTURE = ("WX", "X", "F", "G")
UNARY_PAST = ("WY", "Y", "O", "H")
BINARY_FUTURE = ("U", "R")
BINARY_PAST = ("S", "T")
_UNARY = ("!", *UNARY_FUTURE, *UNARY_PAST)
_TIMED = (*BINARY_FUTURE, *BINARY_PAST)
_DEEPEST = 100
_TOKEN = re.compile(
    r"\s*(?:(?P<symbol>[a-z0-9_]+|'[^']+'|\"[^\"]+\")|(?P<operator>WX|WY|<->|->|&&?|\|\|?|[!~XFGYOHURST()]))"
)
_SAME = {"&&": "&", "||": "|", "~": "!"}


@dataclass(frozen=True)
class Formula:
    """An operator and its operands, or a symbol.

    Arguments:
        operator: "symbol", "true", "false", "!", "&", "|", or the letters of a temporal operator.
        parts: the operands.
        symbol: for "symbol", which.
    """

    operator: str
    parts: tuple[Formula, ...] = ()
    symbol: str = ""

    def symbols(self) -> dict[str, None]:
        """Return the symbols in the order in which they are written."""
        if self.operator == "symbol":
            return {self.symbol: None}
        return {symbol: None for part in self.parts for symbol in part.symbols()}


def parse_formula(text: str, *, past: bool) -> Formula:
    """Return the formula that a text writes down.

    Arguments:
        text: the formula.
        past: whether it is one of pure-past LTL; else of LTLf, which looks ahead only.

    Raises:
        BadInput: when the text is no such formula; it says at which character.

    Complexity: linear in the text.

    >>> parse_formula("G(a -> F b)", past=False).operator
    'G'
    """
    return _Parser(text, past).formula()


class _Parser:
    def __init__(self, text: str, past: bool) -> None:
        self.text, self.past = text, past
        self.tokens: list[tuple[str, str, int]] = []
        at = 0
        end = len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                at += len(text[at:]) - len(text[at:].lstrip())
                raise self.error(
                    at, f"{text[at]!r} is no symbol and no operator", "Quote it if it is a symbol."
                )
            kind = "symbol" if match["symbol"] else "operator"
            found = match[kind]
            self.tokens.append((kind, _SAME.get(found, found), match.start(kind)))
            at = match.end()
        self.place = 0
        self.depth = 0

    def error(self, at: int, why: str, do: str) -> BadInput:
        return BadInput(brief(self.text), f"at character {at + 1}: {why}", do)

    def formula(self) -> Formula:
        found = self.equivalence()
        if self.place < len(self.tokens):
            _, token, at = self.tokens[self.place]
            raise self.error(at, f"{token!r} where the formula should end", "Put an operator in front of it.")
        return found

    def next_is(self, *operators: str) -> str | None:
        """Return the operator that comes next, if it is one of these, and go past it."""
        if self.place < len(self.tokens):
            kind, token, at = self.tokens[self.place]
            if kind == "operator" and token in operators:
                wrong = (UNARY_FUTURE + BINARY_FUTURE) if self.past else (UNARY_PAST + BINARY_PAST)
                if token in wrong:
                    says = ("looks ahead", "past") if self.past else ("looks back", "future")
                    do = "Write ltlf: for the future and pltl: for the past."
                    raise self.error(at, f"{token} {says[0]}, in a formula of the {says[1]}", do)
                self.place += 1
                return token
        return None

    def equivalence(self) -> Formula:
        found = self.implication()
        while self.next_is("<->"):
            other = self.implication()
            found = _and(_implies(found, other), _implies(other, found))
        return found

    def implication(self) -> Formula:
        left = self.disjunction()
        return _implies(left, self.nested(self.implication)) if self.next_is("->") else left

    def disjunction(self) -> Formula:
        found = self.conjunction()
        while self.next_is("|"):
            found = Formula("|", (found, self.conjunction()))
        return found

    def conjunction(self) -> Formula:
        found = self.timed()
        while self.next_is("&"):
            found = _and(found, self.timed())
        return found

    def timed(self) -> Formula:
        left = self.unary()
        operator = self.next_is(*_TIMED)
        return Formula(operator, (left, self.nested(self.timed))) if operator else left

    def unary(self) -> Formula:
        operator = self.next_is(*_UNARY)
        if operator:
            return Formula(operator, (self.nested(self.unary),))
        return self.atom()

    def nested(self, read: Callable[[], Formula]) -> Formula:
        self.depth += 1
        if self.depth > _DEEPEST:
            at = self.tokens[min(self.place, len(self.tokens) - 1)][2]
            raise self.error(at, f"nested more than {_DEEPEST} deep", "Write a smaller formula.")
        found = read()
        self.depth -= 1
        return found

    def atom(self) -> Formula:
        if self.place == len(self.tokens):
            raise self.error(
                len(self.text.rstrip()), "the formula stops short", "Write a symbol or a formula."
            )
        kind, token, at = self.tokens[self.place]
        self.place += 1
        if kind == "symbol":
            if token in ("true", "false"):
                return Formula(token)
            return Formula("symbol", (), token[1:-1] if token[0] in "'\"" else token)
        if token == "(":
            found = self.nested(self.equivalence)
            if not self.next_is(")"):
                raise self.error(at, "this parenthesis is not closed", "Write ) after its formula.")
            return found
        raise self.error(
            at, f"{token!r} where a symbol or a formula should stand", "Write one in front of it."
        )


def _implies(left: Formula, right: Formula) -> Formula:
    return Formula("|", (Formula("!", (left,)), right))


def _and(left: Formula, right: Formula) -> Formula:
    return Formula("&", (left, right))
