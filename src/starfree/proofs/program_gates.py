"""The plan of a program for a stock Mamba, held against the program: each gate on all inputs at once.

The weights of a stock Mamba are those of a plan, bit for bit. What the plan's gates ask of symbols and bits
must then be the condition that the program gives for the cell: the same decision diagram, and no two gates of
a cell may fire at once.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import reduce

from ..diagrams import Node
from ..programs.expressions import Latch
from ..targets.circuit import SYMBOL, Circuit, Variable
from ..targets.plan import Bit, Count, Gate, Layer, Legal, Store, Test
from ..targets.program_plan import Planned


def wrong_gates(circuit: Circuit, planned: Planned) -> str | None:
    """Return the first part of a plan that is not what the program says, or None when there is none.

    Arguments:
        circuit: the program, as diagrams.
        planned: its plan.

    Complexity: that of the diagrams; linear in the gates where they depend on few variables each.

    >>> from starfree.programs.counters import shuffle
    >>> from starfree.targets.program_plan import plan_program
    >>> circuit = Circuit(shuffle(("()",), "@dyck_1"), "recognise", test_layers=1)
    >>> wrong_gates(circuit, plan_program(circuit)) is None
    True
    """
    checker = _Checker(circuit, planned)
    for number, layer in enumerate(planned.plan.layers, 1):
        for what, right in checker.parts(layer):
            if not right:
                return f"layer {number}: {what}"
    missing = checker.missing()
    return f"nothing computes {missing}" if missing else checker.wrong_column()


class _Checker:
    def __init__(self, circuit: Circuit, planned: Planned) -> None:
        self.circuit, self.planned = circuit, planned
        self.diagrams = circuit.diagrams
        self.begin, self.end = circuit.no_symbol, circuit.no_symbol + 1
        self.meaning = {bit: self._truth(said) for bit, said in planned.bits.items()}
        self.done: set[object] = set()

    def _truth(self, said: object) -> Node:
        match said:
            case Variable():
                return self.circuit.test(said, [1])
            case (Variable() as variable, int(value)):
                return self.circuit.test(variable, [value])
            case (tuple(form), int(bound)):
                bounds = self.circuit.bounds[form]
                return self.circuit.test(Variable(form), range(bounds.index(bound) + 1, len(bounds) + 1))
        raise TypeError(f"no meaning of {said!r}")

    def parts(self, layer: Layer) -> Iterable[tuple[str, bool]]:
        """Yield what a layer computes, and whether it is right."""
        for store in layer.stores:
            if store.feature != self.planned.ended:
                yield f"a latch, {self.planned.bits[store.feature]}", self._store(store)
        for count in layer.counts:
            yield f"a counter, {self.planned.sums[count.feature]}", self._count(count)
        for test in layer.tests:
            yield f"a threshold, {self.planned.bits[test.feature]}", self._test(test)
        looked = [bit for write in layer.writes for bit in write.on if isinstance(bit, Bit)]
        for bit in dict.fromkeys(looked):
            gates = [write.gate for write in layer.writes if bit in write.on]
            yield f"a look back, {self.planned.bits[bit]}", self._look_back(bit, gates)

    def _store(self, store: Store) -> bool:
        variable = self.planned.bits[store.feature]
        assert isinstance(variable, Variable)
        assert isinstance(variable.what, Latch)
        self.done.add(variable)
        starts = [on for on, gates in ((True, store.on), (False, store.off)) if self._token(gates)]
        switched = self._disjoint(store.on), self._disjoint(store.off)
        return starts == [variable.what.initial] and switched == self.circuit.switches(variable.what)

    def _count(self, count: Count) -> bool:
        form = self.planned.sums[count.feature]
        self.done.add(Variable(form))
        right = self._total((node, weight) for node, weight in self.circuit.increments(form))
        found = self._total((self._gate(gate), weight) for gate, weight in count.steps)
        return found == right and self._token([count.reset])

    def _test(self, test: Test) -> bool:
        said = self.planned.bits[test.feature]
        self.done.add(said)
        return said == (self.planned.sums[test.sum], test.bound)

    def _look_back(self, bit: Bit, gates: list[Gate]) -> bool:
        said = self.planned.bits[bit]
        assert isinstance(said, tuple)
        variable, value = said
        assert isinstance(variable, Variable)
        self.done.add(said)
        source = Variable(variable.what, variable.delay - 1)
        right = self.circuit.read_now(self.circuit.test(source, [value]))
        return all(gate.lag == 1 for gate in gates) and self._disjoint(gates) == right

    def missing(self) -> object | None:
        """Return a variable that the program needs and no layer computes."""
        for variable in self.circuit.needed:
            wanted: list[object] = [variable]
            if variable.delay:
                blank = self.circuit.no_symbol if variable.what is None else 0
                wanted = [(variable, value) for value in range(self.circuit.size(variable)) if value != blank]
            elif isinstance(variable.what, tuple):
                wanted += [(variable.what, bound) for bound in self.circuit.bounds[variable.what]]
            missing = [one for one in wanted if one not in self.done and one != SYMBOL]
            if missing:
                return missing[0]
        return None

    def wrong_column(self) -> str | None:
        """Return which column of the legal sets is wrong, or None."""
        k, ended = len(self.circuit.alphabet), self.planned.ended
        recognise = self.circuit.task == "recognise"
        writes = [write for layer in self.planned.plan.layers for write in layer.writes]
        covered: set[int] = set()
        for number, column in enumerate(self.planned.plan.columns):
            places = {min(token, k) for token in column.tokens}
            covered |= places
            node = self.circuit.outputs[min(places)]
            gates = [write.gate for write in writes if Legal(number) in write.on]
            live = [gate for gate in gates if (ended, True) not in gate.literals]
            right = node if column.legal_when_on else self.diagrams.opposite(node)
            wanted = self.diagrams.both(right, self.circuit.test(SYMBOL, range(self.circuit.no_symbol)))
            checks = [
                all(self.circuit.outputs[place] == node for place in places),
                self._disjoint(live) == wanted,
                self._token(gates) == (self.circuit.at_start(node) == column.legal_when_on),
                not recognise or self._token(gates, self.end) != column.legal_when_on,
                ended is None or self._apart(gates, ended, column.legal_when_on),
            ]
            if not all(checks):
                return f"the legal set, column {number + 1}"
        return None if covered == set(range(k + 1)) else "the legal set, a symbol in no column"

    def _apart(self, gates: Iterable[Gate], ended: Bit, legal_when_on: bool) -> bool:
        """Say whether gates fire until a document ends, and afterwards one if on means illegal."""
        read = frozenset(range(self.circuit.no_symbol))
        symbols = [gate for gate in gates if gate.tokens is not None and gate.tokens <= read]
        after = [gate for gate in symbols if (ended, True) in gate.literals]
        wanted = [] if legal_when_on else [Gate(read, frozenset([(ended, True)]), 0)]
        return after == wanted and all(
            (ended, False) in gate.literals for gate in symbols if gate not in after
        )

    def _token(self, gates: Iterable[Gate], token: int | None = None) -> bool:
        """Say whether one of the gates fires at a token, BOS if none is named, whatever the bits are."""
        tokens = frozenset([self.begin if token is None else token])
        return any(gate.tokens == tokens and not gate.literals for gate in gates)

    def _gate(self, gate: Gate) -> Node:
        """Return a gate at a symbol; the tokens that are no symbols are looked at by themselves."""
        found = self.circuit.test(SYMBOL, [t for t in gate.tokens or () if t < self.circuit.no_symbol])
        for bit, value in gate.literals:
            if bit == self.planned.ended:
                continue  # off as long as a document goes on
            assert isinstance(bit, Bit)
            truth = self.meaning[bit]
            found = self.diagrams.both(found, truth if value else self.diagrams.opposite(truth))
        return found

    def _disjoint(self, gates: Iterable[Gate]) -> Node:
        """Return how many of the gates fire: a condition, if it is never more than one."""
        return self._total((self._gate(gate), 1) for gate in gates)

    def _total(self, parts: Iterable[tuple[Node, int]]) -> Node:
        def add(total: Node, part: tuple[Node, int]) -> Node:
            weighed = self.diagrams.combined(operator.mul, part[0], self.diagrams.leaf(part[1]))
            return self.diagrams.combined(operator.add, total, weighed)

        return reduce(add, parts, self.diagrams.leaf(0))
