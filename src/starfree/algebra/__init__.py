"""Algebra of regular languages: the transition monoid, its groups, and what verdicts rest on."""

from .aperiodic import Aperiodic as Aperiodic
from .aperiodic import Pumping as Pumping
from .aperiodic import aperiodicity as aperiodicity
from .greens import egg_boxes as egg_boxes
from .greens import greens as greens
from .images import image_orbit as image_orbit
from .monoid import Monoid as Monoid
from .monoid import enumerate_transformations as enumerate_transformations
from .monoid import transition_monoid as transition_monoid
from .properties import Properties as Properties
from .properties import properties as properties
from .subgroups import Subgroups as Subgroups
