"""Networks that can be trained: every one is an ensemble of members that never meet.

Each parameter has a leading dimension, one entry a member, so that many small models cost little more than
one; an ensemble of one is a model. This package needs torch.
"""

from .make import MODELS, MOST_PARAMETERS, make, number_of_parameters, select, stack, width_for
from .network import Ensemble, Network, State

__all__ = [
    "MODELS",
    "MOST_PARAMETERS",
    "Ensemble",
    "Network",
    "State",
    "make",
    "number_of_parameters",
    "select",
    "stack",
    "width_for",
]
