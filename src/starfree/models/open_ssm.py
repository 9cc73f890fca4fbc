"""Reading a saved ssm back, trusting nothing in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput
from ..languages.words import check_alphabet
from .fixed import Linear, Reals
from .saved import damaged, is_texts, read_tensors
from .ssm import CONFIG, LAYER_MAPS, SSM, TARGETS, WEIGHTS, Layer


def open_ssm(path: Path, config: dict[str, Any]) -> SSM:
    """Return the ssm saved in a directory.

    Arguments:
        config: what its `config.json` says.

    Raises:
        BadInput: when a file is missing, cut short, or does not fit the rest.
    """
    config = _checked(path, config)
    tensors = _read_tensors(path, config["fraction_bits"])
    k, names = len(config["alphabet"]), config["coordinates"]
    width = len(names)

    def matrix(name: str, *shape: int) -> Reals:
        if name not in tensors:
            raise damaged(path, f"tensor {name} is missing")
        if tensors[name].shape != shape:
            raise damaged(path, f"tensor {name} has shape {tensors[name].shape}, not {shape}")
        return tensors.pop(name)

    def linear(name: str, out: int, into: int) -> Linear:
        return Linear(matrix(f"{name}.weight", out, into), matrix(f"{name}.bias", out))

    def rows(name: str) -> int:
        tensor = tensors.get(f"{name}.bias")
        if tensor is None or tensor.ndim != 1:
            raise damaged(path, f"tensor {name}.bias is missing or not a vector")
        return len(tensor)

    embedding = matrix("embedding.weight", k + 1, width)
    layers = []
    for i, cells in enumerate(config["cells"]):
        names_in_file = [f"layers.{i}.{name}" for name in LAYER_MAPS]
        hidden, mixed, n = rows(names_in_file[0]), rows(names_in_file[3]), len(cells)
        seen = 2 * width if config["shift"] else width
        shapes = [(hidden, seen), (n, hidden), (n, hidden), (mixed, n + width), (width, mixed)]
        inner, gate, write, mix_in, mix_out = map(linear, names_in_file, *zip(*shapes, strict=True))
        blocks = tuple(config["blocks"][i])
        if blocks and sum(map(abs, blocks)) != n:
            raise damaged(path, f"{CONFIG}: the blocks of layer {i} do not have {n} numbers together")
        layers.append(Layer(inner, gate, write, mix_in, mix_out, tuple(cells), blocks))
    head = linear("head", k + 1, width)
    if tensors:
        raise damaged(path, f"there is an unknown tensor {min(tensors)}")
    return SSM(
        tuple(config["alphabet"]),
        config["task"],
        config["fraction_bits"],
        config["shift"],
        embedding,
        tuple(layers),
        head,
        tuple(names),
        config["origin"],
        config["gates"],
    )


def _checked(path: Path, config: dict[str, Any]) -> dict[str, Any]:
    wanted: dict[str, Callable[[Any], bool]] = {
        "task": lambda v: v in ("recognise", "predict"),
        "alphabet": lambda v: is_texts(v) and len(set(v)) == len(v),
        "fraction_bits": lambda v: type(v) is int and 0 <= v <= 24,
        "shift": lambda v: type(v) is bool,
        "layers": lambda v: type(v) is int,
        "coordinates": is_texts,
        "cells": lambda v: isinstance(v, list) and all(map(is_texts, v)),
        "gates": lambda v: v in TARGETS,
        "blocks": _is_blocks,
        "origin": lambda v: isinstance(v, dict),
    }
    config = {"gates": "nonnegative", "blocks": [[]] * len(config.get("cells") or ()), **config}
    for key, valid in wanted.items():
        if key not in config or not valid(config[key]):
            raise damaged(path, f"{CONFIG} has no valid {key!r}")
    try:
        check_alphabet(config["alphabet"])
    except BadInput as error:
        raise damaged(path, f"{CONFIG}: {error.what} {error.why}") from None
    if len(config["blocks"]) != len(config["cells"]):
        raise damaged(path, f"{CONFIG} has blocks for {len(config['blocks'])} layers")
    if config["layers"] != len(config["cells"]):
        raise damaged(
            path, f"{CONFIG} names the cells of {len(config['cells'])} layers, not {config['layers']}"
        )
    return config


def _is_blocks(value: Any) -> bool:
    """Say whether a value from JSON is a list of kinds of blocks for each layer."""
    return isinstance(value, list) and all(
        isinstance(layer, list) and all(type(block) is int and block for block in layer) for layer in value
    )


def _read_tensors(path: Path, fraction_bits: int) -> dict[str, Reals]:
    tensors = {}
    for name, tensor in read_tensors(path, WEIGHTS).items():
        exact = tensor.astype(np.float64)
        units = exact * 2.0**fraction_bits
        if np.any(units != np.floor(units)):
            raise damaged(path, f"tensor {name} has entries that are not multiples of 2^-{fraction_bits}")
        tensors[name] = exact
    return tensors
