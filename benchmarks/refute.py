"""Every kind of opponent refuted: how many, by which strategy, in what time; a table for docs/refuting.md.

Run with `python benchmarks/refute.py`, which takes some ten minutes; `--quick` takes one. With
`--trained DIR` also the networks that `starfree learn` left in DIR.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from opponents import (
    NAMED,
    changed_model,
    counted_to,
    counting,
    first_moves,
    random_network,
    random_not_star_free,
)

import starfree
from starfree.algebra.aperiodic import is_aperiodic
from starfree.errors import BudgetExceeded
from starfree.languages import Language, catalog
from starfree.learning.metrics import wilson
from starfree.proofs.refute import Refutation, refute

SEED = 2405
CHAINS = (4, 16, 64)  # moves that a chain of latches follows
COUNTS = (4, 16, 64, 10_000)  # occurrences that a counter with thresholds follows
WORDS = 10**6  # that an exhaustive search would run


@dataclass(frozen=True)
class Row:
    """One opponent and what became of it."""

    kind: str
    language: str
    about: str
    parameters: int
    found: Refutation
    seconds: float

    @property
    def beyond(self) -> bool:
        """Whether a million words, run one by one from the shortest, would have found nothing."""
        words = [len(word) for each in self.found.findings if each.kind == "word" for word in each.words]
        k, length, total = len(self.found.alphabet), 0, 1
        while k > 1 and total + k ** (length + 1) <= WORDS:
            length += 1
            total += k**length
        return bool(words) and min(words) > (length if k > 1 else WORDS)

    @property
    def strategies(self) -> tuple[str, ...]:
        """By which strategies something was found."""
        return tuple(dict.fromkeys(each.strategy for each in self.found.findings))


def row(kind: str, name: str, about: str, model: Any, language: Language, **options: Any) -> Row:
    """Refute one opponent, and print a line about it."""
    begun = time.perf_counter()
    found = refute(model, language, **options)
    made = Row(kind, name, about, int(model.parameters), found, time.perf_counter() - begun)
    findings = [
        f"{each.kind} of {len(each.words[-1]):,} by {each.strategy}"
        + (f" ({each.stop})" if each.stop else "")
        for each in found.findings
    ]
    print(
        f"{kind}  {name:16}  {about:22}  {made.seconds:6.1f} s  {'; '.join(findings) or 'unknown'}",
        flush=True,
    )
    return made


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


def latch_chains(quick: bool) -> Iterator[Row]:
    """Yield models that follow an automaton for so many moves and then hold."""
    for name, language in NAMED.items():
        for most in CHAINS[:2] if quick else CHAINS:
            try:
                model = starfree.build(first_moves(language.dfa, most), timeout=60)
            except BudgetExceeded as error:
                print(f"ii  {name:16}  latches for {most}: not built, {error.why}", flush=True)
                continue
            yield row("ii, latches", name, f"right for {most} moves", model, language)


def thresholds(quick: bool) -> Iterator[Row]:
    """Yield models that count, and compare with each number up to a bound."""
    for name, alphabet, counted, order in (
        ("parity", "01", "1", 2),
        ("(aa)*", "a", "a", 2),
        ("(aaa)*", "a", "a", 3),
        ("mod_3", "ab", "a", 3),
    ):
        language = counting(alphabet, counted, order)
        for most in COUNTS[:3] if quick else COUNTS:
            model = counted_to(alphabet, counted, order, most)
            yield row("ii, counters", name, f"right up to {most:,}", model, language, max_states=2_000)


def changed_rules(quick: bool) -> Iterator[Row]:
    """Yield models of star-free languages with one rule of the deepest level changed."""
    names = [entry.name for entry in catalog.entries() if _star_free(entry.name)]
    for name in names:
        language = starfree.load(f"@{name}")
        for seed in range(1 if quick else 3):
            model = changed_model(f"@{name}", seed)
            if model is None:
                continue
            if starfree.prove(model, language).proved:
                print(f"iv  {name:16}  change {seed}: still the language", flush=True)
                continue
            yield row("iv", name, f"change {seed}", model, language)


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
    """Return a Markdown table: what was found against each kind of opponent."""
    lines = [
        "| opponent | models | refuted | pair | words only by | beyond 10^6 words | median s | largest s |"
    ]
    lines.append("|---|---|---|---|---|---|---|---|")
    for kind in dict.fromkeys(each.kind for each in rows):
        own = [each for each in rows if each.kind == kind]
        refuted = [each for each in own if each.found.refuted]
        low, high = wilson(len(refuted), len(own))
        pairs = sum(any(one.kind == "pair" for one in each.found.findings) for each in own)
        by: dict[str, int] = {}
        for each in refuted:
            first = each.found.findings[0]
            by[first.strategy] = by.get(first.strategy, 0) + 1
        first_by = ", ".join(f"{strategy} {number}" for strategy, number in by.items())
        times = [each.seconds for each in own]
        share = f"{len(refuted)} [{100 * low:.0f}, {100 * high:.0f} %]"
        beyond = sum(each.beyond for each in own)
        spent = f"{statistics.median(times):.1f} | {max(times):.1f}"
        lines.append(f"| {kind} | {len(own)} | {share} | {pairs} | {first_by} | {beyond} | {spent} |")
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
            | {"seconds": round(each.seconds, 2), **each.found.to_json()}
            for each in rows
        ]
        chosen.json.write_text(json.dumps(documents, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
