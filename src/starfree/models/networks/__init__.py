"""Networks that can be trained: every one is an ensemble of members that never meet.

Each parameter has a leading dimension, one entry a member, so that many small models cost little more than
one; an ensemble of one is a model. This package needs torch.
"""

from .make import MODELS, make, select, stack, width_for
from .network import Ensemble, Network, State

__all__ = ["MODELS", "Ensemble", "Network", "State", "make", "select", "stack", "width_for"]
