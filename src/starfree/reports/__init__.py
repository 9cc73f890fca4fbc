"""Reports: trained models beside what theory predicts and beside the published numbers."""

from .report import Report, report
from .view import Hypothesis

__all__ = ["Hypothesis", "Report", "report"]
