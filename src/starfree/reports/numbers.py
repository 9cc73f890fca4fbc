"""How numbers are written: an accuracy of 100 or 0 is one without exception."""

from __future__ import annotations

from ..learning.metrics import percent
from .summary import Cell, Share

__all__ = ["interval", "percent", "spread"]


def interval(share: Share) -> str:
    """Return the 95% interval of a share, such as `96.1–99.2`."""
    low, high = share.interval
    return f"{_outward(low, 0)}–{_outward(high, 1)}"


def _outward(share: float, up: int) -> str:
    """Return a bound in percent with one decimal, never narrower than it is."""
    scaled = share * 1000
    rounded = -(-scaled // 1) if up else scaled // 1
    return percent(min(1.0, max(0.0, rounded / 1000)))


def spread(cell: Cell) -> str:
    """Return the range over the seeds; that all are alike is said; "" of one seed."""
    if len(cell.shares) < 2:
        return ""
    low, high = percent(cell.low.accuracy), percent(cell.high.accuracy)
    return f"all {len(cell.shares)} seeds" if low == high else f"{low}–{high}"
