"""Reading formulas of temporal logic over symbols.

Symbols are runs of lower-case letters, digits and underscores, or anything in quotes. Unary operators bind
tightest, then U, R, S and T (to the right), then &, |, -> (to the right) and <->.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from ..errors import BadInput
from ..languages.words import brief

UNARY_FUTURE = ("WX", "X", "F", "G")
UNARY_PAST = ("WY", "Y", "O", "H")
BINARY_FUTURE = ("U", "R")
BINARY_PAST = ("S", "T")
FUTURE, PAST = (*UNARY_FUTURE, *BINARY_FUTURE), (*UNARY_PAST, *BINARY_PAST)
_UNARY = ("!", *UNARY_FUTURE, *UNARY_PAST)
_TIGHTNESS = {"<->": 1, "->": 2, "|": 3, "&": 4, **dict.fromkeys((*BINARY_FUTURE, *BINARY_PAST), 5)}
_CHAINED = ("<->", "|", "&")  # a op b op c is one formula of three parts
_DEEPEST = 100
_SHOWN = 30  # characters shown on each side of a mistake
_TOKEN = re.compile(
    r"\s*(?:(?P<symbol>[a-z0-9_]+|'[^']+'|\"[^\"]+\")|(?P<operator>WX|WY|<->|->|&&?|\|\|?|[!~XFGYOHURST()]))"
)
_SAME = {"&&": "&", "||": "|", "~": "!"}

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Formula:
    """An operator and its operands, or a symbol.

    Arguments:
        operator: "symbol", "true", "false", "!", "&", "|", "<->", or the letters of a temporal operator.
        parts: the operands; of "&", "|" and "<->" two or more.
        symbol: for "symbol", which.
    """

    operator: str
    parts: tuple[Formula, ...] = ()
    symbol: str = ""

    @cached_property
    def depth(self) -> int:
        """How many formulas stand inside each other at most, this one included."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def subformulas(self) -> tuple[Formula, ...]:
        """Return every different formula that occurs, after its parts.

        Complexity: linear in the formula, times its depth.
        """
        found = dict.fromkeys(one for part in self.parts for one in part.subformulas())
        return (*found, self)


def parse_formula(text: str, *, past: bool) -> Formula:
    """Return the formula that a text writes down.

    Arguments:
        text: the formula.
        past: whether it is one of pure-past LTL; else of LTLf, which looks ahead only.

    Raises:
        BadInput: when the text is no such formula, or nests more than 100 deep; it says at which character.

    Complexity: linear in the text.

    >>> parse_formula("G(a -> F b)", past=False).operator
    'G'
    """
    return _Parser(text, past).formula()


def joined(join: Callable[[_Value, _Value], _Value], values: Sequence[_Value]) -> _Value:
    """Return values joined two by two by an associative operation, so that nothing nests deep.

    >>> joined("({}{})".format, "abcde")
    '(((ab)(cd))e)'
    """
    while len(values) > 1:
        pairs = [join(x, y) for x, y in zip(values[::2], values[1::2], strict=False)]
        values = [*pairs, values[-1]] if len(values) % 2 else pairs
    return values[0]


class _Parser:
    def __init__(self, text: str, past: bool) -> None:
        self.text, self.past = text, past
        self.tokens = list(self._tokens())
        self.place = 0
        self.depth = 0

    def formula(self) -> Formula:
        found = self._expression(1)
        if self.place < len(self.tokens):
            raise self._left_over()
        return found

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        """Yield kind, text and place of each token; operators in one spelling."""
        at, end = 0, len(self.text.rstrip())
        while at < end:
            match = _TOKEN.match(self.text, at)
            if match is None:
                at += len(self.text[at:]) - len(self.text[at:].lstrip())
                why, do = f"{self.text[at]!r} is no symbol and no operator", "Quote it if it is a symbol."
                if self.text[at] in "'\"":
                    why, do = "this quote is not closed, or empty", "Write a symbol and close the quote."
                raise self._wrong(at, why, do)
            kind = "symbol" if match["symbol"] else "operator"
            found = match[kind]
            yield kind, _SAME.get(found, found), match.start(kind)
            at = match.end()

    def _next(self) -> tuple[str, str, int]:
        """Return the token that comes next; behind the last one, an empty one."""
        if self.place < len(self.tokens):
            return self.tokens[self.place]
        return "end", "", len(self.text.rstrip())

    def _take(self, operators: Container[str]) -> str:
        """Go past the next token if it is one of these operators, and return it; else an empty text."""
        kind, token, at = self._next()
        if kind != "operator" or token not in operators:
            return ""
        if token in (FUTURE if self.past else PAST):
            looks, has = ("ahead", "past") if self.past else ("back", "future")
            do = "Write ltlf: for the future and pltl: for the past."
            raise self._wrong(at, f"{token} looks {looks}, in a formula of the {has}", do)
        self.place += 1
        return token

    def _expression(self, least: int) -> Formula:
        """Read a formula whose binary operators, outside parentheses, bind at least so tightly."""
        self.depth += 1
        self._check(self.depth)
        found = self._operand()
        while operator := self._take([one for one, tight in _TIGHTNESS.items() if tight >= least]):
            tight = _TIGHTNESS[operator]
            if operator in _CHAINED:
                parts = [found, self._expression(tight + 1)]
                while self._take([operator]):
                    parts.append(self._expression(tight + 1))
                found = self._made(operator, *parts)
            elif operator == "->":
                found = self._made("|", self._made("!", found), self._expression(tight))
            else:
                found = self._made(operator, found, self._expression(tight))
        self.depth -= 1
        return found

    def _operand(self) -> Formula:
        operators = []
        while operator := self._take(_UNARY):
            operators.append(operator)
        found = self._atom()
        for operator in reversed(operators):
            found = self._made(operator, found)
        return found

    def _atom(self) -> Formula:
        kind, token, at = self._next()
        if kind == "end":
            raise self._wrong(at, "the formula stops short", "Write a symbol or a formula.")
        self.place += 1
        if token in ("true", "false"):
            return Formula(token)
        if kind == "symbol":
            return Formula("symbol", (), token[1:-1] if token[0] in "'\"" else token)
        if token == "(":
            return self._parenthesis(at)
        do = "Write one in front of it, or quote it if it is a symbol."
        raise self._wrong(at, f"{token!r} where a symbol or a formula should stand", do)

    def _parenthesis(self, at: int) -> Formula:
        found = self._expression(1)
        if self._take(")"):
            return found
        if self.place < len(self.tokens):
            raise self._left_over()
        raise self._wrong(at, "this parenthesis is not closed", "Write ) after its formula.")

    def _made(self, operator: str, *parts: Formula) -> Formula:
        found = Formula(operator, parts)
        self._check(found.depth)
        return found

    def _check(self, depth: int) -> None:
        if depth > _DEEPEST:
            _, _, at = self.tokens[min(self.place, len(self.tokens) - 1)]
            raise self._wrong(at, f"nested more than {_DEEPEST} deep", "Write a smaller formula.")

    def _left_over(self) -> BadInput:
        _, token, at = self._next()
        why = f"{brief(repr(token), _SHOWN)} where the formula should end"
        return self._wrong(at, why, "Leave it out." if token == ")" else "Put an operator in front of it.")

    def _wrong(self, at: int, why: str, do: str) -> BadInput:
        begin = max(0, at - _SHOWN)
        shown = "".join(c if c.isprintable() else " " for c in self.text[begin : at + _SHOWN])
        what = f"formula\n    {shown}\n    {' ' * (at - begin)}^\nat character {at + 1}"
        return BadInput(what, why, do)
