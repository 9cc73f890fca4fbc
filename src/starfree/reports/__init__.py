"""Reports: trained models beside what theory predicts and beside the published numbers."""

from .parts import Hypothesis
from .report import Report, report

__all__ = ["Hypothesis", "Report", "report"]
