"""Targets: what `build` makes from a cascade."""
