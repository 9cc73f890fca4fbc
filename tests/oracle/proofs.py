"""Proofs of saved models, with fractions and lists: the model in twenty lines, and the product."""

from __future__ import annotations

import json
import math
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

from .automata import Machine
from .forms import Unsupported, between, either, exactly, fits, is_text, need
from .regexes import require_spec


def load(directory: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return configuration and tensors of an undamaged model, as nested lists of fractions."""
    config = json.loads((directory / "config.json").read_text())
    content = (directory / name).read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    tensors = {}
    for key, entry in json.loads(content[8 : 8 + size]).items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = [Fraction(x) for (x,) in struct.iter_unpack("<f", content[begin:end])]
        if len(entry["shape"]) == 2:
            width = entry["shape"][1]
            values = [values[i * width : (i + 1) * width] for i in range(entry["shape"][0])]
        tensors[key] = values
    return config, tensors


class Runner:
    """The saved model in fractions."""

    def __init__(self, directory: Path, name: str) -> None:
        self.config, self.tensors = load(directory, name)
        self.unit = Fraction(1, 2 ** self.config["fraction_bits"])

    def rounded(self, x: Fraction) -> Fraction:
        return math.floor(x / self.unit + Fraction(1, 2)) * self.unit

    def linear(self, name: str, x: list[Fraction]) -> list[Fraction]:
        rows = zip(self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"], strict=True)
        return [
            self.rounded(sum((w * v for w, v in zip(row, x, strict=True) if w and v), b)) for row, b in rows
        ]

    def step(self, state: tuple[Any, ...] | None, token: int) -> tuple[tuple[Any, ...], list[bool]]:
        z = self.tensors["embedding.weight"][token]
        after = []
        for i in range(self.config["layers"]):
            cells = len(self.tensors[f"layers.{i}.gate.bias"])
            h, before = state[i] if state else ((Fraction(0),) * cells, (Fraction(0),) * len(z))
            u = [
                max(x, Fraction(0))
                for x in self.linear(f"layers.{i}.inner", [*z, *before] if self.config["shift"] else z)
            ]
            gate, write = self.linear(f"layers.{i}.gate", u), self.linear(f"layers.{i}.write", u)
            kept = multiplied(gate, h, self.config.get("blocks", {i: []})[i])
            h = tuple(self.rounded(x) + b for x, b in zip(kept, write, strict=True))
            after.append((h, tuple(z) if self.config["shift"] else ()))
            v = [max(x, Fraction(0)) for x in self.linear(f"layers.{i}.mix_in", [*h, *z])]
            z = [x + y for x, y in zip(z, self.linear(f"layers.{i}.mix_out", v), strict=True)]
        return tuple(after), [x > 0 for x in self.linear("head", z)]


def multiplied(gate: Any, old: Any, blocks: Any) -> list[Fraction]:
    """Return products of polynomials, by long division, block by block; without blocks, of numbers."""
    found: list[Fraction] = []
    for n in blocks or [1] * len(old):
        a, b = (list(x[len(found) : len(found) + abs(n)]) for x in (gate, old))
        long = [Fraction(0)] * (2 * abs(n))
        for i, x in enumerate(a):
            for j, y in enumerate(b):
                long[i + j] += x * y
        for high in reversed(range(abs(n), 2 * abs(n))):  # x^|n| is the sign of n
            long[high - abs(n)] += long[high] * (1 if n > 0 else -1)
        found += long[: abs(n)]
    return found


class Permuting:
    """A saved permutation model in fractions."""

    def __init__(self, directory: Path, name: str) -> None:
        self.config, self.tensors = load(directory, name)
        n, k = self.config["states"], len(self.config["alphabet"])
        flat = [
            x for part in self.tensors["transition"] for x in (part if isinstance(part, list) else [part])
        ]
        self.matrices = [[flat[(a * n + i) * n : (a * n + i + 1) * n] for i in range(n)] for a in range(k)]
        columns = [self.tensors["initial"], *(list(c) for m in self.matrices for c in zip(*m, strict=True))]
        need(all(x.denominator == 1 for row in self.tensors["readout"] for x in row), "whole numbers")
        need(all(sorted(column) == [0] * (n - 1) + [1] for column in columns), "one 1 in each column")

    def step(self, state: tuple[Fraction, ...] | None, token: int) -> tuple[tuple[Fraction, ...], list[bool]]:
        def dot(row: Any, h: Any) -> Fraction:
            return sum((x * y for x, y in zip(row, h, strict=True)), Fraction(0))

        h = tuple(self.tensors["initial"])
        if state is not None:
            h = tuple(dot(row, state) for row in self.matrices[token])
        return h, [dot(row, h) > 0 for row in self.tensors["readout"]]


def runner_of(directory: Path, name: str) -> Any:
    config = json.loads((directory / "config.json").read_text())
    if config["format"] == "starfree-permutation-1":
        return Permuting(directory, name)
    return Runner(directory, name)


def check_proof(certificate: Any, directory: Path) -> None:
    form = {
        "format": exactly("starfree-proof-1"),
        "language": {
            "spec": either(exactly(None), is_text),
            "alphabet": lambda _: True,
            "dfa": lambda _: True,
        },
        "task": exactly("recognise", "predict"),
        "arithmetic": is_text,
        "claim": exactly("equal"),
        "model": exactly("model.safetensors"),
        "evidence": lambda v: isinstance(v, dict),
    }
    need(fits(certificate, form), "the form")
    machine = Machine(certificate["language"]["alphabet"], certificate["language"]["dfa"])
    if certificate["language"]["spec"] is not None:
        require_spec(machine, certificate["language"]["spec"])
    runner = runner_of(directory, certificate["model"])
    alphabet = runner.config["alphabet"]
    need(certificate["arithmetic"] == f"FIX({runner.config.get('fraction_bits', 0)})", "the arithmetic")
    need(set(machine.alphabet) <= set(alphabet), "the alphabet")
    evidence = certificate["evidence"]
    count = len(evidence["states"]) if isinstance(evidence.get("states"), list) else 0
    number = either(exactly(None), between(0, count))
    product = {
        "kind": exactly("product"),
        "states": [either(exactly(None), between(0, machine.n))],
        "access": [either(exactly(None), (between(0), exactly(*alphabet)))],
        "successors": [tuple([number] * len(alphabet))],
    }
    need(fits(evidence, product) and count > 0, "the form of the product")
    need(len(evidence["access"]) == len(evidence["successors"]) == count, "equally many")
    access, states, successors = evidence["access"], evidence["states"], evidence["successors"]
    need(access[0] is None and states[0] == machine.start and states[0] is not None, "the first")
    need(all(a is not None and a[0] < i for i, a in enumerate(access) if i), "earlier parents")
    predict = certificate["task"] == "predict"

    def legal(q: int | None) -> list[bool]:
        symbols, end = machine.legal(q) if q is not None else (set(), False)
        return [*(a in symbols for a in alphabet), end]

    hidden = []
    for i, entry in enumerate(access):
        if i:
            need(successors[entry[0]][alphabet.index(entry[1])] == i, "access follows successors")
            hidden.append(runner.step(hidden[entry[0]], alphabet.index(entry[1]))[0])
        else:
            state, signs = runner.step(None, len(alphabet))
            hidden.append(state)
            need(
                (predict and states[0] not in machine.live) or signs == legal(states[0]),
                "the first legal set",
            )
    need(len(set(zip(hidden, states, strict=True))) == count, "distinct")
    for i, row in enumerate(successors):
        for token, target in enumerate(row):
            known = states[i] is not None and alphabet[token] in machine.alphabet
            q = machine.letters[alphabet[token]][states[i]] if known else None
            if predict and q not in machine.live:
                need(target is None, "null where dead")
                continue
            need(target is not None and states[target] == q, "the state of the DFA")
            state, signs = runner.step(hidden[i], token)
            need(state == hidden[target] and signs == legal(q), "what the model does")


def proof_supported(certificate: Any, directory: Path) -> bool:
    try:
        check_proof(certificate, directory)
    except Unsupported:
        return False
    return True
