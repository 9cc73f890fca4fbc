"""What Python hands to the C kernels: structures laid out as in the C files."""

from __future__ import annotations

import ctypes
from typing import Any

import torch
from torch import Tensor

from .compiler import kernel

_ALONE = 1 << 15  # updates of one number under which a second thread costs more than it brings


def _fields(names: str, kind: Any) -> list[tuple[str, Any]]:
    return [(name, kind) for name in names.split()]


class Stream(ctypes.Structure):
    """A tensor `(E, B, T, width)` whose last dimension is contiguous."""

    _fields_ = [*_fields("data", ctypes.c_void_p), *_fields("member sequence time", ctypes.c_int64)]


class Job(ctypes.Structure):
    """The arguments of a scan, and of its backward."""

    _fields_ = [
        *_fields("members batch time channels states chunk signs threads", ctypes.c_int64),
        *_fields("x dt b c dy dx ddt db dc y", Stream),
        *_fields("a first last kept dlast dfirst da", ctypes.c_void_p),
    ]


class Filter(ctypes.Structure):
    """The arguments of a convolution, and of its backward."""

    _fields_ = [
        *_fields("members batch time channels taps threads", ctypes.c_int64),
        *_fields("x window y dy dx dwindow", Stream),
        *_fields("weight bias dweight dbias", ctypes.c_void_p),
    ]


class Valve(ctypes.Structure):
    """The arguments of a gate, and of its backward."""

    _fields_ = [
        *_fields("members batch time channels threads", ctypes.c_int64),
        *_fields("y x z out dout dy dx dz", Stream),
        *_fields("skip dskip", ctypes.c_void_p),
    ]


def neighbours(tensor: Tensor) -> Tensor:
    """Return the tensor with its last dimension contiguous, copied only where it is not."""
    return tensor if tensor.stride(-1) == 1 else tensor.contiguous()


def stream(tensor: Tensor) -> Stream:
    """Return where a tensor is; it must outlive the call."""
    return Stream(tensor.data_ptr(), *tensor.stride()[:3])


def threads(updates: int) -> int:
    """Return how many threads so many updates are worth."""
    return torch.get_num_threads() if updates > _ALONE else 1


def lanes(dtype: torch.dtype) -> int:
    """Return how many channels the kernel takes at once."""
    return int(_function("starfree_lanes", dtype)())


def call(name: str, dtype: torch.dtype, job: ctypes.Structure) -> None:
    """Call a function of the kernel; others can run meanwhile."""
    if _function(name, dtype)(ctypes.byref(job)):
        raise MemoryError(f"{name} has no memory for its scratch")


def _function(name: str, dtype: torch.dtype) -> Any:
    library = kernel(dtype == torch.float64)
    assert library is not None, "forms.py picks this form only where it is there"
    return getattr(library, name)
