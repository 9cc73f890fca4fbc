"""Slow, obvious twins for programs: languages by their definitions, formulas by their semantics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import product
from random import Random

import numpy as np
from numpy.typing import NDArray

Words = Iterable[tuple[str, ...]]


def live_and_member(name: str) -> Callable[[Sequence[str]], tuple[bool, bool]]:
    """Return what says of a word whether some word begins so, and whether it is one."""
    if name == "dyck_1":
        return lambda word: balanced_apart(word, ["()"])
    if name.startswith("shuffle_"):
        pairs = ["()", "[]", "{}", "<>", "+-", "ab"][: int(name[8:])]
        return lambda word: balanced_apart(word, pairs)
    if name.startswith("boolean_"):
        arity = {symbol: i + 1 for i, symbol in enumerate("~+>*^"[: int(name[8:])])} | {"0": 0, "1": 0}
        return lambda word: expression(word, arity)
    if name.startswith("bounded_dyck_"):
        types, depth = map(int, name[13:].split("_"))
        return lambda word: nested(word, types, depth)
    return lambda word: equal_blocks(word, name.replace("n", ""))


def balanced_apart(word: Sequence[str], pairs: Sequence[str]) -> tuple[bool, bool]:
    """Each kind of brackets is balanced on its own."""
    member = True
    for opening, closing in pairs:
        depth = 0
        for symbol in word:
            depth += (symbol == opening) - (symbol == closing)
            if depth < 0:
                return False, False
        member = member and depth == 0
    return True, member


def expression(word: Sequence[str], arity: dict[str, int]) -> tuple[bool, bool]:
    """Read one expression; the word is live when it is a prefix of one."""

    def read(at: int) -> int | None:
        """Return where the expression that begins at a place ends, or None when the word stops before."""
        if at == len(word):
            return None
        end: int | None = at + 1
        for _ in range(arity[word[at]]):
            end = read(end) if end is not None else None
        return end

    end = read(0)
    return end is None or end == len(word), end == len(word) and len(word) > 0


def equal_blocks(word: Sequence[str], symbols: str) -> tuple[bool, bool]:
    """Compare with every a^n b^n ... that is long enough."""
    text = "".join(word)
    words = ["".join(symbol * n for symbol in symbols) for n in range(1, len(text) + 2)]
    return any(w.startswith(text) for w in words), text in words


def nested(word: Sequence[str], types: int, depth: int) -> tuple[bool, bool]:
    """Keep a stack."""
    pairs = ["()", "[]", "{}", "<>"] if types <= 4 else [(f"({c}", f"{c})") for c in "abcdefghijkl"]
    closes = {pair[0]: pair[1] for pair in pairs[:types]}
    stack: list[str] = []
    for symbol in word:
        if symbol in closes:
            stack.append(closes[symbol])
            if len(stack) > depth:
                return False, False
        elif not stack or stack.pop() != symbol:
            return False, False
    return True, not stack


def legal_table(name: str, alphabet: Sequence[str], words: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
    """Return the legal sets after each prefix of words of one length, by the definition alone; END last."""
    judge = cache(live_and_member(name))
    found = np.zeros((len(words), len(words[0]) + 1, len(alphabet) + 1), np.bool_)
    rows: dict[tuple[str, ...], list[bool]] = {}
    for i, word in enumerate(words):
        for t in range(len(word) + 1):
            prefix = tuple(word[:t])
            if prefix not in rows:
                rows[prefix] = [judge((*prefix, symbol))[0] for symbol in alphabet] + [judge(prefix)[1]]
            found[i, t] = rows[prefix]
    return found


def all_words(alphabet: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return list(product(alphabet, repeat=length))


# Formulas: nested tuples, and their values at positions 0 .. n - 1 of a word.

Formula = tuple[object, ...]
FUTURE = ("X", "WX", "F", "G", "U", "R")
PAST = ("Y", "WY", "O", "H", "S", "T")


def random_formula(draw: Random, size: int, symbols: str, operators: Sequence[str]) -> Formula:
    """Return a formula with about so many operators."""
    if size <= 1:
        return ("symbol", draw.choice(symbols)) if draw.random() < 0.9 else (draw.choice(["true", "false"]),)
    operator = draw.choice([*operators, "!", "&", "|", "->", "<->"])
    if operator in ("U", "R", "S", "T", "&", "|", "->", "<->"):
        left = draw.randint(1, size - 1)
        parts = (left, size - left)
        return operator, *(random_formula(draw, part, symbols, operators) for part in parts)
    return operator, random_formula(draw, size - 1, symbols, operators)


def written(formula: Formula) -> str:
    """Return a formula as text, with all parentheses."""
    operator, *parts = formula
    if operator == "symbol":
        return str(parts[0])
    if not parts:
        return str(operator)
    texts = [written(part) for part in parts]  # type: ignore[arg-type]
    return f"{operator} ({texts[0]})" if len(texts) == 1 else f"(({texts[0]}) {operator} ({texts[1]}))"


def holds(formula: Formula, word: Sequence[str], at: int) -> bool:
    """Say whether a formula holds at a position of a word, straight from the definitions.

    Before the first and after the last position there is nothing: symbols are false there, and an operator
    that looks on finds no position.
    """
    operator, *parts = formula
    n = len(word)

    def sub(number: int, position: int) -> bool:
        return holds(parts[number], word, position)  # type: ignore[arg-type]

    later, earlier = range(max(at, 0), n), range(min(at, n - 1), -1, -1)
    match operator:
        case "true":
            return True
        case "false":
            return False
        case "symbol":
            return 0 <= at < n and word[at] == parts[0]
        case "!":
            return not sub(0, at)
        case "&":
            return sub(0, at) and sub(1, at)
        case "|":
            return sub(0, at) or sub(1, at)
        case "->":
            return not sub(0, at) or sub(1, at)
        case "<->":
            return sub(0, at) == sub(1, at)
        case "X":
            return at + 1 < n and sub(0, at + 1)
        case "WX":
            return not at + 1 < n or sub(0, at + 1)
        case "F":
            return any(sub(0, i) for i in later)
        case "G":
            return all(sub(0, i) for i in later)
        case "U":
            return any(sub(1, i) and all(sub(0, j) for j in range(at, i)) for i in later)
        case "R":
            return all(sub(1, i) or any(sub(0, j) for j in range(at, i)) for i in later)
        case "Y":
            return at >= 1 and sub(0, at - 1)
        case "WY":
            return not at >= 1 or sub(0, at - 1)
        case "O":
            return any(sub(0, i) for i in earlier)
        case "H":
            return all(sub(0, i) for i in earlier)
        case "S":
            return any(sub(1, i) and all(sub(0, j) for j in range(i + 1, at + 1)) for i in earlier)
        case "T":
            return all(sub(1, i) or any(sub(0, j) for j in range(i + 1, at + 1)) for i in earlier)
    raise AssertionError(operator)
