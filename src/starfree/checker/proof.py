"""Proofs that a saved model is a language: the product of model and DFA, stepped again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .automaton import Automaton
from .outcome import Meter


def check_proof(
    certificate: dict[str, Any], automaton: Automaton, directory: Path | None, meter: Meter
) -> str:
    raise NotImplementedError
