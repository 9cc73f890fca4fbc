"""Reports: trained models beside what theory predicts and beside the published numbers."""

from .report import Report, report

__all__ = ["Report", "report"]
