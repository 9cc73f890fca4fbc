"""Runs a saved ssm without starfree: `python numpy_twenty_lines.py DIR SYMBOL...` prints legal marks."""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

folder = Path(sys.argv[1])
config, w = json.loads((folder / "config.json").read_text()), load_file(folder / "model.safetensors")
p = config["fraction_bits"]
units = {name: np.round(t.astype(np.float64) * 2**p).astype(np.int64) for name, t in w.items()}
half = (1 << p) >> 1


def linear(name, x):
    return (units[f"{name}.weight"] @ x + (units[f"{name}.bias"] << p) + half) >> p


cells = [len(units[f"layers.{i}.gate.bias"]) for i in range(config["layers"])]
h, before = [np.zeros(n, np.int64) for n in cells], [np.zeros_like(units["embedding.weight"][0])] * len(cells)
for token in [len(config["alphabet"]), *(config["alphabet"].index(symbol) for symbol in sys.argv[2:])]:
    z = units["embedding.weight"][token]
    for i in range(len(cells)):
        seen = np.concatenate([z, before[i]]) if config["shift"] else z
        before[i], u = z, np.maximum(linear(f"layers.{i}.inner", seen), 0)
        h[i] = ((linear(f"layers.{i}.gate", u) * h[i] + half) >> p) + linear(f"layers.{i}.write", u)
        v = np.maximum(linear(f"layers.{i}.mix_in", np.concatenate([h[i], z])), 0)
        z = z + linear(f"layers.{i}.mix_out", v)
    marks = [*config["alphabet"], "END"]
    print(" ".join(m for m, logit in zip(marks, linear("head", z), strict=True) if logit > 0))
