"""Cascades of latches: the intermediate representation between automata and weights."""

from .cascade import Cascade, Cell, Condition, Outcome, Rule
from .decompose import decompose
from .replay import replay

__all__ = ["Cascade", "Cell", "Condition", "Outcome", "Rule", "decompose", "replay"]
