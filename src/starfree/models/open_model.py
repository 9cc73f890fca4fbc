"""Opening a saved model, whichever kind it is."""

from __future__ import annotations

from pathlib import Path

from .architectures import ENTRIES
from .mamba import Mamba
from .open_checkpoint import open_checkpoint
from .open_ssm import open_ssm
from .saved import check_directory, damaged, read_document
from .ssm import CONFIG, FORMAT, SSM


def open_model(directory: str | Path) -> SSM | Mamba:
    """Return the model saved in a directory.

    Raises:
        BadInput: when a file is missing, cut short, of another kind of model, or does not fit the rest.

    >>> import starfree, tempfile
    >>> with tempfile.TemporaryDirectory() as d:
    ...     starfree.build("(ab)*").save(d)
    ...     open_model(d).accepts("abab")
    True
    """
    path = Path(directory)
    check_directory(path)
    config = read_document(path, CONFIG)
    if config.get("format") == FORMAT:
        return open_ssm(path, config)
    kind = config.get("model_type")
    if isinstance(kind, str) and kind in ENTRIES:
        return open_checkpoint(path, config)
    found = next((f"{key} {config[key]!r}" for key in ("format", "model_type") if key in config), "neither")
    raise damaged(
        path, f"{CONFIG} names {found[:60]}, not format {FORMAT} or model_type {' or '.join(ENTRIES)}"
    )
