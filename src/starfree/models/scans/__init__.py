"""The selective scan, the recurrence inside Mamba: an obvious twin, and fast forms with their own backward.

This package needs torch.
"""

from .convolution import short_convolution, short_convolution_plain
from .loop import selective_scan_loop
from .scan import selective_scan

__all__ = ["selective_scan", "selective_scan_loop", "short_convolution", "short_convolution_plain"]
