"""Random automata: the star-free are built and proved, the others refused with a witness that holds."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from conftest import FULL, ROOT, SEED, count
from random_automata import distinct

from starfree.algebra.aperiodic import Pumping, aperiodicity
from starfree.algebra.monoid import enumerate_transformations
from starfree.budgets import Budget
from starfree.cascades import decompose, replay
from starfree.errors import BudgetExceeded, NotExpressible
from starfree.languages import DFA
from starfree.proofs.explore import Product, explore
from starfree.targets.build import build
from starfree.targets.ssm import lower

SECONDS = 60  # the stated budget of each automaton and task
CHUNKS = 22  # separate tests, so that a full run can be resumed


def brute_force_aperiodic(dfa: DFA) -> tuple[bool, int]:
    """Enumerate the transition monoid; aperiodic when each element's powers become constant."""
    generators = np.ascontiguousarray(dfa.table.T)
    elements = np.asarray(enumerate_transformations(generators).elements).astype(np.int64)
    n = dfa.states
    power, after = elements, np.take_along_axis(elements, elements, axis=1)
    for _ in range(n):  # x^(n+1) and x^(n+2) agree exactly for aperiodic x
        power, after = after, np.take_along_axis(elements, after, axis=1)
    return bool((power == after).all()), len(elements)


def brute_force_pumps(dfa: DFA, found: Pumping) -> bool:
    def run(state: int, word: tuple[int, ...]) -> int:
        for symbol in word:
            state = int(dfa.table[state, symbol])
        return state

    states = [run(dfa.start, found.u)]
    for _ in range(found.period):
        states.append(run(states[-1], found.v))
    answers = {bool(dfa.accepting[run(state, found.w)]) for state in states}
    return states[-1] == states[0] and len(set(states)) == found.period >= 2 and len(answers) == 2


def study(dfa: DFA, rng: np.random.Generator) -> dict[str, object]:
    """Build and prove in both tasks, one without and one with shift; return the figures."""
    found = aperiodicity(dfa)
    if isinstance(found, Pumping):
        assert brute_force_pumps(dfa, found)  # which proves that the language is not star-free
        with pytest.raises(NotExpressible) as refused:
            build(dfa)
        assert refused.value.witness["evidence"]["kind"] == "pumping"
        return {"starfree": False}
    aperiodic, size = brute_force_aperiodic(dfa)
    assert aperiodic
    row: dict[str, object] = {"starfree": True, "states": dfa.states, "monoid": size}
    for task in ("recognise", "predict"):
        budget = Budget.of(max_states=200_000, timeout=SECONDS)
        try:
            cascade = decompose(dfa, task=task, budget=budget)
            pairs = replay(cascade, dfa, budget=budget)
            assert pairs is not None
            product = explore(lower(cascade, shift=task == "predict"), dfa, task=task, budget=budget)
            assert isinstance(product, Product), (dfa.table, dfa.accepting, task)
        except BudgetExceeded as ended:
            row[task] = {"ended": str(ended)}
            continue
        slow_twin(dfa, cascade, task, rng)
        row[task] = {"levels": cascade.levels, "bits": cascade.bits, "tuples": pairs, "product": len(product)}
    return row


def slow_twin(dfa: DFA, cascade, task: str, rng: np.random.Generator) -> None:
    """Step cascade and DFA symbol by symbol on random words."""
    for _ in range(5):
        values, state = cascade.initial, dfa.start
        for symbol in rng.choice(list(dfa.alphabet), 30):
            if task == "predict" and not dfa.legal(state):
                break
            assert cascade.legal(values) == dfa.legal(state)
            values, state = cascade.step(values, str(symbol)), dfa.step(state, str(symbol))


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_starfree_are_proved_and_others_refused(chunk: int) -> None:
    """Each chunk has its own seed; the full run gathers 2,000 star-free automata and reports on them."""
    wanted = count(6, 112)  # 2,464 in all, because some small ones are met in several chunks
    rng = np.random.default_rng(SEED + chunk)
    rows, tables = [], []
    for dfa in distinct(SEED + 1000 + chunk, count(8, 12)):
        rows.append(study(dfa, rng))
        tables.append([dfa.alphabet, dfa.table.tolist(), dfa.accepting.tolist()])
        if sum(bool(row["starfree"]) for row in rows) >= wanted:
            break
    ended = [row for row in rows for task in ("recognise", "predict") if "ended" in str(row.get(task, ""))]
    assert len(ended) <= 0.01 * len(rows) + 1
    if FULL:
        record = ROOT / ".full" / f"starfree-{chunk}.json"
        record.write_text(
            json.dumps([{**row, "dfa": table} for row, table in zip(rows, tables, strict=True)])
        )


@pytest.mark.skipif(not FULL, reason="gathers the chunks of a full run")
def test_distribution_of_the_full_run() -> None:
    """2,000 star-free automata, none equal up to renaming, 200 large; at most 1% ended by a budget."""
    rows = {}
    for chunk in range(CHUNKS):
        for row in json.loads((ROOT / ".full" / f"starfree-{chunk}.json").read_text()):
            rows[_key(row.pop("dfa"))] = row
    starfree = [row for row in rows.values() if row["starfree"]]
    report = summary(starfree, len(rows) - len(starfree))
    (ROOT / ".full" / "random_starfree.txt").write_text(report + "\n")
    print(report)
    assert len(starfree) >= 2000
    assert sum(row["states"] >= 10 and row["monoid"] >= 100 for row in starfree) >= 200
    assert sum("ended" in str(row) for row in starfree) <= 0.01 * len(starfree)


def _key(written: list) -> bytes:
    from random_automata import up_to_renaming

    from starfree.languages import make_dfa

    return up_to_renaming(make_dfa(*written))


def summary(rows: list[dict], refused: int) -> str:
    """Say how the sizes are distributed."""
    lines = [f"{len(rows)} star-free automata built and proved in both tasks; {refused} others refused"]
    lines.append(
        f"  of 10 states or more with a monoid of 100 or more: "
        f"{sum(r['states'] >= 10 and r['monoid'] >= 100 for r in rows)}"
    )
    lines.append(f"  ended by a budget: {[r for r in rows if 'ended' in str(r)]}")
    columns = {"states": [r["states"] for r in rows], "monoid": [r["monoid"] for r in rows]}
    for task in ("recognise", "predict"):
        done = [r[task] for r in rows if "ended" not in r[task]]
        for name in ("levels", "bits", "tuples"):
            columns[f"{task}: {name}"] = [d[name] for d in done]
        columns[f"{task}: product"] = [d["product"] for d in done]
    marks = (0, 0.25, 0.5, 0.75, 0.9, 0.99, 1)
    lines.append(
        f"  {'':28}" + "".join(f"{'min' if m == 0 else 'max' if m == 1 else f'{m:.0%}':>9}" for m in marks)
    )
    for name, values in columns.items():
        lines.append(f"  {name:28}" + "".join(f"{int(np.quantile(values, m)):>9}" for m in marks))
    levels = Counter(columns["recognise: levels"])
    lines.append("  levels: " + ", ".join(f"{k} in {levels[k]}" for k in sorted(levels)))
    return "\n".join(lines)
