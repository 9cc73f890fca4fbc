"""Evidence made of orders, classes and windows of states."""

from __future__ import annotations

from typing import Any

from .automaton import Automaton
from .graphs import components
from .outcome import Meter, Rejected, require
from .reading import indices, integer, items, partition, record, some

Fields = dict[str, Any]


def regular(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """The DFA is the evidence."""
    record(evidence, "the evidence", ("kind",))


def topological_order(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Each transition stays or goes forward: the language is R-trivial."""
    record(evidence, "the evidence", ("kind", "order"))
    order = indices(evidence["order"], "order", automaton.states)
    require(len(order) == automaton.states, "order does not list every state")
    place = {state: index for index, state in enumerate(order)}
    for state, row in enumerate(automaton.table):
        for target in row:
            require(place[target] >= place[state], f"a transition leads back, from state {state} to {target}")


def window(evidence: Fields, automaton: Automaton, live_only: bool, meter: Meter) -> None:
    """Whether any two (live) states are equal after every word of length k (that keeps both live).

    The pairs of different states that some word of length i leads to shrink as i grows, so at most n^2 rounds
    decide every k. Complexity: O(n^2 symbols) per round.
    """
    record(evidence, "the evidence", ("kind", "k"))
    k = integer(evidence["k"], "k", 0)
    states = [state for state in range(automaton.states) if not live_only or automaton.live[state]]
    meter.states(len(states) * (len(states) - 1) // 2)
    pairs = {(p, q) for p in states for q in states if p < q}
    done = 0
    while pairs and done < k:
        meter.spend(len(pairs) * (1 + len(automaton.alphabet)))
        after = {
            (min(p, q), max(p, q))
            for one, other in pairs
            for p, q in zip(automaton.table[one], automaton.table[other], strict=True)
            if p != q and (not live_only or (automaton.live[p] and automaton.live[q]))
        }
        if after == pairs:
            break
        pairs, done = after, done + 1
    require(not pairs, f"after words of length k two states can still differ: {min(pairs, default=None)}")


def definite(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """The last k symbols decide the state."""
    window(evidence, automaton, False, meter)


def live_definite(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """On live prefixes the last k symbols decide the state."""
    window(evidence, automaton, True, meter)


def ordered_images(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """Image sets in orders that every loop keeps: no word permutes states, the language is aperiodic."""
    record(evidence, "the evidence", ("kind", "images"))
    images: list[list[int]] = []
    for value in items(evidence["images"], "images"):
        meter.states(len(images))
        images.append(indices(value, "an image", automaton.states))
        require(bool(images[-1]), "an image is empty")
        meter.keep(len(images[-1]))
    number = {frozenset(image): index for index, image in enumerate(images)}
    require(len(number) == len(images), "an image set is listed twice")
    require(frozenset(range(automaton.states)) in number, "the set of all states is not listed")
    successors: list[list[int]] = []
    for image in images:
        targets = []
        meter.spend(len(image) * len(automaton.alphabet))
        for symbol in range(len(automaton.alphabet)):
            target = frozenset(automaton.table[state][symbol] for state in image)
            if target not in number:
                raise Rejected(f"the image {some(target)} is not listed")
            targets.append(number[target])
        successors.append(targets)
    component = components(successors, meter)
    for index, row in enumerate(successors):
        for symbol, after in enumerate(row):
            if component[index] == component[after]:
                mapped = [automaton.table[state][symbol] for state in images[index]]
                meter.spend(len(mapped))
                require(
                    mapped == images[after],
                    f"image {index} is not mapped in order by {automaton.alphabet[symbol]!a}",
                )


def last_symbol_quotient(evidence: Fields, automaton: Automaton, task: str, meter: Meter) -> None:
    """On live prefixes the last symbol and the class of an R-trivial quotient decide the state."""
    record(evidence, "the evidence", ("kind", "classes"))
    live = [state for state in range(automaton.states) if automaton.live[state]]
    number = partition(evidence["classes"], "classes", live, automaton.states)
    target_class: dict[tuple[int, int], int] = {}
    entered: dict[tuple[int, int], int] = {}
    successors: list[list[int]] = [[] for _ in range(len(set(number.values())))]
    for state in live:
        for symbol, target in enumerate(automaton.table[state]):
            meter.spend(1)
            if target not in number:
                continue
            agreed = target_class.setdefault((number[state], symbol), number[target])
            require(agreed == number[target], f"states of class {number[state]} go to different classes")
            successors[number[state]].append(number[target])
            only = entered.setdefault((symbol, number[target]), target)
            require(only == target, f"states {only} and {target} of one class are entered by one symbol")
    component = components(successors, meter)
    require(len(set(component)) == len(component), "the graph on classes has a cycle that is not a loop")
