"""What programs mean: the reference interpreter, one symbol after the other.

The memory holds one number for each temporal operator: of `previously` its condition, of a latch its value,
of an integer combination of counts the number. All other conditions are worked out from it and the symbol.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .expressions import (
    All,
    AtLeast,
    Constant,
    Expression,
    Latch,
    Not,
    Previously,
    Read,
    Some,
    Turned,
    walk,
)

Memory = tuple[int, ...]


class Interpreter:
    """Runs conditions over one word, or over many words at once.

    Arguments:
        alphabet: the symbols.
        roots: the conditions wanted.

    Raises:
        BadInput: when a condition reads a symbol outside the alphabet.

    Complexity: a step is linear in the number of different conditions.
    """

    def __init__(self, alphabet: tuple[str, ...], roots: Iterable[Expression]) -> None:
        self.alphabet = alphabet
        self.roots = tuple(roots)
        self.nodes = tuple(walk(self.roots))
        self._places = {symbol: i for i, symbol in enumerate(alphabet)}
        self.memories = tuple(dict.fromkeys(memory for node in self.nodes for memory in memories_of(node)))
        self.initial: Memory = tuple(
            isinstance(memory, Latch) and memory.initial if _is_boolean(memory) else 0
            for memory in self.memories
        )
        number = {node: i for i, node in enumerate(self.nodes)}
        slot = {memory: i for i, memory in enumerate(self.memories)}
        self._steps = [self._compiled(node, number, slot) for node in self.nodes]
        self._saves = [(slot[node], number[node.part]) for node in self.nodes if isinstance(node, Previously)]
        self._outputs = [number[root] for root in self.roots]

    def begin(self) -> tuple[Memory, tuple[bool, ...]]:
        """Return the memory and the values of the roots after the empty prefix."""
        memory, values = self._advance(self.initial, None)
        return tuple(memory), tuple(bool(values[i]) for i in self._outputs)

    def step(self, memory: Memory, symbol: str) -> tuple[Memory, tuple[bool, ...]]:
        """Return the memory and the values of the roots after one more symbol."""
        new, values = self._advance(memory, self._places[symbol])
        return tuple(new), tuple(bool(values[i]) for i in self._outputs)

    def run(self, words: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the values of the roots along many words of one length.

        Arguments:
            words: shape `(n, T)`, indices into the alphabet.

        Returns:
            shape `(n, T + 1, roots)`: after each prefix, the empty one first.
        """
        n, length = words.shape
        found = np.empty((n, length + 1, len(self.roots)), np.bool_)
        memory: Any = self.initial
        for at in range(length + 1):
            memory, values = self._advance(memory, words[:, at - 1] if at else None)
            for k, i in enumerate(self._outputs):
                found[:, at, k] = values[i]
        return found

    def _compiled(
        self, node: Expression, number: dict[Expression, int], slot: dict[object, int]
    ) -> tuple[str, Any, Any, Any]:
        """Return what to do for a node: a name, and up to three arguments in numbers."""
        parts = [number[part] for part in node.parts]
        match node:
            case Constant(value):
                return "constant", value, None, None
            case Read(symbols):
                foreign = sorted(symbols - self._places.keys())
                if foreign:
                    do = f"Use symbols of {' '.join(self.alphabet)}."
                    raise BadInput(str(node), f"{foreign[0]!r} is not in the alphabet", do)
                lookup = np.array([symbol in symbols for symbol in self.alphabet])
                return "read", lookup, lookup.tolist(), None
            case Not():
                return "not", parts[0], None, None
            case All():
                return "all", parts, None, None
            case Some():
                return "some", parts, None, None
            case Previously():
                return "previously", slot[node], None, None
            case Latch():
                return "latch", slot[node], parts[0], parts[1]
            case Turned(part, order, residues):
                return "turned", slot[part, order], parts[0], (order, residues)
            case AtLeast(terms, bound):
                weights = [(number[part], weight) for part, weight in terms]
                return "at least", slot[terms], weights, bound
        raise TypeError(f"no meaning for {type(node).__name__}")

    def _advance(self, memory: Any, read: Any) -> tuple[list[Any], list[Any]]:
        """Return the new memory and all values; `read` is None at the empty prefix."""
        new: list[Any] = list(memory)
        values: list[Any] = []
        first, many = read is None, isinstance(read, np.ndarray)
        for name, a, b, c in self._steps:
            value: Any
            if name == "read":
                value = False if first else a[read] if many else b[read]
            elif name == "not":
                value = values[a] ^ True
            elif name == "all":
                value = values[a[0]]
                for i in a[1:]:
                    value = value & values[i]
            elif name == "some":
                value = values[a[0]]
                for i in a[1:]:
                    value = value | values[i]
            elif name == "previously":
                value = False if first else memory[a]
            elif name == "latch":
                value = memory[a] if first else values[b] | (memory[a] & (values[c] ^ True))
                new[a] = value
            elif name == "at least":
                total = memory[a]
                if not first:
                    for part, weight in b:
                        total = total + weight * values[part]
                new[a] = total
                value = total >= c
            elif name == "turned":
                order, residues = c
                new[a] = memory[a] if first else (memory[a] + values[b]) % order
                value = np.isin(new[a], list(residues)) if many else new[a] in residues
            else:
                value = a
            values.append(value)
        for place, part in self._saves:
            new[place] = False if first else values[part]
        return new, values


def _is_boolean(memory: object) -> bool:
    return isinstance(memory, (Previously, Latch))


def memories_of(node: Expression) -> tuple[object, ...]:
    """Return what names the memory of a temporal operator: itself, its terms, or (part, modulus)."""
    if isinstance(node, (Previously, Latch)):
        return (node,)
    if isinstance(node, Turned):
        return ((node.part, node.order),)
    if isinstance(node, AtLeast):
        return (node.terms,)
    return ()
