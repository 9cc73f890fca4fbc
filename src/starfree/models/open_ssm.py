"""Reading a saved ssm back, in fixed or in floating point, trusting nothing in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput
from ..languages.words import check_alphabet
from .fixed import Linear, Reals
from .float_ssm import DTYPES, FloatSSM
from .saved import CONFIG, WEIGHTS, damaged, is_texts, read_tensors
from .ssm import LAYER_MAPS, SSM, TARGETS, Layer

Valid = Callable[[Any], bool]


def open_ssm(path: Path, config: dict[str, Any]) -> SSM:
    """Return the ssm saved in a directory.

    Arguments:
        config: what its `config.json` says.

    Raises:
        BadInput: when a file is missing, cut short, or does not fit the rest.
    """
    config = {"gates": "nonnegative", **config}
    own: dict[str, Valid] = {
        "fraction_bits": lambda v: type(v) is int and 0 <= v <= 24,
        "gates": lambda v: isinstance(v, str) and v in TARGETS,
    }
    config = _checked(path, config, own)
    tensors = _exact(path, read_tensors(path, WEIGHTS), config["fraction_bits"])
    embedding, layers, head = _weights(path, config, tensors)
    return SSM(
        tuple(config["alphabet"]),
        config["task"],
        config["fraction_bits"],
        config["shift"],
        embedding,
        layers,
        head,
        tuple(config["coordinates"]),
        config["origin"],
        config["gates"],
    )


def open_float_ssm(path: Path, config: dict[str, Any]) -> FloatSSM:
    """Return the model in floating point saved in a directory; as `open_ssm`."""
    own: dict[str, Valid] = {
        "dtype": lambda v: isinstance(v, str) and v in DTYPES,
        "horizon": lambda v: v is None or (type(v) is int and v > 0),
        "cut": lambda v: _is_numbers(v) and all(unit >= 0 for layer in v for unit in layer),
    }
    config = _checked(path, config, own)
    tensors = {name: tensor.astype(np.float64) for name, tensor in read_tensors(path, WEIGHTS).items()}
    embedding, layers, head = _weights(path, config, tensors)
    return FloatSSM(
        tuple(config["alphabet"]),
        config["task"],
        config["dtype"],
        config["shift"],
        embedding,
        layers,
        head,
        tuple(config["coordinates"]),
        config["origin"],
        config["horizon"],
    )


def _weights(
    path: Path, config: dict[str, Any], tensors: dict[str, Reals]
) -> tuple[Reals, tuple[Layer, ...], Linear]:
    """Return embedding, layers and head, which must be all tensors that there are."""
    k, width = len(config["alphabet"]), len(config["coordinates"])

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
        blocks, cut = tuple(config["blocks"][i]), tuple(config["cut"][i])
        if blocks and sum(map(abs, blocks)) != n:
            raise damaged(path, f"{CONFIG}: the blocks of layer {i} do not have {n} numbers together")
        if cut and max(cut) >= mixed:
            raise damaged(path, f"{CONFIG} cuts off a unit of layer {i} that it does not have")
        layers.append(Layer(inner, gate, write, mix_in, mix_out, tuple(cells), blocks, cut))
    head = linear("head", k + 1, width)
    if tensors:
        raise damaged(path, f"there is an unknown tensor {min(tensors)}")
    return embedding, tuple(layers), head


def _checked(path: Path, config: dict[str, Any], own: dict[str, Valid]) -> dict[str, Any]:
    """Return what is needed of `config.json`; `own` says what belongs to the kind of model, and when."""
    wanted: dict[str, Valid] = {
        "task": lambda v: v in ("recognise", "predict"),
        "alphabet": lambda v: is_texts(v) and len(set(v)) == len(v),
        "shift": lambda v: type(v) is bool,
        "layers": lambda v: type(v) is int,
        "coordinates": is_texts,
        "cells": lambda v: isinstance(v, list) and all(map(is_texts, v)),
        "blocks": lambda v: _is_numbers(v) and all(block for layer in v for block in layer),
        "origin": lambda v: isinstance(v, dict),
        **own,
    }
    cells = config.get("cells")
    none: list[list[int]] = [[] for _ in cells] if isinstance(cells, list) else []
    config = {"blocks": none, **config}
    for key, valid in wanted.items():
        if key not in config or not valid(config[key]):
            raise damaged(path, f"{CONFIG} has no valid {key!r}")
    try:
        check_alphabet(config["alphabet"])
    except BadInput as error:
        raise damaged(path, f"{CONFIG}: {error.what} {error.why}") from None
    if config["layers"] != len(config["cells"]):
        raise damaged(
            path, f"{CONFIG} names the cells of {len(config['cells'])} layers, not {config['layers']}"
        )
    config = {**config, "cut": config["cut"] if "cut" in own else none}
    for key in ("blocks", "cut"):
        if len(config[key]) != config["layers"]:
            raise damaged(path, f"{CONFIG} has {key!r} for {len(config[key])} layers, not {config['layers']}")
    return config


def _is_numbers(value: Any) -> bool:
    """Say whether a value from JSON is a list of lists of whole numbers."""
    return isinstance(value, list) and all(
        isinstance(layer, list) and all(type(number) is int for number in layer) for layer in value
    )


def _exact(path: Path, found: dict[str, Any], fraction_bits: int) -> dict[str, Reals]:
    tensors = {}
    for name, tensor in found.items():
        exact = tensor.astype(np.float64)
        units = exact * 2.0**fraction_bits
        if np.any(units != np.floor(units)):
            raise damaged(path, f"tensor {name} has entries that are not multiples of 2^-{fraction_bits}")
        tensors[name] = exact
    return tensors
