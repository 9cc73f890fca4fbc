"""How long `decide` takes on 1,000 random automata, and `starfree decide '(aa)*'` as a process.

The automata have up to 20 states. Half of them have uniformly random tables, half come from random regular
expressions. Run with `python benchmarks/decide.py`; the seed is fixed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import Counter

import numpy as np

from starfree.languages import DFA, make_dfa, regex
from starfree.verdicts.decide import decide

NUMBER = 1000
STATES = 20
SEED = 3
RUNS = 10


def random_table(rng: np.random.Generator) -> DFA:
    """A uniformly random table with 2 to 20 states and 1 to 3 symbols, minimised."""
    n, k = int(rng.integers(2, STATES + 1)), int(rng.integers(1, 4))
    return make_dfa("abc"[:k], rng.integers(0, n, (n, k)), rng.random(n) < 0.5)


def random_regex(rng: np.random.Generator, size: int) -> str:
    """A random expression with `size` symbols out of a, b, c."""
    if size == 1:
        return "abc"[rng.integers(3)]
    left = int(rng.integers(1, size))
    x, y = random_regex(rng, left), random_regex(rng, size - left)
    made = f"({x}|{y})" if rng.random() < 0.4 else f"{x}{y}"
    return f"({made})*" if rng.random() < 0.3 else made


def automata(number: int) -> list[DFA]:
    """The sample: half random tables, half random expressions, all with at most 20 states."""
    rng = np.random.default_rng(SEED)
    found = [random_table(rng) for _ in range(number // 2)]
    while len(found) < number:
        dfa = regex(random_regex(rng, int(rng.integers(3, 16))))
        if 2 <= dfa.states <= STATES:
            found.append(dfa)
    return found


def main() -> None:
    sample = automata(NUMBER)
    sizes = [dfa.states for dfa in sample]
    print(f"{NUMBER} automata, {min(sizes)} to {max(sizes)} states, median {statistics.median(sizes):.0f}")
    start = time.perf_counter()
    decisions = [decide(dfa) for dfa in sample]
    print(f"decide                         {time.perf_counter() - start:6.2f} s")
    start = time.perf_counter()
    for decision in decisions:
        decision.to_json()
    print(f"reasons, layers, certificates  {time.perf_counter() - start:6.2f} s more")
    answers = Counter(d["diagonal-nonnegative"].expressible for d in decisions)
    missing = sum(v.expressible == "unknown" for d in decisions for v in d.verdicts)
    print(f"diagonal-nonnegative: {dict(answers)}; verdicts left unknown by a budget: {missing}")
    command = [sys.executable, "-m", "starfree", "decide", "(aa)*", "--json"]
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    best, median = min(seconds), statistics.median(seconds)
    print(f"starfree decide '(aa)*'        {best:6.3f} s best, {median:.3f} s median of {RUNS}")


if __name__ == "__main__":
    main()
