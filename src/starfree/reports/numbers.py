"""How numbers are written: an accuracy of 100 or 0 is one without exception."""

from __future__ import annotations

from .summary import Cell, Share


def percent(share: float) -> str:
    """Return a share in percent, with as many decimals as it takes not to look like all or nothing.

    >>> percent(1.0), percent(0.98765), percent(0.99996), percent(0.0), percent(0.0004)
    ('100', '98.8', '99.996', '0', '0.04')
    """
    if share in (0.0, 1.0):
        return f"{100 * share:.0f}"
    for decimals in range(1, 9):
        text = f"{100 * share:.{decimals}f}"
        if 0 < float(text) < 100:
            return text
    return text


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
