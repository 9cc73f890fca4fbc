"""How the coordinates of a holonomy are stored in cells: one latch each, or a latch and rotors."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import chain

from ..algebra.images import ImageOrbit
from ..algebra.permutations import Permutation
from ..budgets import DEFAULT, Budget
from ..diagrams import ANY, Diagrams, Node
from .holonomy import Holonomy, States, image
from .rotors import Register, Rotors, Turns, register

HOLD = "hold"


@dataclass(frozen=True)
class Add:
    """The action of a rotor that is turned."""

    value: int


@dataclass(frozen=True)
class Slot:
    """A rotor of a coordinate: for every class at this depth, at most one cyclic group.

    Arguments:
        factor: at which place of the series its group stands.
        size: the order of the group.
        part: for the root of each class that uses it, which part of the factor it is.
    """

    factor: int
    size: int
    part: dict[States, int]


@dataclass(frozen=True, eq=False)
class Coordinate:
    """The cells of one depth: a latch for the tile or, beside rotors, for its orbit; then the rotors.

    Values of all zeros stand for tile 0 in every class.

    Arguments:
        first: the number of its first cell.
        tiles: most tiles of any class.
        orbits: values of the latch; 1 means that there is none.
        slots: the rotors, along the series.
        registers: of the classes at this depth whose tiles are permuted, by their roots.
    """

    first: int
    tiles: int
    orbits: int
    slots: tuple[Slot, ...]
    registers: dict[States, Register]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of values of each cell."""
        return (*[self.orbits] * (self.orbits > 1), *(slot.size for slot in self.slots))

    def branch(self, diagrams: Diagrams, root: States | None, children: Sequence[Node]) -> Node:
        """Return the diagram that decides by the tile.

        Arguments:
            root: of the class whose tiles these are; None where the coordinate is not in use, and only
                tile 0 matters.
            children: the node for each tile.
        """
        known = self.registers.get(root) if root is not None else None
        if not self.slots:
            return diagrams.node(self.first, children)
        if root is None:
            return children[0]

        def tile(values: tuple[int, ...]) -> int | None:
            orbit, turned = (values[0], values[1:]) if self.orbits > 1 else (0, values)
            if known is None:
                return orbit if orbit < self.tiles and not any(turned) else None
            rotors = self._turns(root, turned)
            return None if rotors is None or orbit >= len(known.bases) else known.tile(orbit, rotors)

        def leaf(values: tuple[int, ...]) -> Node:
            at = tile(values)
            return ANY if at is None or at >= len(children) else children[at]

        return self._nested(diagrams, (), len(self.sizes), leaf)

    def action(self, diagrams: Diagrams, cell: int, root: States, act: Hashable) -> Node:
        """Return what a cell does when its coordinate holds, is reset to a tile, or its tiles are permuted.

        Arguments:
            cell: which of the cells, from 0.
            root: of the class whose tiles these are afterwards.
            act: `HOLD`, a tile, or a permutation of tiles.
        """
        latch = self.orbits > 1
        if act == HOLD or (isinstance(act, tuple) and latch and cell == 0):
            return diagrams.leaf(HOLD)
        known = self.registers.get(root)
        if isinstance(act, int):
            if not self.slots:
                return diagrams.leaf(act)
            if known is None:
                return diagrams.leaf(act if latch and cell == 0 else 0)
            if latch and cell == 0:
                return diagrams.leaf(known.orbit[act])
            slot = self.slots[cell - latch]
            part = slot.part.get(root)
            return diagrams.leaf(0 if part is None else known.place(act)[slot.factor][part])
        assert isinstance(act, tuple)
        assert known is not None
        slot = self.slots[cell - latch]
        part = slot.part.get(root)
        if part is None:
            return diagrams.leaf(HOLD)
        before = [other for other in self.slots if other.factor < slot.factor]

        def leaf(values: tuple[int, ...]) -> Node:
            rotors = self._turns(root, values[latch:], slot.factor)
            if rotors is None:
                return ANY
            added = known.added(act, rotors)[part]
            return diagrams.leaf(Add(added) if added else HOLD)

        return self._nested(diagrams, (), latch + len(before), leaf, skip=latch)

    def _nested(
        self,
        diagrams: Diagrams,
        values: tuple[int, ...],
        count: int,
        leaf: Callable[[tuple[int, ...]], Node],
        skip: int = 0,
    ) -> Node:
        """Return a diagram over the first `count` cells, without the first `skip`."""
        at = len(values)
        if at == count:
            return leaf(values)
        if at < skip:
            return self._nested(diagrams, (*values, 0), count, leaf, skip)
        children = [
            self._nested(diagrams, (*values, value), count, leaf, skip) for value in range(self.sizes[at])
        ]
        return diagrams.node(self.first + at, children)

    def _turns(
        self, root: States, values: Sequence[int], factors: int | None = None
    ) -> tuple[Turns, ...] | None:
        """Return the values of slots as rotors of a class, or None where one that it does not use moved."""
        orders = [factor.orders for factor in self.registers[root].factors[:factors]]
        found = [[0] * len(each) for each in orders]
        for slot, value in zip(self.slots, values, strict=False):
            part = slot.part.get(root)
            if part is not None:
                found[slot.factor][part] = value
            elif value:
                return None
        return tuple(map(tuple, found))


