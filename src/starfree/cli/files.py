"""Files that the command line writes; every failure is one short message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BadInput


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write into `BadInput`."""
    try:
        yield
    except OSError as error:
        raise BadInput(str(path), f"cannot be written: {error.strerror}", "Name another place.") from None
