"""A small program that accepts or rejects certificates; it shares no code with the rest of starfree."""

from .check import check as check
from .outcome import BudgetError as BudgetError
from .outcome import Result as Result
