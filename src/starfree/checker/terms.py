"""Regular expressions as shared, normalised terms, with Brzozowski's derivatives.

Terms are numbers; equal terms have equal numbers. Union and intersection are flattened, sorted and without
repetition, which makes the derivatives of every term finitely many (Brzozowski 1964).
"""

from __future__ import annotations

from collections.abc import Iterable

from .outcome import Meter

Term = tuple[str, tuple[int, ...]]


class Terms:
    """All terms of one check, over an alphabet of symbols numbered from 0.

    A term is `set` (one symbol of a bit mask), `empty word`, `seq` (two terms), `or`, `and`, `not`, or
    `repeat` (term, least, most; most -1 means no limit).
    """

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.terms: list[Term] = []
        self.nullable: list[bool] = []
        self.numbers: dict[Term, int] = {}
        self.derivatives: dict[tuple[int, int], int] = {}
        self.none = self.symbols(0)
        self.empty_word = self.make("empty word", (), True)
        self.all = self.make("not", (self.none,), True)

    def make(self, kind: str, parts: tuple[int, ...], nullable: bool) -> int:
        """Return the number of a term."""
        term = (kind, parts)
        if term not in self.numbers:
            self.meter.keep(4 + len(parts))
            self.numbers[term] = len(self.terms)
            self.terms.append(term)
            self.nullable.append(nullable)
        return self.numbers[term]

    def symbols(self, mask: int) -> int:
        """Return the term for any one symbol whose bit is in the mask."""
        return self.make("set", (mask,), False)

    def seq(self, first: int, second: int) -> int:
        """Return the concatenation, nested to the right."""
        factors = []
        while self.terms[first][0] == "seq":
            head, first = self.terms[first][1]
            factors.append(head)
        factors.append(first)
        self.meter.spend(len(factors))
        for factor in reversed(factors):
            if self.none in (factor, second):
                second = self.none
            elif factor != self.empty_word:
                nullable = self.nullable[factor] and self.nullable[second]
                second = factor if second == self.empty_word else self.make("seq", (factor, second), nullable)
        return second

    def union(self, parts: Iterable[int]) -> int:
        """Return the union."""
        members = self.flat("or", parts)
        if self.all in members:
            return self.all
        mask = 0
        for member in list(members):
            if self.terms[member][0] == "set":
                mask |= self.terms[member][1][0]
                members.remove(member)
        if mask or not members:
            members.add(self.symbols(mask))
        return self.gather("or", members, any(self.nullable[member] for member in members))

    def intersection(self, parts: Iterable[int]) -> int:
        """Return the intersection."""
        members = self.flat("and", parts) - {self.all}
        if self.none in members:
            return self.none
        return (
            self.gather("and", members, all(self.nullable[member] for member in members))
            if members
            else self.all
        )

    def flat(self, kind: str, parts: Iterable[int]) -> set[int]:
        """Return the operands, those of operands of the same kind in their place."""
        members: set[int] = set()
        for part in parts:
            inner = self.terms[part][1] if self.terms[part][0] == kind else (part,)
            self.meter.spend(1 + len(inner))
            members.update(inner)
        return members

    def gather(self, kind: str, members: set[int], nullable: bool) -> int:
        """Return the one member, or the term of all."""
        return members.pop() if len(members) == 1 else self.make(kind, tuple(sorted(members)), nullable)

    def complement(self, part: int) -> int:
        """Return the complement."""
        kind, parts = self.terms[part]
        return parts[0] if kind == "not" else self.make("not", (part,), not self.nullable[part])

    def repeat(self, part: int, least: int, most: int) -> int:
        """Return `least` to `most` copies; -1 stands for no limit."""
        if most == 0 or part == self.empty_word:
            return self.empty_word
        if self.nullable[part]:
            least = 0  # fewer copies are more copies, some of them empty
        if part == self.none:
            return self.none if least else self.empty_word
        if (least, most) == (1, 1) or (
            self.terms[part][0] == "repeat" and self.terms[part][1][1:] == (0, -1)
        ):
            return part
        return self.make("repeat", (part, least, most), least == 0)

    def derivative(self, term: int, symbol: int) -> int:
        """Return the term of all words w such that the symbol followed by w is a word of the given term."""
        waiting = [term]
        while waiting:
            current = waiting[-1]
            if (current, symbol) in self.derivatives:
                waiting.pop()
                continue
            self.meter.spend(1 + len(self.terms[current][1]))
            missing = [part for part in self.needed(current) if (part, symbol) not in self.derivatives]
            if missing:
                waiting.extend(missing)
                continue
            self.meter.keep(4)
            self.derivatives[current, symbol] = self.derive(current, symbol)
        return self.derivatives[term, symbol]

    def needed(self, term: int) -> tuple[int, ...]:
        """Return the parts whose derivatives make that of the term."""
        kind, parts = self.terms[term]
        if kind == "repeat" or (kind == "seq" and not self.nullable[parts[0]]):
            return parts[:1]
        return () if kind == "set" else parts

    def derive(self, term: int, symbol: int) -> int:
        """Return the derivative from those of the parts."""
        kind, parts = self.terms[term]
        derived = [self.derivatives[part, symbol] for part in self.needed(term)]
        match kind:
            case "set":
                return self.empty_word if parts[0] >> symbol & 1 else self.none
            case "empty word":
                return self.none
            case "seq":
                return self.union([self.seq(derived[0], parts[1]), *derived[1:]])
            case "or":
                return self.union(derived)
            case "and":
                return self.intersection(derived)
            case "not":
                return self.complement(derived[0])
            case _:
                part, least, most = parts
                rest = self.repeat(part, max(least - 1, 0), most - 1 if most > 0 else -1)
                return self.seq(derived[0], rest)
