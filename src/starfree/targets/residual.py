"""Where booleans live in the residual stream, and when their place is given to others.

A dimension holds +1 for off and -1 for on, so that the stream is always a vector of signs, which RMSNorm
leaves alone. A boolean that nobody reads any more gives up its dimension: a gate resets it in the very layer
that writes the next one. A sum of counts is held in units so small that its square is lost beside the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .plan import Feature, Gate, Layer, Legal, Plan, Write, last_reads, merged

_NARROWEST = 8  # kernels for GPUs want multiples of 8
_CONSTANTS = 8  # in the robust variant


@dataclass(frozen=True)
class Residual:
    """Layers with a dimension for every boolean.

    Arguments:
        width: H, a power of two, at least 8.
        constants: how many dimensions hold a constant 1; they come first. A power of two.
        classes: C; after the constants, dimension c is 1 for the class c of the token, else -1.
        twos: after the classes come three times as many dimensions for sums, which start at 0, then so many
            that are always 2: together their squares have the mean 1, as those of signs.
        layers: with the writes that reset dimensions; in order.
        place: the dimension of each feature.
        after: for each number of layers done, which feature each used dimension holds.
        last: for each feature the last layer (from 1) that reads it, or that comes after it is written.
    """

    width: int
    constants: int
    classes: int
    twos: int
    layers: tuple[Layer, ...]
    place: dict[Feature, int]
    after: tuple[dict[int, Feature], ...]
    last: dict[Feature, int]


def arrange(plan: Plan, *, robust: bool = False) -> Residual:
    """Give every boolean of a plan a dimension; few enough that the width is the least power of two.

    Arguments:
        robust: use no dimension twice, for each use adds its errors, and have several constants.

    Complexity: linear in the plan.
    """
    last = last_reads(plan.layers)
    end = len(plan.layers) + 1
    births: list[list[Feature]] = []
    seen: set[Feature] = set()
    for number, layer in enumerate(plan.layers, 1):
        born = list(layer.born())
        births.append([feature for feature in dict.fromkeys(born) if feature not in seen])
        seen.update(born)
        for feature in births[-1]:
            last[feature] = end if isinstance(feature, Legal) else last.get(feature, number)
    constants = _CONSTANTS if robust else 1
    sums = [count.feature for layer in plan.layers for count in layer.counts]
    start = constants + len(set(plan.documents.classes))
    twos = -(-len(sums) // 3)
    first = start + 4 * twos
    needed = first + (sum(map(len, births)) if robust else _most_alive(births, last))
    width = max(_NARROWEST, 1 << (needed - 1).bit_length())
    place: dict[Feature, int] = {feature: start + i for i, feature in enumerate(sums)}
    holds: dict[int, Feature] = {}
    after = [dict(holds)]
    layers = []
    for number, (layer, born) in enumerate(zip(plan.layers, births, strict=True), 1):
        resets = []
        fresh = [d for d in range(first, width) if d not in holds]
        spent = [d for d, feature in holds.items() if last[feature] <= number]
        for feature in born:
            if fresh:
                dim = fresh.pop(0)
            else:
                dim = spent.pop(0)
                old = holds[dim]
                resets.append(Write(Gate(None, frozenset([(old, True)]), 0), off=(old,)))
            place[feature], holds[dim] = dim, feature
        layers.append(merged(replace(layer, writes=layer.writes + resets)))
        after.append(dict(holds))
    return Residual(width, constants, start - constants, twos, tuple(layers), place, tuple(after), last)


def _most_alive(births: list[list[Feature]], last: dict[Feature, int]) -> int:
    """Return the most booleans that are alive at once."""
    most = 0
    alive: list[Feature] = []
    for number, born in enumerate(births, 1):
        alive = [feature for feature in alive if last[feature] > number] + born
        most = max(most, len(alive))
    return most
