"""Two words that a model cannot tell apart: u v^m w and u v^(m+1) w, for v that the language counts.

Gates in [0, 1] move every cell by monotone maps, so a word that is read again and again brings the model to
rest, or lets counters drift while its answers stay. A language that is not star-free goes on counting.

Source: the monotone orbits behind Sarrof, Veitsman and Hahn, NeurIPS 2024; see docs/refuting.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .machine import States
from .reader import Reader
from .trial import Trial, Word

Stop = Literal["rest", "drift", "answers", "none"]
_ROUND = 1_000  # copies of v after which the language, if it counts, has told two of them apart


@dataclass(frozen=True)
class Pumped:
    """What reading u v v v ... gave.

    Arguments:
        wrong: a word u v^n x, for x a beginning of v or w, with a wrong legal set: the first that was met;
            None if there was none.
        copies: m, for two words u v^m w and u v^(m+1) w of which the model says the same and the language
            does not; None if none were met.
        stop: why the model says the same: "rest", the state after a copy of v is that before it; "drift",
            what changes, changes by the same amount with each copy, and the answers stay; "answers", nothing
            but the answers; "none", there is no pair.
        read: copies of v that were read.
    """

    wrong: Word | None
    copies: int | None
    stop: Stop
    read: int


@dataclass(frozen=True)
class _Place:
    """Where reading is.

    Arguments:
        state: of the model, one row.
        at: the state of the language, one number.
        said, legal: the two legal sets there, as bytes.
    """

    state: States
    at: NDArray[np.int64]
    said: bytes
    legal: bytes

    @property
    def live(self) -> bool:
        """Whether some word goes on from here."""
        return any(self.legal)


@dataclass(frozen=True)
class _Walk:
    """A model and a language that read the same word."""

    trial: Trial

    def begin(self) -> _Place:
        state, logits = self.trial.machine.begin()
        return self._place(state, logits, np.array([self.trial.reader.start]))

    def read(self, place: _Place, word: Word) -> list[_Place]:
        """Return the places after each symbol of a word."""
        found = []
        for symbol in word:
            read = np.array([symbol])
            state, logits = self.trial.machine.step(place.state, read)
            place = self._place(state, logits, self.trial.reader.step(place.at, read))
            found.append(place)
        return found

    def first_wrong(self, before: Word, word: Word, path: list[_Place]) -> Word | None:
        """Return the first prefix on a path where the legal sets differ; the path begins before `word`."""
        for read, place in enumerate(path):
            if place.said != place.legal and (place.live or not self.trial.predict):
                return (*before, *word[:read])
        return None

    def alike(self, ends: list[_Place], m: int) -> bool:
        """Say whether the model says the same at the places m and m + 1, and the language does not."""
        one, other = ends[m], ends[m + 1]
        return one.said == other.said and self.tells(one.legal, other.legal)

    def tells(self, one: bytes, other: bytes) -> bool:
        """Say whether two legal sets differ, where the language has a say in both."""
        return one != other and (not self.trial.predict or (any(one) and any(other)))

    def _place(self, state: States, logits: NDArray[np.float64], at: NDArray[np.int64]) -> _Place:
        said = self.trial.decision.read(logits)[0].tobytes()
        return _Place(state, at, said, self.trial.reader.legal(at).tobytes())


def pump(trial: Trial, u: Word, v: Word, w: Word, *, most: int, rest: int) -> Pumped:
    """Read u and then v again and again, and after each copy w, until the model is caught.

    After the first wrong answer it goes on for a while, to see whether the model comes to rest.

    Arguments:
        u, v, w: indices of symbols; membership of u v^n w goes round with n.
        most: copies of v that are read.
        rest: copies that are read on after a wrong answer, beside as many as were read before it.

    Complexity: `most (|v| + |w|)` steps of the model, one state each.
    """
    walk = _Walk(trial)
    first = walk.begin()
    path = [first, *walk.read(first, u)]
    wrong = walk.first_wrong((), u, path)
    place, copy, change, drift = path[-1], path[:0], None, False
    ends: list[_Place] = []
    for n in range(most + 1):
        tail = [place, *walk.read(place, w)]
        ends.append(tail[-1])
        if drift and walk.alike(ends, n - 1):
            return Pumped(wrong, n - 1, "drift", n)
        wrong = walk.first_wrong((*u, *v * n), w, tail) if wrong is None else wrong
        caught = wrong is not None and n >= 2 * len(wrong) // len(v) + rest
        if n == most or caught or trial.out_of_time:
            break
        after = walk.read(place, v)
        wrong = walk.first_wrong((*u, *v * n), v, [place, *after]) if wrong is None else wrong
        moved = _moved(place.state, after[-1].state)
        still = moved is not None and not moved.any()
        drift = not still and _equal(moved, change) and [p.said for p in copy] == [p.said for p in after]
        place, copy, change = after[-1], after, moved
        if still:
            m = _parting(walk, place.at, v, w, n + 1)
            return Pumped(wrong, m, "none" if m is None else "rest", n + 1)
        trial.tell("copies", n)
    found = next((m for m in range(len(ends) - 1) if walk.alike(ends, m)), None)
    return Pumped(wrong, found, "none" if found is None else "answers", len(ends) - 1)


def _moved(before: States, after: States) -> NDArray[np.float64] | None:
    """Return by how much each number of a state changed; states that are codes, or grow, have no amounts.

    No change at all is known of every kind of state.
    """
    if before.tobytes() == after.tobytes():
        return np.zeros(1)
    if before.shape != after.shape or after.dtype.kind != "f":
        return None
    change: NDArray[np.float64] = after[0].astype(np.float64) - before[0]
    return change


def _equal(one: NDArray[np.float64] | None, other: NDArray[np.float64] | None) -> bool:
    return one is not None and other is not None and np.array_equal(one, other)


def _parting(walk: _Walk, at: NDArray[np.int64], v: Word, w: Word, n: int) -> int | None:
    """Return the least m >= n for which the language tells u v^m w from u v^(m+1) w, `at` being its state
    after u v^n; None where it never does."""
    seen: set[int] = set()
    before: bytes | None = None
    for m in range(n, n + _ROUND):
        legal = walk.trial.reader.legal(_run(walk.trial.reader, at, w)).tobytes()
        if before is not None and walk.tells(before, legal):
            return m - 1
        if int(at[0]) in seen:
            return None
        seen.add(int(at[0]))
        before, at = legal, _run(walk.trial.reader, at, v)
    return None


def _run(reader: Reader, at: NDArray[np.int64], word: Word) -> NDArray[np.int64]:
    for symbol in word:
        at = reader.step(at, np.array([symbol]))
    return at
