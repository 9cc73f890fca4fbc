"""The ssm target: building, proving, and running a million symbols."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from starfree.cascades import decompose
from starfree.languages import catalog
from starfree.models.torch_ssm import TorchSSM, encode
from starfree.proofs.explore import Product, explore
from starfree.targets.ssm import lower

LENGTH = 10**6


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    result = call()
    return result, time.perf_counter() - begun


def main() -> None:
    print("language  task       shift  levels  layers  cells  parameters  product     build s    prove s")
    for name, task, shift in [
        ("d_12", "recognise", False),
        ("d_12", "recognise", True),
        ("d_12", "predict", False),
        ("flip_flop", "predict", False),
        ("uuid", "recognise", False),
        ("d_30", "recognise", False),
    ]:
        dfa = catalog[name].dfa
        (cascade, model), building = timed(lambda: build(dfa, task, shift))  # noqa: B023
        size, proving = "2^31 tuples", float("nan")
        if name != "d_30":  # its values are 31 independent bits: built, not explored
            product, proving = timed(lambda: explore(model, dfa, task=task))  # noqa: B023
            assert isinstance(product, Product)
            size = f"{len(product):,}"
        print(
            f"{name:9} {task:10} {shift!s:5} {cascade.levels:7} {len(model.layers):7} {model.cell_count:6}"
            f" {model.parameters:11,} {size:>12} {building:8.2f} {proving:10.2f}"
        )
    run_a_million()


def build(dfa: Any, task: str, shift: bool) -> Any:
    cascade = decompose(dfa, task=task)
    return cascade, lower(cascade, shift=shift)


def run_a_million() -> None:
    """Run d_12 over one word of 10^6 symbols, by scan and by recurrence, and compare with the DFA."""
    language = catalog["d_12"]
    dfa = language.dfa
    word = language.sample(LENGTH // 10, seed=1)[0] * 10
    for shift in (False, True):
        model = build(dfa, "recognise", shift)[1]
        net, tokens = TorchSSM(model), encode(model, [word])
        with torch.no_grad():
            net(tokens[:, :20_000])  # warm up
            scanned, scan_s = timed(lambda: net(tokens))  # noqa: B023
            stepped, step_s = timed(lambda: net(tokens, parallel=False))  # noqa: B023
        states = [dfa.start]
        table = dfa.table.tolist()
        for symbol in tokens[0].tolist():
            states.append(table[states[-1]][symbol])
        right = torch.equal(scanned[0] > 0, torch.from_numpy(dfa.legal_table[states].copy()))
        print(
            f"d_12, shift {shift}, {len(word):,} symbols, {torch.get_num_threads()} threads: "
            f"scan {len(word) / scan_s:,.0f} symbols/s, recurrence {len(word) / step_s:,.0f} symbols/s, "
            f"ratio {step_s / scan_s:.1f}; equal bit for bit: {torch.equal(scanned, stepped)}; "
            f"legal sets right: {right}"
        )


if __name__ == "__main__":
    main()
