"""Corrections: what visits found to be otherwise travels to the registry, and its decision comes back."""
