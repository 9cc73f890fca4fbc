"""`ltlf:`: linear temporal logic on finite words, to a DFA.

A state is a Boolean combination of "the rest of the word begins with s, or is empty" and "the rest satisfies
f", for temporal subformulas f, kept as a decision diagram, which is the same for equal combinations. Reading
a symbol replaces each f by what it asks of the rest after that symbol. So there are finitely many states, and
the empty rest says which accept.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import and_, or_

import numpy as np

from ..budgets import DEFAULT, Budget
from ..diagrams import Diagrams, Node
from ..errors import BadInput, BudgetExceeded
from ..languages import DFA
from ..languages.dfa import check_entries, make_dfa
from .formula import FUTURE, Formula, joined, parse_formula
from .past import alphabet_of

_DOING = "translating a formula to an automaton"
_ON_EMPTY = ("WX", "R", "G")  # what the empty rest satisfies
_MOST_REMEMBERED = 10**6  # nodes of diagrams whose successors are kept
_MOST_TEMPORAL = 200  # diagrams are followed by functions that call themselves for each variable


def future_dfa(text: str, alphabet: tuple[str, ...] = (), *, budget: Budget = DEFAULT) -> DFA:
    """Return the minimal complete DFA of the words that satisfy a formula of LTLf from their start.

    Arguments:
        text: the formula: symbols, `!`, `&`, `|`, `->`, `<->`, X (next), WX (the same, but true at the last
            position), F (finally), G (globally), U (until) and R (release).
        alphabet: more symbols to have, in front of those written.

    Raises:
        BadInput: when it is no such formula, or has more than 200 different temporal subformulas.
        BudgetExceeded: when the automaton, or the diagrams on the way, grow too large.

    Complexity: twice exponential in the formula at worst; a diagram for each state and symbol.

    Source: De Giacomo and Vardi 2013 for the logic; progression after Bacchus and Kabanza 1998.

    >>> found = future_dfa("G(a -> F b)")
    >>> "aab" in found, "ba" in found, "" in found
    (True, False, True)
    """
    formula = parse_formula(text, past=False)
    symbols = alphabet_of(formula, alphabet, f"ltlf:{text}")
    temporal = sum(one.operator in FUTURE for one in formula.subformulas())
    if temporal > _MOST_TEMPORAL:
        why = f"has {temporal} different temporal subformulas, more than {_MOST_TEMPORAL}"
        raise BadInput("formula", why, "Write a smaller formula.")
    try:
        return _Progression(formula, symbols, budget).dfa(f"ltlf:{text}")
    except BudgetExceeded as error:  # of the diagrams too it is the states that need them
        raise BudgetExceeded(_DOING, error.why, error.do.replace("elements", "states")) from None


class _Progression:
    def __init__(self, formula: Formula, alphabet: tuple[str, ...], budget: Budget) -> None:
        self.formula, self.alphabet, self.budget = formula, alphabet, budget
        subformulas = formula.subformulas()
        # All symbols that are not written count as one, behind the others.
        written = {one.symbol for one in subformulas if one.operator == "symbol"}
        self.places = {symbol: i for i, symbol in enumerate(s for s in alphabet if s in written)}
        self.empty = len(written) + (len(written) < len(alphabet))  # behind them all: the rest is empty
        self.masks: dict[Formula, int] = {}
        self.timed: list[Formula] = []  # the other formulas, which have a temporal operator somewhere
        for one in subformulas:
            if one.operator in FUTURE or not all(part in self.masks for part in one.parts):
                self.timed.append(one)
            else:
                self.masks[one] = self._mask(one)
        self.temporal = [one for one in self.timed if one.operator in FUTURE]
        limits = replace(budget, max_elements=max(budget.max_elements, budget.max_states))
        self.diagrams = Diagrams([self.empty + 1] + [2] * len(self.temporal), budget=limits)
        self.variable = {one: place for place, one in enumerate(self.temporal, 1)}
        self.nonempty = self._test((1 << self.empty) - 1)
        self.made: dict[Formula, Node] = {}
        for one in self.timed:
            self.made[one] = self._made(one)

    def dfa(self, spec: str) -> DFA:
        start = self._holds(self.formula)
        number = {start: 0}
        order = [start]
        rows = []
        asked = [self._asked_after(place) for place in range(self.empty)]
        after: list[dict[Node, Node]] = [{} for _ in asked]
        for state in order:  # grows as it is read
            self.budget.check_states(len(order), _DOING)
            if sum(map(len, after)) > _MOST_REMEMBERED:
                after = [{} for _ in asked]
            row = []
            for place in range(self.empty):
                target = self._read(state, place, asked[place], after[place])
                row.append(number.setdefault(target, len(order)))
                if row[-1] == len(order):
                    order.append(target)
            rows.append(row)
        check_entries(len(order), len(self.alphabet), self.budget)
        columns = [self.places.get(symbol, self.empty - 1) for symbol in self.alphabet]
        table = np.array(rows, np.int64)[:, columns]
        accepting = [self._first(state, self.empty) == self.diagrams.leaf(True) for state in order]
        return make_dfa(self.alphabet, table, accepting, spec=spec, budget=self.budget)

    def _mask(self, formula: Formula) -> int:
        """Return with which first symbols of the rest a formula without temporal operators holds, as bits."""
        everything = (1 << self.empty + 1) - 1
        parts = [self.masks[part] for part in formula.parts]
        match formula.operator:
            case "symbol":
                return 1 << self.places[formula.symbol]
            case "false":
                return 0
            case "!":
                return everything ^ parts[0]
            case "&":
                return reduce(and_, parts)
            case "|":
                return reduce(or_, parts)
            case "<->":
                return reduce(lambda x, y: everything ^ x ^ y, parts)
        return everything

    def _test(self, mask: int) -> Node:
        """Return "the first symbol of the rest is one of these" as a diagram."""
        return self.diagrams.test(0, [place for place in range(self.empty + 1) if mask >> place & 1])

    def _holds(self, formula: Formula) -> Node:
        """Return "the rest satisfies the formula" as a diagram."""
        if formula not in self.made:
            self.made[formula] = self._test(self.masks[formula])
        return self.made[formula]

    def _made(self, formula: Formula) -> Node:
        if formula not in self.variable:
            return self._joined(formula, [self._holds(part) for part in formula.parts])
        later = self.diagrams.test(self.variable[formula], [1])
        at_end = self.diagrams.leaf(formula.operator in _ON_EMPTY)
        return self.diagrams.node(0, [later] * self.empty + [at_end])

    def _joined(self, formula: Formula, parts: list[Node]) -> Node:
        match formula.operator:
            case "!":
                return self.diagrams.opposite(parts[0])
            case "&":
                return joined(self.diagrams.both, parts)
            case "|":
                return joined(self._either, parts)
            case "<->":
                return joined(self._equal, parts)
        raise TypeError(f"no operator {formula.operator!r}")

    def _either(self, x: Node, y: Node) -> Node:
        opposite = self.diagrams.opposite
        return opposite(self.diagrams.both(opposite(x), opposite(y)))

    def _equal(self, x: Node, y: Node) -> Node:
        return self._choice(x, y, self.diagrams.opposite(y))

    def _choice(self, test: Node, yes: Node, no: Node) -> Node:
        both, opposite = self.diagrams.both, self.diagrams.opposite
        return self._either(both(test, yes), both(opposite(test), no))

    def _asked_after(self, place: int) -> dict[Formula, Node]:
        """Return what each formula asks of the rest after a symbol."""
        asked: dict[Formula, Node] = {}
        for one in self.timed:
            parts = [
                self.diagrams.leaf(bool(self.masks[part] >> place & 1)) if part in self.masks else asked[part]
                for part in one.parts
            ]
            asked[one] = self._asked(one, parts)
        return asked

    def _asked(self, formula: Formula, parts: list[Node]) -> Node:
        both, either = self.diagrams.both, self._either
        match formula.operator:
            case "X":
                return both(self._holds(formula.parts[0]), self.nonempty)
            case "WX":
                return either(self._holds(formula.parts[0]), self.diagrams.opposite(self.nonempty))
            case "F":
                return either(parts[0], self._holds(formula))
            case "G":
                return both(parts[0], self._holds(formula))
            case "U":
                return either(parts[1], both(parts[0], self._holds(formula)))
            case "R":
                return both(parts[1], either(parts[0], self._holds(formula)))
        return self._joined(formula, parts)

    def _first(self, state: Node, place: int) -> Node:
        """Return what is left of a state when the first symbol of the rest is known."""
        variable, content = self.diagrams.content(state)
        if variable:
            return state
        assert isinstance(content, tuple)
        found: Node = content[place]
        return found

    def _read(self, state: Node, place: int, asked: dict[Formula, Node], after: dict[Node, Node]) -> Node:
        """Return the state after one more symbol."""
        chosen = self._first(state, place)
        for node in self._new_below(chosen, after):
            variable, content = self.diagrams.content(node)
            if variable > len(self.temporal):
                after[node] = node
            else:
                assert isinstance(content, tuple)
                no, yes = (after[child] for child in content)
                after[node] = self._choice(asked[self.temporal[variable - 1]], yes, no)
        return after[chosen]

    def _new_below(self, root: Node, known: dict[Node, Node]) -> list[Node]:
        """Return the nodes of a diagram that are not known, each after its children, which are older."""
        found: set[Node] = set()
        stack = [root]
        while stack:
            node = stack.pop()
            if node not in known and node not in found:
                found.add(node)
                variable, content = self.diagrams.content(node)
                if variable <= len(self.temporal):
                    assert isinstance(content, tuple)
                    stack += content
        return sorted(found)
