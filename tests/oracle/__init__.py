"""A brute-force oracle: is the evidence of a certificate true, and does it support the claim?

It reads docs/certificates.md, shares no code with starfree or its checker and decides everything elementwise:
all elements of the transition monoid, all pairs, all elements of groups. It is meant for a dozen states.
"""

from .automata import TooLarge as TooLarge
from .forms import Malformed as Malformed
from .proofs import proof_supported as proof_supported
from .supported import supported as supported
from .supported import why_not as why_not
from .truth import claim_is_true as claim_is_true
