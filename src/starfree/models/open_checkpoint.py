"""Reading a checkpoint of a stock Mamba back, trusting nothing in it.

What `transformers` would run is in config.json, the weights and the tokenizer. These must fit each other
exactly. `starfree.json` only names things; without it the names are missing and the task is recognise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..languages.words import check_alphabet
from .architectures import ENTRIES, complete, invalid, tensor_shapes
from .checkpoint_files import FORMAT, SIDECAR, TOKENIZER, TOKENIZER_CONFIG
from .mamba import Coordinate, Mamba, Tensors
from .saved import CONFIG, WEIGHTS, damaged, is_texts, read_document, read_tensors
from .tokens import SPECIAL, token_ids, tokenizer_config, tokenizer_document

_LEFT_OUT = ("version", "truncation", "padding")  # of tokenizer.json: they change no token of a word


def open_checkpoint(path: Path, config: dict[str, Any]) -> Mamba:
    """Return the Mamba saved in a directory.

    Arguments:
        config: what its `config.json` says; its `model_type` is "mamba" or "mamba2".

    Raises:
        BadInput: when a file is missing, cut short, or does not fit the rest.

    Complexity: linear in the size of the files.
    """
    architecture = config["model_type"]
    alphabet = _read_alphabet(path)
    entries = _read_entries(path, architecture, config, alphabet)
    tensors = _read_weights(path, architecture, entries, len(alphabet) + len(SPECIAL))
    named = _read_sidecar(path, alphabet, entries)
    return Mamba(
        architecture,
        alphabet,
        named["task"],
        entries,
        tensors,
        tuple(map(tuple, named["features"])),
        tuple(Coordinate(**coordinate) for coordinate in named["coordinates"]),
        named["origin"],
    )


def _read_alphabet(path: Path) -> tuple[str, ...]:
    """Return the alphabet of the tokenizer, which must be the one that we would write for it."""
    document = read_document(path, TOKENIZER)
    model = document.get("model")
    vocab = model.get("vocab") if isinstance(model, dict) else None
    if not isinstance(vocab, dict) or any(type(number) is not int for number in vocab.values()):
        raise damaged(path, f"{TOKENIZER} has no vocabulary")
    tokens = sorted(vocab, key=lambda token: int(vocab[token]))
    if [vocab[token] for token in tokens] != list(range(len(tokens))) or len(tokens) < len(SPECIAL):
        raise damaged(path, f"{TOKENIZER} has a vocabulary whose ids are not 0 to {len(tokens) - 1}")
    try:
        alphabet = check_alphabet(tokens[: -len(SPECIAL)])
    except BadInput as error:
        raise damaged(path, f"{TOKENIZER}: {error.what} {error.why}") from None
    for key, value in tokenizer_document(alphabet).items():
        if key not in _LEFT_OUT and document.get(key) != value:
            raise damaged(path, f"{TOKENIZER} has another {key!r} than the tokenizer of its alphabet")
    settings = read_document(path, TOKENIZER_CONFIG)
    for key, value in tokenizer_config(alphabet).items():
        if key.endswith("_token") and settings.get(key) != value:
            raise damaged(path, f"{TOKENIZER_CONFIG} has another {key!r} than the tokenizer of its alphabet")
    return alphabet


def _read_entries(
    path: Path, architecture: str, config: dict[str, Any], alphabet: tuple[str, ...]
) -> dict[str, Any]:
    """Return the entries of config.json that a run depends on, after checking those that fix the tokens."""
    ids = zip(SPECIAL, token_ids(len(alphabet)), strict=True)
    fixed = {
        "dtype": "float32",
        "vocab_size": len(alphabet) + len(SPECIAL),
        **{f"{name}_token_id": number for name, number in ids if name != "unk"},
    }
    for key, value in fixed.items():
        if type(config.get(key)) is not type(value) or config[key] != value:
            raise damaged(path, f"{CONFIG} has {key} {_brief(config.get(key))}, not {value!r}")
    if "quantization_config" in config:
        raise damaged(path, f"{CONFIG} asks for quantisation, so that the weights are not what is run")
    limits = config.get("time_step_limit")
    if isinstance(limits, list):  # JSON has no infinity; this is how transformers writes it
        limits = [float("inf") if limit == {"__float__": "Infinity"} else limit for limit in limits]
        config = {**config, "time_step_limit": limits}
    entries = complete(architecture, {key: config[key] for key in ENTRIES[architecture] if key in config})
    wrong = invalid(architecture, entries)
    if wrong is not None:
        raise damaged(path, f"{CONFIG} has {wrong} {_brief(entries.get(wrong))}, which cannot be used")
    return entries


def _read_weights(path: Path, architecture: str, entries: dict[str, Any], tokens: int) -> Tensors:
    found = read_tensors(path, WEIGHTS)
    # One more than there are: enough to meet a missing one, however many the configuration asks for.
    shapes = dict(islice(tensor_shapes(architecture, entries, tokens), len(found) + 1))
    for name, shape in shapes.items():
        if name not in found:
            raise damaged(path, f"tensor {name} is missing")
        if found[name].shape != shape:
            raise damaged(path, f"tensor {name} has shape {found[name].shape}, not {shape}")
    extra = sorted(found.keys() - shapes.keys())
    if extra:
        raise damaged(path, f"there is an unknown tensor {extra[0]}")
    return found


def _read_sidecar(path: Path, alphabet: tuple[str, ...], entries: dict[str, Any]) -> dict[str, Any]:
    """Return what `starfree.json` says, or what holds when there is none."""
    if not (path / SIDECAR).exists():
        return {"task": "recognise", "features": [], "coordinates": [], "origin": {}}
    document = read_document(path, SIDECAR)
    width, layers = entries["hidden_size"], entries["num_hidden_layers"]
    channels = entries["expand"] * width

    def coordinate(value: Any) -> bool:
        if not isinstance(value, dict) or value.keys() != Coordinate.__dataclass_fields__.keys():
            return False
        bounds = {"bit": 63, "layer": layers, "dim": width, "channel": channels, "last": layers}
        return (
            isinstance(value["cell"], str)
            and value["when"] in ("new", "old")
            and all(type(value[key]) is int and 0 <= value[key] < bound for key, bound in bounds.items())
        )

    def features(value: Any) -> bool:
        rows = isinstance(value, list) and all(is_texts(row) and len(row) == width for row in value)
        return rows and len(value) in (0, layers + 1)

    wanted: dict[str, Callable[[Any], bool]] = {
        "format": lambda value: value == FORMAT,
        "task": lambda value: value in ("recognise", "predict"),
        "alphabet": lambda value: value == list(alphabet),
        "features": features,
        "coordinates": lambda value: isinstance(value, list) and all(map(coordinate, value)),
        "origin": lambda value: isinstance(value, dict),
    }
    for key, valid in wanted.items():
        if key not in document or not valid(document[key]):
            raise damaged(path, f"{SIDECAR} has no valid {key!r}")
    return document


def _brief(value: Any) -> str:
    """Return a value for a message, on one short line."""
    return re.sub(r"\s+", " ", repr(value))[:40]
