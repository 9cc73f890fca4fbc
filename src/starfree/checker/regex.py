"""Reading a regular expression of starfree's dialect into terms.

Loosest first: `|`, `&`, juxtaposition, `~`, and the postfix `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`.
Operands are characters, `.`, classes such as `[a-c]` and `[^a]`, `(...)` and `()`. A backslash takes the next
character literally, unless it is an ASCII letter or digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .outcome import Rejected
from .reading import shown
from .terms import Terms

COUNTS = re.compile(r"\{([0-9]{1,18})(?:(,)([0-9]{1,18})?)?\}")


@dataclass
class Frame:
    """What is open inside one pair of parentheses: alternatives, conjuncts, factors, the last operand."""

    alternatives: list[int] = field(default_factory=list)
    conjuncts: list[int] = field(default_factory=list)
    factors: list[int] = field(default_factory=list)
    negations: int = 0
    operand: int | None = None

    @property
    def untouched(self) -> bool:
        """Whether nothing has been read into the frame."""
        return self == Frame()


class RegexReader:
    """One pass over the text; nesting is kept on an explicit stack of frames."""

    def __init__(self, text: str, alphabet: tuple[str, ...], terms: Terms) -> None:
        self.text = text
        self.terms = terms
        self.number = {symbol: number for number, symbol in enumerate(alphabet)}
        self.any = (1 << len(alphabet)) - 1
        self.at = 0

    def read(self) -> int:
        """Return the term of the whole text, or reject it."""
        frames = [Frame()]
        while self.at < len(self.text):
            self.terms.meter.spend(1)
            frame, character = frames[-1], self.text[self.at]
            self.at += 1
            match character:
                case "|":
                    self.end_alternative(frame)
                case "&":
                    self.end_conjunct(frame)
                case "~":
                    self.end_operand(frame)
                    frame.negations += 1
                case "(":
                    self.end_operand(frame)
                    frames.append(Frame())
                case ")":
                    if len(frames) == 1:
                        raise self.wrong("')' closes nothing")
                    closed = self.terms.empty_word if frame.untouched else self.close(frame)
                    frames.pop()
                    frames[-1].operand = closed
                case "*" | "+" | "?" | "{":
                    if frame.operand is None:
                        raise self.wrong("there is nothing to repeat")
                    frame.operand = self.terms.repeat(frame.operand, *self.counts(character))
                case "]" | "}":
                    raise self.wrong(f"{character!r} closes nothing")
                case _:
                    self.end_operand(frame)
                    frame.operand = self.terms.symbols(self.mask(character))
        if len(frames) > 1:
            raise self.wrong("'(' is never closed")
        return self.close(frames[0])

    def close(self, frame: Frame) -> int:
        """Return the term of a finished frame."""
        self.end_alternative(frame)
        return self.terms.union(frame.alternatives)

    def end_alternative(self, frame: Frame) -> None:
        """Finish one operand of `|`."""
        self.end_conjunct(frame)
        frame.alternatives.append(self.terms.intersection(frame.conjuncts))
        frame.conjuncts = []

    def end_conjunct(self, frame: Frame) -> None:
        """Finish one operand of `&`."""
        self.end_operand(frame)
        if frame.negations or not frame.factors:
            raise self.wrong("an operand is missing")
        term = self.terms.empty_word
        for factor in reversed(frame.factors):
            term = self.terms.seq(factor, term)
        frame.conjuncts.append(term)
        frame.factors = []

    def end_operand(self, frame: Frame) -> None:
        """Finish one factor: the last operand under the complements before it."""
        if frame.operand is not None:
            odd = frame.negations % 2
            frame.factors.append(self.terms.complement(frame.operand) if odd else frame.operand)
            frame.operand, frame.negations = None, 0

    def counts(self, character: str) -> tuple[int, int]:
        """Return the least and the most copies (-1 for no limit) of a postfix operator."""
        if character != "{":
            return {"*": (0, -1), "+": (1, -1), "?": (0, 1)}[character]
        match = COUNTS.match(self.text, self.at - 1)
        if match is None:
            raise self.wrong("a repetition is not {m}, {m,} or {m,n} with short numbers")
        self.at = match.end()
        least = int(match[1])
        most = int(match[3]) if match[3] else -1 if match[2] else least
        if 0 <= most < least:
            raise self.wrong("a repetition ends before it begins")
        return least, most

    def mask(self, character: str) -> int:
        """Return the symbols of an operand of one symbol, its first character just read."""
        if character == ".":
            return self.any
        if character == "[":
            return self.symbol_class()
        return self.bit(self.literal(character))

    def literal(self, character: str) -> str:
        """Return the character, or the one that it escapes."""
        if character != "\\":
            return character
        escaped = self.text[self.at : self.at + 1]
        if not escaped or (escaped.isascii() and escaped.isalnum()):
            raise self.wrong("a backslash escapes nothing")
        self.at += 1
        return escaped

    def bit(self, symbol: str) -> int:
        """Return the mask of one symbol."""
        if symbol not in self.number:
            raise self.wrong(f"the symbol {shown(symbol)} is not in the alphabet")
        self.terms.meter.spend(1 + len(self.number) // 64)
        return 1 << self.number[symbol]

    def symbol_class(self) -> int:
        """Return the mask of a class whose bracket has just been read."""
        negated = self.text.startswith("^", self.at)
        self.at += negated
        mask = 0
        while not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                raise self.wrong("'[' is never closed")
            self.at += 1
            low = high = self.literal(self.text[self.at - 1])
            after = self.text[self.at : self.at + 2]
            if len(after) == 2 and after[0] == "-" and after[1] != "]":
                self.at += 2
                high = self.literal(after[1])
            if high < low or ord(high) - ord(low) >= len(self.number):
                raise self.wrong(f"the range {shown(low)} to {shown(high)} is not one of the alphabet")
            for code in range(ord(low), ord(high) + 1):
                mask |= self.bit(chr(code))
        self.at += 1
        if not mask:
            raise self.wrong("a class is empty")
        return self.any & ~mask if negated else mask

    def wrong(self, why: str) -> Rejected:
        """Return the rejection, with the place."""
        return Rejected(
            f"the spec is not a regular expression over the alphabet: {why}, near character {self.at}"
        )
