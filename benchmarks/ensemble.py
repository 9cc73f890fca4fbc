"""Many small Mambas trained as one: models times steps in a second, by the size of the ensemble.

One layer, batch 32, words of 50 symbols, forward, backward and AdamW. On a CPU one thread; on a GPU, where
torch finds one, the same. Run with `python benchmarks/ensemble.py`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import torch

from starfree.learning.optimiser import EnsembleAdamW
from starfree.learning.runner import device_named
from starfree.models.networks import make

BATCH, LENGTH, TOKENS = 32, 50, 6
SIZES = {"cpu": (1, 3, 8), "cuda": (1, 8, 64)}
WIDTHS = (16, 64)
SECONDS = 4.0  # of steps for each figure, after three to warm up


def rate(members: int, width: int, device: str) -> float:
    """Return the models times steps in a second."""
    network = make("mamba", TOKENS, layers=1, width=width, seeds=range(members)).to(device)
    optimiser = EnsembleAdamW(network, torch.full((members,), 1e-3, device=device), 0.01, 1.0)
    tokens = torch.randint(0, TOKENS - 4, (members, BATCH, LENGTH + 1), device=device)

    def step() -> float:
        began = time.perf_counter()
        optimiser.zero_gradient()
        network(tokens).square().mean((1, 2, 3)).sum().backward()
        optimiser.step(1.0)
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - began

    for _ in range(3):
        step()
    times: list[float] = []
    while sum(times) < SECONDS:
        times.append(step())
    return members / statistics.median(times)


def main() -> None:
    """Print a row for each width and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    as_json = parser.parse_args().json
    device = device_named(None)
    torch.set_num_threads(1)
    rows = []
    for width in WIDTHS:
        alone = None
        for members in SIZES[device]:
            found = rate(members, width, device)
            alone = alone or found
            rows.append(
                {"width": width, "members": members, "models x steps/s": found, "beside 1": found / alone}
            )
    if as_json:
        print(json.dumps({"device": device, "rows": rows}))
        return
    print(f"{device}\nwidth  members  models x steps/s  beside 1")
    for row in rows:
        print(f"{row['width']:>5}{row['members']:>9}{row['models x steps/s']:>18.0f}{row['beside 1']:>9.1f}x")


if __name__ == "__main__":
    main()
