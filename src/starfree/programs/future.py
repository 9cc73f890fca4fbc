"""`ltlf:`: linear temporal logic on finite words, to a DFA.

A state is a Boolean combination of "the rest of the word satisfies f", for subformulas f, kept as a decision
diagram, which is the same for equal combinations. Reading a symbol replaces each f by what it asks of the
rest after that symbol. So there are finitely many states, and the empty rest says which accept.
"""

from __future__ import annotations

import numpy as np

from ..budgets import DEFAULT, Budget
from ..diagrams import Diagrams, Node
from ..languages import DFA
from ..languages.dfa import make_dfa
from .formula import Formula, parse_formula
from .past import alphabet_of

_DOING = "translating a formula to an automaton"
_NONEMPTY = Formula("nonempty")
_ON_EMPTY = {"WX": True, "R": True, "G": True}


def future_dfa(text: str, alphabet: tuple[str, ...] = (), *, budget: Budget = DEFAULT) -> DFA:
    """Return the minimal complete DFA of the words that satisfy a formula of LTLf from their start.

    Arguments:
        text: the formula: symbols, `!`, `&`, `|`, `->`, `<->`, X (next), WX (the same, but true at the last
            position), F (finally), G (globally), U (until) and R (release).
        alphabet: more symbols to have, in front of those written.

    Raises:
        BadInput: when it is no such formula.
        BudgetExceeded: when the automaton, or the diagrams on the way, grow too large.

    Complexity: twice exponential in the formula at worst; a diagram for each state and symbol.

    Source: De Giacomo and Vardi 2013 for the logic; progression after Bacchus and Kabanza 1998.

    >>> found = future_dfa("G(a -> F b)")
    >>> "aab" in found, "ba" in found, "" in found
    (True, False, True)
    """
    formula = parse_formula(text, past=False)
    symbols = alphabet_of(formula, alphabet, f"ltlf:{text}")
    return _Progression(formula, symbols, budget).dfa(f"ltlf:{text}")


class _Progression:
    def __init__(self, formula: Formula, alphabet: tuple[str, ...], budget: Budget) -> None:
        self.formula, self.alphabet, self.budget = formula, alphabet, budget
        found: dict[Formula, None] = {}
        stack = [formula]
        while stack:
            one = stack.pop()
            if one.operator not in ("!", "&", "|", "true", "false"):
                found[one] = None
            stack += one.parts
        found[_NONEMPTY] = None
        self.atoms = list(found)
        self.place = {atom: i for i, atom in enumerate(self.atoms)}
        self.diagrams = Diagrams([2] * len(self.atoms), budget=budget)
        self.made: dict[Formula, Node] = {}

    def dfa(self, spec: str) -> DFA:
        start = self.of(self.formula)
        number = {start: 0}
        order = [start]
        rows = []
        after: list[dict[Node, Node]] = [{} for _ in self.alphabet]
        later: list[dict[Formula, Node]] = [{} for _ in self.alphabet]
        for state in order:  # grows as it is read
            self.budget.check_states(len(order), _DOING)
            row = []
            for i, symbol in enumerate(self.alphabet):
                target = self.read(state, symbol, after[i], later[i])
                row.append(number.setdefault(target, len(order)))
                if row[-1] == len(order):
                    order.append(target)
            rows.append(row)
        accepting = [self.accepts(state) for state in order]
        return make_dfa(self.alphabet, np.array(rows, np.int64), accepting, spec=spec, budget=self.budget)

    def of(self, formula: Formula) -> Node:
        """Return "the rest satisfies the formula" as a diagram."""
        if formula not in self.made:
            parts = [self.of(part) for part in formula.parts] if formula.operator in "!&|" else []
            self.made[formula] = self.joined(formula, parts)
        return self.made[formula]

    def joined(self, formula: Formula, parts: list[Node]) -> Node:
        match formula.operator:
            case "true" | "false":
                return self.diagrams.leaf(formula.operator == "true")
            case "!":
                return self.diagrams.opposite(parts[0])
            case "&":
                return self.diagrams.both(*parts)
            case "|":
                return self.either(*parts)
        return self.diagrams.test(self.place[formula], [1])

    def either(self, x: Node, y: Node) -> Node:
        opposite = self.diagrams.opposite
        return opposite(self.diagrams.both(opposite(x), opposite(y)))

    def read(self, state: Node, symbol: str, after: dict[Node, Node], later: dict[Formula, Node]) -> Node:
        """Return the state after one more symbol."""
        if state not in after:
            variable, content = self.diagrams.content(state)
            if variable == len(self.atoms):
                after[state] = state
            else:
                assert isinstance(content, tuple)
                no, yes = (self.read(child, symbol, after, later) for child in content)
                asked = self.asked(self.atoms[variable], symbol, later)
                both, opposite = self.diagrams.both, self.diagrams.opposite
                after[state] = self.either(both(asked, yes), both(opposite(asked), no))
        return after[state]

    def asked(self, formula: Formula, symbol: str, later: dict[Formula, Node]) -> Node:
        """Return what a formula asks of the rest after a symbol."""
        if formula not in later:
            later[formula] = self._asked(formula, symbol, later)
        return later[formula]

    def _asked(self, formula: Formula, symbol: str, later: dict[Formula, Node]) -> Node:
        both = self.diagrams.both
        same = self.diagrams.test(self.place[formula], [1]) if formula in self.place else None
        match formula.operator:
            case "symbol":
                return self.diagrams.leaf(formula.symbol == symbol)
            case "nonempty":
                return self.diagrams.leaf(True)
            case "X":
                return both(self.of(formula.parts[0]), self.of(_NONEMPTY))
            case "WX":
                return self.either(self.of(formula.parts[0]), self.diagrams.opposite(self.of(_NONEMPTY)))
        parts = [self.asked(part, symbol, later) for part in formula.parts]
        if same is None:
            return self.joined(formula, parts)
        match formula.operator:
            case "F":
                return self.either(parts[0], same)
            case "G":
                return both(parts[0], same)
            case "U":
                return self.either(parts[1], both(parts[0], same))
            case "R":
                return both(parts[1], self.either(parts[0], same))
        raise TypeError(f"no operator {formula.operator!r}")

    def accepts(self, state: Node) -> bool:
        """Say whether the empty rest satisfies a state."""
        while True:
            variable, content = self.diagrams.content(state)
            if variable == len(self.atoms):
                return bool(content)
            assert isinstance(content, tuple)
            state = content[_ON_EMPTY.get(self.atoms[variable].operator, False)]
