"""Random regular expressions with an independent meaning: the set of their words up to a length."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

Tree = tuple[Any, ...]
Words = frozenset[str]


def random_tree(rng: np.random.Generator, size: int, alphabet: str, boolean: bool) -> Tree:
    """Return a random expression with about `size` operators, with `&` and `~` when `boolean`."""
    if size <= 0:
        kind = rng.choice(["symbol", "class", "empty", "any"], p=[0.7, 0.15, 0.05, 0.1])
        if kind == "symbol":
            return ("symbol", str(rng.choice(list(alphabet))))
        if kind == "class":
            chosen = "".join(c for c in alphabet if rng.random() < 0.5) or alphabet[0]
            return ("class", chosen, bool(rng.random() < 0.5))
        return (str(kind),)
    kinds = ["cat", "or", "repeat"] + (["and", "not"] if boolean else [])
    weights = np.array([4, 3, 3, 1.5, 1.5][: len(kinds)])
    kind = str(rng.choice(kinds, p=weights / weights.sum()))
    if kind in ("cat", "or", "and"):
        left = int(rng.integers(size))
        return (
            kind,
            random_tree(rng, left, alphabet, boolean),
            random_tree(rng, size - 1 - left, alphabet, boolean),
        )
    inside = random_tree(rng, size - 1, alphabet, boolean)
    if kind == "not":
        return ("not", inside)
    least = int(rng.integers(3))
    most = None if rng.random() < 0.5 else least + int(rng.integers(3))
    return ("repeat", inside, least, most)


def text_of(tree: Tree) -> str:
    """Write an expression with all its parentheses."""
    match tree:
        case ("symbol", c):
            return str(c)
        case ("class", members, negated):
            return f"[{'^' if negated else ''}{members}]"
        case ("empty",):
            return "()"
        case ("any",):
            return "."
        case ("cat", left, right):
            return f"({text_of(left)})({text_of(right)})"
        case ("or", left, right):
            return f"({text_of(left)})|({text_of(right)})"
        case ("and", left, right):
            return f"({text_of(left)})&({text_of(right)})"
        case ("not", inside):
            return f"~({text_of(inside)})"
        case ("repeat", inside, least, most):
            short = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((least, most))
            return f"({text_of(inside)}){short or f'{{{least},{most}}}'.replace('None', '')}"
    raise AssertionError(tree)


def all_words(alphabet: str, up_to: int) -> Words:
    return frozenset("".join(w) for n in range(up_to + 1) for w in product(alphabet, repeat=n))


def words_of(tree: Tree, alphabet: str, up_to: int) -> Words:
    """Return the words of an expression up to a length, straight from the definition of each operator."""
    match tree:
        case ("symbol", c):
            return frozenset({c})
        case ("class", members, negated):
            return frozenset(c for c in alphabet if (c in members) != negated)
        case ("empty",):
            return frozenset({""})
        case ("any",):
            return frozenset(alphabet)
        case ("cat", left, right):
            return _joined(words_of(left, alphabet, up_to), words_of(right, alphabet, up_to), up_to)
        case ("or", left, right):
            return words_of(left, alphabet, up_to) | words_of(right, alphabet, up_to)
        case ("and", left, right):
            return words_of(left, alphabet, up_to) & words_of(right, alphabet, up_to)
        case ("not", inside):
            return all_words(alphabet, up_to) - words_of(inside, alphabet, up_to)
        case ("repeat", inside, least, most):
            part = words_of(inside, alphabet, up_to)
            power: Words = frozenset({""})
            for _ in range(least):
                power = _joined(power, part, up_to)
            found = power
            for _ in range(up_to + 1 if most is None else most - least):
                power = _joined(power, part, up_to)
                found |= power
            return found
    raise AssertionError(tree)


def _joined(left: Words, right: Words, up_to: int) -> Words:
    return frozenset(u + v for u in left for v in right if len(u) + len(v) <= up_to)
