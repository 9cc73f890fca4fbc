"""Verdicts: which families of architectures can express a language, with theorem, reason and certificate."""

from .certificates import certificate as certificate
from .decide import decide as decide
from .families import FAMILIES as FAMILIES
from .families import Family as Family
from .verdict import Decision as Decision
from .verdict import Verdict as Verdict
