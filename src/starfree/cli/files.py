"""Files that the command line reads and writes; every failure is one short message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import BadInput

_LARGEST = 1 << 30


def read_json(path: Path) -> Any:
    """Return the JSON document in a file.

    Raises:
        BadInput: when there is no such file, it cannot be read, or it is not JSON.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device might never end
            raise BadInput(str(path), "is not a file", "Name a certificate file.")
        if path.stat().st_size > _LARGEST:
            raise BadInput(str(path), "is larger than 1 GiB", "Name a certificate file.")
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except OSError as error:
        raise BadInput(str(path), f"cannot be read: {error.strerror}", "Name a certificate file.") from None
    except (ValueError, RecursionError):
        raise BadInput(str(path), "is not a JSON document", "Name a certificate file.") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys are all different: of two, each reader might take another one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is repeated")
    return found


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write into `BadInput`."""
    try:
        yield
    except OSError as error:
        raise BadInput(str(path), f"cannot be written: {error.strerror}", "Name another place.") from None
