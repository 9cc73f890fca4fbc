"""Opening a saved model, whichever kind it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput
from .architectures import ENTRIES
from .float_ssm import FORMAT as FLOAT
from .float_ssm import FloatSSM
from .mamba import Mamba
from .open_checkpoint import open_checkpoint
from .open_ssm import open_float_ssm, open_ssm
from .permutation import FORMAT as PERMUTATION
from .permutation import PermutationSSM, open_permutation
from .saved import CONFIG, check_directory, damaged, read_document
from .ssm import FORMAT, SSM

if TYPE_CHECKING:
    from .networks.trained import Trained


def open_model(directory: str | Path) -> SSM | FloatSSM | PermutationSSM | Mamba | Trained:
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
    if config.get("format") == FLOAT:
        return open_float_ssm(path, config)
    if config.get("format") == PERMUTATION:
        return open_permutation(path, config)
    if config.get("format") == "starfree-network-1":
        from .networks.trained import open_trained  # it needs torch

        return open_trained(path, config)
    kind = config.get("model_type")
    if isinstance(kind, str) and kind in ENTRIES:
        return open_checkpoint(path, config)
    found = next((f"{key} {config[key]!r}" for key in ("format", "model_type") if key in config), "neither")
    raise damaged(
        path, f"{CONFIG} names {found[:60]}, not format {FORMAT} or model_type {' or '.join(ENTRIES)}"
    )


def open_provable(directory: str | Path) -> SSM | PermutationSSM | Mamba:
    """Return the model saved in a directory, when it is of a kind that proofs and stock runs are made of.

    Raises:
        BadInput: as `open_model`; and for a trained network of another architecture.
    """
    found = open_model(directory)
    if isinstance(found, FloatSSM):
        raise unprovable(found)
    if not isinstance(found, SSM | PermutationSSM | Mamba):
        why = f"is a trained {found.name}, which only runs: proofs are of models that `build` makes"
        raise BadInput(f"the model in {directory}", why, "Use `starfree run` on it.")
    return found


def unprovable(model: FloatSSM) -> BadInput:
    """Return the error for a proof that is asked of a model in floating point."""
    why = f"runs in {model.arithmetic}, and a proof is about every length in exact arithmetic"
    return BadInput("this model", why, "Build it with rotors complex or matrix, or run it.")
