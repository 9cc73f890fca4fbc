"""Reading regular expressions: text to a postfix program, with an explicit stack.

The dialect, loosest first: `|`, `&`, juxtaposition, `~` (prefix), and the postfix operators `*`, `+`, `?`,
`{m}`, `{m,}`, `{m,n}`. Operands are single characters, `.`, classes such as `[a-c]` and `[^a]`, `(...)` and
`()`, the empty word. A backslash takes the next character literally.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import BadInput

_LOOSENESS = {"|": 1, "&": 2, "cat": 3, "~": 4}
_HUGE = 10**18
_SHOWN = 30  # characters shown on each side of a mistake


@dataclass(frozen=True)
class Symbols:
    """An operand: any one of the given symbols, or any one of the others."""

    members: frozenset[str]
    negated: bool = False


@dataclass(frozen=True)
class Repeat:
    """A postfix operator: between `least` and `most` copies; None means no limit."""

    least: int
    most: int | None


@dataclass(frozen=True)
class Operator:
    """`empty` (takes none), `not` (takes one), `cat`, `or`, `and` (take two)."""

    name: str


Op = Symbols | Repeat | Operator
EMPTY, NOT, CAT, OR, AND = (Operator(name) for name in ("empty", "not", "cat", "or", "and"))
_OPERATORS = {"|": OR, "&": AND, "cat": CAT, "~": NOT}


def parse_regex(text: str) -> list[Op]:
    """Return a regular expression as a postfix program.

    Arguments:
        text: the expression, in the dialect described above.

    Returns:
        operands and operators in the order in which a stack machine evaluates them.

    Raises:
        BadInput: naming the character at which the expression goes wrong.

    Complexity: linear in the text, whatever the nesting.

    >>> [getattr(op, "name", "symbols") for op in parse_regex("ab|c")]
    ['symbols', 'symbols', 'cat', 'symbols', 'or']
    """
    return _Parser(text).parse()


class _Parser:
    """One pass over the text; `program` is the output, `waiting` the operators not yet placed."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.program: list[Op] = []
        self.waiting: list[tuple[str, int]] = []

    def parse(self) -> list[Op]:
        text, complete = self.text, False  # whether an operand has just been completed
        while self.at < len(text):
            here, c = self.at, text[self.at]
            if c in "|&":
                if not complete:
                    raise self._missing_operand(here)
                self._place(_LOOSENESS[c])
                self.waiting.append((c, here))
                self.at, complete = here + 1, False
            elif c in "*+?{":
                if not complete:
                    raise self._wrong(
                        here, f"{c!r} has nothing to repeat", f"Write an operand before it, or \\{c}."
                    )
                self.program.append(self._postfix(c))
            elif c == ")":
                self._close(here, complete)
                self.at, complete = here + 1, True
            else:
                if complete:
                    self._place(_LOOSENESS["cat"])
                    self.waiting.append(("cat", here))
                complete = self._operand(c, here)
        if not complete:
            raise self._missing_operand(len(text))
        self._place(0)
        if self.waiting:
            raise self._wrong(self.waiting[-1][1], "'(' is never closed", "Close it, or write \\(.")
        return self.program

    def _operand(self, c: str, here: int) -> bool:
        self.at = here + 1
        if c in "~(":
            self.waiting.append((c, here))
            return False
        if c in "]}":
            raise self._wrong(here, f"{c!r} closes nothing", f"Write \\{c} for the symbol itself.")
        if c == "[":
            self.program.append(self._class(here))
        elif c == ".":
            self.program.append(Symbols(frozenset(), negated=True))
        else:
            self.program.append(Symbols(frozenset(self._escaped(here) if c == "\\" else c)))
        return True

    def _close(self, here: int, complete: bool) -> None:
        if not complete:
            if not (self.waiting and self.waiting[-1] == ("(", here - 1)):
                raise self._missing_operand(here)
            self.program.append(EMPTY)
        self._place(0)
        if not self.waiting:
            raise self._wrong(here, "')' closes nothing", "Remove it, or write \\).")
        self.waiting.pop()

    def _place(self, looseness: int) -> None:
        """Place the waiting operators that bind at least this tightly, back to the last open parenthesis."""
        while self.waiting and _LOOSENESS.get(self.waiting[-1][0], -1) >= looseness:
            operator = _OPERATORS[self.waiting.pop()[0]]
            last = self.program[-2:]
            if operator is OR and all(isinstance(op, Symbols) and not op.negated for op in last):
                members = (op.members for op in last if isinstance(op, Symbols))
                self.program[-2:] = [Symbols(frozenset().union(*members))]
            else:
                self.program.append(operator)

    def _postfix(self, c: str) -> Repeat:
        here = self.at
        self.at += 1
        if c != "{":
            return {"*": Repeat(0, None), "+": Repeat(1, None), "?": Repeat(0, 1)}[c]
        end = self.text.find("}", here)
        least, comma, most = self.text[here + 1 : end].partition(",")
        if end < 0 or not _is_number(least) or (most and not _is_number(most)):
            raise self._wrong(
                here, "the repetition is not {m}, {m,} or {m,n}", "Write \\{ for the symbol itself."
            )
        self.at = end + 1
        low = _number(least)
        high = _number(most) if most else None if comma else low
        if high is not None and high < low:
            raise self._wrong(
                here, f"the repetition ends at {high}, before it begins", "Write the smaller number first."
            )
        return Repeat(low, high)

    def _class(self, here: int) -> Symbols:
        negated = self.text[self.at : self.at + 1] == "^"
        self.at += negated
        members: set[str] = set()
        first = self.at
        while True:
            c = self.text[self.at : self.at + 1]
            if not c:
                raise self._wrong(here, "'[' is never closed", "Close it, or write \\[.")
            self.at += 1
            if c == "]":
                break
            low = self._escaped(self.at - 1) if c == "\\" else c
            if self.text[self.at : self.at + 1] != "-" or self.text[self.at + 1 : self.at + 2] in ("", "]"):
                members.add(low)
                continue
            at = self.at - 1
            self.at += 2
            high = self.text[self.at - 1]
            high = self._escaped(self.at - 1) if high == "\\" else high
            if high < low:
                raise self._wrong(at, f"the range {low}-{high} runs backwards", f"Write {high}-{low}.")
            members.update(map(chr, range(ord(low), ord(high) + 1)))
        if self.at - 1 == first:
            raise self._wrong(
                here, "the class is empty", "Write () for the empty word, or \\[ for the symbol itself."
            )
        return Symbols(frozenset(members), negated)

    def _escaped(self, here: int) -> str:
        c = self.text[here + 1 : here + 2]
        if not c:
            raise self._wrong(here, "the backslash has nothing to escape", "Write \\\\ for a backslash.")
        if c.isascii() and c.isalnum():
            do = f"Write {c} for the symbol itself, or a class such as [0-9]."
            raise self._wrong(here, f"\\{c} has no meaning here", do)
        self.at = here + 2
        return c

    def _missing_operand(self, here: int) -> BadInput:
        before = self.text[here - 1] if here else ""
        if before and before in "&~":
            return self._wrong(
                here - 1, f"{before!r} lacks an operand", f"Write () for the empty word, or \\{before}."
            )
        return self._wrong(here, "an alternative is empty", "Write () for the empty word.")

    def _wrong(self, here: int, why: str, do: str) -> BadInput:
        begin = max(0, here - _SHOWN)
        shown = "".join(c if c.isprintable() else " " for c in self.text[begin : here + _SHOWN])
        what = f"regular expression\n    {shown}\n    {' ' * (here - begin)}^\ncharacter {here + 1}"
        return BadInput(what, why, do)


def _is_number(text: str) -> bool:
    return bool(text) and text.isascii() and text.isdigit()


def _number(digits: str) -> int:
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) < 19 else _HUGE
