"""A program as variables and decision diagrams: what the layers of a network compute from what.

A *variable* is what a network remembers or reads: the class of the symbol, an integer combination of counts
as seen through its thresholds, a latch, or a bit of a rotor; each now or some positions earlier. Every
condition of the program is a diagram over variables, hence a few disjoint conjunctions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce

from ..budgets import DEFAULT, Budget
from ..diagrams import Diagrams, Node
from ..errors import BadInput
from ..languages.words import brief
from ..programs import Program
from ..programs.expressions import (
    All,
    AtLeast,
    Constant,
    Expression,
    Latch,
    Not,
    Previously,
    Read,
    Some,
    Turned,
    walk,
)

Form = tuple[tuple[Expression, int], ...]
"""An integer combination: (what is counted, weight)."""


@dataclass(frozen=True)
class Turn:
    """Bit number `bit` of how often `part` held, as a binary number: a rotor of two values.

    It turns when `part` holds and all lower bits were 1 one position earlier.
    """

    part: Expression
    bit: int

    def __str__(self) -> str:
        return f"bit {self.bit} of the number of {self.part}"


What = Form | Latch | Turn
"""What a cell holds."""

Values = dict["Variable", tuple[int, ...]]
"""A conjunction: for each variable named, the values it may have."""


@dataclass(frozen=True)
class Variable:
    """What a condition can depend on.

    Arguments:
        what: None for the symbol; a form, a latch or a bit of a rotor.
        delay: so many positions earlier.

    The values of the symbol are classes of symbols, and after them one for "no symbol", as at the empty
    prefix; those of a form are the number of its thresholds reached; those of a latch or bit false and true.
    """

    what: What | None
    delay: int = 0


SYMBOL = Variable(None)
_MOST = 2**24  # smaller integers, and those beside them, are exact in float32


class Circuit:
    """The conditions of a program as diagrams over variables.

    Arguments:
        program: its rotors have orders that are powers of two.
        task: "recognise" or "predict".
        test_layers: how many layers a network needs from a counter to its thresholds.

    Raises:
        BadInput: when the program has another rotor, or a weight or bound of 2^24 or more.
        BudgetExceeded: when a diagram grows too large.

    Complexity: that of the diagrams; linear for conditions that depend on few variables each.
    """

    def __init__(self, program: Program, task: str, *, test_layers: int, budget: Budget = DEFAULT) -> None:
        self.program, self.task, self.test_layers = program, task, test_layers
        self.alphabet = program.alphabet
        self.roots = program.conditions(task)
        nodes = tuple(walk(self.roots))
        for node in nodes:
            _check(node)
        reads = [node for node in nodes if isinstance(node, Read)]
        signature: dict[tuple[bool, ...], int] = {}
        self.classes = {
            symbol: signature.setdefault(tuple(symbol in node.symbols for node in reads), len(signature))
            for symbol in program.alphabet
        }
        self.no_symbol = len(signature)
        self.bounds: dict[Form, list[int]] = {}
        for node in nodes:
            if isinstance(node, AtLeast):
                self.bounds.setdefault(node.terms, []).append(node.bound)
        for form, bounds in self.bounds.items():
            self.bounds[form] = sorted(set(bounds))
        self.latches = [node for node in nodes if isinstance(node, Latch)]
        turned = ((node.part, node.order) for node in nodes if isinstance(node, Turned))
        bits = [Turn(part, bit) for part, order in turned for bit in range(order.bit_length() - 1)]
        self.turns = list(dict.fromkeys(bits))
        deepest = max([_delays(nodes), *(1 for turn in self.turns if turn.bit)])
        whats: list[What | None] = [None, *self.bounds, *self.latches, *self.turns]
        self.variables = [Variable(what, d) for what in whats for d in range(deepest + 1)]
        self._place = {variable: i for i, variable in enumerate(self.variables)}
        self.diagrams = Diagrams([self.size(variable) for variable in self.variables], budget=budget)
        self._made: dict[tuple[Expression, int], Node] = {}
        self._levels: dict[Variable, int] = {}

    def size(self, variable: Variable) -> int:
        """Return the number of values of a variable."""
        if variable.what is None:
            return self.no_symbol + 1
        return 2 if isinstance(variable.what, Latch | Turn) else len(self.bounds[variable.what]) + 1

    def node(self, expression: Expression, delay: int = 0) -> Node:
        """Return a condition, as it was `delay` positions earlier, as a diagram."""
        key = expression, delay
        if key not in self._made:
            self._made[key] = self._node(expression, delay)
        return self._made[key]

    def _node(self, expression: Expression, delay: int) -> Node:
        diagrams = self.diagrams
        match expression:
            case Constant(value):
                return diagrams.leaf(value)
            case Read(symbols):
                values = {self.classes[symbol] for symbol in symbols}
                return self.test(Variable(None, delay), values)
            case Not(part):
                return diagrams.opposite(self.node(part, delay))
            case All(members):
                return self._all(self.node(part, delay) for part in members)
            case Some(members):
                return diagrams.opposite(
                    self._all(diagrams.opposite(self.node(part, delay)) for part in members)
                )
            case Previously(part):
                read = self.test(Variable(None, delay + 1), range(self.no_symbol))
                return diagrams.both(read, self.node(part, delay + 1))
            case AtLeast(terms, bound):
                reached = self.bounds[terms].index(bound) + 1
                return self.test(Variable(terms, delay), range(reached, len(self.bounds[terms]) + 1))
            case Latch():
                return self.test(Variable(expression, delay), [1])
            case Turned(part, order, residues):
                elsewhere = diagrams.leaf(True)
                bits = [Variable(Turn(part, bit), delay) for bit in range(order.bit_length() - 1)]
                for residue in sorted(residues):
                    here = self._all(self.test(bit, [residue >> i & 1]) for i, bit in enumerate(bits))
                    elsewhere = diagrams.both(elsewhere, diagrams.opposite(here))
                return diagrams.opposite(elsewhere)
        raise TypeError(f"no diagram for {type(expression).__name__}")

    def _all(self, nodes: Iterable[Node]) -> Node:
        return reduce(self.diagrams.both, nodes, self.diagrams.leaf(True))

    def test(self, variable: Variable, values: Iterable[int]) -> Node:
        """Return "the variable has one of the values" as a diagram."""
        return self.diagrams.test(self._place[variable], values)

    def read_now(self, node: Node) -> Node:
        """Return the diagram that also asks for a symbol: nothing is set or counted at the empty prefix."""
        return self.diagrams.both(node, self.test(SYMBOL, range(self.no_symbol)))

    def conjunctions(self, node: Node) -> list[Values]:
        """Return disjoint conjunctions that together are the diagram."""
        return [
            {self.variables[i]: values for i, values in path.items()}
            for path, holds in self.diagrams.conjunctions(node)
            if holds
        ]

    def support(self, node: Node) -> frozenset[Variable]:
        """Return the variables that a diagram depends on."""
        seen, stack = {node}, [node]
        found = set()
        while stack:
            place, content = self.diagrams.content(stack.pop())
            if place < len(self.variables):
                found.add(self.variables[place])
                assert isinstance(content, tuple)
                stack += set(content) - seen
                seen.update(content)
        return frozenset(found)

    def switches(self, latch: Latch) -> tuple[Node, Node]:
        """Return when a latch is set, and when it is reset and not set; neither at the empty prefix."""
        set_ = self.node(latch.set)
        reset = self.diagrams.both(self.node(latch.reset), self.diagrams.opposite(set_))
        return self.read_now(set_), self.read_now(reset)

    def turning(self, turn: Turn) -> Node:
        """Return when a bit of a rotor turns; not at the empty prefix."""
        lower = (self.test(Variable(Turn(turn.part, bit), 1), [1]) for bit in range(turn.bit))
        return self.read_now(self._all([self.node(turn.part), *lower]))

    def increments(self, form: Form) -> list[tuple[Node, int]]:
        """Return what is added to a form, and when."""
        return [(self.read_now(self.node(part)), weight) for part, weight in form]

    def causes(self, what: What) -> Sequence[Node]:
        """Return the conditions that move a latch, a bit or a counter."""
        if isinstance(what, Latch):
            return self.switches(what)
        return [self.turning(what)] if isinstance(what, Turn) else [n for n, _ in self.increments(what)]

    def layer(self, what: What) -> int:
        """Return the layer of a latch, a bit or a counter, counted from 1."""
        nodes = self.causes(what)
        return 1 + max((self.level(v) for node in nodes for v in self.support(node)), default=0)

    def level(self, variable: Variable) -> int:
        """Return after how many layers a variable can be read."""
        if variable not in self._levels:
            if variable.delay:
                level = 1 + self.level(replace(variable, delay=variable.delay - 1))
            elif variable.what is None:
                level = 0
            else:
                level = self.layer(variable.what)
                level += 0 if isinstance(variable.what, Latch | Turn) else self.test_layers
            self._levels[variable] = level
        return self._levels[variable]

    @cached_property
    def outputs(self) -> list[Node]:
        """When each symbol, then END, is legal."""
        return [self.node(root) for root in self.roots]

    @cached_property
    def needed(self) -> list[Variable]:
        """Every variable that something depends on, those it depends on first."""
        found: dict[Variable, None] = {}

        def visit(variable: Variable) -> None:
            if variable in found:
                return
            for other in self.sources(variable):
                visit(other)
            found[variable] = None

        for node in self.outputs:
            for variable in sorted(self.support(node), key=self.variables.index):
                visit(variable)
        return list(found)

    def sources(self, variable: Variable) -> Iterator[Variable]:
        """Yield the variables that one is computed from."""
        if variable.delay:
            yield replace(variable, delay=variable.delay - 1)
        elif variable.what is not None:
            for node in self.causes(variable.what):
                yield from sorted(self.support(node), key=self.variables.index)

    def horizon(self, largest: int) -> int | None:
        """Return the length of words for which every sum, and its distance to a threshold, is below a limit.

        None when nothing is counted. In one step everything that is ever added may be added at once.
        """
        found = []
        for variable in self.needed:
            form = variable.what
            if isinstance(form, tuple) and not variable.delay:
                up = sum(weight for _, weight in form if weight > 0)
                down = sum(-weight for _, weight in form if weight < 0)
                lowest, highest = self.bounds[form][0], self.bounds[form][-1]
                room = [(largest, up + down), (largest + lowest - 1, up), (largest - highest, down)]
                found += [space // pace if pace else 0 if space < 0 else largest for space, pace in room]
        return max(0, min(found)) if found else None

    def at_start(self, node: Node) -> bool:
        """Return whether a condition holds at the empty prefix."""
        while True:
            place, content = self.diagrams.content(node)
            if place == len(self.variables):
                return bool(content)
            assert isinstance(content, tuple)
            node = content[self._first_value(self.variables[place])]

    def _first_value(self, variable: Variable) -> int:
        """Return what a variable is at the empty prefix; nothing was before."""
        if variable.what is None:
            return self.no_symbol
        if variable.delay or isinstance(variable.what, Turn):
            return 0
        if isinstance(variable.what, Latch):
            return int(variable.what.initial)
        return sum(bound <= 0 for bound in self.bounds[variable.what])


def refuse_rotors(program: Program) -> None:
    """Raise `BadInput` when a program has a rotor, for targets with nonnegative gates."""
    for node in program.nodes:
        if isinstance(node, Turned):
            why = "a rotor needs gates that are not nonnegative"
            do = "Use --target signed." if program.turns else "Leave it out, or see `starfree decide`."
            raise BadInput(brief(str(node)), why, do)


def _delays(nodes: Sequence[Expression]) -> int:
    """Return how many `previously` stand inside each other at most, latches and counts between them aside."""
    depth: dict[Expression, int] = {}
    most = 0
    for node in nodes:
        if isinstance(node, (Latch, AtLeast)):
            depth[node] = 0
        else:
            depth[node] = max((depth[part] for part in node.parts), default=0)
            depth[node] += isinstance(node, Previously)
        most = max(most, depth[node])
    return most


def _check(node: Expression) -> None:
    """Raise `BadInput` for a condition that no program is lowered with."""
    if isinstance(node, Turned) and node.order & (node.order - 1):
        why = f"turns in cycles of {node.order}, which is no power of two, so that gates of -1 do not have it"
        raise BadInput(brief(str(node)), why, "Leave it out, or see `starfree decide` for who has it.")
    numbers = [node.bound, *(weight for _, weight in node.terms)] if isinstance(node, AtLeast) else []
    if any(abs(number) >= _MOST for number in numbers):
        why = "has a weight or bound of 2^24 or more, and float32 has not all of them"
        raise BadInput(brief(str(node)), why, "Use smaller numbers.")