def coordinates(
    orbit: ImageOrbit, tower: Holonomy, rotors: Rotors | None, *, budget: Budget = DEFAULT
) -> list[Coordinate]:
    """Return how each depth is stored.

    Arguments:
        rotors: which rotors there are; needed when `tower.turning` is not empty.

    Raises:
        BadInput: when the groups have no series for such rotors.
        BudgetExceeded: when a group is too large to list.

    Complexity: sets times letters times tiles, where translations disagree, plus the sizes of the groups.
    """
    registers = _registers(orbit, tower, rotors, budget) if rotors is not None and tower.turning else {}
    found: list[Coordinate] = []
    first = 0
    for d in range(tower.depths):
        here = [s for s in tower.tiles if tower.depth[s] == d]
        known = {root: registers[root] for root in {tower.root[s] for s in here} if root in registers}
        most = max(len(tower.tiles[s]) for s in here)
        slots = _slots(known)
        orbits = most
        if slots:
            plain = [len(tower.tiles[s]) for s in here if tower.root[s] not in known]
            orbits = max([len(each.bases) for each in known.values()] + plain)
        found.append(Coordinate(first, most, orbits, slots, known))
        first += len(found[-1].sizes)
    return found


def permutation(tower: Holonomy, column: Sequence[int], source: States, target: States) -> Permutation:
    """Return how a letter that translates a set to another of its class moves the numbers of the tiles."""
    number = {tile: i for i, tile in enumerate(tower.tiles[target])}
    return tuple(number[image(column, tile)] for tile in tower.tiles[source])


def _registers(orbit: ImageOrbit, tower: Holonomy, rotors: Rotors, budget: Budget) -> dict[States, Register]:
    moves: dict[States, set[Permutation]] = {root: set() for root in tower.turning}
    for column in set(map(tuple, orbit.table.T.tolist())):
        for s, root in tower.root.items():
            budget.check_time("finding the groups of a cascade")
            if root in tower.turning:
                target = image(column, s)
                if tower.root.get(target) == root:
                    moves[root].add(permutation(tower, column, s, target))
    made = {
        root: register(found, len(tower.tiles[root]), rotors, budget=budget) for root, found in moves.items()
    }
    return {root: each for root, each in made.items() if each.factors}


def _slots(registers: dict[States, Register]) -> tuple[Slot, ...]:
    """Return rotors for all classes of a depth, shared where factor and order are the same."""
    parts: dict[tuple[int, int, int], dict[States, int]] = {}
    for root, each in sorted(registers.items()):
        for level, factor in enumerate(each.factors):
            used: dict[int, int] = {}
            for part, order in enumerate(factor.orders):
                copy = used[order] = used.get(order, -1) + 1
                parts.setdefault((level, order, copy), {})[root] = part
    return tuple(Slot(level, order, part) for (level, order, _), part in sorted(parts.items()))


def names(coordinate: Coordinate, name: str) -> list[str]:
    """Return the names of the cells of a coordinate that is called `name`."""
    if not coordinate.slots:
        return [name]
    latch = [f"{name}, orbit"] * (coordinate.orbits > 1)
    return latch + [f"{name}, turn {i} mod {slot.size}" for i, slot in enumerate(coordinate.slots, 1)]


def total(found: Sequence[Coordinate]) -> list[int]:
    """Return the number of values of every cell."""
    return list(chain.from_iterable(coordinate.sizes for coordinate in found))
