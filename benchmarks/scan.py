"""One Mamba, forward and backward, beside other implementations on CPU: time and peak memory.

Batch 32, width 64, 2 layers, 128 channels, 16 states, vocabulary 32; the loss is cross-entropy and there is
no optimiser. Each figure comes from a process of its own, with the allocator of glibc as it is and told to
keep its memory. Run with `python benchmarks/scan.py`; it needs torch, and the others where they are installed
(`pip install mambapy`, `pip install transformers`).

- ms: median of the wall clock over the steps after two to warm up; cpu: the same of the processor time.
- MB: growth of the greatest resident set (`ru_maxrss`) from after a step of 4 tokens to after the first full
  one.
- quiet ms: the fastest step, which other load on the machine disturbs least.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

BATCH, WIDTH, LAYERS, VOCABULARY = 32, 64, 2, 32
LENGTHS = [50, 100, 500, 1000]
SECONDS, MOST = 8.0, 15  # of steps in one process, after at least three
KEEP = {  # glibc gives no memory back, so that no page is touched for the first time twice
    "MALLOC_MMAP_THRESHOLD_": str(1 << 32),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
    "MALLOC_TOP_PAD_": str(1 << 28),
}
QUADRATIC = 100  # greatest length for which the default path of Hugging Face is run without --all
Logits = Callable[[Any], Any]


def ours() -> tuple[Any, Logits]:
    from starfree.models.networks import make

    network = make("mamba", VOCABULARY, layers=LAYERS, width=WIDTH, seeds=[0])
    return network, lambda tokens: network(tokens[None])[0]


def mambapy() -> tuple[Any, Logits]:
    from mambapy.mamba import Mamba, MambaConfig
    from torch import nn

    network = nn.Sequential(
        nn.Embedding(VOCABULARY, WIDTH),
        Mamba(MambaConfig(d_model=WIDTH, n_layers=LAYERS)),
        nn.RMSNorm(WIDTH),
        nn.Linear(WIDTH, VOCABULARY, bias=False),
    )
    return network, network


def hugging_face(use_mambapy: bool) -> tuple[Any, Logits]:
    from transformers import MambaConfig, MambaForCausalLM
    from transformers.utils import logging

    logging.set_verbosity_error()
    config = MambaConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        state_size=16,
        use_mambapy=use_mambapy,
        use_cache=False,
    )
    network = MambaForCausalLM(config).train()
    return network, lambda tokens: network(tokens).logits


MODELS: dict[str, tuple[Callable[[], tuple[Any, Logits]], dict[str, str]]] = {
    "starfree": (ours, {"STARFREE_SCAN": "c"}),
    "starfree, torch form": (ours, {"STARFREE_SCAN": "torch"}),
    "starfree, loop": (ours, {"STARFREE_SCAN": "loop"}),
    "mambapy": (mambapy, {}),
    "transformers, mambapy": (lambda: hugging_face(True), {}),
    "transformers": (lambda: hugging_face(False), {}),
}


def measure(name: str, length: int, threads: int) -> dict[str, Any]:
    """Return the figures of one model at one length, in this process."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    network, logits = MODELS[name][0]()
    tokens, targets = torch.randint(0, VOCABULARY, (2, BATCH, length))

    def step(until: int) -> None:
        network.zero_grad()
        out = logits(tokens[:, :until]).flatten(0, 1)
        torch.nn.functional.cross_entropy(out, targets[:, :until].flatten()).backward()

    step(4)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    step(length)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    step(length)
    walls: list[float] = []
    cpus: list[float] = []
    while len(walls) < 3 or (sum(walls) < SECONDS and len(walls) < MOST):
        wall, cpu = time.perf_counter(), time.process_time()
        step(length)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {
        "ms": statistics.median(walls) * 1e3,
        "quiet_ms": min(walls) * 1e3,
        "cpu_ms": statistics.median(cpus) * 1e3,
        "mb": peak * 1024 / 1e6,
        "steps": len(walls),
    }


def in_a_process(name: str, length: int, threads: int, keep: bool) -> dict[str, Any] | None:
    """Return the figures from a fresh process; None where the library is not installed."""
    environment = {key: value for key, value in os.environ.items() if key not in KEEP}
    environment |= {"OMP_NUM_THREADS": str(threads)} | MODELS[name][1] | (KEEP if keep else {})
    command = [sys.executable, __file__, "--one", name, "--lengths", str(length), "--threads", str(threads)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"{name}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}", file=sys.stderr)
        return None
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def table(lengths: list[int], names: list[str], threads: int, everything: bool) -> list[dict[str, Any]]:
    """Run all, print a line for each, and return the figures."""
    results: list[dict[str, Any]] = []
    print(f"{'':39}{'':9}{'quiet':>9}{'':17}   beside mambapy")
    heads = "".join(f"{head:>9}" for head in ("ms", "ms", "cpu ms"))
    print(f"{'model':24}{'T':>6} {'malloc':8}{heads}{'MB':>8}{'faster':>10}{'memory':>9}")
    for length, keep in product(lengths, (True, False)):
        beside = None
        for name in sorted(names, key=lambda name: name != "mambapy"):  # what the others are compared with
            if name == "transformers" and length > QUADRATIC and not everything:
                continue
            row = in_a_process(name, length, threads, keep)
            if row is None:
                continue
            beside = row if name == "mambapy" else beside
            ratios = ""
            if beside is not None:
                row |= {"faster": beside["ms"] / row["ms"], "memory": row["mb"] / beside["mb"]}
                ratios = f"{row['faster']:9.1f}x{row['memory']:9.2f}"
            print(
                f"{name:24}{length:6} {'kept' if keep else 'default':8}"
                f"{row['ms']:9.0f}{row['quiet_ms']:9.0f}{row['cpu_ms']:9.0f}{row['mb']:8.0f}{ratios}",
                flush=True,
            )
            results.append({"model": name, "length": length, "malloc_kept": keep, **row})
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--all", action="store_true", help="also what is quadratic in T, at every T")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--one", choices=MODELS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one, asked.lengths[0], asked.threads)))
        return
    load = os.getloadavg()[0]
    results = table(asked.lengths, asked.models, asked.threads, asked.all)
    about = {"threads": asked.threads, "load_before": load, "load_after": os.getloadavg()[0]}
    print(f"{asked.threads} threads; load of the machine {load:.1f} before, {about['load_after']:.1f} after")
    if asked.json:
        asked.json.write_text(json.dumps({**about, "figures": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
