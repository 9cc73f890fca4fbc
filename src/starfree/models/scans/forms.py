"""Which form of a scan is used where."""

from __future__ import annotations

import os
from importlib.util import find_spec

import torch
from torch import Tensor

from ...errors import BadInput
from .compiler import kernel

FORMS = ("c", "triton", "torch", "loop")


def form_for(x: Tensor) -> str:
    """Return the form for a tensor: C on CPU, Triton on a GPU, torch where they are not to be had.

    $STARFREE_SCAN forces one; `triton` on CPU is for Triton's interpreter (TRITON_INTERPRET=1).

    Raises:
        BadInput: $STARFREE_SCAN names no form, or one that does not work here.
    """
    wished = os.environ.get("STARFREE_SCAN")
    if wished and wished not in FORMS:
        raise BadInput(
            f"STARFREE_SCAN={wished}", "no such form of the scan", f"Use one of {', '.join(FORMS)}."
        )
    if wished in ("torch", "loop"):
        return wished
    native = "c" if x.device.type == "cpu" and wished != "triton" else "triton"
    if wished not in (None, "", native) or not _works(native, x):
        if wished:
            raise BadInput(
                f"STARFREE_SCAN={wished}", f"not available for a tensor on {x.device}", "Unset it."
            )
        return "torch"
    return native


def _works(form: str, x: Tensor) -> bool:
    if form == "c":
        return kernel(x.dtype == torch.float64) is not None
    interpreted = os.environ.get("TRITON_INTERPRET") == "1"
    return (x.device.type == "cuda" or interpreted) and find_spec("triton") is not None
