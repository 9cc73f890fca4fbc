"""Runs a saved ssm without starfree: `python numpy_twenty_lines.py DIR SYMBOL...` prints legal marks."""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def run(folder: Path, word: list[str]) -> None:
    config, tensors = (
        json.loads((folder / "config.json").read_text()),
        load_file(folder / "model.safetensors"),
    )
    p = config["fraction_bits"]
    units = {name: np.round(t.astype(np.float64) * 2**p).astype(np.int64) for name, t in tensors.items()}

    def linear(name: str, x: np.ndarray) -> np.ndarray:
        return (units[f"{name}.weight"] @ x + (units[f"{name}.bias"] << p) + ((1 << p) >> 1)) >> p

    h = [np.zeros_like(units[f"layers.{i}.gate.bias"]) for i in range(config["layers"])]
    before = [np.zeros_like(units["embedding.weight"][0])] * config["layers"]
    for token in [len(config["alphabet"]), *map(config["alphabet"].index, word)]:
        z = units["embedding.weight"][token]
        for i in range(config["layers"]):
            u = linear(f"layers.{i}.inner", np.concatenate([z, before[i]]) if config["shift"] else z).clip(0)
            kept = (linear(f"layers.{i}.gate", u) * h[i] + ((1 << p) >> 1)) >> p
            h[i], before[i] = kept + linear(f"layers.{i}.write", u), z
            v = linear(f"layers.{i}.mix_in", np.concatenate([h[i], z])).clip(0)
            z = z + linear(f"layers.{i}.mix_out", v)
        print(
            *(
                m
                for m, logit in zip([*config["alphabet"], "END"], linear("head", z), strict=True)
                if logit > 0
            )
        )


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
