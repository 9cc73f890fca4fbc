"""Running a model on very long words that repeat one symbol, without taking every step.

Reading one symbol again and again, a model comes to rest, or its counters move by the same amount in each
step. In the second case one symbolic step shows how long that goes on: each number is a line `v + t d` in the
number t of steps. As long as no relu and no logit changes its sign, and every number that moves is an integer
that the arithmetic holds, the step is the same line again. Then all these steps are taken at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..models.arithmetics import Rounded
from ..models.fixed import Linear, Reals
from ..models.ssm import SSM, Numbers
from .explore import Mismatch

Runs = tuple[tuple[str, int], ...]
"""A word: symbols, and how often each is repeated."""

_DOING = "running a long word"
_DOUBLE = 2.0**52  # sums of integers below this are exact in float64
_Line = tuple[Reals, Reals]


@dataclass(frozen=True)
class Stretch:
    """The same legal set after some prefixes in a row.

    Arguments:
        number: how many prefixes.
        legal: shape `(k + 1,)`, END last.
    """

    number: int
    legal: NDArray[np.bool_]


def stretches(model: SSM | Rounded, word: Runs, *, budget: Budget = DEFAULT) -> Iterator[Stretch]:
    """Yield the legal sets along a word, the empty prefix first.

    Arguments:
        model: an ssm without shift, in FIX(p), floating point or wrapping integers.
        budget: of steps that are taken one by one.

    Complexity: a few steps of the model for each time that a sign changes, not for each symbol.

    >>> import starfree
    >>> word = (("(", 10**6), (")", 10**6))
    >>> [(s.number, s.legal.tolist()) for s in stretches(starfree.build("@dyck_1"), word)][-1]
    (1, [True, False, True])
    """
    states, legal = model.begin()
    yield Stretch(1, legal[0])
    taken = 0
    for symbol, number in word:
        read = np.array([model.alphabet.index(symbol)])
        before, left = None, number
        while left:
            new, legal = model.step(states, read)
            left, taken = left - 1, taken + 1
            budget.check_states(taken, _DOING)
            yield Stretch(1, legal[0])
            if left and np.array_equal(model.keys(new), model.keys(states)):
                yield Stretch(left, legal[0])
                break
            with np.errstate(invalid="ignore"):  # infinity less infinity is no number, and no leap
                moved = new - states
            if left and before is not None and np.array_equal(moved, before):
                steps, flags = _leap(model, int(read[0]), new[0], moved[0])
                if steps:
                    steps = min(steps, left)
                    new, left = new + steps * moved, left - steps
                    yield Stretch(steps, flags)
            states, before = new, moved


def first_difference(
    model: SSM | Rounded, reference: SSM | Rounded, word: Runs, *, task: str, budget: Budget = DEFAULT
) -> tuple[int, Mismatch] | None:
    """Return the first prefix of a word after which two models differ, for predict among the live ones.

    Arguments:
        reference: the model that is right.

    Returns:
        its length, and the legal sets; the word of the `Mismatch` is left empty, as it may be very long.
    """
    ours, right = (stretches(one, word, budget=budget) for one in (model, reference))
    length, a, b = 0, next(ours), next(right)
    while True:
        if not np.array_equal(a.legal, b.legal) and (task == "recognise" or b.legal.any()):
            return length, Mismatch((), a.legal, b.legal)
        both = min(a.number, b.number)
        length += both
        after = [_rest(one, both) or next(others, None) for one, others in ((a, ours), (b, right))]
        if after[0] is None or after[1] is None:
            return None
        a, b = after[0], after[1]


def _rest(stretch: Stretch, number: int) -> Stretch | None:
    """Return a stretch without its first prefixes, or None when none are left."""
    return Stretch(stretch.number - number, stretch.legal) if stretch.number > number else None


def cut(word: Runs, length: int) -> Runs:
    """Return the first `length` symbols of a word."""
    kept: list[tuple[str, int]] = []
    for symbol, number in word:
        if length:
            kept.append((symbol, min(number, length)))
            length -= kept[-1][1]
    return tuple(kept)


def _leap(model: SSM | Rounded, symbol: int, state: Reals, moved: Reals) -> tuple[int, NDArray[np.bool_]]:
    """Return how many steps move the state by the same amount with the same legal set, and that set."""
    lines = _Lines(model.numbers)
    z = lines.kept(model.embedding[symbol], np.zeros_like(model.embedding[symbol]))
    state_line = lines.kept(state, moved)
    new, slopes, at = [], [], 0
    for layer in model.layers:
        u = lines.relu(lines.linear(layer.inner, z))
        n = len(layer.cells)
        old = state_line[0][at : at + n], state_line[1][at : at + n]
        h = lines.sum(lines.product(lines.linear(layer.gate, u), old), lines.linear(layer.write, u))
        new.append(h[0])
        slopes.append(h[1])
        at += n
        both = np.concatenate([h[0], z[0]]), np.concatenate([h[1], z[1]])
        z = lines.sum(z, lines.linear(layer.mix_out, lines.relu(lines.linear(layer.mix_in, both))))
    legal = lines.signs(lines.linear(model.head, z))
    same = np.array_equal(np.concatenate(new), state + moved)
    if not (same and np.array_equal(np.concatenate(slopes), moved)):
        return 0, legal
    return max(0, math.floor(lines.until) + 1), legal


class _Lines:
    """Numbers `v + t d` for t = 0, 1, ... `until`.

    Those that move are integers in the range of the arithmetic, so that nothing is rounded; those that rest
    are whatever the arithmetic makes of them, the same in each step.
    """

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.limit, self.until = min(numbers.whole, _DOUBLE), _DOUBLE

    def kept(self, v: Reals, d: Reals) -> _Line:
        """Return a line; it goes on for as long as what moves stays in range."""
        moves = d != 0
        if np.any(v[moves] != np.rint(v[moves])) or np.any(d[moves] != np.rint(d[moves])):
            self.until = -1.0
        self._at_most(self.limit - np.sign(d) * v, d, moves)
        return v, d

    def linear(self, linear: Linear, x: _Line) -> _Line:
        v, d = self.numbers.linear(linear, x[0][None])[0], linear.weight @ x[1]
        sizes = np.abs(linear.weight) @ (np.abs(x[0]) + np.abs(x[1])) + np.abs(linear.bias)
        exact = linear.weight @ x[0] + linear.bias
        if np.any((d != 0) & ((v != exact) | (sizes >= _DOUBLE))):
            self.until = -1.0
        return self.kept(v, d)

    def sum(self, x: _Line, y: _Line) -> _Line:
        v, d = self.numbers.add(x[0], y[0]), x[1] + y[1]
        if np.any((d != 0) & (v != x[0] + y[0])):
            self.until = -1.0
        return self.kept(v, d)

    def product(self, gate: _Line, x: _Line) -> _Line:
        v, d = self.numbers.multiply(gate[0], x[0]), gate[0] * x[1]
        if gate[1].any() or np.any((d != 0) & (v != gate[0] * x[0])):
            self.until = -1.0
        return self.kept(v, d)

    def relu(self, x: _Line) -> _Line:
        v, d = x
        on = (v > 0) | ((v == 0) & (d > 0))
        self._at_most(np.abs(v), d, ((v > 0) & (d < 0)) | ((v < 0) & (d > 0)))
        return np.where(on, v, 0.0), np.where(on, d, 0.0)

    def signs(self, x: _Line) -> NDArray[np.bool_]:
        v, d = x
        self._at_most(v - 1, d, (v > 0) & (d < 0))  # integers: still positive means at least 1
        self._at_most(-v, d, (v <= 0) & (d > 0))
        found: NDArray[np.bool_] = v > 0
        return found

    def _at_most(self, room: Reals, d: Reals, where: NDArray[np.bool_]) -> None:
        """Keep `t |d| <= room` where asked."""
        self.until = min(self.until, float(np.min(room[where] // np.abs(d[where]), initial=_DOUBLE)))
