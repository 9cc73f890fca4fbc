"""Every kind of opponent refuted: how many, by which strategy, in what time; a table for docs/refuting.md.

Run with `python benchmarks/refute.py`, which takes half an hour; `--quick` takes a minute or two. With
`--trained DIR` also the networks that `starfree learn` left in DIR.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, count
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from opponents import (
    NAMED,
    changed_deep_inside,
    counted_to,
    counting,
    first_error,
    first_moves,
    latch_chain,
    late,
    random_network,
    random_not_star_free,
)

import starfree
from starfree.algebra.aperiodic import is_aperiodic
from starfree.budgets import DEFAULT
from starfree.errors import BudgetExceeded
from starfree.languages import Language, catalog
from starfree.learning.metrics import wilson
from starfree.proofs.decision import decision_named
from starfree.proofs.machine import machine_of
from starfree.proofs.reader import Reader
from starfree.proofs.refutation import Refutation
from starfree.proofs.refute import STRATEGIES, refute
from starfree.proofs.trial import Trial

SEED = 2405
CHAINS = (4, 16, 64)  # moves that a chain of latches follows
COUNTS = (4, 16, 64, 10_000)  # occurrences that a counter with thresholds follows
WORDS = 10**6  # that an exhaustive search would run
LATE = 21  # symbols of the shortest words of a language, so that the first million words are none
DRAWN = 4_096  # networks, of which those are kept that are right on these words


@dataclass(frozen=True)
class Row:
    """One opponent and what each strategy made of it, by itself.

    Arguments:
        late: whether all of a million words from the shortest are right.
    """

    kind: str
    language: str
    about: str
    parameters: int
    found: dict[str, Refutation]
    seconds: dict[str, float]
    late: bool

    @property
    def refuted(self) -> bool:
        """Whether any strategy found something."""
        return any(each.refuted for each in self.found.values())

    @property
    def pair(self) -> bool:
        """Whether there are two words that the model cannot tell apart."""
        return any(one.kind == "pair" for each in self.found.values() for one in each.findings)


def row(
    kind: str,
    name: str,
    about: str,
    model: Any,
    language: Language,
    *,
    right: int | None = None,
    **options: Any,
) -> Row:
    """Refute one opponent by each strategy, and print a line about it.

    Arguments:
        right: that all words of up to so many symbols are right, where it is known how the model was made.
    """
    found, seconds, said = {}, {}, []
    for strategy in STRATEGIES:
        begun = time.perf_counter()
        found[strategy] = refute(model, language, strategies=[strategy], **options)
        seconds[strategy] = time.perf_counter() - begun
        findings = [
            f"{each.kind} of {len(each.words[-1]):,}" + (f" ({each.stop})" if each.stop else "")
            for each in found[strategy].findings
        ]
        said.append(f"{strategy} {seconds[strategy]:.1f} s: {', '.join(findings) or '-'}")
    wrong = [word for each in found.values() for one in each.findings for word in one.wrong]
    late = min(map(len, wrong), default=math.inf) >= _length(len(language.alphabet))
    if late and right is None:
        late = right_on_a_million(model, language)
    elif late:
        late = right >= _length(len(language.alphabet))
    print(f"{kind}  {name:18}  {about:24}  {'; '.join(said)}{'  beyond' * late}", flush=True)
    return Row(kind, name, about, int(model.parameters), found, seconds, late)


def _length(symbols: int) -> int:
    """Return up to which length there are a million words."""
    totals = accumulate(symbols**n for n in count())
    return next(n for n, total in enumerate(totals) if total >= WORDS)


def right_on_a_million(model: Any, language: Language) -> bool:
    """Run the first million words, or prefixes of words for predict, whatever states they lead to."""
    machine = machine_of(model, language.alphabet)
    reader = Reader(language, machine.alphabet)
    decision = decision_named(None, model, len(machine.alphabet))
    trial = Trial(machine, reader, decision, model.task == "predict", DEFAULT)
    states, logits = machine.begin()
    ids, run, wrong = np.array([reader.start]), 1, trial.wrong(logits, np.array([reader.start])).any()
    while not wrong and run < WORDS and len(ids):
        sources, read, after = (each[: WORDS - run] for each in trial.branches(ids))
        run += len(read)
        kept = []
        for at in range(0, len(read), machine.batch):
            part = slice(at, at + machine.batch)
            new, logits = machine.step(states[sources[part]], read[part])
            wrong |= trial.wrong(logits, after[part]).any()
            kept.append(new if run < WORDS else new[:0])
        states, ids = np.concatenate(kept), after
    return not wrong


def random_weights(quick: bool) -> Iterator[Row]:
    """Yield networks with random weights, of one to three layers."""
    options = {"copies": 500, "max_states": 2_000}
    for name, language in NAMED.items():
        for layers in (1, 2, 3):
            yield row(
                "i",
                name,
                f"{layers} layers",
                random_network(language, layers, SEED + layers),
                language,
                **options,
            )
    for number, dfa in enumerate(random_not_star_free(10 if quick else 200, SEED)):
        layers = 1 + number % 3
        name = f"random, {dfa.states} states"
        yield row("i", name, f"{layers} layers", random_network(dfa, layers, SEED + number), dfa, **options)
    if not quick:
        yield from _random_and_right_at_first()


def _random_and_right_at_first() -> Iterator[Row]:
    """Yield networks with random weights that are right on all words of up to 20 symbols of a language.

    It has none of these as words, so that a network that never says END is right for long.
    """
    language = late(NAMED["parity"].dfa, LATE)
    for seed in range(SEED, SEED + DRAWN):
        layers = 1 + (seed - SEED) % 3
        network = random_network(language, layers, seed)
        if not refute(network, language, strategies="short words", max_states=40).refuted:
            about = f"{layers} layers, seed {seed} of {DRAWN:,}"
            yield row("i, late", "parity, late", about, network, language, max_states=2 * WORDS)


def latch_chains(quick: bool) -> Iterator[Row]:
    """Yield models that follow an automaton for so many moves and then hold."""
    for name, language in NAMED.items():
        for most in CHAINS[:2] if quick else CHAINS:
            right = first_error(first_moves(language.dfa, most), language.dfa) - 1
            model = latch_chain(language.dfa, most)
            yield row("ii, latches", name, f"knows {most} moves", model, language, right=right)
    for number, dfa in enumerate(random_not_star_free(10 if quick else 200, SEED)):
        most = CHAINS[number % 2]
        right = first_error(first_moves(dfa, most), dfa) - 1
        name, about = f"random, {dfa.states} states", f"knows {most} moves"
        model = latch_chain(dfa, most)
        yield row("ii, latches", name, about, model, dfa, right=right, max_states=2_000)


def thresholds(quick: bool) -> Iterator[Row]:
    """Yield models that count, and compare with each number up to a bound."""
    for name, alphabet, counted, order in (
        ("parity", "01", "1", 2),
        ("(aa)*", "a", "a", 2),
        ("(aaa)*", "a", "a", 3),
        ("aaaa_star", "a", "a", 4),
        ("tomita_5", "01", "01", 2),
        ("mod_3", "ab", "a", 3),
    ):
        language = counting(alphabet, counted, order)
        for most in COUNTS[:3] if quick else COUNTS:
            model = counted_to(alphabet, counted, order, most)
            about = f"right up to {most:,}"
            yield row("ii, counters", name, about, model, language, right=most, max_states=2_000)


def changed_rules(quick: bool) -> Iterator[Row]:
    """Yield models of star-free languages with one rule changed deep inside."""
    names = [entry.name for entry in catalog.entries() if _star_free(entry.name)]
    for name in [*names, "d_30"]:
        language = starfree.load(f"@{name}")
        for seed in range(1 if quick else 2):
            found = changed_deep_inside(language, 6, seed)
            if found is None:
                print(f"iv  {name:18}  no change shows", flush=True)
                continue
            model, first = found
            yield row("iv", name, f"first error at {first}", model, language, right=first - 1)


def _star_free(name: str) -> bool:
    language = starfree.load(f"@{name}")
    if language.kind != "regular":
        return False
    try:
        return language.dfa.states < 1_000 and is_aperiodic(language.dfa)
    except BudgetExceeded:
        return False


def trained(runs: Path) -> Iterator[Row]:
    """Yield trained networks that are right on every validation word."""
    from starfree.learning.store import Store

    for record in Store.open(runs, create=False).runs():
        run = record.run
        first = record.bins[0]
        if first.words_right < first.words or not (runs / "models" / run.id).exists():
            continue
        model = starfree.open_model(runs / "models" / run.id)
        window = "-".join(map(str, run.config["window"]))
        about = f"{run.model}, {run.layers} layers, seed {run.seed}, 100 % on {window}"
        yield row("iii", run.language, about, model, starfree.load(run.language), max_states=20_000)


def table(rows: list[Row]) -> str:
    """Return a Markdown table: what each strategy found of each kind of opponent."""
    lines = [
        "| opponent | models | refuted | pairs | strategy | found | beyond 10^6 words | median s | most s |"
    ]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for kind in dict.fromkeys(each.kind for each in rows):
        own = [each for each in rows if each.kind == kind]
        refuted, pairs = sum(each.refuted for each in own), sum(each.pair for each in own)
        low, high = wilson(refuted, len(own))
        first = f"{kind} | {len(own)} | {refuted} [{100 * low:.0f}, {100 * high:.0f} %] | {pairs}"
        for strategy in STRATEGIES:
            times = [each.seconds[strategy] for each in own]
            found = sum(each.found[strategy].refuted for each in own)
            beyond = sum(each.late and each.found[strategy].refuted for each in own)
            spent = f"{statistics.median(times):.1f} | {max(times):.1f}"
            lines.append(f"| {first} | {strategy} | {found} | {beyond} | {spent} |")
            first = " | | | "
    return "\n".join(lines)


def main() -> None:
    """Run all kinds and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--trained", type=Path, help="a directory of results of `starfree learn`")
    options.add_argument("--only", choices=["i", "ii", "iii", "iv"])
    options.add_argument("--json", type=Path, help="where to write what was found")
    chosen = options.parse_args()
    kinds = {
        "i": lambda: random_weights(chosen.quick),
        "ii": lambda: (*latch_chains(chosen.quick), *thresholds(chosen.quick)),
        "iii": lambda: trained(chosen.trained) if chosen.trained else (),
        "iv": lambda: changed_rules(chosen.quick),
    }
    rows = [each for kind, make in kinds.items() if chosen.only in (None, kind) for each in make()]
    print(table(rows))
    if chosen.json:
        documents = [
            {"kind": each.kind, "language": each.language, "about": each.about, "parameters": each.parameters}
            | {"right on the first million": each.late}
            | {
                strategy: {"seconds": round(each.seconds[strategy], 2), **each.found[strategy].to_json()}
                for strategy in STRATEGIES
            }
            for each in rows
        ]
        chosen.json.write_text(json.dumps(documents, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
