"""Evidence about the groups inside the transition monoid."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .automaton import Automaton
from .images import Orbit, Permutation, closed_walks, image_orbit
from .outcome import Meter, Rejected, require
from .permutations import Group, inverse, is_abelian_step, is_identity, power, product
from .reading import choice, indices, integer, items, record, some
from .words import WordReader

Fields = dict[str, Any]
Walks = list[tuple[Permutation, int]]


def read_root(value: object, orbit: Orbit) -> tuple[list[int], int]:
    """Return the states of a listed root, in order, and the number of its component."""
    root = indices(value, "a root", orbit.automaton.states)
    image = tuple(sorted(root))
    if image not in orbit.number:
        raise Rejected(f"the root {some(root)} is not an image of the set of all states")
    return root, orbit.component[orbit.number[image]]


def read_permutation(value: object, root: list[int], states: int) -> Permutation:
    """Return a permutation of the places of a root, from the list of the images of its states."""
    images = indices(value, "a permutation", states)
    require(sorted(images) == sorted(root), "a permutation does not permute its root")
    place = {state: index for index, state in enumerate(root)}
    return tuple(place[state] for state in images)


def walks_of_roots(
    groups: object, fields: tuple[str, ...], orbit: Orbit, meter: Meter
) -> list[tuple[Fields, list[int], Walks]]:
    """Return each listed group with its root and closed walks; other components must act trivially."""
    found = []
    rooted: set[int] = set()
    for value in items(groups, "groups"):
        group = record(value, "a group", fields)
        root, number = read_root(group["root"], orbit)
        require(number not in rooted, "a component has two roots")
        rooted.add(number)
        found.append((group, root, closed_walks(orbit, orbit.members[number], root, meter)))
    for number, members in enumerate(orbit.members):
        if number not in rooted:
            root = list(orbit.images[members[0]])
            for permutation, _ in closed_walks(orbit, members, root, meter):
                require(
                    is_identity(permutation),
                    f"the image {some(root)} is permuted, and its component has no root",
                )
    return found


def rotations(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """A closed walk of length j d acts as the j-th power of g: the language is quasi-aperiodic."""
    record(evidence, "the evidence", ("kind", "groups"))
    orbit = image_orbit(automaton, meter)
    for group, root, walks in walks_of_roots(evidence["groups"], ("root", "d", "g"), orbit, meter):
        d = integer(group["d"], "d", 1)
        g = read_permutation(group["g"], root, automaton.states)
        for permutation, length in walks:
            meter.spend(2 * len(root))
            turns, left = divmod(length, d)
            require(left == 0, f"a closed walk at {some(root)} has a length that d does not divide")
            require(
                power(g, turns) == permutation,
                f"a closed walk at {some(root)} is not the power of g that its length says",
            )


def subgroups(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Every group of closed walks has a subnormal series with Abelian (exponent 2) factors."""
    record(evidence, "the evidence", ("kind", "class", "groups"))
    two = choice(evidence["class"], "class", ("two-groups", "solvable")) == "two-groups"
    orbit = image_orbit(automaton, meter)
    for group, root, walks in walks_of_roots(evidence["groups"], ("root", "series"), orbit, meter):
        series = []
        for term in items(group["series"], "series"):
            generators = [
                read_permutation(value, root, automaton.states) for value in items(term, "a term of a series")
            ]
            series.append(Group(len(root), generators, meter))
        require(bool(series) and group["series"][-1] == [], "the last term of a series is not []")
        for permutation, _ in walks:
            require(
                permutation in series[0],
                f"a closed walk at {some(root)} is not in the first term of its series",
            )
        for upper, lower in pairwise(series):
            failure = is_abelian_step(upper, lower, squares=two)
            require(failure is None, f"in the series of {some(root)}, {failure}")


def perfect_subgroup(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """A non-trivial group whose generators are products of its commutators: some subgroup is not solvable."""
    record(evidence, "the evidence", ("kind", "points", "generators", "steps", "products"))
    points = indices(evidence["points"], "points", automaton.states)
    reader = WordReader(automaton, meter)
    generators = []
    for number, value in enumerate(items(evidence["generators"], "generators")):
        images = [int(state) for state in reader.read(value, f"generator {number}").map[points]]
        generators.append(read_permutation(images, points, automaton.states))
    require(any(not is_identity(generator) for generator in generators), "no generator moves a point")
    elements: list[Permutation] = []
    for step in items(evidence["steps"], "steps"):
        meter.keep(1 + len(points))
        elements.append(group_step(step, generators, elements))
    products = items(evidence["products"], "products")
    require(len(products) == len(generators), "there is not one product per generator")
    for number, (generator, pairs) in enumerate(zip(generators, products, strict=True)):
        total = tuple(range(len(points)))
        for pair in items(pairs, "a product"):
            meter.spend(6 * len(points))
            both = items(pair, "a commutator")
            require(len(both) == 2, "a commutator is not [a, b]")
            a, b = (elements[integer(index, "an index of a commutator", 0, len(elements))] for index in both)
            total = product(total, product(product(inverse(a), inverse(b)), product(a, b)))
        require(total == generator, f"generator {number} is not the product of its commutators")


def group_step(value: object, generators: list[Permutation], earlier: list[Permutation]) -> Permutation:
    """Return the element of one step."""
    match items(value, "a step"):
        case ["gen", i]:
            return generators[integer(i, "an index of a step", 0, len(generators))]
        case ["mul", i, j]:
            first = earlier[integer(i, "an index of a step", 0, len(earlier))]
            return product(first, earlier[integer(j, "an index of a step", 0, len(earlier))])
        case ["inv", i]:
            return inverse(earlier[integer(i, "an index of a step", 0, len(earlier))])
    raise Rejected("a step is none of [gen, i], [mul, i, j], [inv, i]")
