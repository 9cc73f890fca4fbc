"""Which form of a scan is used where."""

from __future__ import annotations

import os

import torch
from torch import Tensor

from ...errors import BadInput
from .compiler import kernel

FORMS = ("c", "torch", "loop")


def form_for(x: Tensor) -> str:
    """Return the form for a tensor: C on CPU where it can be compiled, else torch; or what $STARFREE_SCAN says.

    Raises:
        BadInput: $STARFREE_SCAN names no form, or one that does not work here.
    """
    wished = os.environ.get("STARFREE_SCAN")
    if wished and wished not in FORMS:
        raise BadInput(
            f"STARFREE_SCAN={wished}", "no such form of the scan", f"Use one of {', '.join(FORMS)}."
        )
    if wished and wished != "c":
        return wished
    here = x.device.type == "cpu" and kernel(x.dtype == torch.float64) is not None
    if wished and not here:
        raise BadInput("STARFREE_SCAN=c", "the C kernel is not available here", "Unset it.")
    return "c" if here else "torch"
