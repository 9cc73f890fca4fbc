"""Programs: layers and memory of counters beside cascades, and the speed of the reference runner."""

from __future__ import annotations

import time
from math import log2

import numpy as np

import starfree
from starfree.algebra.aperiodic import Pumping, aperiodicity
from starfree.budgets import Budget
from starfree.cascades import decompose
from starfree.cascades.replay import replay
from starfree.errors import BudgetExceeded
from starfree.languages import catalog
from starfree.programs.memory import least_bits, live_states, program_bits
from starfree.proofs.prove_program import random_words
from starfree.targets.mamba import lower_mamba
from starfree.targets.ssm import lower

COUNTERS = (
    "dyck_1",
    "shuffle_2",
    "shuffle_4",
    "shuffle_6",
    "boolean_3",
    "boolean_5",
    "anbn",
    "anbncn",
    "anbncndn",
)


def row(*cells: object, widths: tuple[int, ...]) -> str:
    return "  ".join(str(cell).rjust(width) for cell, width in zip(cells, widths, strict=True))


def counters() -> None:
    """Layers of the nine counter languages and of bounded Dyck, in both targets and tasks."""
    print("layers of programs      ssm: predict  recognise   mamba: predict  recognise   horizon")
    for name in (*COUNTERS, "bounded_dyck_8_10"):
        built = {
            (target, task): starfree.build(f"@{name}", target=target, task=task)
            for target in ("ssm", "mamba")
            for task in ("predict", "recognise")
        }
        ssm = [len(built["ssm", task].layers) for task in ("predict", "recognise")]
        mamba = [built["mamba", task].layers for task in ("predict", "recognise")]
        horizon = f"{built['mamba', 'recognise'].horizon:,}"
        print(f"{name:24}" + row(*ssm, *mamba, horizon, widths=(12, 9, 15, 9, 12)))


def depth() -> None:
    """D_n by a cascade and by one counter; the models recognise."""
    print("\nD_n        ssm: layers  cells  parameters   mamba: layers  parameters      s")
    for n in (2, 4, 12, 100):
        dfa = catalog[f"d_{n}"].dfa
        for way in ("cascade", "counter"):
            begun = time.perf_counter()
            if way == "cascade":
                cascade = decompose(dfa)
                models = lower(cascade, shift=False), lower_mamba(cascade)
            else:
                models = tuple(starfree.build(dfa, target=t, prefer="layers") for t in ("ssm", "mamba"))
            ssm, mamba = models
            sizes = (
                len(ssm.layers),
                ssm.cell_count,
                f"{ssm.parameters:,}",
                mamba.layers,
                f"{mamba.parameters:,}",
            )
            seconds = f"{time.perf_counter() - begun:.2f}"
            print(f"d_{n:<4}{way:>8}" + row(*sizes, seconds, widths=(10, 5, 10, 14, 10, 5)))


def memory() -> None:
    """Bits used to predict, and log2 of the number of live states, which any model needs."""
    print("\nmemory to predict                bits      tuples    live states   least bits   ratio")
    for name in catalog.regular:
        dfa = catalog[name].dfa
        budget = Budget.of(timeout=30)
        if isinstance(aperiodicity(dfa, budget=budget), Pumping):
            continue
        cascade = decompose(dfa, task="predict", budget=budget)
        try:
            tuples = f"{replay(cascade, dfa, budget=budget):,}"
        except BudgetExceeded:
            tuples = "unknown"
        print_memory(name, cascade.bits, tuples, int(dfa.live.sum()))
    for types, depth in ((2, 3), (3, 4), (2, 6)):
        name = f"bounded_dyck_{types}_{depth}"
        cascade = decompose(starfree.load(f"@{name}").dfa, task="predict")
        dfa = starfree.load(f"@{name}").dfa
        print_memory(
            f"{name}, latches only", cascade.bits, f"{replay(cascade, dfa):,}", live_states(types, depth)
        )
        print_memory(name, program_bits(types, depth), "-", live_states(types, depth))
    print_memory("bounded_dyck_8_10", program_bits(8, 10), "-", live_states(8, 10))
    assert program_bits(8, 10) <= 10 * 3 + 4
    assert round(least_bits(8, 10), 6) == round(log2(live_states(8, 10)), 6)


def print_memory(name: str, bits: int, tuples: str, live: int) -> None:
    least = log2(live)
    ratio = f"{bits / least:.2f}" if least else "-"
    print(f"{name:30}" + row(bits, tuples, f"{live:,}", f"{least:.2f}", ratio, widths=(7, 10, 14, 12, 7)))


def speed() -> None:
    """Legal sets of bounded Dyck (8, 10), by the reference runner, over many words at once."""
    language = starfree.load("@bounded_dyck_8_10")
    words = np.tile(random_words(language, 64, 200, 1), (64, 1))
    begun = time.perf_counter()
    language.legal_along(words)
    seconds = time.perf_counter() - begun
    pace = f"{words.size / seconds:,.0f} symbols/s"
    print(f"\nbounded_dyck_8_10, reference runner: {pace} over {len(words)} words")
    for text in ("ltlf:G(a -> F b)", "pltl:H(b -> O a)", "ltlf:(a U b) & X X c | F (a & X G b)"):
        begun = time.perf_counter()
        states = starfree.load(text).dfa.states
        print(f"{text}: {states} states in {time.perf_counter() - begun:.3f} s")


def main() -> None:
    counters()
    depth()
    memory()
    speed()


if __name__ == "__main__":
    main()
