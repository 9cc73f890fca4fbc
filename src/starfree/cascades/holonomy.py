"""Holonomy: how the image sets of an automaton nest, as levels of tiles with consistent names.

Reading a word shrinks the set of states one may be in. Each image set is covered by its *tiles*, the largest
image sets strictly inside it. A coordinate per depth chooses a tile, then a tile of that tile, down to one
state. Sets of one *class* are translated into each other by letters; if the translations agree (the automaton
is aperiodic) tiles can be numbered so that reading such a letter changes no number: the coordinate holds. If
they do not, a spanning tree names the tiles, and a letter permutes their numbers by an element of a group
inside the monoid. In all other cases the coordinate is reset.

Source: Eilenberg, Automata, Languages and Machines B; Egri-Nagy and Nehaniv, arXiv:1508.06345. Merging
classes that are joined by size-preserving letters in either direction is ours: fewer levels, the same
correctness condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..algebra.images import ImageOrbit, members
from ..algebra.scc import strong_components
from ..budgets import DEFAULT, Budget
from ..errors import BadInput

States = int
"""A set of states as a bit mask."""


@dataclass(frozen=True)
class Holonomy:
    """The nesting of image sets, ready to be read off as a cascade.

    Arguments:
        whole: the set of all states considered.
        depths: number of coordinates.
        depth: for each set of more than one state, the depth `0..depths-1` of the coordinate that chooses its
            tile; single states have depth `depths`.
        tiles: for each set of more than one state, its tiles by number; sets of one class number them alike.
        root: for each set of more than one state, the set that stands for its class.
        turning: the roots of the classes in which translations disagree.
        origin: "holonomy" or "merged holonomy".
    """

    whole: States
    depths: int
    depth: dict[States, int]
    tiles: dict[States, tuple[States, ...]]
    root: dict[States, States]
    turning: frozenset[States]
    origin: str


def holonomy(
    orbit: ImageOrbit, initial: int, *, merged: bool, groups: bool = False, budget: Budget = DEFAULT
) -> Holonomy:
    """Return the levels of tiles of an automaton.

    Arguments:
        orbit: the image sets of the states considered.
        initial: the start state; tile 0 is chosen all the way down to it.
        merged: put all sets joined by size-preserving letters, in either direction, at one depth where naming
            allows it.
        groups: let letters permute the tiles of a class.

    Raises:
        BadInput: when two words translate a set to another differently, so that the automaton has a group,
            and `groups` is not given.
        BudgetExceeded: when the image sets are too many.

    Complexity: with N image sets, O(N^2) subset tests for the tiles and O(N k n) for the names.
    """
    columns: list[list[int]] = orbit.table.T.tolist()
    sets = [s for s in orbit.sets if s & (s - 1)]
    budget.check_elements(len(sets) ** 2 // 100, "nesting the image sets")
    tiles = _tiles(orbit.sets, sets, budget)
    images = {s: [image(column, s) for column in columns] for s in sets}
    classes, names, turning = _classes(sets, images, tiles, columns, merged=merged)
    if turning and not groups:
        why = "a word permutes some of its states in a cycle"
        raise BadInput("an automaton that is not aperiodic", why, "Decompose a star-free language.")
    height = _heights(sets, images, tiles, classes)
    whole = orbit.sets[0]
    depths = height.get(whole, 0)
    numbered = _number_tiles(sets, tiles, classes, names)
    first = _initial_first(whole, numbered, classes, initial)
    depth = {s: depths - height[s] for s in sets}
    origin = "merged holonomy" if merged else "holonomy"
    return Holonomy(whole, depths, depth, first, classes, turning, origin)


def image(column: Sequence[int], states: States) -> States:
    """Return the set of states reached by a letter; undefined transitions are left out."""
    found = 0
    for state in members(states):
        target = column[state]
        if target >= 0:
            found |= 1 << target
    return found


def _tiles(
    everything: Sequence[States], sets: Sequence[States], budget: Budget
) -> dict[States, list[States]]:
    union = 0
    for s in sets:
        union |= s
    singles = [1 << state for state in members(union)]
    candidates = sorted({*everything, *singles}, key=int.bit_count, reverse=True)
    masks = _masks(candidates, union.bit_length())
    tiles = {}
    for s in sets:
        budget.check_time("nesting the image sets")
        inside = _subsets(masks, _masks([s], union.bit_length()))
        inside = inside[[candidates[i] != s for i in inside]]
        found: list[States] = []
        while len(inside):
            # The largest that is left is no subset of a tile, and its own subsets are no tiles.
            found.append(candidates[inside[0]])
            inside = np.delete(inside, _subsets(masks[inside], masks[inside[:1]]))
        tiles[s] = sorted(found, key=members)
    return tiles


def _masks(sets: Sequence[States], states: int) -> NDArray[np.uint64]:
    """Return sets as rows of 64-bit words."""
    words = max(1, -(-states // 64))
    raw = b"".join(s.to_bytes(8 * words, "little") for s in sets)
    return np.frombuffer(raw, np.dtype("<u8")).reshape(len(sets), words).astype(np.uint64)


def _subsets(masks: NDArray[np.uint64], whole: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the numbers of the rows that are subsets of `whole`, shape `(1, words)`."""
    return np.flatnonzero(~(masks & ~whole).any(axis=1))


Translation = tuple[int, ...]
"""Where the states of a class's root, in increasing order, stand in one of its sets."""


