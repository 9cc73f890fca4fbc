"""The command line: every verb, its budgets, its JSON and its exit statuses."""

from .app import main

__all__ = ["main"]
