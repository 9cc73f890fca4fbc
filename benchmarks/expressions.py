"""Regular expressions to minimal automata: ours beside automata-lib, in one run.

Run: python benchmarks/expressions.py
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from automata.fa import dfa as library
from automata.fa.nfa import NFA

from starfree.languages import regex

_REPEATS = 5


def words(number: int, length: int) -> str:
    """Return the union of random words over three letters."""
    rng = random.Random(1)
    return "|".join("".join(rng.choices("abc", k=length)) for _ in range(number))


CASES = {
    "((a|b){50})*": "((a|b){50})*",
    "(a|b)*a(a|b){5}": "(a|b)*a(a|b){5}",
    "(a|b)*a(a|b){7}": "(a|b)*a(a|b){7}",
    "(a|b)*a(a|b){8}": "(a|b)*a(a|b){8}",
    "(a|b)*a(a|b){10}": "(a|b)*a(a|b){10}",
    "((a|b){200})*": "((a|b){200})*",
    "((a|b){500})*": "((a|b){500})*",
    "union of 200 words": words(200, 8),
    "union of 500 words": words(500, 8),
}


def best(make: Callable[[], object]) -> float:
    """Return the least processor time of several calls, in milliseconds."""
    times = []
    for _ in range(_REPEATS):
        began = time.process_time()
        make()
        times.append(time.process_time() - began)
    return 1000 * min(times)


def main() -> None:
    """Print a line for each expression: states, milliseconds of both, and their ratio."""
    print(f"{'expression':<20} {'states':>7} {'starfree ms':>12} {'automata-lib ms':>16} {'ratio':>7}")
    for name, text in CASES.items():
        ours = best(lambda text=text: regex(text))
        theirs = best(lambda text=text: library.DFA.from_nfa(NFA.from_regex(text), minify=True))
        print(f"{name:<20} {regex(text).states:>7} {ours:>12.1f} {theirs:>16.1f} {theirs / ours:>6.1f}x")


if __name__ == "__main__":
    main()