def _classes(
    sets: Sequence[States],
    images: dict[States, list[States]],
    tiles: dict[States, list[States]],
    columns: Sequence[Sequence[int]],
    *,
    merged: bool,
) -> tuple[dict[States, States], dict[States, Translation], frozenset[States]]:
    """Return the root of each set's class, a translation root -> set, and where translations disagree."""
    forward: dict[States, list[tuple[int, States]]] = {s: [] for s in sets}
    backward: dict[States, list[tuple[int, States]]] = {s: [] for s in sets}
    for s in sets:
        for letter, target in enumerate(images[s]):
            if target.bit_count() == s.bit_count():
                forward[s].append((letter, target))
                backward[target].append((letter, s))
    root: dict[States, States] = {}
    names: dict[States, Translation] = {}
    turning: set[States] = set()
    for s in sets:
        if s in root:
            continue
        component = _reach(s, forward, backward)
        found, agree = _translate(s, forward, backward, columns) if merged else ({}, False)
        if agree and _tiles_agree(s, found, tiles):
            groups = [(s, found)]
        else:
            groups = []
            for part in _strong_parts(component, forward):
                inside = {t: [(a, u) for a, u in forward[t] if u in part] for t in part}
                translated, agree = _translate(part[0], inside, None, columns)
                groups.append((part[0], translated))
                if not agree:
                    turning.add(part[0])
        for head, translated in groups:
            for t, name in translated.items():
                root[t], names[t] = head, name
    return root, names, frozenset(turning)


def _reach(start: States, *graphs: dict[States, list[tuple[int, States]]]) -> set[States]:
    seen, stack = {start}, [start]
    while stack:
        s = stack.pop()
        for graph in graphs:
            for _, t in graph[s]:
                if t not in seen:
                    seen.add(t)
                    stack.append(t)
    return seen


def _strong_parts(
    component: set[States], forward: dict[States, list[tuple[int, States]]]
) -> list[list[States]]:
    """Split a component into its strongly connected parts."""
    order = sorted(component, key=members)
    index = {s: i for i, s in enumerate(order)}
    edges = [[index[t] for _, t in forward[s]] for s in order]
    numbers = strong_components(edges)
    parts: dict[int, list[States]] = {}
    for s, number in zip(order, numbers, strict=True):
        parts.setdefault(number, []).append(s)
    return list(parts.values())


def _translate(
    root: States,
    forward: dict[States, list[tuple[int, States]]],
    backward: dict[States, list[tuple[int, States]]] | None,
    columns: Sequence[Sequence[int]],
) -> tuple[dict[States, Translation], bool]:
    """Name the states of every set by those of the root, along a tree; also say whether all paths agree."""
    names: dict[States, Translation] = {root: tuple(members(root))}
    agree = True
    stack = [root]
    while stack:
        s = stack.pop()
        name = names[s]
        for letter, t in forward[s]:
            column = columns[letter]
            moved = tuple(column[state] for state in name)
            agree &= names.setdefault(t, moved) == moved
            if names[t] is moved:
                stack.append(t)
        for letter, t in backward[s] if backward is not None else ():
            column = columns[letter]
            came_from = {column[state]: state for state in members(t)}
            moved = tuple(came_from[state] for state in name)
            agree &= names.setdefault(t, moved) == moved
            if names[t] is moved:
                stack.append(t)
    return names, agree


def _tiles_agree(root: States, names: dict[States, Translation], tiles: dict[States, list[States]]) -> bool:
    return all(
        sorted(_transport(names[root], names[s], tile) for tile in tiles[root]) == sorted(tiles[s])
        for s in names
    )


def _transport(source: Translation, target: Translation, states: States) -> States:
    found = 0
    for old, new in zip(source, target, strict=True):
        if states >> old & 1:
            found |= 1 << new
    return found


def _heights(
    sets: Sequence[States],
    images: dict[States, list[States]],
    tiles: dict[States, list[States]],
    classes: dict[States, States],
) -> dict[States, int]:
    """Longest chains of classes, to tiles and along letters that leave the class; single states have 0."""
    successors: dict[States, set[States]] = {root: set() for root in classes.values()}
    for s in sets:
        root = classes[s]
        for t in [*tiles[s], *images[s]]:
            if t & (t - 1) and classes[t] != root:
                successors[root].add(classes[t])
    height: dict[States, int] = {}
    for start in successors:
        stack = [start]
        while stack:
            root = stack[-1]
            missing = [t for t in successors[root] if t not in height]
            if missing and root not in height:
                stack.extend(missing)
                continue
            stack.pop()
            height[root] = 1 + max((height[t] for t in successors[root]), default=0)
    return {s: height[classes[s]] for s in sets}


def _number_tiles(
    sets: Sequence[States],
    tiles: dict[States, list[States]],
    classes: dict[States, States],
    names: dict[States, Translation],
) -> dict[States, tuple[States, ...]]:
    return {
        s: tuple(_transport(names[classes[s]], names[s], tile) for tile in tiles[classes[s]]) for s in sets
    }


def _initial_first(
    whole: States, tiles: dict[States, tuple[States, ...]], classes: dict[States, States], initial: int
) -> dict[States, tuple[States, ...]]:
    """Renumber the tiles of the classes on the way down to the initial state so that the way is all zeros."""
    swaps: dict[States, int] = {}
    s = whole
    while s & (s - 1):
        number = next(i for i, tile in enumerate(tiles[s]) if tile >> initial & 1)
        swaps[classes[s]] = number
        s = tiles[s][number]
    renumbered = {}
    for s, listed in tiles.items():
        first = swaps.get(classes[s], 0)
        renumbered[s] = (listed[first], *listed[:first], *listed[first + 1 :])
    return renumbered
