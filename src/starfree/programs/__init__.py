"""Programs: what a state space model computes, written down. Temporal operators, counts, comparisons.

>>> from starfree.programs import count, program, read
>>> depth = count(read("(")) - count(read(")"))
>>> dyck = program("()", legal={"(": True, ")": depth > 0}, end=depth == 0)
>>> "(())()" in dyck, "())" in dyck
(True, False)
"""

from .operators import count, historically, iff, latch, once, previously, read, rotor, since
from .program import Program, program

__all__ = [
    "Program",
    "count",
    "historically",
    "iff",
    "latch",
    "once",
    "previously",
    "program",
    "read",
    "rotor",
    "since",
]
