"""The selective scan, the recurrence inside Mamba, and what stands beside it there.

Each has an obvious twin in plain torch and a fast form with its own backward. This package needs torch.
"""

from .convolution import short_convolution, short_convolution_plain
from .gate import gated, gated_plain
from .loop import selective_scan_loop
from .scan import selective_scan

__all__ = [
    "gated",
    "gated_plain",
    "selective_scan",
    "selective_scan_loop",
    "short_convolution",
    "short_convolution_plain",
]
