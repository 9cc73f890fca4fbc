"""Regular expressions by finite automata: parse, build an automaton with empty moves, determinise."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from .automata import Machine, TooLarge, closure, then
from .forms import Unsupported, need

MOST = 3000
Edges = dict[int, list[tuple[int, int]]]


@dataclass
class Nfa:
    """Edges carry a bit mask of symbols; mask 0 is an empty move."""

    edges: Edges = field(default_factory=dict)
    count: int = 0

    def new(self) -> int:
        self.count += 1
        if self.count > MOST:
            raise TooLarge
        return self.count - 1

    def edge(self, p: int, mask: int, q: int) -> None:
        self.edges.setdefault(p, []).append((mask, q))

    def closed(self, states: set[int]) -> frozenset[int]:
        found = list(states)
        for p in found:
            found += [q for mask, q in self.edges.get(p, ()) if mask == 0 and q not in found]
        return frozenset(found)


class Compiler:
    """Recursive descent; every construct is compiled as it is parsed, into one shared automaton.

    A parsed construct is a function that adds a fresh copy of itself and returns its two ends.
    """

    def __init__(self, text: str, alphabet: list[str]) -> None:
        self.text, self.alphabet, self.i = text, alphabet, 0
        self.nfa = Nfa()

    def peek(self) -> str:
        return self.text[self.i : self.i + 1]

    def whole(self):
        part = self.either_of()
        need(self.i == len(self.text), "the whole text is an expression")
        return part

    def either_of(self):
        parts = [self.both()]
        while self.peek() == "|":
            self.i += 1
            parts.append(self.both())
        return lambda: self.fork([part() for part in parts])

    def fork(self, ends):
        p, q = self.nfa.new(), self.nfa.new()
        for s, t in ends:
            self.nfa.edge(p, 0, s)
            self.nfa.edge(t, 0, q)
        return p, q

    def both(self):
        parts = [self.sequence()]
        while self.peek() == "&":
            self.i += 1
            parts.append(self.sequence())
        if len(parts) == 1:
            return parts[0]
        return lambda: self.paste([self.determinised(part) for part in parts], all)

    def sequence(self):
        parts = []
        while self.peek() not in ("", "|", "&", ")"):
            parts.append(self.negation())
        need(bool(parts), "an empty branch")

        def chain():
            ends = [part() for part in parts]
            for (_, t), (s, _) in pairwise(ends):
                self.nfa.edge(t, 0, s)
            return ends[0][0], ends[-1][1]

        return chain

    def negation(self):
        if self.peek() != "~":
            return self.repeated()
        self.i += 1
        part = self.negation()
        return lambda: self.paste([self.determinised(part)], lambda flags: not next(iter(flags)))

    def repeated(self):
        part = self.operand()
        while self.peek() and self.peek() in "*+?{":
            match = re.compile(r"\*|\+|\?|\{([0-9]+)\}|\{([0-9]+),([0-9]*)\}").match(self.text, self.i)
            need(match is not None, "a repetition")
            self.i = match.end()
            exact, low, high = match.groups()
            sign = match[0]
            least = {"*": 0, "+": 1, "?": 0}.get(sign) if exact is None and low is None else int(exact or low)
            most = (
                {"*": None, "+": None, "?": 1}.get(sign)
                if exact is None and low is None
                else (int(exact) if exact is not None else int(high) if high else None)
            )
            need(most is None or most >= least, "a repetition that ends before it begins")
            if max(least, most or 0) > MOST:
                raise TooLarge
            part = self.copies(part, least, most)
        return part

    def copies(self, part, least, most):
        def build():
            p = at = self.nfa.new()
            q = self.nfa.new()
            for _ in range(least):
                s, t = part()
                self.nfa.edge(at, 0, s)
                at = t
            if most is None:
                loop = self.nfa.new()
                s, t = part()
                for a, b in ((at, loop), (loop, s), (t, loop)):
                    self.nfa.edge(a, 0, b)
                at = loop
            else:
                for _ in range(most - least):
                    self.nfa.edge(at, 0, q)
                    s, t = part()
                    self.nfa.edge(at, 0, s)
                    at = t
            self.nfa.edge(at, 0, q)
            return p, q

        return build

    def operand(self):
        c = self.peek()
        self.i += 1
        if c == "(":
            if self.peek() == ")":
                self.i += 1
                return lambda: self.fork([(s := self.nfa.new(), s)])
            part = self.either_of()
            need(self.peek() == ")", "a parenthesis")
            self.i += 1
            return part
        need(c not in ("", "*", "+", "?", "{", "}", "]", ")"), "an operand")
        if c == ".":
            return self.one_of(set(self.alphabet))
        if c == "[":
            return self.one_of(self.bracket())
        return self.one_of({self.escaped(c)})

    def one_of(self, symbols):
        need(symbols <= set(self.alphabet), "a symbol outside the alphabet")
        mask = sum(1 << self.alphabet.index(s) for s in symbols)

        def build():
            p, q = self.nfa.new(), self.nfa.new()
            if mask:
                self.nfa.edge(p, mask, q)
            return p, q

        return build

    def escaped(self, c):
        if c != "\\":
            return c
        c = self.peek()
        need(c != "" and re.match(r"[A-Za-z0-9]", c) is None, "an escape")
        self.i += 1
        return c

    def bracket(self):
        negative = self.peek() == "^"
        self.i += negative
        found: set[str] = set()
        while self.peek() != "]":
            need(self.peek() != "", "a bracket")
            self.i += 1
            low = self.escaped(self.text[self.i - 1])
            if re.match(r"-[^\]]", self.text[self.i : self.i + 2], re.DOTALL):
                self.i += 2
                high = self.escaped(self.text[self.i - 1])
                need(low <= high, "a range")
                found |= {chr(code) for code in range(ord(low), ord(high) + 1)}
            else:
                found.add(low)
        self.i += 1
        need(bool(found) and found <= set(self.alphabet), "a bracket")
        return set(self.alphabet) - found if negative else found

    def determinised(self, part):
        s, t = part()
        return subsets(self.nfa, s, t, len(self.alphabet))

    def paste(self, machines, combine):
        """Add the automaton of a Boolean combination of complete automata."""
        first = (0,) * len(machines)
        p, q = self.nfa.new(), self.nfa.new()
        place = {first: p}
        waiting = [first]
        for pair in waiting:
            if combine(machine[1][state] for machine, state in zip(machines, pair, strict=True)):
                self.nfa.edge(place[pair], 0, q)
            for a in range(len(self.alphabet)):
                target = tuple(machine[0][state][a] for machine, state in zip(machines, pair, strict=True))
                if target not in place:
                    place[target] = self.nfa.new()
                    waiting.append(target)
                self.nfa.edge(place[pair], 1 << a, place[target])
        # The start of a pasted automaton may be entered again from inside, so it gets an entry of its own.
        entry = self.nfa.new()
        self.nfa.edge(entry, 0, p)
        return entry, q


def subsets(nfa: Nfa, start: int, end: int, k: int) -> tuple[list[list[int]], list[bool]]:
    """Return table and accepting flags of the sets of states, the start first."""
    first = nfa.closed({start})
    number = {first: 0}
    waiting, table = [first], []
    for states in waiting:
        row = []
        for a in range(k):
            moved = {q for p in states for mask, q in nfa.edges.get(p, ()) if mask >> a & 1}
            target = nfa.closed(moved)
            if target not in number:
                number[target] = len(waiting)
                waiting.append(target)
                if len(waiting) > MOST:
                    raise TooLarge
            row.append(number[target])
        table.append(row)
    return table, [end in states for states in waiting]


def spec_machine(spec: str, alphabet: list[str]) -> tuple[list[list[int]], list[bool]]:
    """Return table and accepting flags of a spec over an alphabet."""
    group = re.match(r"^@group\[(.*)\]\Z", spec, re.DOTALL)
    if group is None:
        need(all(len(symbol) == 1 for symbol in alphabet), "symbols of one character")
        compiler = Compiler(spec, alphabet)
        return subsets(compiler.nfa, *compiler.whole()(), len(alphabet))
    maps = []
    for text in group[1].split(","):
        need(
            re.match(r"^ *(\( *\)|\([1-9][0-9]{0,4}( [1-9][0-9]{0,4})*\) *)+ *\Z", text) is not None, "cycles"
        )
        cycles = [list(map(int, cycle.split())) for cycle in re.findall(r"\(([^)]*)\)", text)]
        points = [point for cycle in cycles for point in cycle]
        need(len(set(points)) == len(points), "disjoint cycles")
        maps.append({a: b for cycle in cycles for a, b in zip(cycle, cycle[1:] + cycle[:1], strict=True)})
    need(len(maps) == len(alphabet), "one generator per symbol")
    points = sorted(set().union(*maps))
    moves = [tuple(points.index(m.get(p, p)) for p in points) for m in maps]
    identity = tuple(range(len(points)))
    elements = sorted(closure(moves, len(points)), key=lambda element: (element != identity, element))
    number = {element: i for i, element in enumerate(elements)}
    table = [[number[then(element, move)] for move in moves] for element in elements]
    return table, [element == identity for element in elements]


def same_language(machine: Machine, table: list[list[int]], accepting: list[bool], order: list[str]) -> bool:
    """Whether a DFA over the symbols in the given order, started in 0, has the language of the machine."""
    waiting = [(machine.start, 0)]
    for p, q in waiting:
        if (p in machine.accepting) != accepting[q]:
            return False
        for i, symbol in enumerate(order):
            pair = (machine.letters[symbol][p], table[q][i])
            if pair not in waiting:
                waiting.append(pair)
    return True


def require_spec(machine: Machine, spec: str) -> None:
    try:
        table, accepting = spec_machine(spec, machine.alphabet)
    except RecursionError:
        raise TooLarge from None
    if not same_language(machine, table, accepting, machine.alphabet):
        raise Unsupported("the spec has another language")
