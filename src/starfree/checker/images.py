"""Image sets `Q w`, the components of their size-preserving edges, and how closed walks permute a root."""

from __future__ import annotations

from dataclasses import dataclass

from .automaton import Automaton
from .graphs import components
from .outcome import Meter

Permutation = tuple[int, ...]
Image = tuple[int, ...]


@dataclass(frozen=True)
class Orbit:
    """All image sets, each as its states in increasing order.

    Arguments:
        images: the sets; the first is the set of all states.
        number: the place of each set in that list.
        edges: for each set, for each symbol, the number of the set it is mapped to.
        component: for each set, its strongly connected component of the edges that keep the size.
        members: the sets of each component.
    """

    automaton: Automaton
    images: list[Image]
    number: dict[Image, int]
    edges: list[list[int]]
    component: list[int]
    members: list[list[int]]


def image_orbit(automaton: Automaton, meter: Meter) -> Orbit:
    """Return the orbit of the set of all states. Complexity: O(sets times states times symbols)."""
    first = tuple(range(automaton.states))
    number = {first: 0}
    images = [first]
    edges: list[list[int]] = []
    for image in images:
        targets = []
        for symbol in range(len(automaton.alphabet)):
            meter.spend(len(image))
            target = tuple(sorted({automaton.table[state][symbol] for state in image}))
            if target not in number:
                meter.states(len(images))
                meter.keep(len(target))
                number[target] = len(images)
                images.append(target)
            targets.append(number[target])
        meter.keep(1 + len(targets))
        edges.append(targets)
    kept = [
        [target for target in targets if len(images[target]) == len(images[index])]
        for index, targets in enumerate(edges)
    ]
    component = components(kept, meter)
    members: list[list[int]] = [[] for _ in range(max(component) + 1)]
    for index, which in enumerate(component):
        members[which].append(index)
    return Orbit(automaton, images, number, edges, component, members)


def closed_walks(
    orbit: Orbit, members: list[int], root: list[int], meter: Meter
) -> list[tuple[Permutation, int]]:
    """Return generators of the closed walks at a root: a permutation of its places, and a signed length.

    Arguments:
        members: one component.
        root: the states of one of its sets, in any order.

    Every set is reached from the root by a walk, which carries the root to it place by place. An edge
    P -a-> P' gives the closed walk "to P, along a, back from P'"; these generate all of them (Schreier).
    """
    table = orbit.automaton.table
    inside = set(members)
    first = orbit.number[tuple(sorted(root))]
    carried: dict[int, tuple[int, ...]] = {first: tuple(root)}
    length = {first: 0}
    waiting = [first]
    for index in waiting:
        for symbol, target in enumerate(orbit.edges[index]):
            if target in inside and target not in carried:
                meter.keep(len(root))
                carried[target] = tuple(table[state][symbol] for state in carried[index])
                length[target] = length[index] + 1
                waiting.append(target)
    walks = []
    for index in members:
        for symbol, target in enumerate(orbit.edges[index]):
            if target in inside:
                meter.keep(2 * len(root))
                place = {state: position for position, state in enumerate(carried[target])}
                permutation = tuple(place[table[state][symbol]] for state in carried[index])
                walks.append((permutation, length[index] + 1 - length[target]))
    return walks
