"""The files of a saved model, whichever kind. When they are read nothing in them is trusted, or run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from ..languages.files import RepeatedKey, json_document

CONFIG, WEIGHTS = "config.json", "model.safetensors"


def write_model(
    directory: str | Path, config: dict[str, Any], tensors: Iterable[tuple[str, NDArray[Any]]]
) -> None:
    """Write `model.safetensors` and `config.json` into a directory, which is made if needed.

    Arguments:
        tensors: by name; their numbers must be float32 too.
    """
    from safetensors.numpy import save

    path = Path(directory)
    path.mkdir(parents=True, exist_ok=True)
    # The writer takes the memory as it lies.
    stored = {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors}
    (path / WEIGHTS).write_bytes(save(stored))
    (path / CONFIG).write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def damaged(path: Path, why: str) -> BadInput:
    """Return the error for a model that cannot be used."""
    return BadInput(f"the model in {path}", why, "Build it again with `starfree build`.")


def check_directory(path: Path) -> None:
    """Raise `BadInput` unless there is such a directory."""
    if not path.is_dir():
        raise BadInput(
            f"the model in {path}", "there is no such directory", "Name one that `starfree build` wrote."
        )


def read_document(path: Path, name: str) -> dict[str, Any]:
    """Return a JSON file of a saved model, which must hold an object."""
    try:
        document = json_document(_read(path, name).decode("utf-8"))
    except RepeatedKey as error:
        raise damaged(path, f"{name}: {error} in an object") from None
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"{name} cannot be read ({type(error).__name__})") from None
    if not isinstance(document, dict):
        raise damaged(path, f"{name} does not hold an object")
    return document


def read_tensors(path: Path, name: str) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a safetensors file; all must be float32 and finite."""
    from safetensors import SafetensorError, deserialize

    try:
        raw: list[tuple[str, dict[str, Any]]] = deserialize(_read(path, name))  # type: ignore[no-untyped-call]
    except (SafetensorError, ValueError) as error:
        raise damaged(path, f"{name} cannot be read ({type(error).__name__})") from None
    tensors = {}
    for key, entry in raw:
        if entry["dtype"] != "F32":
            raise damaged(path, f"tensor {key} is {entry['dtype']}, not float32")
        tensor = np.frombuffer(entry["data"], "<f4").reshape(entry["shape"])
        if not np.all(np.isfinite(tensor)):
            raise damaged(path, f"tensor {key} has entries that are not finite")
        tensors[key] = tensor.astype(np.float32)
    return tensors


def is_texts(value: Any) -> bool:
    """Say whether a value from JSON is a list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _read(path: Path, name: str) -> bytes:
    if (path / name).exists() and not (path / name).is_file():  # a pipe or a device might never end
        raise damaged(path, f"{name} is not a file")
    try:
        return (path / name).read_bytes()
    except FileNotFoundError:
        raise damaged(path, f"{name} is missing") from None
    except OSError as error:
        raise damaged(path, f"{name} cannot be read ({type(error).__name__})") from None
