"""The plan of a stock network: booleans with names, and the layers that write them.

The residual stream carries booleans. A *gate* is a conjunction of them, and of classes of tokens, at this
position or the one before. A layer reads all gates from its input and then stores bits (switched on or off by
gates, else held) and writes further booleans.

What the stream holds of a cell is its *old* value, before the symbol at this position, where later cells read
it, and its *new* value where the legal set does. A cell reads the old values of lower cells together with the
symbol: so its own old value follows from everything one position earlier, and its new value from this
position. Both take one layer, and no boolean ever waits for a layer of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal as OneOf

from ..cascades import Cascade
from .columns import Column, switches
from .cubes import CellBit, conjunctions
from .documents import Documents, Latch, documents

When = OneOf["old", "new"]


@dataclass(frozen=True)
class Bit:
    """One bit of a cell's old or new value."""

    when: When
    cell: int
    bit: int


@dataclass(frozen=True)
class All:
    """The conjunction of some bits."""

    literals: frozenset[tuple[Bit, bool]]


@dataclass(frozen=True)
class Legal:
    """The boolean of a column of the legal set."""

    column: int


@dataclass(frozen=True)
class Signal:
    """Whether a bit is to be switched on, or off, at this position."""

    bit: Bit
    on: bool


@dataclass(frozen=True)
class Sum:
    """An integer combination of counts; not a boolean."""

    number: int


Feature = Bit | All | Legal | Signal | Sum
Literal = tuple[Feature, bool]


@dataclass(frozen=True)
class Gate:
    """A conjunction, at this position (lag 0) or the one before (lag 1).

    Arguments:
        tokens: classes of tokens, one of which must have been read, or None for any.
        literals: features and the values that they must have.
        lag: 0 or 1; with lag 1 nothing holds at the first position.
        first: whether this is the gate that holds at the first position, whatever is there, and nowhere else.
    """

    tokens: frozenset[int] | None
    literals: frozenset[Literal]
    lag: int
    first: bool = False


FIRST = Gate(None, frozenset(), 0, first=True)


@dataclass(frozen=True)
class Store:
    """A boolean that gates switch on or off, and that is held otherwise.

    At most one gate fires at a time, and one does at the first position.
    """

    feature: Bit
    on: tuple[Gate, ...]
    off: tuple[Gate, ...]


@dataclass(frozen=True)
class Write:
    """Switch booleans on or off at this position when a gate fires; all are off before."""

    gate: Gate
    on: tuple[Feature, ...] = ()
    off: tuple[Feature, ...] = ()


@dataclass(frozen=True)
class Count:
    """A sum that gates add to, and that another sets back to 0; several gates may fire at once."""

    feature: Sum
    steps: tuple[tuple[Gate, int], ...]
    reset: Gate


@dataclass(frozen=True)
class Test:
    """Switch a boolean on where a sum of an earlier layer is at least `bound`."""

    feature: Bit
    sum: Sum
    bound: int


@dataclass
class Layer:
    """What one layer stores, counts, writes and tests."""

    stores: list[Store] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)

    def gates(self) -> Iterator[Gate]:
        """Yield each gate, possibly more than once."""
        for store in self.stores:
            yield from store.on
            yield from store.off
        for write in self.writes:
            yield write.gate
        for count in self.counts:
            yield from (gate for gate, _ in count.steps)
            yield count.reset

    def born(self) -> Iterator[Feature]:
        """Yield every feature that the layer may be the first to write, sums aside."""
        yield from (store.feature for store in self.stores)
        yield from (feature for write in self.writes for feature in write.on)
        yield from (test.feature for test in self.tests)


@dataclass(frozen=True)
class Plan:
    """Layers that run a cascade on documents.

    Arguments:
        documents: the cascade over tokens.
        columns: what the `Legal` features mean.
        layers: in order; features are off before they are written.
    """

    documents: Documents
    columns: tuple[Column, ...]
    layers: tuple[Layer, ...]


def make_plan(cascade: Cascade, *, fold: bool) -> Plan:
    """Return layers for a cascade: one for each level and one for the legal set.

    Arguments:
        fold: carry conjunctions of bits instead of the bits, as soon as two bits are known. Conditions over
            many levels, as those of D_n, then cost a few booleans instead of one for each level.

    Complexity: linear in the conjunctions written.
    """
    return _Planner(cascade, fold).plan()


