"""Proofs: models and languages compared at every length."""
