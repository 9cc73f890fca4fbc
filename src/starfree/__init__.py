"""Decide, build and prove: which formal languages a state space model can express, with exact weights.

Each verb of the command line is a function of the same name; the value that it returns has `to_json()`, the
document that `--json` prints. For `starfree languages` it is `catalog.to_json()`: that name is the package's.

Everything is loaded when first used: importing the package costs little more than importing NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import errors as errors
    from . import programs as program  # noqa: F401
    from .languages import DFA as DFA
    from .languages import END as END
    from .languages import Language as Language
    from .languages import catalog as catalog
    from .languages import load as load
    from .languages import regex as regex
    from .languages.partial import dfa as dfa
    from .languages.sample import sample as sample
    from .learning.learn import learn as learn
    from .models.open_model import open_model as open_model
    from .models.run import run as run
    from .proofs.check import check as check
    from .proofs.extract import extract as extract
    from .proofs.precision import precision as precision
    from .proofs.prove import prove as prove
    from .proofs.refute import refute as refute
    from .reports.report import report as report
    from .reports.reproduce import reproduce as reproduce
    from .reports.study import study as study
    from .targets.build import build as build
    from .targets.show import show as show
    from .verdicts.decide import decide as decide

__version__ = "0.1.0"

_HOME = {
    "DFA": "starfree.languages:DFA",
    "END": "starfree.languages:END",
    "Language": "starfree.languages:Language",
    "build": "starfree.targets.build:build",
    "catalog": "starfree.languages:catalog",
    "check": "starfree.proofs.check:check",
    "decide": "starfree.verdicts.decide:decide",
    "dfa": "starfree.languages.partial:dfa",
    "errors": "starfree.errors:",
    "extract": "starfree.proofs.extract:extract",
    "learn": "starfree.learning.learn:learn",
    "load": "starfree.languages:load",
    "open_model": "starfree.models.open_model:open_model",
    "precision": "starfree.proofs.precision:precision",
    "program": "starfree.programs:",
    "prove": "starfree.proofs.prove:prove",
    "refute": "starfree.proofs.refute:refute",
    "regex": "starfree.languages:regex",
    "report": "starfree.reports.report:report",
    "reproduce": "starfree.reports.reproduce:reproduce",
    "run": "starfree.models.run:run",
    "sample": "starfree.languages.sample:sample",
    "show": "starfree.targets.show:show",
    "study": "starfree.reports.study:study",
}

__all__ = sorted([*_HOME, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'starfree' has no attribute {name!r}")
    home, _, attribute = _HOME[name].partition(":")
    module = import_module(home)
    value = getattr(module, attribute) if attribute else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
