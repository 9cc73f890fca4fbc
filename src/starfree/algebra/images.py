"""Image sets: the sets of states that words lead the whole automaton into, and how letters permute them.

Everything about the groups inside the transition monoid can be read off these sets. Their number is usually a
small multiple of the number of states, where the monoid may have n^n elements.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ..budgets import DEFAULT, Budget
from ..errors import BudgetExceeded
from ..languages.dfa import DFA
from .groups import TRIVIAL, GroupFacts, group_facts, thin
from .permutations import Permutation
from .scc import strong_components
from .schreier import Generators, schreier_generators
from .unions import images
from .words import Word, paths

_DOING = "following the image sets"
_CELLS = 64  # sets times states, for each state that the budget allows
_AT_ONCE = 1 << 18  # sets times states between two looks at the clock


@dataclass(frozen=True, eq=False)
class ImageOrbit:
    """The image sets of a set of states under all words, breadth-first.

    A *class* is a strongly connected component of the edges that keep the size; its *root* R is its first
    set. Along a breadth-first tree of the class, the word `access` from R to P is a bijection `beta[P]`.

    Arguments:
        table: shape `(n, k)`, int: next states; -1 where a letter leaves the states considered.
        sets: the N image sets as bit masks; the first is the start.
        successor: shape `(N, k)`: the number of the image by each letter, -1 when it is empty.
        parent, letter: shape `(N,)`: how each set was first found; -1 for the first.

    What is worked out when first asked for raises `BudgetExceeded` when the time of `budget` is up.
    """

    table: NDArray[np.int32]
    sets: list[int]
    successor: NDArray[np.int32]
    parent: list[int]
    letter: list[int]
    budget: Budget = field(default=DEFAULT, repr=False)
    _groups: dict[int, GroupFacts] = field(default_factory=dict, init=False, repr=False)
    _generators: dict[int, list[Permutation]] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.sets)

    @cached_property
    def size(self) -> NDArray[np.int32]:
        """Shape `(N,)`: the number of states in each set."""
        return np.fromiter(map(int.bit_count, self.sets), np.int32, len(self.sets))

    @cached_property
    def keeps(self) -> NDArray[np.bool_]:
        """Shape `(N, k)`: whether the letter is injective and defined on the set."""
        kept = self.size[self.successor] == self.size[:, None]
        return np.asarray(kept & (self.successor >= 0))

    @cached_property
    def scc(self) -> NDArray[np.int32]:
        """Shape `(N,)`: the class of each set."""
        edges = np.where(self.keeps, self.successor, -1)
        return np.array(strong_components(edges.tolist(), budget=self.budget), np.int32)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Shape `(N, k)`: whether the letter keeps the size and the class."""
        return np.asarray(self.keeps & (self.scc[self.successor] == self.scc[:, None]))

    @cached_property
    def root(self) -> NDArray[np.int64]:
        """Shape `(N,)`: the root of each set's class."""
        _, first, back = np.unique(self.scc, return_index=True, return_inverse=True)
        return np.asarray(first[back])

    @cached_property
    def roots(self) -> list[int]:
        """The roots, in order."""
        return np.unique(self.root).tolist()  # type: ignore[no-any-return]

    @cached_property
    def _tree(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
        """The breadth-first trees of all classes: bijections (padded with n), depths, parents, letters."""
        n, k = self.table.shape
        count = len(self.sets)
        beta = np.full((count, n), n, np.int32)
        roots = np.array(self.roots)
        for i in self.roots:
            states = members(self.sets[i])
            beta[i, : len(states)] = states
        columns = np.concatenate([self.table.T, np.full((k, 1), n, np.int32)], axis=1)
        depth = np.full(count, -1, np.int64)
        above = np.full(count, -1, np.int64)
        by = np.full(count, -1, np.int32)
        mark = np.empty(count, np.int64)
        depth[roots] = 0
        inside = np.where(self.inside, self.successor, -1)
        frontier, level = roots, 0
        while len(frontier):
            self.budget.check_time(_DOING)
            level += 1
            sources, letters = np.nonzero(inside[frontier] >= 0)
            sources = frontier[sources]
            targets = inside[sources, letters]
            new = np.flatnonzero(depth[targets] < 0)
            mark[targets[new[::-1]]] = new[::-1]
            new = new[mark[targets[new]] == new]  # of several edges to one set the first counts
            sources, letters, targets = sources[new], letters[new], targets[new]
            beta[targets] = columns[letters[:, None], beta[sources]]
            depth[targets], above[targets], by[targets] = level, sources, letters
            frontier = targets
        return beta, depth, above, by

    def beta(self, i: int) -> tuple[int, ...]:
        """Return the image of each state of the root, in increasing order, under the access word of set i."""
        return tuple(self._tree[0][i, : self.size[i]].tolist())

    @cached_property
    def home(self) -> NDArray[np.int64]:
        """Shape `(N, n)`: the state of the root that stands for each state of each set, 0 outside the set."""
        beta = self._tree[0]
        found = np.zeros((len(beta), len(self.table) + 1), np.int64)
        found[np.arange(len(beta))[:, None], beta] = beta[self.root]
        return found[:, :-1]

    @cached_property
    def depth(self) -> NDArray[np.int64]:
        """Shape `(N,)`: the length of each set's access word."""
        return self._tree[1]

    def access(self, i: int) -> Word:
        """Return the access word of set i: from the root of its class."""
        _, _, above, by = self._tree
        found = []
        while above[i] >= 0:
            found.append(int(by[i]))
            i = int(above[i])
        return tuple(reversed(found))

    def reach(self, i: int) -> Word:
        """Return a shortest word from the start to set i."""
        found = []
        while self.parent[i] >= 0:
            found.append(self.letter[i])
            i = self.parent[i]
        return tuple(reversed(found))

    def back(self, root: int) -> dict[int, Word]:
        """Return for each set of a root's class a shortest word back to the root."""
        members_ = np.flatnonzero(self.root == root)
        number = {int(i): j for j, i in enumerate(members_)}
        edges: list[list[int]] = [[] for _ in members_]
        names: list[list[int]] = [[] for _ in members_]
        for i, a in zip(*np.nonzero(self.inside[members_]), strict=True):
            target = number[int(self.successor[members_[i], a])]
            edges[target].append(int(i))
            names[target].append(int(a))
        tree = paths(edges, number[root], budget=self.budget)
        found: dict[int, Word] = {}
        for j, (after, position) in tree.items():  # breadth-first: the set nearer to the root comes first
            self.budget.check_time(_DOING)
            i = int(members_[j])
            found[i] = () if after < 0 else (names[after][position], *found[int(members_[after])])
        return found

    @cached_property
    def schreier(self) -> dict[int, Generators]:
        """For each root of more than one state, the distinct Schreier generators of its class; none if all
        are trivial.

        Every edge P -a-> P·a of the class gives the permutation beta[P], then a, then the inverse of
        beta[P·a], and the signed length `depth[P] + 1 - depth[P·a]`. Edges that give the same pair are
        reported once; the pair (identity, 0) is left out.

        Source: Schreier's lemma, for the groupoid of the class.
        """
        beta, depth, _, _ = self._tree
        return schreier_generators(
            self.table,
            self.successor,
            self.inside & (self.size > 1)[:, None],
            self.size,
            self.root,
            beta,
            depth,
            budget=self.budget,
        )

    def group(self, root: int, *, budget: Budget = DEFAULT) -> GroupFacts:
        """Return the facts about the group of a root; raises `BudgetExceeded` when time is up."""
        budget.check_time(_DOING)
        if root not in self.moving:
            return TRIVIAL
        if root not in self._groups:
            generators = self.generators(root, budget=budget)
            self._groups[root] = group_facts(generators, int(self.size[root]), budget=budget)
        return self._groups[root]

    def generators(self, root: int, *, budget: Budget = DEFAULT) -> list[Permutation]:
        """Return a few permutations that generate the group of a root in `moving`."""
        if root not in self._generators:
            table = self.schreier[root].permutations
            self._generators[root] = thin(table, int(self.size[root]), budget=budget)
        return self._generators[root]

    @cached_property
    def moving(self) -> list[int]:
        """The roots whose group has more than one element."""
        return [root for root, found in sorted(self.schreier.items()) if found.moving]


def members(states: int) -> list[int]:
    """Return the states of a bit mask, in increasing order."""
    if states.bit_length() > 1024:  # bit by bit would cost the square of the length
        raw = states.to_bytes(states.bit_length() // 8 + 1, "little")
        return np.flatnonzero(np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")).tolist()
    found = []
    while states:
        low = states & -states
        found.append(low.bit_length() - 1)
        states ^= low
    return found


def image_orbit(dfa: DFA, *, states: int | None = None, budget: Budget = DEFAULT) -> ImageOrbit:
    """Return all image sets of the states of an automaton, without enumerating its monoid.

    Arguments:
        dfa: the automaton.
        states: a bit mask; transitions that leave it are undefined. None means all states.

    Raises:
        BudgetExceeded: when there are more sets than `budget.max_states`, or time is up.

    Complexity: `O(N k n / 8)` for N sets; N is at most `2^n`, usually below `10 n` for automata of regular
        expressions.

    Source: Linton, Pfeiffer, Robertson, Ruskuc, Groups and actions in transformation semigroups, 1998.

    >>> from starfree.languages import regex
    >>> orbit = image_orbit(regex("(aa)*"))
    >>> orbit.sets, orbit.schreier[0].permutations.tolist()
    ([3], [[1, 0]])
    """
    budget.check_time(_DOING)
    n, k = dfa.table.shape
    start = (1 << n) - 1 if states is None else states
    found = _orbit_or_failure(dfa.table.astype(np.int32).tobytes(), n, k, start, budget)
    if isinstance(found, BudgetExceeded):
        raise BudgetExceeded(found.what, found.why, found.do)
    return found


@lru_cache(maxsize=4)  # several questions about one automaton follow each other
def _orbit_or_failure(
    content: bytes, n: int, k: int, start: int, budget: Budget
) -> ImageOrbit | BudgetExceeded:
    try:
        return _orbit(content, n, k, start, budget)
    except BudgetExceeded as error:
        return error.with_traceback(None)


def _orbit(content: bytes, n: int, k: int, start: int, budget: Budget) -> ImageOrbit:
    table = np.frombuffer(content, np.int32).reshape(n, k).copy()
    outside = np.ones(n, bool)
    outside[members(start)] = False
    table[outside] = -1
    table[outside[table] | (table < 0)] = -1
    images_of = images(table)
    sets, number = [start], {start: 0}
    parent, letter = [-1], [-1]
    successor: list[list[int]] = []
    every = max(1, min(1024, _AT_ONCE // n))
    for i, current in enumerate(sets):  # grows as it is read
        if not i % every:
            _check(len(sets), n, budget)
        row: list[int] = []
        for image in images_of(current):
            found = number.get(image, -1) if image else -1
            if found < 0 and image:
                found = number[image] = len(sets)
                parent.append(i)
                letter.append(len(row))
                sets.append(image)
            row.append(found)
        successor.append(row)
    _check(len(sets), n, budget)
    edges = np.array(successor, np.int32).reshape(len(sets), k)
    return ImageOrbit(table, sets, edges, parent, letter, budget)


def _check(count: int, n: int, budget: Budget) -> None:
    budget.check_states(count, _DOING)
    if count * n > _CELLS * budget.max_states:
        what = f"{count:,} sets of up to {n:,} states do not fit the memory that --max-states allows"
        raise BudgetExceeded(_DOING, what, "Raise --max-states.")


def ordered_images(orbit: ImageOrbit) -> list[tuple[int, ...]] | None:
    """Return every image set as a list that its class's letters carry elementwise, or None when a group
    forbids it.

    Evidence that the automaton is aperiodic: by induction no word permutes an image set.
    """
    if orbit.moving:
        return None
    found = []
    for i in range(len(orbit)):
        orbit.budget.check_time(_DOING)
        found.append(orbit.beta(i))
    return found
