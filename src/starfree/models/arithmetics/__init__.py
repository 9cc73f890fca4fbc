"""Arithmetics by name, and models that compute in them."""

from __future__ import annotations

from .named import NAMES, Arithmetic, arithmetic_named
from .rounded import Rounded, in_arithmetic

__all__ = ["NAMES", "Arithmetic", "Rounded", "arithmetic_named", "in_arithmetic"]
