"""Reading a saved model: `config.json`, and a safetensors file, byte by byte."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .automaton import IntArray, read_alphabet
from .outcome import Meter, Rejected, require
from .reading import flag, integer, items, record, text

FORMAT = "starfree-ssm-1"
CONFIG = "config.json"
MAX_FRACTION_BITS = 24
LARGEST = 2**62
LONGEST = 2**20


@dataclass(frozen=True)
class Config:
    """What the checker needs of `config.json`."""

    alphabet: tuple[str, ...]
    fraction_bits: int
    shift: bool
    layers: int
    blocks: tuple[tuple[int, ...], ...]


def read_document(directory: Path, meter: Meter) -> dict[str, Any]:
    """Return the configuration of a model as it is written, or reject it."""
    value = parse(read_bytes(directory / CONFIG, meter), CONFIG)
    if not isinstance(value, dict):
        raise Rejected(f"{CONFIG} is not an object")
    return value


def read_config(value: dict[str, Any], meter: Meter) -> Config:
    """Return the configuration of an ssm, or reject it."""
    require(value.get("format") == FORMAT, f"{CONFIG} is not of the format {FORMAT}")
    for field in ("alphabet", "fraction_bits", "shift", "layers"):
        require(field in value, f"{CONFIG} has no field {field!r}")
    layers = integer(value["layers"], "layers", 0, meter.max_states)
    return Config(
        read_alphabet(value["alphabet"], f"the alphabet of {CONFIG}"),
        integer(value["fraction_bits"], "fraction_bits", 0, MAX_FRACTION_BITS + 1),
        flag(value["shift"], "shift"),
        layers,
        read_blocks(value["blocks"], layers) if "blocks" in value else ((),) * layers,
    )


def read_blocks(value: object, layers: int) -> tuple[tuple[int, ...], ...]:
    """Return the kinds of blocks of each layer; a layer whose numbers stand by themselves may list none."""
    listed = items(value, "blocks")
    require(len(listed) == layers, "blocks does not have one list per layer")
    found = []
    for layer in listed:
        kinds = [integer(kind, "a block", -LONGEST, LONGEST + 1) for kind in items(layer, "a list of blocks")]
        require(0 not in kinds, "a block is 0")
        found.append(tuple(kinds))
    return tuple(found)


def read_bytes(path: Path, meter: Meter) -> bytes:
    """Return the content of a file, or reject a file that cannot be read."""
    require(path.is_file(), f"{path.name} is not there, or cannot be read")  # a device might never end
    try:
        meter.keep(path.stat().st_size // 4)
        return path.read_bytes()
    except (OSError, ValueError):
        raise Rejected(f"{path.name} is not there, or cannot be read") from None


def parse(content: bytes, name: str) -> Any:
    """Return a JSON document without repeated keys, or reject it."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        require(len({key for key, _ in pairs}) == len(pairs), f"{name} has a repeated key")
        return dict(pairs)

    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Rejected(f"{name} is not a JSON document") from None


def read_tensors(path: Path, fraction_bits: int, meter: Meter) -> dict[str, IntArray]:
    """Return all tensors of a safetensors file, as integers in units of `2^-fraction_bits`.

    The file is 8 bytes of header length (little endian), the header, the data. The tensors must be float32,
    cover the data without gap or overlap, and hold only multiples of the unit.
    """
    content = read_bytes(path, meter)
    size = int.from_bytes(content[:8], "little")
    require(len(content) >= 8 + size, f"{path.name} is cut short")
    header = parse(content[8 : 8 + size], f"the header of {path.name}")
    if not isinstance(header, dict):
        raise Rejected(f"the header of {path.name} is not an object")
    data = content[8 + size :]
    tensors: dict[str, IntArray] = {}
    spans: list[tuple[int, int]] = []
    for name, value in header.items():
        if name == "__metadata__":
            continue
        entry = record(value, f"the tensor {name!a}", ("dtype", "shape", "data_offsets"))
        require(text(entry["dtype"], "a dtype") == "F32", f"the tensor {name!a} is not float32")
        shape = [
            integer(length, "a length of a shape", 0, 2**31) for length in items(entry["shape"], "a shape")
        ]
        offsets = [
            integer(offset, "an offset", 0, len(data) + 1)
            for offset in items(entry["data_offsets"], "offsets")
        ]
        require(len(offsets) == 2, f"the tensor {name!a} does not have two offsets")
        begin, end = offsets
        require(
            end - begin == 4 * math.prod(shape), f"the shape of the tensor {name!a} does not fit its data"
        )
        require(len(shape) in (1, 2, 3), f"the tensor {name!a} has no or too many dimensions")
        spans.append((begin, end))
        values = np.frombuffer(data[begin:end], dtype="<f4").reshape(shape).astype(np.float64)
        units = values * 2.0**fraction_bits
        exact = (
            np.isfinite(units).all() and np.all(np.abs(units) < LARGEST) and np.all(units == np.floor(units))
        )
        require(
            bool(exact),
            f"the tensor {name!a} has an entry that is not a multiple of 2^-{fraction_bits} below 2^62",
        )
        tensors[name] = units.astype(np.int64)
    at = 0
    for begin, end in sorted(spans):
        require(begin == at, f"the tensors of {path.name} overlap or leave a gap")
        at = end
    require(at == len(data), f"{path.name} has data that belongs to no tensor")
    return tensors
