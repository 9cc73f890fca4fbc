"""Decide, build and prove: which formal languages a state space model can express, with exact weights.

Everything is loaded when first used: importing the package costs little more than importing NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors as errors
    from .languages import DFA as DFA
    from .languages import END as END
    from .languages import Language as Language
    from .languages import catalog as catalog
    from .languages import dfa as dfa
    from .languages import load as load
    from .languages import regex as regex
    from .models.open_model import open_model as open_model
    from .proofs.prove import prove as prove
    from .targets.build import build as build
    from .verdicts.decide import decide as decide

__version__ = "0.1.0"

_HOME = {
    "DFA": "starfree.languages",
    "END": "starfree.languages",
    "Language": "starfree.languages",
    "build": "starfree.targets.build",
    "catalog": "starfree.languages",
    "decide": "starfree.verdicts.decide",
    "dfa": "starfree.languages",
    "errors": "starfree.errors",
    "load": "starfree.languages",
    "open_model": "starfree.models.open_model",
    "prove": "starfree.proofs.prove",
    "regex": "starfree.languages",
}

__all__ = sorted([*_HOME, "__version__"])  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'starfree' has no attribute {name!r}")
    module = import_module(home)
    value = module if home == f"starfree.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
