"""Reading a saved model back, trusting nothing in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from .fixed import Linear, Reals
from .ssm import CONFIG, FORMAT, LAYER_MAPS, SSM, WEIGHTS, Layer


def open_model(directory: str | Path) -> SSM:
    """Return the model saved in a directory.

    Raises:
        BadInput: when a file is missing, cut short, of another format, or does not fit the rest.

    >>> import starfree, tempfile
    >>> with tempfile.TemporaryDirectory() as d:
    ...     starfree.build("(ab)*").save(d)
    ...     open_model(d).accepts("abab")
    True
    """
    path = Path(directory)
    config = _read_config(path)
    tensors = _read_tensors(path, config["fraction_bits"])
    k, names = len(config["alphabet"]), config["coordinates"]
    width = len(names)

    def matrix(name: str, *shape: int) -> Reals:
        if name not in tensors:
            raise _damaged(path, f"tensor {name} is missing")
        if tensors[name].shape != shape:
            raise _damaged(path, f"tensor {name} has shape {tensors[name].shape}, not {shape}")
        return tensors.pop(name)

    def linear(name: str, out: int, into: int) -> Linear:
        return Linear(matrix(f"{name}.weight", out, into), matrix(f"{name}.bias", out))

    def rows(name: str) -> int:
        tensor = tensors.get(f"{name}.bias")
        if tensor is None or tensor.ndim != 1:
            raise _damaged(path, f"tensor {name}.bias is missing or not a vector")
        return len(tensor)

    embedding = matrix("embedding.weight", k + 1, width)
    layers = []
    for i, cells in enumerate(config["cells"]):
        names_in_file = [f"layers.{i}.{name}" for name in LAYER_MAPS]
        hidden, mixed, n = rows(names_in_file[0]), rows(names_in_file[3]), len(cells)
        seen = 2 * width if config["shift"] else width
        shapes = [(hidden, seen), (n, hidden), (n, hidden), (mixed, n + width), (width, mixed)]
        inner, gate, write, mix_in, mix_out = map(linear, names_in_file, *zip(*shapes, strict=True))
        layers.append(Layer(inner, gate, write, mix_in, mix_out, tuple(cells)))
    head = linear("head", k + 1, width)
    if tensors:
        raise _damaged(path, f"there is an unknown tensor {min(tensors)}")
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
    )


def _damaged(path: Path, why: str) -> BadInput:
    return BadInput(f"the model in {path}", why, "Build it again with `starfree build`.")


def _read_config(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise BadInput(
            f"the model in {path}", "there is no such directory", "Name one that `starfree build` wrote."
        )
    for name in (CONFIG, WEIGHTS):
        if (path / name).exists() and not (path / name).is_file():  # a pipe or a device might never end
            raise _damaged(path, f"{name} is not a file")
    try:
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _damaged(path, f"{CONFIG} is missing") from None
    except (OSError, ValueError) as error:
        raise _damaged(path, f"{CONFIG} cannot be read ({type(error).__name__})") from None
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise _damaged(path, f"{CONFIG} does not say format {FORMAT}")
    wanted: dict[str, Callable[[Any], bool]] = {
        "task": lambda v: v in ("recognise", "predict"),
        "alphabet": lambda v: _texts(v) and len(set(v)) == len(v),
        "fraction_bits": lambda v: type(v) is int and 0 <= v <= 24,
        "shift": lambda v: type(v) is bool,
        "layers": lambda v: type(v) is int,
        "coordinates": _texts,
        "cells": lambda v: isinstance(v, list) and all(map(_texts, v)),
        "origin": lambda v: isinstance(v, dict),
    }
    for key, valid in wanted.items():
        if key not in config or not valid(config[key]):
            raise _damaged(path, f"{CONFIG} has no valid {key!r}")
    if config["layers"] != len(config["cells"]):
        raise _damaged(
            path, f"{CONFIG} names the cells of {len(config['cells'])} layers, not {config['layers']}"
        )
    return config


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _read_tensors(path: Path, fraction_bits: int) -> dict[str, Reals]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        raw: dict[str, NDArray[np.generic]] = load((path / WEIGHTS).read_bytes())
    except FileNotFoundError:
        raise _damaged(path, f"{WEIGHTS} is missing") from None
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise _damaged(path, f"{WEIGHTS} cannot be read ({type(error).__name__})") from None
    tensors = {}
    for name, tensor in raw.items():
        if tensor.dtype != np.float32:
            raise _damaged(path, f"tensor {name} is {tensor.dtype}, not float32")
        exact = tensor.astype(np.float64)
        units = exact * 2.0**fraction_bits
        if not np.all(np.isfinite(exact)) or np.any(units != np.floor(units)):
            raise _damaged(path, f"tensor {name} has entries that are not multiples of 2^-{fraction_bits}")
        tensors[name] = exact
    return tensors
