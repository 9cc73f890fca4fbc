"""Of mutated certificates the checker accepts exactly those that a brute-force oracle finds supported."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from certificate_samples import decided, samples
from conftest import SEED, count
from mutations import blind, meant, pick
from oracle import Malformed, TooLarge, claim_is_true, why_not

from starfree.checker import check

SHARE = {"blind": 0.4, "meant": 0.6}


@pytest.fixture(scope="module")
def originals() -> list[dict[str, Any]]:
    return [*samples(), *decided(states=count(5, 14))]


def test_mutations_are_accepted_exactly_when_the_oracle_finds_them_supported(
    originals: list[dict[str, Any]],
) -> None:
    rng = np.random.default_rng(SEED)
    of_kind: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for original in originals:
        of_kind[original["evidence"]["kind"]].append(original)
    wanted, needed = count(600, 10_000), count(120, 2_000)
    tally: Counter[str] = Counter()
    kinds: Counter[tuple[str, bool]] = Counter()
    while tally["mutations"] < wanted:
        original = pick(rng, of_kind[pick(rng, sorted(of_kind))])
        mutation = meant if rng.random() < SHARE["meant"] else blind
        mutant = mutation(rng, original, originals)
        if json.dumps(mutant) == json.dumps(original):
            continue
        try:
            reason = why_not(mutant)
        except TooLarge:
            tally["too large for the oracle"] += 1
            continue
        result = check(mutant)
        assert result.accepted == (reason is None), (mutant, result, reason)
        assert reason is not None or claim_is_true(mutant) in (True, None), mutant
        tally["mutations"] += 1
        tally["accepted"] += result.accepted
        if not isinstance(reason, Malformed):
            tally["well formed, other meaning"] += 1
            kinds[mutant["evidence"]["kind"], result.accepted] += 1
    print(f"seed {SEED}: {dict(tally)}; {dict(kinds)}")
    assert tally["too large for the oracle"] <= wanted // 100
    assert tally["well formed, other meaning"] >= needed
    assert tally["accepted"] >= wanted // 50
    assert tally["mutations"] - tally["accepted"] >= wanted // 2
