"""Whether the DFA of a certificate is the language of its spec, by an independent reading of the spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import TypeVar

from .automaton import Automaton
from .outcome import Meter, Rejected
from .reading import shown
from .regex import RegexReader
from .terms import Terms

PAIRS_PER_STATE = 20
GROUP = re.compile(r"@group\[(.*)\]", re.DOTALL)
CYCLE = re.compile(r"\(((?:[1-9][0-9]{0,4}(?: [1-9][0-9]{0,4})*)?)\)")
State = TypeVar("State", bound=Hashable)


def require_spec(spec: str, automaton: Automaton, meter: Meter) -> str:
    """Reject unless the spec's language is the DFA's; return what was compared.

    The pairs (derivative of the spec, DFA state) are explored breadth-first until closed, which settles it.
    Complexity: derivatives times symbols.
    """
    match = GROUP.fullmatch(spec)
    if match is not None:
        return compare_group(match[1], automaton, meter)
    if any(len(symbol) != 1 for symbol in automaton.alphabet):
        raise Rejected("a regular expression has symbols of one character only, the alphabet has others")
    terms = Terms(meter)
    root = RegexReader(spec, automaton.alphabet, terms).read()
    return compare(root, terms.derivative, terms.nullable.__getitem__, automaton, meter)


def compare(
    root: State,
    step: Callable[[State, int], State],
    accepts: Callable[[State], bool],
    automaton: Automaton,
    meter: Meter,
) -> str:
    """Explore an automaton beside the DFA until closed, or until a number of pairs; reject on a difference.

    Returns:
        a sentence that says how far they agree: everywhere, or on all words up to a length.
    """
    limit = max(1000, meter.max_states // PAIRS_PER_STATE)
    first = (root, automaton.start)
    seen = {first}
    layer, length = [first], 0
    while layer:
        for term, state in layer:
            if accepts(term) != automaton.accepting[state]:
                where = f"a word of {length} symbols that leads to state {state}"
                raise Rejected(f"the spec and the dfa differ on {where}")
        if len(seen) > limit:
            return f"the dfa agrees with the spec on all words of at most {length} symbols"
        following = []
        for term, state in layer:
            meter.spend(10)
            for symbol, target in enumerate(automaton.table[state]):
                pair = (step(term, symbol), target)
                if pair not in seen:
                    meter.states(len(seen))
                    seen.add(pair)
                    following.append(pair)
        layer, length = following, length + 1
    return "the dfa is the language of the spec"


def compare_group(listed: str, automaton: Automaton, meter: Meter) -> str:
    """Compare the DFA with the words whose product of generators, read left to right, is the identity.

    Arguments:
        listed: generators in cycle notation, separated by commas; the i-th belongs to the i-th symbol.
    """
    generators = [read_permutation(text) for text in listed.split(",")]
    if len(generators) != len(automaton.alphabet):
        raise Rejected(f"the spec has {len(generators)} generators for {len(automaton.alphabet)} symbols")
    points = sorted({point for generator in generators for point in generator})
    place = {point: index for index, point in enumerate(points)}
    meter.keep(len(points) * len(generators))
    moves = [tuple(place[generator.get(point, point)] for point in points) for generator in generators]
    identity = tuple(range(len(points)))

    def step(element: tuple[int, ...], symbol: int) -> tuple[int, ...]:
        meter.keep(len(element))
        return tuple(moves[symbol][point] for point in element)

    return compare(identity, step, identity.__eq__, automaton, meter)


def read_permutation(text: str) -> dict[int, int]:
    """Return a permutation from disjoint cycles such as `(1 2)(3 4 5)`; `()` is the identity."""
    image: dict[int, int] = {}
    rest = text.strip()
    if not rest or CYCLE.sub("", rest).strip():
        raise Rejected(f"the spec has a generator that is not in cycle notation: {shown(text)}")
    for cycle in CYCLE.findall(rest):
        points = [int(word) for word in cycle.split()]
        if len(set(points)) != len(points) or image.keys() & set(points):
            raise Rejected("the spec has a generator with a point twice")
        image.update(zip(points, points[1:] + points[:1], strict=True))
    return image
