"""Arithmetics by name, and models that compute in them: exact, fixed:P, float32, bfloat16, float16, int8wrap."""

from __future__ import annotations

from .named import NAMES, Arithmetic, arithmetic_named
from .rounded import Rounded, in_arithmetic

__all__ = ["NAMES", "Arithmetic", "Rounded", "arithmetic_named", "in_arithmetic"]