class _Planner:
    def __init__(self, cascade: Cascade, fold: bool) -> None:
        self.documents = documents(cascade)
        self.fold = fold
        self.latches = self.documents.latches
        self.sizes = [latch.size for latch in self.latches]
        self.layers: list[Layer] = []
        self.made: set[All] = set()

    def plan(self) -> Plan:
        chosen = switches(self.documents)
        settings = [setting for latch in self.latches for setting in latch.settings]
        read = {place for s in settings for cube in conjunctions(s.when, self.sizes) for place in cube}
        shown = {place for cube, _ in chosen.gates for place in cube}
        for number, latch in enumerate(self.latches):
            self._store(number, latch, "old", 1, read)
            self._store(number, latch, "new", 0, shown)
        for cube, switched in chosen.gates:
            literals = self._literals("new", cube)
            at = 1 + max((self._level(literal) for literal in literals), default=0)
            gate = Gate(None, self._folded(literals, at), 0)
            self._layer(at).writes.append(Write(gate, tuple(Legal(j) for j in switched)))
        return Plan(self.documents, chosen.columns, tuple(self.layers) or (Layer(),))

    def _store(self, number: int, latch: Latch, when: When, lag: int, needed: set[CellBit]) -> None:
        bits = [bit for bit in range((latch.size - 1).bit_length()) if (number, bit) in needed]
        if not bits:
            return
        gates: dict[int, list[Gate]] = {}
        for setting in latch.settings:
            for cube in conjunctions(setting.when, self.sizes):
                literals = self._folded(self._literals("old", cube), latch.level)
                gates.setdefault(setting.value, []).append(Gate(setting.tokens, literals, lag))
        for bit in bits:
            on = [gate for value, some in gates.items() if value >> bit & 1 for gate in some]
            off = [gate for value, some in gates.items() if not value >> bit & 1 for gate in some]
            if lag == 1:
                off.append(FIRST)
            self._layer(latch.level).stores.append(Store(Bit(when, number, bit), tuple(on), tuple(off)))

    def _literals(self, when: When, cube: dict[CellBit, bool]) -> frozenset[tuple[Bit, bool]]:
        return frozenset((Bit(when, cell, bit), value) for (cell, bit), value in cube.items())

    def _level(self, literal: tuple[Bit, bool]) -> int:
        return self.latches[literal[0].cell].level

    def _folded(self, literals: frozenset[tuple[Bit, bool]], layer: int) -> frozenset[Literal]:
        """Return the conjunction as a gate of `layer` may read it."""
        early = frozenset(literal for literal in literals if self._level(literal) + 2 <= layer)
        if not self.fold or len(early) < 2:
            return frozenset(literals)
        known = All(early)
        if known not in self.made:
            self.made.add(known)
            at = 1 + max(map(self._level, early))
            gate = Gate(None, self._folded(early, at), 0)
            self._layer(at).writes.append(Write(gate, (known,)))
        rest: Iterable[Literal] = literals - early
        return frozenset([(known, True), *rest])

    def _layer(self, number: int) -> Layer:
        """Return the layer of a number, counted from 1."""
        while len(self.layers) < number:
            self.layers.append(Layer())
        return self.layers[number - 1]


def with_signals(plan: Plan) -> Plan:
    """Return the plan with gates and stored bits in separate layers.

    A layer that stores is split in two: the first writes for each bit whether it is to be switched on or off,
    the second reads no more than that.
    """
    layers = []
    for layer in plan.layers:
        signals, stores = list(layer.writes), []
        for store in layer.stores:
            switched: dict[bool, tuple[Gate, ...]] = {}
            for on, gates in ((True, store.on), (False, store.off)):
                signal = Signal(store.feature, on)
                signals += [Write(gate, (signal,)) for gate in gates]
                # A bit that nothing switches on, as that of a value which never arises, has no such signal.
                switched[on] = (Gate(None, frozenset([(signal, True)]), 0),) if gates else ()
            stores.append(Store(store.feature, switched[True], switched[False]))
        layers.append(Layer([], signals))
        if stores:
            layers.append(Layer(stores, []))
    return Plan(plan.documents, plan.columns, tuple(layers))


def last_reads(layers: Iterable[Layer]) -> dict[Feature, int]:
    """Return for each feature that a gate reads the last layer that does, counted from 1."""
    found: dict[Feature, int] = {}
    for number, layer in enumerate(layers, 1):
        for gate in layer.gates():
            for feature, _ in gate.literals:
                found[feature] = number
    return found


def merged(layer: Layer) -> Layer:
    """Return the layer with one write for each gate."""
    writes: dict[Gate, Write] = {}
    for write in layer.writes:
        same = writes.get(write.gate, Write(write.gate))
        writes[write.gate] = replace(same, on=same.on + write.on, off=same.off + write.off)
    return replace(layer, writes=list(writes.values()))
